"""From a model file to a system: nodes with their roles, where they begin, and what is claimed of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from checker.model.consistency import LINEARIZABLE
from checker.model.properties import Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, Symmetry
from checker.modelfiles import selection
from checker.modelfiles.assembly import system_of
from checker.modelfiles.complaints import Objection
from checker.modelfiles.protocol import Later, Variant
from pmmc import kv
from pmmc.ballots import PairBallots
from pmmc.messages import Request
from pmmc.replica import come_to
from pmmc.roles import ROLES, SERVER
from pmmc.values import Command, Context, Deployment, Node, filler
from spec import roles
from spec.apart import object_to_apart
from spec.calls import OBSERVERS, object_to_unobserved, observers
from spec.claims.symmetry import (
    alike_in,
    in_one_of,
    named,
    symmetric_commands,
    symmetric_nodes,
    within,
)
from spec.clocks import CLOCK, bounds_of_clocks, clocks, read_terms
from spec.colours import BALLOTS
from spec.configurations import object_to_reconfigurations, read_configurations, shown
from spec.crashes import ENVIRONMENT, object_to_stable, stables
from spec.faults import PARTITION, bounds_of_faults, read_faults
from spec.inboxes import Inboxes, without_inboxes
from spec.machines import bounds_of_machines, object_to_symmetry, read_machines, require_watchable
from spec.notation import Reader, begun
from spec.patterns import patterns_of, read_pattern
from spec.pictures.offered import pictures_of
from spec.played import read_played
from spec.properties import PROPERTIES, by_slot
from spec.properties.configurations import OF_CONFIGURATIONS
from spec.properties.servers import OF_SERVERS
from spec.reads import HISTORY, are_read, histories, object_to_unwatched
from spec.rounds import read_shift, supply
from spec.schema import MACHINE, PmmcModel
from spec.setting import Setting
from spec.shutdowns import OPERATOR
from spec.shutdowns import PATH as SHUTDOWN
from spec.travels import messages

if TYPE_CHECKING:
    from checker.model.wire import Wire

#: Every role there is; a model may do without some of them.
KNOWN_ROLES = (
    *(*ROLES, SERVER, MACHINE),
    *(ENVIRONMENT.role, PARTITION.role, OPERATOR.role, CLOCK.role, HISTORY.role, *OBSERVERS),
)


def _rules() -> Sequence[Variant]:
    from spec.mutants import MUTANTS  # noqa: PLC0415 - most model files name no rule at all
    from spec.variants.rules import VARIANTS  # noqa: PLC0415

    return (*VARIANTS, *MUTANTS)


#: Every rule that a model file may name.
KNOWN_RULES = Later(_rules)

#: The wakes by which replicas propose no-ops of their own accord.
FILLING = ("fill", "fillForReads")

#: Of things that are alike at most this many are assumed to be interchangeable. With six there are fewer
#: states and yet the check takes longer: 720 renamings are many to look at, and to prove.
MOST_ALIKE = 5


def build(
    model: PmmcModel,
    *,
    played_by: Sequence[Role] = roles.ALL,
    variants: Sequence[Variant] = KNOWN_RULES,
    properties: Mapping[str, Property] = PROPERTIES,
) -> System:
    """The system that a model file describes. Raises Objections that name all faults.

    `played_by` are the roles of the nodes, in the order in which the system lists these.
    """
    wrong: list[Objection] = []
    varied = selection.select_variants(model, variants, [])  # what is wrong with them is told by system_of
    deployment = selection.set_up(deploy(model, wrong), varied)
    commands = read_commands(model, deployment, varied, wrong)
    reader = Reader(deployment, by_text((*commands, *fillers(deployment, varied))), wrong)
    known = messages(varied)
    hosting = read_machines(model, deployment, wrong)
    troubles = read_faults(model.faults, deployment, hosting, known, wrong)
    told = model.network.kind == "fifo" or troubles.tell_senders() or bool(hosting.machines)
    inboxes = Inboxes(reader, known, told=told)
    claims = _claims(model, properties, varied)
    require_watchable(hosting, [SHUTDOWN] if troubles.faults.shutdown is not None else [], wrong)
    mortal = (*troubles.crashing, *troubles.down)
    played = read_played(model, deployment, hosting, mortal, variants, wrong)
    beginning = Beginning(
        deployment,
        commands,
        reader.states(("initial",), without_inboxes(model.initial)),
        inboxes.read(("initial",), model.initial),
        varied,
        played.begin.union(process for node in troubles.down for process in hosting.processes(node)),
    )
    object_to_stable(model, varied, troubles.mortal, wrong)
    object_to_symmetry(model, hosting, wrong)
    object_to_apart(model, varied, hosting, wrong)
    object_to_unobserved(model, deployment, hosting, wrong)
    object_to_unwatched(model, deployment, varied, hosting, wrong)
    more_fields = frozenset((v.role, name) for v in varied for name in v.stable)
    spoken_of = (*deployment.clients, *troubles.beside())
    system = system_of(
        model,
        beginning.members(played_by),
        properties,
        variants=variants,
        default=_default(model, properties),
        roles=KNOWN_ROLES,
        setting=Setting(deployment, commands, hosting.home),
        bounds=_bounds(model, deployment),
        shift=read_shift(model, wrong),
        environments=[
            played.join,
            hosting.join,
            *troubles.environments(deployment, played.stables(stables(model, varied, beginning.usual))),
            *clocks(model, deployment, varied, hosting, wrong),
            *histories(deployment, varied, claims, hosting),
            *observers(deployment, commands, claims, beginning.begun, hosting),
        ],
        goal=partial(read_pattern, replace(reader, beside=spoken_of, added=more_fields)),
        refine=partial(by_slot, slots=deployment.slots),
        objections=wrong,
    )
    apart = (*troubles.apart(), *({process} for process in hosting.home))
    interchangeable = symmetries(model, deployment, commands, system.properties, apart)
    shown = pictures_of(deployment)
    outside = tuple(played.by_role.values())
    system = replace(system, symmetries=interchangeable, colouring=BALLOTS, pictures=shown, outside=outside)
    played.wire = partial(_wire, variants, model, system)
    return system


def _wire(variants: Sequence[Variant], model: PmmcModel, system: System) -> Wire:
    from spec.wire import wire_of  # noqa: PLC0415 - wanted when a process is asked

    return wire_of(variants, model, system)


@dataclass(frozen=True, slots=True)
class Beginning:
    """How nodes begin: as usual, but for the fields that are `given`, and with what variants need more.

    `waiting` is what waits for nodes of which the file says it; those that are `down` have sent nothing.
    """

    deployment: Deployment
    commands: tuple[Command, ...]
    given: Mapping[Node, Mapping[str, Any]]
    waiting: Mapping[Node, Sequence[tuple[Node, Any]]]
    varied: Sequence[Variant]
    down: frozenset[Node] = frozenset()

    def members(self, played_by: Iterable[Role]) -> list[Member]:
        """The nodes of these roles, each with its local state, as without variants, and first messages."""
        members = []
        inboxes = self._first_messages()
        for role in played_by:
            for node in self.deployment.nodes(role.name):
                local = self._begun(node)
                own = roles.put_aside(role, local) if role.name == "leader" else role
                context = Context(node, self.deployment)
                members.append(Member(node, own, context, local, tuple(inboxes[node])))
        return members

    @property
    def begun(self) -> frozenset[Command]:
        """The commands that nodes have, or are under way, by what the file says."""
        said = (tuple(tuple(fields.values()) for fields in self.given.values()), *self.waiting.values())
        return frozenset(named(tuple(said))).intersection(self.commands)

    def usual(self, node: Node) -> Any:
        """Where a node begins of which a file says nothing."""
        return selection.begun(self._first(node), node.role, self.varied)

    def _begun(self, node: Node) -> Any:
        """Where a node begins by what the file says; a replica's decisions tell its configuration."""
        given = self.given.get(node, {})
        local = begun(node.role, self._first(node), given)
        if "decisions" not in given or "configuration" in given:
            return local
        return come_to(Context(node, self.deployment), local, local.slot_in - 1)

    def _first(self, node: Node) -> Any:
        return ROLES[node.role].begin(self.deployment, node, self.commands)

    def _first_messages(self) -> Mapping[Node, Sequence[tuple[Node, Any]]]:
        """What waits for each node: what the file says or, if it says nothing, what others have sent.

        That includes the requests that no client will make.
        """
        deployment = self.deployment
        inboxes: dict[Node, list[tuple[Node, Any]]] = {node: [] for node in deployment.everybody()}
        for node in (node for node in deployment.everybody() if node not in self.down):
            local = selection.begun(self._begun(node), node.role, self.varied)
            for to, message in ROLES[node.role].start(Context(node, deployment), local):
                inboxes[to].append((node, message))
        nobodys = [c for c in self.commands if c.client not in deployment.clients]
        for node in deployment.replicas:
            inboxes[node].extend((command.client, Request(command)) for command in nobodys)
        return {**inboxes, **self.waiting}


def deploy(model: PmmcModel, wrong: list[Objection]) -> Deployment:
    """Who takes part, who of them decides, and the bounds. Raises Objections if that cannot be known."""
    configurations = read_configurations(model, wrong)
    return Deployment(
        acceptors=tuple(node for one in configurations for node in one.acceptors),
        leaders=tuple(node for one in configurations for node in one.leaders),
        replicas=tuple(Node("replica", i) for i in range(model.nodes.count("replicas"))),
        clients=tuple(Node("client", i) for i in range(model.nodes.clients)),
        window=model.bounds.window,
        slots=model.bounds.slots,
        ballots=PairBallots(supply(model)),
        configurations=configurations,
        leases=read_terms(model),
    )


def _default(model: PmmcModel, properties: Mapping[str, Property]) -> list[str]:
    """The properties that are checked when the file names none."""
    more = () if model.configurations is None else OF_CONFIGURATIONS
    if model.nodes.servers is not None:
        more = (*more, *OF_SERVERS)
    if model.faults is not None and model.faults.shutdown is not None:
        more = (*more, "RC-8")
    if model.nodes.clients:
        more = (*more, LINEARIZABLE.id)
    return [i for i, p in properties.items() if (p.default and not p.kind.goal) or i in more]


def _claims(
    model: PmmcModel, properties: Mapping[str, Property], varied: Sequence[Variant]
) -> Collection[str]:
    """The properties that are checked, by name: those of the file, or those by default."""
    if model.properties is not None:
        return model.properties
    return selection.claimed(_default(model, properties), varied)


def read_commands(
    model: PmmcModel, deployment: Deployment, varied: Sequence[Variant], wrong: list[Objection]
) -> tuple[Command, ...]:
    """The commands: dealt in turn to the clients or, if there are none, each of a client of its own.

    A reconfiguration is nobody's who takes part: whoever asks for it does not wait for an answer. What is
    read may be read again, where it does not go through the log.
    """
    again = are_read(varied)
    clients = len(deployment.clients)
    commands: list[Command] = []
    seen = set()
    dealt = 0
    for i, text in enumerate(model.commands):
        op = kv.parse(text)
        if clients and not isinstance(op, kv.Reconfigure):
            owner, cid = dealt % clients, dealt // clients + 1
            dealt += 1
        else:
            owner, cid = clients + i, 1
        if text in seen and not (again and isinstance(op, kv.Get)):
            message = f"'{text}' is listed twice; commands are told apart by their text"
            wrong.append(Objection(("commands", i), message))
        seen.add(text)
        commands.append(Command(Node("client", owner), cid, op))
    object_to_reconfigurations(model, commands, wrong)
    return tuple(commands)


def by_text(commands: Iterable[Command]) -> Mapping[str, Command | None]:
    """Commands by their text; None stands for several that have the same."""
    found: dict[str, Command | None] = {}
    for command in commands:
        found[str(command)] = None if str(command) in found else command
    return found


def fillers(deployment: Deployment, varied: Sequence[Variant]) -> Iterator[Command]:
    """The no-ops that replicas propose of their own accord, if a variant has them do so."""
    if any(name in variant.wakes for variant in varied for name in FILLING):
        yield from map(filler, range(1, (deployment.slots or 0) + 1))


def symmetries(
    model: PmmcModel,
    deployment: Deployment,
    commands: tuple[Command, ...],
    claims: Sequence[Property],
    apart: Sequence[Collection[Node]] = (),
) -> tuple[Symmetry, ...]:
    """What is interchangeable: what the file names or, if it names nothing, all that begins alike.

    Of the latter, what a goal of the file names is told apart by it, and so left out, and acceptors are by
    quorums; and it is assumed only: a variant may have a rule that tells apart what the protocol does not.
    Nodes are interchangeable with those only that are in the same of the sets `apart`.
    """
    declared = model.symmetry
    begin_alike = not model.initial and not deployment.clients
    usual = ("acceptors", "replicas", "commands") if begin_alike else ()
    goals = [pattern.nodes for claim in claims for pattern in patterns_of(claim)]
    many_acceptors = [node for one in deployment.configurations for node in one.acceptors[MOST_ALIKE:]]
    many = (*many_acceptors, *deployment.replicas[MOST_ALIKE:], *commands[MOST_ALIKE:])
    fixed = {*named(tuple(goals)), *many} if declared is None else set()
    alike = (alike_in if declared is None else in_one_of)(deployment.configurations)
    acceptors, replicas = deployment.acceptors, deployment.replicas
    sets = (*apart, *(one.replicas for one in deployment.configurations))
    known = {
        "acceptors": symmetric_nodes("acceptors", acceptors, deployment, fixed, within(apart, alike)),
        "replicas": symmetric_nodes("replicas", replicas, deployment, fixed, within(sets)),
        "commands": symmetric_commands(commands, deployment, fixed),
    }
    chosen = (known[name] for name in (usual if declared is None else declared))
    return tuple(replace(s, assumed=declared is None) for s in chosen if s is not None and s.generators)


def _counts(model: PmmcModel, deployment: Deployment) -> Mapping[str, int]:
    clients = {"clients": len(deployment.clients)}
    if model.nodes.servers is not None:
        return {"servers": model.nodes.servers, **clients}
    roles = ("acceptor", "leader", "replica")
    return {**{f"{role}s": len(deployment.nodes(role)) for role in roles}, **clients}


def _bounds(model: PmmcModel, deployment: Deployment) -> Mapping[str, Any]:
    """The sizes of the model, for showing."""
    return MappingProxyType(
        {
            **_counts(model, deployment),
            **bounds_of_machines(model),
            "commands": len(model.commands),
            **model.bounds.model_dump(exclude_none=True),
            **shown(model, deployment),
            **({} if model.faults is None else bounds_of_faults(model.faults)),
            **bounds_of_clocks(model),
        }
    )
