"""The reference semantics: what a system may do next, in plain values, with nothing left out.

A state is one cell for each node, in the order of `System.members`; a cell is a local state and an
inbox. This module is the meaning of a model: every engine is compared with it, and every
counterexample is replayed by it before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from checker.network import Network
from checker.values import show
from checker.vocabulary import Local, Member, Message, Sends, System, action_name


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
    was taken (None for a wake); `lost` marks a message that went missing instead of arriving.
    """

    node: int
    action: str
    message: Message | None
    sends: Sends
    state: State
    lost: bool = False


class ModelError(Exception):
    """The protocol's own code went wrong: a rule raised, or returned what is no step.

    Carries the node, local state and message (None for a wake) that made it happen.
    """

    def __init__(self, node: str, action: str, local: Local, message: Message | None, fault: str) -> None:
        taken = f" on {show(message)}" if message is not None else ""
        super().__init__(f"{node}: {action}{taken} in state {show(local)}: {fault}")
        self.node, self.action, self.local, self.message, self.fault = node, action, local, message, fault


def initial_state(system: System) -> State:
    """The state every run begins in."""
    return tuple(Cell(m.local, _first_inbox(system.network, m)) for m in system.members)


def _first_inbox(network: Network, member: Member) -> Any:
    inbox = network.empty
    for sender, message in member.inbox:
        inbox = network.post(inbox, sender, (message,))
    return inbox


def local_steps(system: System, node: int, local: Local, message: Message) -> list[tuple[Local, Sends]]:
    """What the node's rule makes of a message; an empty list if it ignores the message.

    Raises ModelError if there is no rule, or the rule raises or returns what is no step.
    """
    member = system.members[node]
    rule = member.role.rules.get(type(message))
    action = action_name(type(message))
    if rule is None:
        fault = f"role {member.role.name} has no rule for {type(message).__name__}"
        raise ModelError(show(member.name), action, local, message, fault)
    return _call(system, node, action, local, message, partial(rule, member.context, local, message))


def wake_steps(system: System, node: int, local: Local) -> Iterator[tuple[str, list[tuple[Local, Sends]]]]:
    """What the node may do without a message: (name of the wake, its steps). Raises ModelError."""
    member = system.members[node]
    for name, wake in member.role.wakes.items():
        yield name, _call(system, node, name, local, None, partial(wake, member.context, local))


def _call(
    system: System, node: int, action: str, local: Local, message: Message | None, rule: Any
) -> list[tuple[Local, Sends]]:
    try:
        steps = [(after, tuple(sends)) for after, sends in rule()]
        for after, sends in steps:
            hash(after)
            unknown = [to for to, _ in sends if to not in system.positions]
            if unknown:
                raise LookupError(f"sends to {show(unknown[0])}, which is no node of this system")  # noqa: TRY301
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
        raise ModelError(show(system.members[node].name), action, local, message, fault) from error
    return steps


def deliver(system: System, state: State, node: int, cell: Cell, sends: Sends) -> State:
    """The state after `node` has become `cell` and its sends are posted, or handled if immediate.

    Raises ModelError.
    """
    cells = list(state)
    cells[node] = cell
    for to, messages in addressed(system, sends):
        local, inbox = cells[to].local, cells[to].inbox
        immediate = system.members[to].role.immediate
        posted = [m for m in messages if type(m) not in immediate]
        for message in messages:
            if type(message) in immediate:
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
        raise ModelError(name, action_name(type(message)), local, message, fault)
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


def moves(system: System, node: int, cell: Cell) -> Iterator[Move]:
    """Everything a node may do in one situation, in an order that is the same in every process.

    Raises ModelError.
    """
    network, (local, inbox) = system.network, (cell.local, cell.inbox)
    for message, after, lost in network.choices(inbox):
        action = action_name(type(message))
        if lost:
            yield Move(action, message, Cell(local, after), (), lost=True)
            continue
        steps = local_steps(system, node, local, message)
        if not steps and network.discards:
            steps = [(local, ())]
        for then, sends in steps:
            yield Move(action, message, Cell(then, after), sends)
    for action, steps in wake_steps(system, node, local):
        for then, sends in steps:
            yield Move(action, None, Cell(then, inbox), sends)


def successors(system: System, state: State) -> Iterator[Transition]:
    """Every step that may be taken in a state, in an order that is the same in every process.

    The index of a step in this order, from 0, identifies it; a path of such indices is a behaviour.
    Raises ModelError.
    """
    for node, cell in enumerate(state):
        for action, message, after, sends, lost in moves(system, node, cell):
            yield Transition(node, action, message, sends, deliver(system, state, node, after, sends), lost)
