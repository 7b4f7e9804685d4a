"""The reference semantics: what a system may do next, in plain values, with nothing left out.

A state is one cell for each node, in the order of `System.members`; a cell is a local state and an
inbox. This module is the meaning of a model: every engine is compared with it, and every
counterexample is replayed by it before it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from checker.model.modelcode import PASSED_ON, CodeError, place_of, require_hashable, told, written_at
from checker.model.network import Network
from checker.model.played import begun
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import (
    Envelope,
    Local,
    Member,
    Message,
    NodeName,
    Seen,
    Sends,
    action_name,
    events_in,
    kind_of,
)


class Cell:
    """All there is of one node: what it knows, and what the network holds for it. Immutable.

    Hashed once, when made: a step changes few of a state's cells, and a state is hashed for each.
    """

    __slots__ = ("_hash", "inbox", "local")

    def __init__(self, local: Local, inbox: Any) -> None:
        self.local, self.inbox = local, inbox
        self._hash = hash((local, inbox))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Cell) or self._hash != other._hash:
            return False
        return bool(self.local == other.local and self.inbox == other.inbox)

    def __repr__(self) -> str:
        return f"Cell({self.local!r}, {self.inbox!r})"


State = tuple[Cell, ...]


def moved(before: State, after: State) -> Iterator[tuple[int, Local, Local]]:
    """The nodes whose local state differs: (node, before, after)."""
    for node, (old, new) in enumerate(zip(before, after, strict=True)):
        if old is not new and old.local is not new.local and old.local != new.local:
            yield node, old.local, new.local


class Transition(NamedTuple):
    """One step of one node and where it leads.

    `node` is a position in `System.members`; `action` the name of the rule or wake; `message` what
    was taken (None for a wake); `lost` marks a message that went missing instead of arriving. `sender` is
    who sent it, where the network keeps messages apart by that.
    """

    node: int
    action: str
    message: Message | None
    sends: Sends
    state: State
    lost: bool = False
    sender: NodeName | None = None


class ModelError(CodeError):
    """A rule or wake went wrong: it raised, or returned what is no step.

    Carries the node, local state and message (None for a wake) that made it happen.
    """

    def __init__(self, node: str, action: str, local: Local, message: Message | None, fault: str) -> None:
        super().__init__(f"{_situation(node, action, local, message)}: {fault}")
        self.node, self.action, self.local, self.message, self.fault = node, action, local, message, fault


def _situation(node: str, action: str, local: Local, message: Message | None) -> str:
    taken = f" on {show(message)}" if message is not None else ""
    return f"{node}: {action}{taken} in state {show(local)}"


def initial_state(system: System) -> State:
    """The state every run begins in. Raises CodeError if what plays a node goes wrong as it begins."""
    if system.first is not None:
        return system.first
    system = begun(system)
    return tuple(Cell(m.local, _first_inbox(system.network, m)) for m in system.members)


def _first_inbox(network: Network, member: Member) -> Any:
    inbox = network.empty
    for sender, message in first_messages(member):
        inbox = network.post(inbox, sender, (message,))
    return inbox


def first_messages(member: Member) -> Iterator[tuple[NodeName, Message]]:
    """What waits for a node at first, each as the node gets it, with its sender."""
    for sender, message in member.inbox:
        yield sender, Envelope(sender, message) if member.role.senders else message


#: What a rule or wake makes of a local situation.
LocalSteps = list[tuple[Local, Sends]]


def local_steps(
    system: System, node: int, local: Local, message: Message, *, known: bool = False, once: bool = False
) -> LocalSteps:
    """What the node's rule makes of a message; an empty list if it ignores the message.

    Raises ModelError if there is no rule, or the rule raises or returns what is no step. The rule is asked
    twice, and CodeError raised if it is seen not to be a pure function; with `once` it is asked once, and
    with `known`, which is for situations that were asked about before, all this is taken for granted.
    """
    member, kind = system.members[node], kind_of(message)
    rule = member.role.rules.get(kind)
    action = action_name(kind)
    if rule is None:
        fault = f"role {member.role.name} has no rule for {kind.__name__}"
        raise ModelError(show(member.name), action, local, message, fault)
    ask = _ask_again if known else _called if once else _ask
    steps = ask(system, node, action, local, message, partial(rule, member.context, local, message))
    if not steps or kind in member.role.immediate:  # a part of the step that sent it, which is told
        return steps
    return _sent_on(system, node, action, local, message, steps)


def wake_steps(
    system: System, node: int, local: Local, *, known: bool = False
) -> Iterator[tuple[str, LocalSteps]]:
    """What the node may do without a message: (name of the wake, its steps). Raises as `local_steps`."""
    member = system.members[node]
    ask = _ask_again if known else _ask
    for name, wake in member.role.wakes.items():
        steps = ask(system, node, name, local, None, partial(wake, member.context, local))
        yield name, _sent_on(system, node, name, local, None, steps)


def _sent_on(
    system: System, node: int, action: str, local: Local, message: Message | None, steps: LocalSteps
) -> LocalSteps:
    """The steps with all that they send: in envelopes to those who ask, then what observers are told."""
    if not system.observers and not system.asking:
        return steps
    member = system.members[node]
    sent = []
    for after, sends in steps:
        posted = tuple((to, Envelope(member.name, m) if to in system.asking else m) for to, m in sends)
        seen = Seen(member.name, action, local, message, after, sends)
        told = ((one.name, event) for one in system.watchers(member) for event in _events(one, seen))
        sent.append((after, (*posted, *told)))
    return sent


def _events(observer: Member, seen: Seen) -> list[Message]:
    """What an observer is told of a step, in order. Raises ModelError, by which the step is known."""
    role = observer.role
    assert role.observe is not None
    situation = (show(seen.node), seen.action, seen.before, seen.message)
    try:
        answer = role.observe(seen)
    except PASSED_ON:
        raise
    except BaseException as error:
        fault = f"observe of role {role.name} raised {told(error, role.observe)}"
        raise ModelError(*situation, fault) from error
    events = events_in(answer)
    for event in events:
        if type(event) not in role.immediate:
            fault = f"observe of role {role.name} answered {show(event)}, for which the role has no rule"
            raise ModelError(*situation, f"{fault} ({written_at(role.observe)})")
    return events


Asked = Callable[[], Iterable[tuple[Local, Sends]]]


def _ask(
    system: System, node: int, action: str, local: Local, message: Message | None, rule: Asked
) -> LocalSteps:
    """What a rule does, asked for the first time. Raises ModelError and CodeError, see `local_steps`.

    That it does the same twice is no proof that it is pure, but most that is not is seen by it.
    """
    changeable = [value for value in (local, message) if not _is_frozen(value.__class__)]
    before = [hash(value) for value in changeable]
    first = _outcome(_called, system, node, action, local, message, rule)
    # steps that are equal to steps are steps
    again = _called if isinstance(first, ModelError) else _ask_again
    second = _outcome(again, system, node, action, local, message, rule)
    changed = [hash(value) for value in changeable] != before
    if not changed and isinstance(first, ModelError) and isinstance(second, ModelError):
        raise first
    if not changed and not isinstance(first, ModelError) and first == second:
        return first
    fault = "changes the state or the message that it is given" if changed else _differing(first, second)
    who = _situation(show(system.members[node].name), action, local, message)
    raise CodeError(f"{who}: not a pure function: {fault} ({written_at(rule)})")


def _outcome(ask: Callable[..., LocalSteps], *situation: Any) -> LocalSteps | ModelError:
    try:
        return ask(*situation)
    except ModelError as error:
        return error


@cache
def _is_frozen(kind: type) -> bool:
    """Whether values of a type cannot be changed in place, as far as their class tells."""
    dataclass_of: Any = getattr(kind, "__dataclass_params__", None)
    return kind in _FROZEN or issubclass(kind, tuple) or bool(dataclass_of and dataclass_of.frozen)


_FROZEN = (int, str, bool, float, bytes, frozenset, type(None))


def _differing(*outcomes: LocalSteps | ModelError) -> str:
    first, second = (o.fault if isinstance(o, ModelError) else show(tuple(o)) for o in outcomes)
    alike = "; values that look alike must be equal" if first == second else ""
    return f"not deterministic, the same call gave {first}, then {second}{alike}"


def _called(
    system: System, node: int, action: str, local: Local, message: Message | None, rule: Asked
) -> LocalSteps:
    try:
        return _steps(system, rule())
    except PASSED_ON:
        raise
    except BaseException as error:
        name = show(system.members[node].name)
        raise ModelError(name, action, local, message, told(error, rule)) from error


def _steps(system: System, given: Any) -> LocalSteps:
    """What a rule returned, if it is steps. Raises TypeError, LookupError, and what a generator raises."""
    if given.__class__ is tuple and not given:  # most messages are ignored in most states
        return []
    try:
        steps = [(after, tuple(sends)) for after, sends in given]
        receivers = [to for _, sends in steps for to, _ in sends]
    except (TypeError, ValueError) as error:
        if place_of(error) is not None:
            raise
        raise TypeError(
            f"returned {'None' if given is None else show(given)}; a rule returns steps, which are pairs "
            "(next state, sends), and sends are pairs (node, message): none is (), one is ((state, ()),)"
        ) from error
    try:
        hash(tuple(steps))
    except TypeError:
        for after, sends in steps:
            require_hashable(after, "the next state")
            require_hashable(sends, "what it sends")
        raise
    for to in receivers:
        if to not in system.positions:
            raise LookupError(f"sends to {show(to)}, which is no node of this system")
    return steps


def _ask_again(
    system: System, node: int, action: str, local: Local, message: Message | None, rule: Asked
) -> LocalSteps:
    """As `_ask`, of a situation about which nothing can be found out any more."""
    try:
        return [(after, tuple(sends)) for after, sends in rule()]
    except PASSED_ON:
        raise
    except BaseException as error:
        name = show(system.members[node].name)
        raise ModelError(name, action, local, message, told(error, rule)) from error


def deliver(system: System, state: State, node: int, cell: Cell, sends: Sends) -> State:
    """The state after `node` has become `cell` and its sends are posted, or handled if immediate.

    Raises ModelError.
    """
    cells = list(state)
    cells[node] = cell
    for to, messages in addressed(system, sends):
        local, inbox = cells[to].local, cells[to].inbox
        immediate = system.members[to].role.immediate
        posted = [m for m in messages if kind_of(m) not in immediate]
        for message in messages:
            if kind_of(message) in immediate:
                local = at_once(system, to, local, message)
        if posted:
            inbox = system.network.post(inbox, system.members[node].name, posted)
        cells[to] = Cell(local, inbox)
    return tuple(cells)


def at_once(system: System, node: int, local: Local, message: Message) -> Local:
    """The local state after an immediate message. Raises ModelError if its rule chooses or sends."""
    steps = local_steps(system, node, local, message)
    if not steps:
        return local
    if len(steps) > 1 or steps[0][1]:
        fault = "an immediate message has one effect, and sends nothing"
        name = show(system.members[node].name)
        raise ModelError(name, action_name(kind_of(message)), local, message, fault)
    return steps[0][0]


def addressed(system: System, sends: Sends) -> Iterable[tuple[int, Sequence[Message]]]:
    """The sends by position of their receiver, each receiver's in the order of sending."""
    by_receiver: dict[int, list[Message]] = {}
    for to, message in sends:
        by_receiver.setdefault(system.positions[to], []).append(message)
    return by_receiver.items()


class Move(NamedTuple):
    """What one node may do, whatever the others look like: a step before its sends are posted."""

    action: str
    message: Message | None
    after: Cell
    sends: Sends
    lost: bool = False
    sender: NodeName | None = None


def moves(system: System, node: int, cell: Cell, *, known: bool = False) -> Iterator[Move]:
    """Everything a node may do in one situation, in an order that is the same in every process.

    Raises as `local_steps`, where it is said what `known` is for.
    """
    network, (local, inbox) = system.network, (cell.local, cell.inbox)
    for message, after, lost, sender in network.choices(inbox):
        action = action_name(kind_of(message))
        if lost:
            yield Move(action, message, Cell(local, after), (), lost=True, sender=sender)
            continue
        steps = local_steps(system, node, local, message, known=known)
        if not steps and network.discards:
            steps = [(local, ())]
        for then, sends in steps:
            yield Move(action, message, Cell(then, after), sends, sender=sender)
    for action, steps in wake_steps(system, node, local, known=known):
        for then, sends in steps:
            yield Move(action, None, Cell(then, inbox), sends)


def successors(
    system: System, state: State, asked: set[tuple[int, Cell]] | None = None
) -> Iterator[Transition]:
    """Every step that may be taken in a state, in an order that is the same in every process.

    The index of a step in this order, from 0, identifies it; a path of such indices is a behaviour.
    `asked` are the situations, (node, cell), that need not be looked at closely any more; those of this
    state are added. Raises ModelError if a rule goes wrong, and CodeError if one is seen not to be pure.
    """
    for node, cell in enumerate(state):
        known = asked is not None and (node, cell) in asked
        for action, message, after, sends, lost, sender in moves(system, node, cell, known=known):
            then = deliver(system, state, node, after, sends)
            yield Transition(node, action, message, sends, then, lost, sender)
        if asked is not None and not known:
            asked.add((node, cell))
