"""Who there is to speak of: nodes, and the processes that machines host. Here alone they are told apart.

A node of most systems is one process. A machine hosts several (`Member.parts`): each has a name, a role and
a context of its own, and a share of the machine's local state and of what waits for it. Properties read
processes, whether they are nodes or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from checker.model.values import show
from checker.model.vocabulary import Addressed, Down, Envelope, Local, Member, Message, NodeName, kind_of


@dataclass(frozen=True, slots=True, eq=False)
class Process:
    """What has a role: the node at position `node` of a system or, with a `place`, one that it hosts."""

    name: NodeName
    role: str
    context: Any
    node: int
    place: int | None = None
    machine: tuple[Member, ...] = ()

    def local(self, local: Local) -> Local:
        """What this process knows, by the local state of its node."""
        return local if self.place is None else share_of(local, self.place)

    def waiting(self, held: Iterable[Message]) -> tuple[Message, ...]:
        """What waits for this process, of what waits for its node."""
        if self.place is None:
            return tuple(held)
        found = (receiver(self.machine, message) for message in held)
        return tuple(message for place, message in found if place == self.place)


def share_of(local: Local, place: int) -> Local:
    """What one process of a machine knows; it is down when the machine is."""
    if isinstance(local, Down):
        return Down(local.saved.processes[place][1])
    return local.processes[place][1]


def processes_of(members: Sequence[Member]) -> tuple[tuple[Process, ...], ...]:
    """By node: itself first, then the processes that it hosts, if it is a machine."""
    return tuple(
        (Process(m.name, m.role.name, m.context, node), *_hosted(node, m)) for node, m in enumerate(members)
    )


def _hosted(node: int, member: Member) -> Iterator[Process]:
    for place, part in enumerate(member.parts):
        yield Process(part.name, part.role.name, part.context, node, place, member.parts)


def by_role(processes: Iterable[Iterable[Process]]) -> Mapping[str, tuple[Process, ...]]:
    """Role → those that have it, in the order of the nodes."""
    found: dict[str, tuple[Process, ...]] = {}
    for process in (process for node in processes for process in node):
        found[process.role] = (*found.get(process.role, ()), process)
    return MappingProxyType(found)


def roles_of(members: Iterable[Member]) -> set[str]:
    """The roles of nodes and of the processes that they host."""
    return {one.role.name for member in members for one in (member, *member.parts)}


def receivers(parts: Sequence[Member], kind: type) -> list[int]:
    """Which processes of a machine have a rule for messages of a type."""
    return [place for place, part in enumerate(parts) if kind in part.role.rules]


def receiver(parts: Sequence[Member], message: Message) -> tuple[int, Message]:
    """For which process of a machine a message is, and the message as that gets it.

    Raises LookupError if none of them has a rule for it, or several have and it does not say for which.
    """
    if isinstance(message, Envelope) and isinstance(message.message, Addressed):
        place, opened = receiver(parts, message.message)
        return place, replace(message, message=opened)
    if isinstance(message, Addressed):
        named = (place for place, part in enumerate(parts) if part.name == message.process)
        place = next(named, -1)
        if place < 0:
            raise LookupError(f"{show(message.process)} is no process of this machine")
        return place, message.message
    kind = kind_of(message)
    places = receivers(parts, kind)
    if len(places) != 1:
        having = " and ".join(show(parts[place].name) for place in places) or "no process of this machine"
        raise LookupError(f"{having} {'have' if places else 'has'} a rule for {kind.__name__}")
    return places[0], message


def wake_of(name: str, process: Member, parts: Sequence[Member]) -> str:
    """What a machine of these processes calls a wake of one: by whose it is, if another has it too."""
    shared = sum(name in part.role.wakes for part in parts) > 1
    return f"{name} of {show(process.name)}" if shared else name


class Directory:
    """On which machines processes are, and how a message for one of them is addressed."""

    def __init__(self, machines: Mapping[NodeName, Sequence[Member]]) -> None:
        self._machines = machines
        self._at = {
            part.name: (machine, place)
            for machine, parts in machines.items()
            for place, part in enumerate(parts)
        }

    @classmethod
    def of(cls, members: Iterable[Member]) -> Directory:
        """That of all machines among some members."""
        return cls({member.name: member.parts for member in members if member.parts})

    def home(self, name: NodeName) -> NodeName:
        """The machine of a process; a node's own name."""
        return self._at[name][0] if name in self._at else name

    def place(self, name: NodeName, machine: NodeName) -> int | None:
        """The place of a process on a machine; None if it is not there."""
        where, place = self._at.get(name, (None, None))
        return place if where == machine else None

    def handed(self, sender: NodeName, to: NodeName, message: Message) -> Message:
        """A message as the process `to` gets it: with its sender, if it asks for that."""
        machine, place = self._at[to]
        asks = self._machines[machine][place].role.senders
        return Envelope(sender, message) if asks else message

    def sent(self, sender: NodeName, to: NodeName, message: Message) -> tuple[NodeName, Message]:
        """What is sent, and to which node, if a process sends a message to a process."""
        if to not in self._at:
            return to, message
        machine, place = self._at[to]
        handed = self.handed(sender, to, message)
        tells = receivers(self._machines[machine], kind_of(message)) == [place]
        return machine, handed if tells else Addressed(to, handed)
