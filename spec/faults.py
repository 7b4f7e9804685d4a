"""What may go wrong in PMMC, as its model files describe it: crashes, lossy links, a partition.

And what an operator does: a configuration that is replaced may be shut down.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from checker.model.environment.links import FaultyLinks, Link
from checker.model.environment.partitions import ROLE, Partition
from checker.model.vocabulary import Member, NodeName, Sends
from checker.modelfiles.assembly import Join
from checker.modelfiles.complaints import Objection, Path, Unknown
from pmmc.messages import Ping, Unreachable
from pmmc.values import Context, Deployment, Node
from spec.crashes import ENVIRONMENT, Stables, crashes
from spec.machines import Hosting
from spec.schema import Faults, LossyLink
from spec.shutdowns import OPERATOR, object_to_shutdown, shutdowns
from spec.travels import Travel, travel

#: The node that keeps others apart.
PARTITION = Node(ROLE, 0)

#: Who may crash.
MORTAL = ("acceptor", "leader", "replica")


@dataclass(frozen=True, slots=True)
class Troubles:
    """The faults of a model file, with nodes in place of names."""

    faults: Faults = field(default_factory=Faults)
    crashing: tuple[Node, ...] = ()
    down: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
    groups: tuple[tuple[Node, ...], ...] = ()
    #: the roles of those that may crash or are down
    mortal: frozenset[str] = frozenset()

    def environments(self, deployment: Deployment, stable: Stables) -> Iterator[Join]:
        """What makes members of members, one after the other."""
        if self.crashing or self.down:
            yield crashes(self.faults, deployment, self.crashing, self.down, stable).join
        if self.faults.shutdown is not None:
            yield partial(shutdowns, self.faults.shutdown, deployment)
        if self.crashing or self.down:
            yield detected
        if self.links:
            yield FaultyLinks(self.links).join
        split = self.faults.partition
        if split is not None:
            yield Partition(self.groups, split.heals, PARTITION, Context(PARTITION, deployment)).join

    def beside(self) -> Iterator[Node]:
        """The nodes that are no part of the protocol."""
        if self.crashing or self.down:
            yield ENVIRONMENT
        if self.faults.shutdown is not None:
            yield OPERATOR
        if self.faults.partition is not None and self.faults.partition.heals:
            yield PARTITION

    def tell_senders(self) -> bool:
        """Whether it makes a difference who sent a message."""
        return bool(self.links) or self.faults.partition is not None

    def apart(self) -> tuple[frozenset[Node], ...]:
        """Sets of nodes, each of which a fault tells from all others."""
        named = [self.crashing, self.down, *self.groups]
        ends = [end for link in self.links for end in (link.senders, link.receivers) if end is not None]
        return (*map(frozenset, named), *cast("list[frozenset[Node]]", ends))


def detected(members: Sequence[Member]) -> Sequence[Member]:
    """Pings to leaders that are down answered for them, if leaders know what to make of that."""
    knows = any(Unreachable in member.role.rules for member in members)
    if not knows:
        return members
    from checker.model.environment.detectors import Detector  # noqa: PLC0415 - few models have one

    return Detector(Ping, _unreachable).join(members)


def _unreachable(node: NodeName, ping: Any) -> Sends:
    return ((ping.leader, Unreachable(cast("Node", node))),)


def read_faults(
    faults: Faults | None,
    deployment: Deployment,
    hosting: Hosting,
    messages: Mapping[str, type],
    wrong: list[Objection],
) -> Troubles:
    """The faults that a file describes, if any, of the nodes that take part."""
    if faults is None:
        return Troubles()
    if not faults.model_fields_set & {"crashes", "down", "links", "partition", "shutdown"}:
        kinds = "'crashes', 'down', 'links', 'partition' or 'shutdown'"
        wrong.append(Objection(("faults",), f"nothing fails: give {kinds}"))
    if faults.shutdown is not None:
        object_to_shutdown(deployment, wrong)
    reader = _Names(deployment, hosting, wrong, messages)
    if faults.nodes is None:
        crashing = hosting.nodes((*deployment.acceptors, *deployment.leaders))
    else:
        crashing = reader.nodes(("faults", "nodes"), faults.nodes, MORTAL)
    down = reader.nodes(("faults", "down"), faults.down, MORTAL)
    mortal = {process.role for node in (*crashing, *down) for process in hosting.processes(node)}
    mortal |= {role_of(name) for name in (*(faults.nodes or ()), *faults.down)}  # of a faulty name too
    links = [reader.link(("faults", "links", i), link) for i, link in enumerate(faults.links)]
    split = () if faults.partition is None else faults.partition.groups
    path = ("faults", "partition", "groups")
    groups = [reader.nodes((*path, i), names) for i, names in enumerate(split)]
    return Troubles(
        faults,
        crashing if faults.crashes else (),
        down,
        tuple(link for link in links if link is not None),
        ()
        if faults.partition is None
        else _groups(path, groups, hosting.nodes(deployment.everybody()), wrong),
        frozenset(mortal),
    )


def role_of(name: str) -> str:
    """The role of a group of nodes, or of one, by its name."""
    return name.split(maxsplit=1)[0].removesuffix("s")


@dataclass(frozen=True, slots=True)
class _Names:
    """Reads names of nodes and of groups of them. What is wrong goes to `wrong`, and is left out."""

    deployment: Deployment
    hosting: Hosting
    wrong: list[Objection]
    messages: Mapping[str, type]

    def nodes(
        self, path: Path, names: Iterable[str], roles: Iterable[str] = (*MORTAL, "client")
    ) -> tuple[Node, ...]:
        """The nodes of these names, each once."""
        known: dict[str, tuple[Node, ...]] = {}
        machines = tuple(dict.fromkeys(self.hosting.home.values()))
        roles_of_machines = {node.role for node in machines}
        for role in (*roles, *sorted(roles_of_machines)):
            nodes = machines if role in roles_of_machines else self.deployment.nodes(role)
            known |= {f"{role}s": nodes, **{str(node): (node,) for node in nodes}}
        found: list[Node] = []
        for i, name in enumerate(names):
            nodes = known.get(name, ())
            hosted = next((node for node in nodes if node in self.hosting.home), None)
            if name not in known:
                there = [n for n, those in known.items() if not self.hosting.home.keys() & {*those}]
                message: str | Unknown = Unknown.of("node or group of nodes", name, there)
                self.wrong.append(Objection((*path, i), message))
            elif hosted is not None:
                home = self.hosting.home[hosted]
                message = (
                    f"{hosted} is a process on {home}, and what happens to one process of a machine "
                    f"happens to all of them: name '{home}' or '{home.role}s'"
                )
                self.wrong.append(Objection((*path, i), message))
            found += nodes if hosted is None else ()
        return tuple(dict.fromkeys(found))

    def link(self, path: Path, link: LossyLink) -> Link | None:
        """A link; None if it can lose nothing."""
        before = len(self.wrong)
        senders = None if link.senders is None else self.nodes((*path, "from"), link.senders)
        receivers = None if link.to is None else self.nodes((*path, "to"), link.to)
        if len(self.wrong) > before:
            return None
        roles = [
            None if ends is None else {p.role for node in ends for p in self.hosting.processes(node)}
            for ends in (senders, receivers)
        ]
        on_the_way = {name for name, kind in self.messages.items() if _goes(travel(kind), *roles)}
        for i, name in enumerate(link.messages or ()):
            if name not in on_the_way:
                self.wrong.append(Objection((*path, "messages", i), self._elsewhere(name)))
        if not on_the_way and not link.messages:
            self.wrong.append(Objection(path, "no message goes there: nothing is lost"))
        named = None if link.messages is None else on_the_way.intersection(link.messages)
        kinds = None if named is None else frozenset(self.messages[name] for name in named)
        return Link(_set(senders), _set(receivers), kinds, some=link.loses == "some")

    def _elsewhere(self, name: str) -> str:
        """Why no message of this name goes over a link."""
        if name not in self.messages:
            return f"no {name} is ever sent: 'rules' chooses nothing that sends it"
        usual = travel(self.messages[name])
        receivers = " and ".join(f"{role}s" for role in usual.receivers)
        return f"no {name} goes there, but from {usual.sender}s to {receivers}"


def _goes(usual: Travel, senders: set[str] | None, receivers: set[str] | None) -> bool:
    """Whether a message that travels so goes from one of some roles to one of others."""
    leaves = senders is None or usual.sender in senders
    return leaves and (receivers is None or not receivers.isdisjoint(usual.receivers))


def _set(nodes: tuple[Node, ...] | None) -> frozenset[Node] | None:
    return None if nodes is None else frozenset(nodes)


def _groups(
    path: Path, given: Sequence[Sequence[Node]], everybody: Collection[Node], wrong: list[Objection]
) -> tuple[tuple[Node, ...], ...]:
    """The groups, each node in one. Objects to nodes in two, and to a partition that keeps nobody apart."""
    seen: set[Node] = set()
    groups = []
    for i, group in enumerate(given):
        twice = [node for node in group if node in seen]
        if twice:
            message = f"{twice[0]} is in a group before this one as well"
            wrong.append(Objection((*path, i), message))
        groups.append(tuple(node for node in group if node not in seen))
        seen.update(group)
    if not seen or any({*everybody} == {*group} for group in groups):
        wrong.append(Objection(path, "all nodes are in one group: nobody is apart from anybody"))
    return tuple(groups)


def bounds_of_faults(faults: Faults) -> Mapping[str, Any]:
    """What may go wrong, in numbers, for showing."""
    split = faults.partition
    known = {
        "down": ", ".join(faults.down),
        "faulty links": len(faults.links),
        "partition": split and ("heals" if split.heals else "for good"),
        "shutdown": faults.shutdown and f"when {faults.shutdown}",
    }
    return {"crashes": faults.crashes, **{name: value for name, value in known.items() if value}}
