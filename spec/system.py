"""From a model file to a system: nodes with their roles, where they begin, and what is claimed of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, Symmetry
from checker.modelfiles import selection
from checker.modelfiles.complaints import Objection, Objections
from checker.modelfiles.protocol import Variant
from pmmc import kv
from pmmc.acceptor import Acceptor
from pmmc.client import Client
from pmmc.leader import Commander, Leader, Scout, start
from pmmc.messages import Request
from pmmc.replica import Replica
from pmmc.values import Command, Context, Deployment, Node, PairBallots
from spec import roles
from spec.claims.symmetry import named, symmetric_commands, symmetric_nodes
from spec.colours import BALLOTS
from spec.faults import ENVIRONMENT, Environment, Stable, crashable, environment, object_to_stable
from spec.mutants import MUTANTS
from spec.notation import Reader
from spec.patterns import Pattern, read_pattern
from spec.properties import PROPERTIES, by_slot
from spec.properties.replicas import fold
from spec.schema import PmmcModel
from spec.setting import Setting
from spec.variants.rules import VARIANTS

#: What is checked when a model names no properties, as far as the roles take part that they read.
DEFAULT_PROPERTIES = (
    *("A1", "A2", "A3", "A4", "A5", "C1", "C2", "unique-ballots"),
    *("R1", "R2", "R3", "R4", "R5", "validity", "exactly-once", "prefix-agreement"),
    "response-integrity",
)
#: Every role there is; a model may do without some of them.
ROLES = (*(role.name for role in roles.ALL), ENVIRONMENT.role)

#: Of things that are alike at most this many are assumed to be interchangeable. With six there are fewer
#: states and yet the check takes longer: 720 renamings are many to look at, and to prove.
MOST_ALIKE = 5


def build(
    model: PmmcModel,
    *,
    played_by: Sequence[Role] = roles.ALL,
    variants: Sequence[Variant] = (*VARIANTS, *MUTANTS),
    properties: Mapping[str, Property] = PROPERTIES,
) -> System:
    """The system that a model file describes. Raises Objections that name all faults.

    `played_by` are the roles in the order of `roles.ALL`. Of `properties`, those that are not ours are
    checked too when the file names none.
    """
    wrong: list[Objection] = []
    varied = selection.select_variants(model, variants, wrong)
    deployment = selection.set_up(deploy(model), varied)
    commands = read_commands(model, deployment, wrong)
    reader = Reader(deployment, {str(c): c for c in commands}, wrong)
    initial = _Initial(reader, model.initial, commands, varied)
    played = [selection.vary(role, varied) for role in played_by]
    members = initial.members(played)
    crashing = None if model.faults is None else {group.removesuffix("s") for group in model.faults.nodes}
    object_to_stable(model.stable.model_dump(), crashing, wrong)
    if model.faults is not None and model.faults.crashes:
        usual = _Initial(reader, {}, commands, varied).members(played)
        members = with_crashes(model, deployment, members, {m.name: m.local for m in usual})
    found, not_judged = _properties(model, reader, {m.role.name for m in members}, properties, varied)
    claims = tuple(by_slot(p, deployment.slots) for p in found)
    system = System(
        name=model.name,
        members=members,
        network=model.network.build(),
        properties=claims,
        setting=Setting(deployment, commands),
        bounds=_bounds(model),
        symmetries=symmetries(model, deployment, commands, claims),
        colouring=BALLOTS,
        not_judged=not_judged,
    )
    selection.object_to_expectation(model, claims, system.actions(), wrong)
    if wrong:
        raise Objections(wrong)
    return system


def deploy(model: PmmcModel) -> Deployment:
    """Who takes part, and the bounds."""
    return Deployment(
        acceptors=tuple(Node("acceptor", i) for i in range(model.nodes.acceptors)),
        leaders=tuple(Node("leader", i) for i in range(model.nodes.leaders)),
        replicas=tuple(Node("replica", i) for i in range(model.nodes.replicas)),
        clients=tuple(Node("client", i) for i in range(model.nodes.clients)),
        window=model.bounds.window,
        slots=model.bounds.slots,
        ballots=PairBallots(model.bounds.rounds),
    )


def read_commands(model: PmmcModel, deployment: Deployment, wrong: list[Objection]) -> tuple[Command, ...]:
    """The commands: dealt in turn to the clients or, if there are none, each of a client of its own."""
    clients = len(deployment.clients)
    commands: list[Command] = []
    seen = set()
    for i, text in enumerate(model.commands):
        owner, cid = (i % clients, i // clients + 1) if clients else (i, 1)
        if text in seen:
            message = f"'{text}' is listed twice; commands are told apart by their text"
            wrong.append(Objection(("commands", i), message))
        seen.add(text)
        commands.append(Command(Node("client", owner), cid, kv.parse(text)))
    return tuple(commands)


def with_crashes(
    model: PmmcModel, deployment: Deployment, members: tuple[Member, ...], fresh: Mapping[Any, Any]
) -> tuple[Member, ...]:
    """The members with those that may crash made crashable, and the environment that crashes them.

    What is not stable falls back to `fresh`, a node's usual beginning, whatever the file gives as its
    initial state.
    """
    assert model.faults is not None
    groups = {
        "acceptors": deployment.acceptors,
        "leaders": deployment.leaders,
        "replicas": deployment.replicas,
    }
    nodes = tuple(node for name in model.faults.nodes for node in groups[name])
    stable = {role: Stable(kept, fresh.__getitem__) for role, kept in model.stable.model_dump().items()}
    restarts = model.faults.restarts
    changed = tuple(
        replace(m, role=crashable(m.role, stable[m.role.name], restarts=restarts)) if m.name in nodes else m
        for m in members
    )
    crasher = Member(
        ENVIRONMENT, environment(nodes), Context(ENVIRONMENT, deployment), Environment(model.faults.crashes)
    )
    return (*changed, crasher)


def symmetries(
    model: PmmcModel, deployment: Deployment, commands: tuple[Command, ...], claims: Sequence[Property]
) -> tuple[Symmetry, ...]:
    """What is interchangeable: what the file names or, if it names nothing, all that begins alike.

    Of the latter, what a goal of the file names is told apart by it, and so left out; and it is assumed
    only: a variant may have a rule that tells apart what the protocol does not.
    """
    declared = model.symmetry
    alike = not model.initial and not deployment.clients
    usual = ("acceptors", "replicas", "commands") if alike else ()
    goals = [p.judge.nodes for p in claims if isinstance(p.judge, Pattern)]
    many = (*deployment.acceptors[MOST_ALIKE:], *deployment.replicas[MOST_ALIKE:], *commands[MOST_ALIKE:])
    fixed = {*named(tuple(goals)), *many} if declared is None else set()
    known = {
        "acceptors": symmetric_nodes("acceptors", deployment.acceptors, deployment, fixed),
        "replicas": symmetric_nodes("replicas", deployment.replicas, deployment, fixed),
        "commands": symmetric_commands(commands, deployment, fixed),
    }
    chosen = (known[name] for name in (usual if declared is None else declared))
    return tuple(replace(s, assumed=declared is None) for s in chosen if s is not None and s.generators)


@dataclass(frozen=True, slots=True)
class _Initial:
    """How the nodes begin: as usual, but for the fields that the model file gives."""

    reader: Reader
    given: Mapping[str, Any]
    commands: tuple[Command, ...]
    varied: Sequence[Variant]

    def members(self, played: list[Role]) -> tuple[Member, ...]:
        """All nodes, acceptors first, each with its local state and its first messages."""
        deployment = self.reader.deployment
        groups = (deployment.acceptors, deployment.leaders, deployment.replicas, deployment.clients)
        states = self._states([node for group in groups for node in group])
        inboxes: dict[Node, list[tuple[Node, Any]]] = {node: [] for node in states}
        for node in deployment.leaders:
            for to, message in start(Context(node, deployment), states[node]):
                inboxes[to].append((node, message))
        for node in deployment.replicas if not deployment.clients else ():
            inboxes[node].extend((command.client, Request(command)) for command in self.commands)
        return tuple(
            Member(
                node,
                roles.put_aside(role, states[node]) if node.role == "leader" else role,
                Context(node, deployment),
                states[node],
                tuple(inboxes[node]),
            )
            for role, group in zip(played, groups, strict=True)
            for node in group
        )

    def _states(self, nodes: list[Node]) -> dict[Node, Any]:
        fields: dict[Node, dict[str, Any]] = {}
        for name, written in self.given.items():
            node = self.reader.node(("initial", name), name)
            if node is not None:
                fields[node] = self.reader.fields(("initial", name), node, written)
        states = {node: self._state(node, fields.get(node, {})) for node in nodes}
        return {node: selection.begun(local, node.role, self.varied) for node, local in states.items()}

    def _state(self, node: Node, fields: Mapping[str, Any]) -> Any:
        match node.role:
            case "acceptor":
                return Acceptor(**fields)
            case "leader":
                return _leader(self.reader.deployment, node, fields)
            case "replica":
                store, performed = fold(fields.get("decisions", frozenset()), fields.get("slot_out", 1))
                return Replica(store=store, performed=performed, **fields)
        return Client(todo=tuple(c for c in self.commands if c.client == node))


def _leader(deployment: Deployment, node: Node, fields: Mapping[str, Any]) -> Leader:
    """A leader; unless the file says otherwise, its scout is alive as long as it is not active."""
    active = fields.get("active", False)
    return Leader(
        ballot=fields.get("ballot", deployment.ballots.first(node.index)),
        active=active,
        proposals=fields.get("proposals", frozenset()),
        scout=Scout() if fields.get("scout", not active) else None,
        commanders=frozenset(Commander(p) for p in fields.get("commanders", ())),
    )


def _properties(
    model: PmmcModel,
    reader: Reader,
    present: set[str],
    known: Mapping[str, Property],
    varied: Sequence[Variant],
) -> tuple[tuple[Property, ...], dict[str, str]]:
    """What is claimed, then the goals, in the order of the file; what is left aside for lack of a role."""
    wrong = reader.wrong
    own = [i for i, p in known.items() if i not in PROPERTIES and p.kind is not Kind.SOMETIMES]
    default = selection.claimed((*DEFAULT_PROPERTIES, *own), varied)
    claims, aside = selection.select_claims(model, known, default, present, wrong, ROLES)
    goals: dict[int, Property | None] = dict(selection.select_goals(model, known, present, wrong))
    for i, entry in enumerate(model.sometimes):
        if not isinstance(entry, str):
            goals[i] = read_pattern(reader, ("sometimes", i), entry)
    seen: dict[str, Property] = {}
    for i in sorted(goals):
        goal = goals[i]
        if goal is not None and goal.id in seen and not isinstance(model.sometimes[i], str):
            wrong.append(Objection(("sometimes", i), f"'{goal.id}' is listed twice"))
        elif goal is not None:
            seen[goal.id] = goal
    return (*claims, *seen.values()), aside


def _bounds(model: PmmcModel) -> Mapping[str, Any]:
    """The sizes of the model, for showing."""
    return MappingProxyType(
        {
            **model.nodes.model_dump(),
            "commands": len(model.commands),
            **model.bounds.model_dump(),
            **({"crashes": model.faults.crashes} if model.faults is not None else {}),
        }
    )
