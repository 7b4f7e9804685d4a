"""A system: all that is checked, put together and looked over."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from checker.model.fairness import NOTHING_ASSUMED, Fairness
from checker.model.modelcode import require_hashable
from checker.model.processes import Process, by_role, processes_of
from checker.model.shift import Shift
from checker.model.values import canonical, show
from checker.model.vocabulary import Colouring, Member, NodeName, Symmetry, _empty, kind_of

if TYPE_CHECKING:
    from checker.model.network import Network
    from checker.model.outside import Outside
    from checker.model.pictures import Picture
    from checker.model.properties import Property


@dataclass(frozen=True, slots=True)
class System:
    """All that is checked: who takes part, over which network, with which properties.

    `setting` is handed to properties that read several nodes. `fairness` is what is assumed of runs where
    temporal properties are judged, and with `shift` states are kept up to a shift of some numbers. `first`
    is the state that runs begin in, where that is not what the members begin with (`model.beginning`).
    `outside` are those who play some of the nodes outside of this process (`model.outside`).
    `bounds` is only shown, never used, and so are `colouring`, `pictures` and `not_judged`: properties that
    the protocol claims of others of its models, and the role that they read and no node has here.

    Raises ValueError if two nodes, or two properties, have one name, or if some are machines and others
    are told of nodes (observers, and nodes that ask for senders); and TypeError if what a node begins with
    cannot be hashed, or has no sender.
    """

    name: str
    members: tuple[Member, ...]
    network: Network
    properties: tuple[Property, ...]
    setting: Any = None
    bounds: Mapping[str, Any] = field(default_factory=_empty)
    symmetries: tuple[Symmetry, ...] = ()
    colouring: Colouring | None = None
    not_judged: Mapping[str, str] = field(default_factory=_empty)
    fairness: Fairness = NOTHING_ASSUMED
    shift: Shift | None = None
    first: tuple[Any, ...] | None = None
    pictures: tuple[Picture, ...] = ()
    outside: tuple[Outside, ...] = ()

    #: By node: itself and the processes that it hosts, of which properties speak.
    processes: tuple[tuple[Process, ...], ...] = field(init=False, compare=False)
    #: Role → the nodes and processes that have it.
    playing: Mapping[str, tuple[Process, ...]] = field(init=False, compare=False)
    #: Node name → position in `members` and in every state.
    positions: Mapping[NodeName, int] = field(init=False)
    #: The members that keep a history of what the others do.
    observers: tuple[Member, ...] = field(init=False)
    #: The names of the members that are told who sent a message.
    asking: frozenset[NodeName] = field(init=False)

    def __post_init__(self) -> None:
        for member in self.members:
            _require_beginning(member)
        processes = processes_of(self.members)
        object.__setattr__(self, "processes", processes)
        object.__setattr__(self, "playing", by_role(processes))
        _require_different("nodes", [process.name for node in self.processes for process in node])
        _require_different("properties", [claim.id for claim in self.properties])
        by_name = {member.name: i for i, member in enumerate(self.members)}
        object.__setattr__(self, "positions", MappingProxyType(by_name))
        observing = tuple(m for m in self.members if m.role.observe is not None)
        object.__setattr__(self, "observers", observing)
        object.__setattr__(self, "asking", frozenset(m.name for m in self.members if m.role.senders))
        _require_told(self.members)
        for symmetry in self.symmetries:
            _require_nodes(symmetry, by_name)
            _require_together(symmetry, self.members)

    def watchers(self, member: Member) -> Iterator[Member]:
        """The observers that are told of the steps of a node."""
        for one in self.observers if member.role.observe is None else ():
            if one.role.watches is None or member.name in one.role.watches:
                yield one

    def actions(self) -> tuple[str, ...]:
        """All actions of all roles that take part, each once, in order of appearance."""
        return tuple(dict.fromkeys(a for m in self.members for a in m.role.actions()))


def _require_beginning(member: Member) -> None:
    """Raise TypeError or ValueError if a node is called or begins with what no state can be made of."""
    name = show(member.name)
    require_hashable(member.name, f"the name of node {name}")
    require_hashable(member.local, f"the first local state of node {name}")
    entry: Any
    for entry in member.inbox:
        if not isinstance(entry, tuple | list) or len(entry) != 2:
            raise TypeError(f"the inbox of node {name} holds {show(entry)}, not a pair (sender, message)")
        for value in entry:
            require_hashable(value, f"{show(value)} in the inbox of node {name}")
        if kind_of(entry[1]) in member.role.immediate:
            raise ValueError(
                f"node {name} begins with {show(entry[1])} in its inbox, which its role handles at once: "
                "no such message ever waits"
            )


def _require_nodes(symmetry: Symmetry, nodes: Collection[NodeName]) -> None:
    """Raise ValueError if a symmetry takes a node to what is none."""
    for generator in symmetry.generators:
        for name in nodes:
            image = generator.get(name, name)
            if image not in nodes:
                raise ValueError(
                    f"symmetry {symmetry.name}: the image of node {show(name)} is {show(image)}, which is "
                    "no node of this system"
                )


def _require_told(members: Sequence[Member]) -> None:
    """Raise ValueError where some are machines and others are told of nodes what they mean of processes.

    And where one watches what is no node.
    """
    machines = {m.name: tuple(part.name for part in m.parts) for m in members if m.parts}
    names = {member.name for member in members}
    for member in members:
        name, watches = show(member.name), member.role.watches
        watched = machines if watches is None else [node for node in machines if node in watches]
        if member.role.observe is not None and watched:
            first = show(next(iter(watched)))
            raise ValueError(
                f"{name} observes the steps of nodes, and those of {first} are of several processes"
            )
        absent = sorted((watches or frozenset()) - names, key=canonical)
        if absent:
            raise ValueError(f"{name} observes {show(absent[0])}, {_which_is(absent[0], machines)}")
        if member.role.senders and machines:
            machine = show(next(iter(machines)))
            raise ValueError(
                f"{name} is told who sent a message, and would be told of {machine}: put it on a machine "
                "of its own, where it is told of processes"
            )


def _which_is(name: NodeName, machines: Mapping[NodeName, Sequence[NodeName]]) -> str:
    """What something is that is no node."""
    hosts = [machine for machine, processes in machines.items() if name in processes]
    return f"which is a process on {show(hosts[0])}" if hosts else "which is no node of this system"


def _require_together(symmetry: Symmetry, members: Sequence[Member]) -> None:
    """Raise ValueError if a symmetry takes the processes of a machine to others than those of its image."""
    machines = {member.name: tuple(part.name for part in member.parts) for member in members}
    for generator in symmetry.generators:
        for name, parts in machines.items():
            there = generator.get(name, name)
            images = tuple(generator.get(part, part) for part in parts)
            if images != machines[there]:
                raise ValueError(
                    f"symmetry {symmetry.name}: {show(name)} becomes {show(there)}, and its processes "
                    f"{show(images)}, which are not those on {show(there)}, in that order"
                )


def _require_different(what: str, names: Sequence[Hashable]) -> None:
    """Raise ValueError if a name occurs twice."""
    seen: set[Hashable] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"two {what} have the name {show(name)}")
        seen.add(name)
