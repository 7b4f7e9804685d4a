"""Systems of which some nodes are played outside of this process: how they begin, are asked, and tested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from checker.model.modelcode import PASSED_ON, Awaited, CodeError
from checker.model.outside import Outside, Unbegun
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import Down, Local, Member, Message, NodeName, Step, kind_of

#: So many answers wait at most until they are tested.
MANY = 8192


def begun(system: System) -> System:
    """The system whose nodes are all where they begin, and what they have sent then under way.

    Loading a model asks nothing of anybody outside, so this comes first when it is explored. A system that
    has no such nodes is returned as it is. Raises CodeError.
    """
    if not any(_is_unbegun(member.local) for member in system.members):
        return system
    members, sent = [], []
    for member in system.members:
        if not _is_unbegun(member.local):
            members.append(member)
            continue
        local, sends = _first_step(member)
        sent += [(to, (member.name, message)) for to, message in sends]
        members.append(replace(member, local=local))
    for to, _ in sent:
        if to not in system.positions:
            raise CodeError(f"a node that begins sends to {show(to)}, which is no node of this system")
    inboxes = {m.name: (*m.inbox, *(post for to, post in sent if to == m.name)) for m in members}
    return replace(system, members=tuple(replace(m, inbox=inboxes[m.name]) for m in members))


def _is_unbegun(local: Local) -> bool:
    return isinstance(local.saved if isinstance(local, Down) else local, Unbegun)


def _first_step(member: Member) -> Step:
    """Where a node begins, and what it sends then; one that is down from the start has sent nothing."""
    assert member.role.begin is not None
    try:
        return Step(*member.role.begin(member.context, member.local))
    except PASSED_ON:
        raise
    except CodeError as error:
        raise CodeError(f"{show(member.name)}: as it begins: {error}") from error


@contextmanager
def serving(system: System) -> Iterator[None]:
    """While it is entered those outside may be asked; then they are closed, however it ends."""
    try:
        yield
    finally:
        for outside in system.outside:
            outside.close()


def tested(system: System) -> None:
    """See to it that all answers from outside are those of functions. Raises CodeError where one is not.

    It comes before anything is said of the system: nothing follows from answers that would be others.
    """
    for outside in system.outside:
        outside.ask_again()


def foresee(system: System, situations: Iterable[tuple[int, Local, Message | None]]) -> None:
    """Have the answers ready to what is about to be asked: (node, local state, message; None: wakes).

    It makes no difference but to the time that it takes.
    """
    if not system.outside:
        return
    played = frozenset[NodeName]().union(*(outside.nodes for outside in system.outside))
    members = system.members
    todo = [s for s in situations if members[s[0]].name in played]
    while todo:
        with _all_waiting(system.outside):
            todo = [s for s in todo if _waits(members[s[0]], *s[1:])]
        if todo:
            for outside in system.outside:
                outside.ask()
    for outside in system.outside:
        outside.ask_again(MANY)


@contextmanager
def _all_waiting(outside: Iterable[Outside]) -> Iterator[None]:
    with ExitStack() as stack:
        for one in outside:
            stack.enter_context(one.waiting())
        yield


def _waits(member: Member, local: Local, message: Message | None) -> bool:
    """Whether what a node does waits for an answer. What goes wrong is told when it is asked in earnest."""
    role = member.role
    if message is None:
        calls: list[tuple[Any, ...]] = [(wake, member.context, local) for wake in role.wakes.values()]
    else:
        rule = role.rules.get(kind_of(message))
        calls = [] if rule is None else [(rule, member.context, local, message)]
    waits = False
    for rule, *arguments in calls:
        try:
            tuple(rule(*arguments))
        except Awaited:
            waits = True
        except PASSED_ON:
            raise
        except BaseException:  # noqa: BLE001, S110 - the model's own code; it is called once more
            pass
    return waits
