"""Machines that host several processes, for any protocol: one node in place of several.

The processes keep their names, roles, rules and separate local states; the machine is the node, with one
inbox, that takes their steps. What they send each other is taken within the step that sends it, and what
they send elsewhere goes over the network, from machine to machine. They stand or fall together: a crash
takes all of them, a link or a partition has machines at its ends.

Machines are joined first. What happens to them, such as `Crashes`, is joined to nodes, and they are nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from checker.model.environment.crashes import RESTART, Crash
from checker.model.environment.hosts import Host
from checker.model.environment.wrapping import in_place_of, require_nodes, sending
from checker.model.modelcode import told
from checker.model.processes import Directory, receiver, share_of, wake_of
from checker.model.values import Hosted, show
from checker.model.vocabulary import (
    Addressed,
    Member,
    Message,
    NodeName,
    Role,
    Rule,
    Sends,
    Step,
    Wake,
    action_name,
)


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine: its name, the processes that it hosts, and the name of its role."""

    name: NodeName
    processes: tuple[NodeName, ...]
    role: str = "machine"


@dataclass(frozen=True, slots=True)
class Machines:
    """An environment in which some nodes are processes on machines."""

    machines: tuple[Machine, ...]

    def join(self, members: Sequence[Member]) -> tuple[Member, ...]:
        """The members, with a machine in place of its processes, where the first of them stood.

        What waits at first from one process for another on its machine is taken before anything begins.

        Raises ValueError for a process that is none or is on two machines, for a machine without one or
        with the name of another node, if there are machines already, and for processes that cannot be on
        one machine.
        """
        self._require(members)
        by_name = {member.name: member for member in members}
        directory = Directory(
            {m.name: [by_name[process] for process in m.processes] for m in self.machines}
        )
        machines = {machine.name: machine for machine in self.machines}
        made: list[Member] = []
        posts: list[tuple[NodeName, NodeName, Message]] = []
        for member in members:
            home = directory.home(member.name)
            if home in machines:
                machine = machines.pop(home)
                host = Host(machine.name, tuple(by_name[p] for p in machine.processes), directory)
                begun = _begun(host)
                made.append(
                    Member(machine.name, _role(machine, host), host, begun.state, (), host.processes)
                )
                posts += [(machine.name, to, message) for to, message in begun.sends]
            elif home == member.name:
                made.append(sending(member, partial(_posted, directory, member.name)))
        return tuple(replace(m, inbox=tuple(_waiting(m, by_name, directory, posts))) for m in made)

    def _require(self, members: Sequence[Member]) -> None:
        seen: dict[NodeName, NodeName] = {}
        names = {member.name for member in members}
        for machine in self.machines:
            require_nodes(machine.processes, members, f"is to be on {show(machine.name)}")
            if not machine.processes:
                raise ValueError(f"{show(machine.name)} hosts no process")
            if machine.name in names:
                raise ValueError(f"two nodes have the name {show(machine.name)}")
            names.add(machine.name)
            for process in machine.processes:
                if process in seen:
                    where = f"{show(seen[process])} and on {show(machine.name)}"
                    raise ValueError(f"{show(process)} is on {where}: a process is on one machine, once")
                seen[process] = machine.name
        for member in members:
            if member.parts:
                raise ValueError(f"{show(member.name)} is a machine already: join all machines together")
            if member.name in seen and Crash in member.role.immediate:
                raise ValueError(
                    f"{show(member.name)} can crash by itself, and is to be on a machine: let machines be "
                    "joined first, and crashes after them"
                )


def _begun(host: Host) -> Step:
    """Where a machine begins, and what it has sent, once its processes have taken what they sent."""
    inside = [
        (sender, part.name, message)
        for part in host.processes
        for sender, message in part.inbox
        if host.directory.place(sender, host.name) is not None
    ]
    try:
        ways = host.begin(inside)
    except Exception as error:
        raise ValueError(f"{show(host.name)} cannot begin: {told(error)}") from error
    if len(ways) != 1:
        many = f"{len(ways)} ways" if ways else "no way"
        raise ValueError(f"{show(host.name)} begins in {many}: a rule for what its processes sent chooses")
    return ways[0]


def _waiting(
    member: Member,
    by_name: Mapping[NodeName, Member],
    directory: Directory,
    posts: Sequence[tuple[NodeName, NodeName, Message]],
) -> Iterator[tuple[NodeName, Message]]:
    """What waits for a node at first: from elsewhere, and from machines that have begun."""
    for process in member.parts or (by_name[member.name],):
        for sender, message in process.inbox:
            home = directory.home(sender)
            if home != member.name or not member.parts:
                yield home, directory.sent(sender, process.name, message)[1]
    yield from ((machine, message) for machine, to, message in posts if to == member.name)


def _posted(directory: Directory, sender: NodeName, to: NodeName, message: Message) -> Sends:
    """What a node that is on no machine sends."""
    return (directory.sent(sender, to, message),)


def _role(machine: Machine, host: Host) -> Role:
    """What a machine does, as the rules and wakes of a node."""
    processes = host.processes
    rules: dict[type, Rule] = {}
    for process in processes:
        for kind, rule in process.role.rules.items():
            if kind is not Crash:  # a machine's crash is that of `Crashes`
                rules.setdefault(kind, in_place_of(rule, partial(_take)))
    return Role(
        machine.role,
        MappingProxyType(rules),
        MappingProxyType(dict(_wakes(processes))),
        cut=_cut if any(p.role.cut for p in processes) else None,
        settle=_settle if any(p.role.settle for p in processes) else None,
        immediate=_immediate(machine, processes),
    )


def _take(host: Host, state: Hosted, message: Message) -> tuple[Step, ...]:
    return host.take(state, message)


def _wakes(processes: Sequence[Member]) -> Iterator[tuple[str, Wake]]:
    """The wakes of all processes."""
    for place, process in enumerate(processes):
        for name, wake in process.role.wakes.items():
            if name != RESTART:  # all come up together, see `Crashes`
                yield wake_of(name, process, processes), in_place_of(wake, partial(_wake, place, name))


def _wake(place: int, name: str, host: Host, state: Hosted) -> tuple[Step, ...]:
    return host.wake(place, name, state)


def _immediate(machine: Machine, processes: Sequence[Member]) -> frozenset[type]:
    found = frozenset(kind for process in processes for kind in process.role.immediate) - {Crash}
    for process in processes:
        waits = [kind for kind in process.role.rules if kind in found - process.role.immediate]
        if waits:
            raise ValueError(
                f"{show(machine.name)}: {action_name(waits[0])} waits for {show(process.name)}, and "
                "another process of that machine handles it at once"
            )
    return found


def _cut(host: Host, state: Hosted) -> str | None:
    """The bound that stops one of the processes."""
    for place, process in enumerate(host.processes):
        bound = process.role.cut and process.role.cut(process.context, share_of(state, place))
        if bound:
            return bound
    return None


def _settle(host: Host, state: Hosted, message: Message) -> Message | None:
    """What the process claims for which a message is."""
    place, opened = receiver(host.processes, message)
    process = host.processes[place]
    if process.role.settle is None:
        return message
    settled = process.role.settle(process.context, share_of(state, place), opened)
    if settled is opened:
        return message
    return _in_place(message, settled) if settled is not None else None


def _in_place(message: Any, opened: Message) -> Message:
    """A message with something else in it, addressed as before."""
    return replace(message, message=opened) if isinstance(message, Addressed) else opened
