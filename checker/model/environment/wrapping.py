"""What environments do to the nodes that they join: rules and wakes put into others, sends replaced.

An environment makes members of members. The rules it makes are still the model's own code with something
around it, and whoever asks where they are written is told where that code is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial, update_wrapper
from types import MappingProxyType
from typing import Any, cast

from checker.model.values import show
from checker.model.vocabulary import Local, Member, Message, NodeName, Role, Sends, kind_of

#: (sender, receiver, message) → what is sent instead.
Redirect = Callable[[NodeName, NodeName, Message], Sends]


def in_place_of(code: Callable[..., Any], wrapping: partial[Any]) -> partial[Any]:
    """The same, so that whoever asks where it is written is told where the model's own code is."""
    return cast("partial[Any]", update_wrapper(wrapping, code, assigned=(), updated=()))


def idle_in(kind: type, role: Role) -> Role:
    """The role, whose nodes do nothing while their local state is of this kind; no bound stops it then."""

    def unless(code: Callable[..., Any], instead: Any) -> Callable[..., Any]:
        return in_place_of(code, partial(_unless, kind, instead, code))

    return replace(
        role,
        rules=MappingProxyType({message: unless(rule, ()) for message, rule in role.rules.items()}),
        wakes=MappingProxyType({name: unless(wake, ()) for name, wake in role.wakes.items()}),
        cut=role.cut and unless(role.cut, None),
        settle=role.settle and unless(role.settle, None),
    )


def _unless(
    kind: type, instead: Any, code: Callable[..., Any], context: Any, state: Local, *message: Message
) -> Any:
    return instead if isinstance(state, kind) else code(context, state, *message)


def redirected(members: Sequence[Member], redirect: Redirect) -> tuple[Member, ...]:
    """The members, each message that one sends being replaced; those that wait at first too.

    A message that its receiver handles within the step that sends it is left as it is. What is sent instead
    of one that waits at first waits for whom it is for.
    """
    immediate = {m.name: m.role.immediate for m in members}

    def sent(sender: NodeName, to: NodeName, message: Message) -> Sends:
        at_once = kind_of(message) in immediate.get(to, frozenset())
        return ((to, message),) if at_once else redirect(sender, to, message)

    inboxes: dict[NodeName, list[tuple[NodeName, Message]]] = {m.name: [] for m in members}
    for member in members:
        for sender, message in member.inbox:
            for to, instead in sent(sender, member.name, message):
                inboxes[to].append((sender, instead))
    return tuple(replace(sending(m, partial(sent, m.name)), inbox=tuple(inboxes[m.name])) for m in members)


def require_nodes(named: Iterable[NodeName], members: Sequence[Member], what: str) -> None:
    """Raise ValueError, which says `what` is to become of it, for a node that is none."""
    present: Collection[NodeName] = {member.name for member in members}
    hosted = {part.name: member.name for member in members for part in member.parts}
    for node in named:
        if node in hosted:
            raise ValueError(
                f"{show(node)} {what}, which is a process on {show(hosted[node])}: what happens to one "
                "process of a machine happens to all of them, so name the machine"
            )
        if node not in present:
            raise ValueError(f"{show(node)} {what}, which is no node of this system")


def sending(member: Member, sent: Callable[[NodeName, Message], Sends]) -> Member:
    """The member with `sent(to, message)` in place of each message that it sends."""
    role = member.role
    rules = {kind: in_place_of(rule, partial(_of_steps, sent, rule)) for kind, rule in role.rules.items()}
    wakes = {name: in_place_of(wake, partial(_of_steps, sent, wake)) for name, wake in role.wakes.items()}
    begin = role.begin and in_place_of(role.begin, partial(_of_step, sent, role.begin))
    changed = replace(role, rules=MappingProxyType(rules), wakes=MappingProxyType(wakes), begin=begin)
    return replace(member, role=changed)


def loses(role: Role) -> bool:
    """Whether something else is sent in place of what nodes of this role send, or nothing."""
    return any(_is_redirected(code) for code in (*role.rules.values(), *role.wakes.values()))


def _is_redirected(code: Any) -> bool:
    while code is not None:
        if getattr(code, "func", None) is _of_steps:
            return True
        code = getattr(code, "__wrapped__", None)
    return False


def _of_step(
    sent: Callable[[NodeName, Message], Sends], code: Callable[..., Any], *situation: Any
) -> tuple[Local, Sends]:
    (step,) = _of_steps(sent, lambda *given: (code(*given),), *situation)
    return step


def _of_steps(
    sent: Callable[[NodeName, Message], Sends], code: Callable[..., Any], *situation: Any
) -> tuple[tuple[Local, Sends], ...]:
    """The steps of a rule or wake, with what is sent instead."""
    return tuple(
        (after, tuple(new for to, message in sends for new in sent(to, message)))
        for after, sends in code(*situation)
    )
