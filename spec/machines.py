"""Machines that host several processes, as model files say it: servers, or processes that share a machine.

A server is what most make of the paper (section 4.4): an acceptor, a leader and a replica in one process
of the operating system, with separate states. Any processes may share a machine; so an acceptor that serves
in two configurations is two processes, one for each, on one machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from checker.model.vocabulary import Member
from checker.modelfiles.complaints import Objection, Objections, Path, Unknown
from pmmc.roles import SERVER
from pmmc.values import Deployment, Node
from spec.schema import MACHINE, PmmcModel


@dataclass(frozen=True, slots=True)
class Hosting:
    """The machines of a model, and on which of them a process is."""

    machines: tuple[Node, ...]
    home: Mapping[Node, Node]

    def join(self, members: Sequence[Member]) -> Sequence[Member]:
        """The members, those that share a machine on it."""
        if not self.machines:
            return members
        from checker.model.environment.machines import Machine, Machines  # noqa: PLC0415 - few models have any

        machines = (Machine(node, self.processes(node), node.role) for node in self.machines)
        return Machines(tuple(machines)).join(members)

    def nodes(self, everybody: Iterable[Node]) -> tuple[Node, ...]:
        """The nodes that there are: processes on no machine, and machines; in an order of their own."""
        return tuple(dict.fromkeys(self.home.get(node, node) for node in everybody))

    def processes(self, node: Node) -> tuple[Node, ...]:
        """The processes on a machine; of another node itself."""
        return tuple(process for process, home in self.home.items() if home == node) or (node,)


def read_machines(model: PmmcModel, deployment: Deployment, wrong: list[Objection]) -> Hosting:
    """The machines that a file describes; what is wrong with them goes to `wrong`, and is left out."""
    servers = [
        [Node(role, i) for role in ("acceptor", "leader", "replica")] for i in range(_servers(model))
    ]
    home = {process: Node(SERVER, i) for i, those in enumerate(servers) for process in those}
    known = {str(node): node for node in deployment.everybody()}
    for i, names in enumerate(model.machines):
        machine = Node(MACHINE, i)
        if not names:
            wrong.append(Objection(("machines", i), "expected at least one process"))
        for k, name in enumerate(names):
            path = ("machines", i, k)
            node = known.get(name)
            if node is None:
                wrong.append(Objection(path, Unknown.of("node", name, known)))
            elif node in home:
                where = "listed twice" if home[node] == machine else f"on {home[node]} already"
                wrong.append(Objection(path, f"{name} is {where}: a process is on one machine, once"))
            else:
                home[node] = machine
    return Hosting(tuple(dict.fromkeys(home.values())), home)


def _servers(model: PmmcModel) -> int:
    return model.nodes.servers or 0


def bounds_of_machines(model: PmmcModel) -> Mapping[str, int]:
    """How many machines there are, for showing, if the file lists any."""
    return {"machines": len(model.machines)} if model.machines else {}


def require_watchable(hosting: Hosting, watching: Iterable[Path], wrong: Sequence[Objection]) -> None:
    """Raise Objections, with what is wrong besides, if nodes are watched there and some are machines.

    Who watches is told of steps of nodes, and a step of a machine is one of several processes at once.
    """
    hosted = next(iter(hosting.home), None)
    if hosted is None:
        return
    needs = (
        f"this needs nodes that are watched one by one, and {hosted} is a process on {hosting.home[hosted]}"
    )
    found = [Objection(path, needs) for path in watching]
    if found:
        raise Objections([*wrong, *found])


def object_to_symmetry(model: PmmcModel, hosting: Hosting, wrong: list[Objection]) -> None:
    """Object to processes that are to change places and cannot do so without others on their machine."""
    for i, name in enumerate(model.symmetry or ()):
        hosted = next((p for p in hosting.home if f"{p.role}s" == name), None)
        if hosted is not None:
            message = (
                f"{hosted} is a process on {hosting.home[hosted]}, and would have to change places with "
                "all that is there; leaders cannot, their ballots differ"
            )
            wrong.append(Objection(("symmetry", i), message))
