"""PMMC as it runs on machines: who there is, how each node is played, and when its wakes take place.

The rules are those of a model file, or those of `spec.variants.longrun`, by which nothing grows with the
log. What bounds a model is lifted: the log has no end, nor have ballots.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Any

from checker.model.deployed import Called, Deployed, Played, Timer
from checker.model.vocabulary import action_name
from checker.modelfiles import selection
from checker.modelfiles.complaints import Objection, Objections
from checker.modelfiles.protocol import Variant
from pmmc import kv
from pmmc.client import Client
from pmmc.messages import Decision, Pong, Response
from pmmc.replica import Replica
from pmmc.roles import ROLES, SERVER
from pmmc.values import Command, Context, Deployment, Node
from spec import roles
from spec.audit import examine
from spec.crashes import added
from spec.schema import ENDLESS, Bounds, Nodes, PmmcModel
from spec.system import deploy
from spec.travels import ALWAYS, TRAVELS, messages
from spec.wire import PmmcWire

#: The rules of a run for which nobody names others.
RULES: Mapping[str, str] = MappingProxyType(
    {
        "long-run": "bounded",
        "p1a": "sent-again",
        "p2a": "sent-again",
        "pings": "sent-again",
        "proposals": "sent-again",
        "requests": "sent-again",
        "time-outs": "early",
    }
)
#: How many servers there are, and what WINDOW is, if nobody says otherwise.
SERVERS, WINDOW = 3, 16
#: What a command costs there when nothing goes wrong.
PRICED = "cost-servers"
#: Who may ask by hand, beside the clients of the load.
PROMPTS = 16

#: When wakes take place, in seconds; what is not here is tried each 50 ms.
TIMERS: Mapping[str, Timer] = MappingProxyType(
    {
        "invoke": Timer(0),
        "resendRequest": Timer(0.25, 1.5, 2.0, frozenset({Response})),
        "askNext": Timer(0.25, 1.5, 2.0, frozenset({Response})),
        "giveUp": Timer(10.0, 1.0, 10.0, frozenset({Response})),
        "resendPropose": Timer(0.1, 1.5, 1.0),
        "resendP1a": Timer(0.05, 1.5, 1.0),
        "resendP2a": Timer(0.1, 1.5, 1.0),
        "resendPing": Timer(0.1),
        "suspect": Timer(0.6, 1.5, 5.0, frozenset({Pong})),
        "report": Timer(0.05),
        "askOthers": Timer(0.3),
    }
)
USUAL = Timer(0.05)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part in a run, with their rules."""

    deployment: Deployment
    varied: Sequence[Variant]

    def role(self, name: str) -> Any:
        """A role as the variants have it."""
        return selection.vary(next(role for role in roles.ALL if role.name == name), self.varied)

    def begun(self, node: Node, commands: tuple[Command, ...] = ()) -> Any:
        """Where a node begins."""
        first = ROLES[node.role].begin(self.deployment, node, commands)
        return selection.begun(first, node.role, self.varied)

    def play(self, node: Any, texts: Sequence[str], first: int) -> Played:
        """How a node is played; a client with these commands, numbered from `first` on."""
        ours = ROLES[node.role]
        commands = tuple(Command(node, first + i, kv.parse(text)) for i, text in enumerate(texts))
        context, begin, role = (
            Context(node, self.deployment),
            self.begun(node, commands),
            self.role(node.role),
        )
        kept = (*ours.stable, *added(self.varied, node.role))
        history = tuple(name for v in self.varied if v.role == node.role for name in v.history)
        return Played(
            node,
            role,
            context,
            begin,
            ours.start(context, begin),
            (*kept, *history),
            lambda saved: ours.recover(context, saved, kept),
            {wake: TIMERS.get(wake, USUAL) for wake in role.wakes},
        )


def default_model(servers: int = SERVERS) -> PmmcModel:
    """The model of a run for which nobody gives one."""
    return PmmcModel(
        name="run",
        nodes=Nodes(servers=servers),
        bounds=Bounds(slots=1, rounds=ENDLESS, window=WINDOW),
        rules=dict(RULES),
    )


def deployed(
    variants: Sequence[Variant],
    model: PmmcModel | None,
    *,
    clients: int = 0,
    servers: int | None = None,
    apart: bool = False,
) -> Deployed:
    """A run of a model, or of servers, with so many clients for a load. Raises Objections.

    Each server is one process, or each acceptor, leader and replica if they are `apart`.
    """
    wrong: list[Objection] = []
    model = default_model(servers or SERVERS) if model is None else without_bounds(model, servers, wrong)
    varied = selection.select_variants(model, variants, wrong)
    if model.clocks is not None:
        wrong.append(
            Objection(("clocks",), "clocks and leases do not run: only a model has them", key=True)
        )
    known = deploy(model, wrong)
    if wrong:
        raise Objections(wrong)
    people = tuple(Node("client", i) for i in range(clients + PROMPTS))
    deployment = selection.set_up(
        Deployment(
            known.acceptors,
            known.leaders,
            known.replicas,
            people,
            known.window,
            None,
            known.ballots,
            known.configurations,
        ),
        varied,
    )
    cast = Cast(deployment, varied)
    everybody = deployment.acceptors + deployment.leaders + deployment.replicas
    return Deployed(
        name=model.name,
        wire=_wire(cast, model),
        hosts=_hosts(everybody, apart=apart or model.nodes.servers is None),
        clients=people[:clients],
        prompts=people[clients:],
        playing=cast.play,
        calls=calls,
        load=load,
        check=check,
        messages=tuple(name for name in TRAVELS if name in _types(cast)),
        deciding=frozenset({Decision}),
        digest=digest,
        examine=examine,
        priced=PRICED
        if len(deployment.acceptors) == SERVERS == model.nodes.servers and not apart
        else None,
    )


def without_bounds(model: PmmcModel, servers: int | None, wrong: list[Objection]) -> PmmcModel:
    """The model with ballots without end, and so many servers if that is said."""
    bounds = model.bounds.model_copy(update={"rounds": ENDLESS, "spread": 1})
    if servers is not None:
        if model.nodes.servers is None:
            wrong.append(
                Objection(("nodes",), "these are no servers, so there are not so many of them", key=True)
            )
        nodes = model.nodes.model_copy(update={"servers": servers})
        return model.model_copy(update={"bounds": bounds, "nodes": nodes})
    return model.model_copy(update={"bounds": bounds})


def _hosts(everybody: Iterable[Node], *, apart: bool) -> Mapping[str, tuple[Node, ...]]:
    if apart:
        return {str(node): (node,) for node in everybody}
    hosts: dict[str, tuple[Node, ...]] = {}
    for node in everybody:
        host = f"{SERVER} {node.index}"
        hosts[host] = (*hosts.get(host, ()), node)
    return hosts


def _types(cast: Cast) -> Mapping[str, type]:
    """The messages that there are, by name: those of the rules in place of others."""
    told = (kind for role in ROLES for kind in cast.role(role).rules)
    always = {action_name(kind): kind for kind in ALWAYS}
    return {**always, **messages(cast.varied), **{action_name(kind): kind for kind in told}}


def _wire(cast: Cast, model: PmmcModel) -> PmmcWire:
    usual = {role: type(cast.begun(nodes[0])) for role in ROLES if (nodes := cast.deployment.nodes(role))}
    return PmmcWire(cast.deployment, _types(cast), {}, usual, model.rules)


def calls(before: Client, after: Client) -> Iterable[Called]:
    """What a step of a client shows of its calls: what it has begun to wait for, and answers."""
    for command, result in after.answers[len(before.answers) :]:
        yield Called(command.cid, str(command.op), "".join(result))
    for command in before.todo[: len(before.todo) - len(after.todo)]:
        yield Called(command.cid, str(command.op))


def load(index: int, count: int, random: Random) -> Sequence[str]:
    """Calls of a client: a third each of put, append and get, of some keys; no two write the same."""
    keys = max(4, count * 8 // 25)
    made = []
    for number in range(1, count + 1):
        key, kind = f"k{random.randrange(keys)}", random.choice(("put", "append", "get"))
        made.append(f"get {key}" if kind == "get" else f"{kind} {key} {index}.{number};")
    return made


def check(text: str) -> None:
    """Raise ValueError for what is no command of a client."""
    if isinstance(kv.parse(text), kv.Reconfigure):
        raise ValueError("expected 'put KEY VALUE', 'append KEY VALUE', 'get KEY' or 'noop'")  # noqa: TRY004


def digest(local: Any) -> str | None:
    """What is equal for replicas that have come equally far; None for other nodes."""
    if not isinstance(local, Replica):
        return None
    store = sorted((key, "".join(parts)) for key, parts in local.store)
    return f"{local.slot_out} {store!r}"
