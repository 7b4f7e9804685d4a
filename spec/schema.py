"""Model files of PMMC: how many nodes, which commands, and the bounds that make the model finite."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticKnownError

from checker.modelfiles.commands import CommandPart
from checker.modelfiles.fields import Flag, OneOf, Whole, WholeOr, refuse
from checker.modelfiles.schema import Many, Maybe, ModelFile, Part, Words, listed, one_or_more
from pmmc import kv
from pmmc.roles import ACCEPTOR, LEADER, REPLICA, ROLES, SERVER, Role
from spec.notation import ADDED, STATES_SCHEMA
from spec.travels import TRAVELS

#: What those under `machines` are called.
MACHINE = "machine"
#: More nodes or slots than these no exploration will ever see the end of.
MOST_NODES = 1000
MOST_SLOTS = 1000
MOST_TICKS = 100
#: Instead of a number of rounds: there is no end of them.
ENDLESS = "endless"


#: Stands for the number of those that decide where nothing says it.
_UNSAID = object()


class Deciding(Whole):
    """How many leaders or acceptors there are, which `nodes` says unless `configurations` do."""

    __slots__ = ()

    def read(self, value: Any) -> int:
        """Return a valid value unchanged; object to any other."""
        if value is _UNSAID:
            raise PydanticKnownError("missing")
        return Whole.read(self, value)


class Nodes(Part):
    """How many nodes of each role take part; they are named `acceptor 0`, `acceptor 1`, …"""

    acceptors: Annotated[int | None, Deciding(1, MOST_NODES)] = None
    """Acceptors; a majority of them decides, unless `quorums` says otherwise. Left out with `servers` or
    `configurations`, and only then."""
    leaders: Annotated[int | None, Deciding(1, MOST_NODES)] = None
    """Leaders, each with its scouts and commanders. Left out with `servers` or `configurations`, and only
    then."""
    replicas: Annotated[int | None, Deciding(0, MOST_NODES)] = None
    """Replicas; with none, commands come in by `initial` only. Left out with `servers`, and only then."""
    clients: Annotated[int, Whole(0, MOST_NODES)] = 0
    """Clients that wait for answers; with none, all commands are requested from the start."""
    servers: Maybe[Annotated[int, Whole(1, MOST_NODES)]] = None
    """Servers instead of acceptors, leaders and replicas: each is a machine, `server 0`, …, that hosts the
    acceptor, the leader and the replica of its number."""

    def count(self, roles: str) -> int:
        """How many nodes of a role there are: as many as are given, or one on each server."""
        return getattr(self, roles) or self.servers or 0


class Bounds(Part):
    """What makes the model finite."""

    slots: Annotated[int, Whole(1, MOST_SLOTS)]
    """The length of the log: replicas propose for slots 1 to this one."""
    rounds: Annotated[int | str, WholeOr(1, MOST_SLOTS, ENDLESS)]
    """Ballots of each leader: rounds 0 to this number less one. A leader in need of more retires. With
    `endless` none ever does, and states that differ by so many rounds more are one."""
    spread: Maybe[Annotated[int, Whole(1, MOST_SLOTS)]] = None
    """How far apart the rounds in one state may be, if they are endless; a state beyond it is cut."""
    window: Annotated[int, Whole(1, MOST_SLOTS)] = 2
    """The paper's WINDOW: how far a replica may propose beyond the slots it has performed."""


def _operation(text: str) -> str:
    """The text of an operation with single spaces."""
    try:
        return str(kv.parse(text))
    except ValueError as error:
        raise refuse(f"{error}, not '{text}'") from None


A_NUMBER = "a number of acceptors"


class WeighedQuorums(Part):
    """Quorums by weight: acceptors that weigh enough together are one."""

    weights: dict[Words, Annotated[int, Whole(0, MOST_NODES, "a weight")]]
    """Acceptor → what it weighs; those that are left out weigh 1."""
    least: Annotated[int, Whole(1, MOST_NODES * MOST_NODES)]
    """What a quorum weighs at least."""


def _way(value: Any) -> str:
    """How quorums are said: names for pydantic, that are no keys of a model file."""
    if isinstance(value, dict | WeighedQuorums):
        return "by weight"
    return "one by one" if isinstance(value, list | tuple) else "by number"


QuorumsOfPhase = Annotated[
    Annotated[int, Whole(1, MOST_NODES, A_NUMBER), Tag("by number")]
    | Annotated[WeighedQuorums, Tag("by weight")]
    | Annotated[Many[Many[Words]], Tag("one by one")],
    Discriminator(_way),
]


class QuorumsOfPhases(Part):
    """What a quorum is in each phase: a number of acceptors; those that weigh enough; or one of a list of
    sets of acceptors, and what holds it. Left out: a majority.
    """

    phase1: Maybe[QuorumsOfPhase] = None
    """Who must promise for a leader to become active."""
    phase2: Maybe[QuorumsOfPhase] = None
    """Who must accept for a value to be chosen."""


class ConfigurationPart(Part):
    """Those who decide together, until another configuration takes over."""

    leaders: Annotated[int, Whole(1, MOST_NODES)]
    """How many leaders serve in it."""
    acceptors: Annotated[int, Whole(1, MOST_NODES)]
    """How many acceptors serve in it; a majority of them decides, unless `quorums` says otherwise."""
    quorums: Maybe[QuorumsOfPhases] = None
    """What a quorum of its acceptors is, for each phase; left out, a majority."""
    replicas: Maybe[Many[Words]] = None
    """The replicas that garbage collection with `collection: all-of-configuration` waits for; left out,
    all."""


#: Groups of nodes, or single ones; their names are looked up when it is known who takes part.
NodeNames = Annotated[
    Many[Words],
    BeforeValidator(listed),
    one_or_more({"type": "string", "pattern": f"^({'|'.join((*ROLES, SERVER, MACHINE))})(s| +[0-9]+)$"}),
]
MessageNames = Annotated[
    Many[Annotated[str, OneOf("message", tuple(TRAVELS))]],
    BeforeValidator(listed),
    one_or_more({"type": "string", "enum": [*TRAVELS]}),
]


class LossyLink(Part):
    """Ways from node to node on which messages are lost; of what is left out, any."""

    senders: Maybe[NodeNames] = Field(default=None, alias="from")
    """Who sends: groups of nodes or single ones."""
    to: Maybe[NodeNames] = None
    """For whom it is."""
    messages: Maybe[MessageNames] = None
    """Which messages."""
    loses: Annotated[str, OneOf("loss", ("all", "some"))] = "all"
    """all: none of them arrives; some: each of them arrives or does not."""


class Split(Part):
    """A partition: nodes of one group are connected, and no others."""

    groups: Many[NodeNames]
    """Who is connected with whom, as lists of groups of nodes or single ones; those named nowhere are one
    more group."""
    heals: Annotated[bool, Flag()] = True
    """Whether it may heal, once and at any time: what was sent across may then arrive."""


class Faults(Part):
    """What may go wrong: nodes crash or are down, links lose messages, the network is partitioned."""

    crashes: Annotated[int, Whole(0, MOST_NODES)] = 0
    """How many crashes there may be in a run, of all nodes together."""
    nodes: Maybe[NodeNames] = None
    """Who may crash: acceptors, leaders, replicas, servers, machines, or single ones such as `acceptor 0`.
    A machine crashes with all its processes. Left out: acceptors, leaders, and machines that host any."""
    restarts: Annotated[bool, Flag()] = True
    """Whether a node that is down may begin again; if not, it stays down (a crash failure)."""
    down: NodeNames = ()
    """Who is down from the start, as after a crash, and has sent nothing."""
    links: Many[LossyLink] = ()
    """Links that lose messages."""
    partition: Maybe[Split] = None
    """A partition of the network, there from the start."""
    shutdown: Maybe[Annotated[str, OneOf("time", ("known", "decided"))]] = None
    """Leaders and acceptors of a configuration that is replaced may be shut down for good, all at once.
    known: when f + 1 replicas know all that it decides, f being how many of its acceptors may fail;
    decided: when they know the reconfiguration that replaces it: too early, wrong on purpose."""


class ClocksPart(Part):
    """The clocks of nodes, which drift, and the leases that go by them."""

    lease: Annotated[int, Whole(1, MOST_TICKS)]
    """For how many ticks of its clock an acceptor grants a lease."""
    drift: Annotated[int, Whole(0, MOST_TICKS)] = 0
    """How many ticks any two clocks may be apart; with 0 all go on together."""
    allowed: Maybe[Annotated[int, Whole(0, MOST_TICKS)]] = None
    """The drift that is allowed for: who holds a lease counts on twice that less. Left out: the drift that
    there is; less is wrong on purpose."""
    asks: Annotated[int, Whole(1, MOST_TICKS)] = 1
    """How many times each replica may ask for a lease. One that has something to answer, no lease, and may
    ask no more is cut."""


def _stable(role: Role) -> Any:
    names = (*(field.name for field in fields(role.local)), *ADDED.get(role.name, ()))
    return Many[Annotated[str, OneOf("field", names), BeforeValidator(_paper_name)]]


def _paper_name(value: Any) -> Any:
    """The paper's name for a field as ours."""
    return "ballot" if value == "ballot_num" else value


class StableStorage(Part):
    """What survives a crash, by role; fields of the role's local state."""

    acceptor: _stable(ACCEPTOR) = ACCEPTOR.stable  # type: ignore[valid-type]
    """Of an acceptor: ballot (or ballot_num), accepted; with garbage collection watermark, with leases
    grants."""
    leader: _stable(LEADER) = LEADER.stable  # type: ignore[valid-type]
    """Of a leader. With `ballot` it restarts passive, in a ballot never used before; without, in its first
    one. With `ballot` and `active` it comes back in the ballot it had, active if it was, and begins once
    more what is not stable of its scout and commanders."""
    replica: _stable(REPLICA) = REPLICA.stable  # type: ignore[valid-type]
    """Of a replica; with leases asked and owed as well."""


class Implementations(Part):
    """Roles whose nodes are played by processes: role → the command that each of them is."""

    acceptor: Maybe[CommandPart] = None
    """What plays the acceptors."""
    leader: Maybe[CommandPart] = None
    """What plays the leaders, with their scouts and commanders."""
    replica: Maybe[CommandPart] = None
    """What plays the replicas."""
    client: Maybe[CommandPart] = None
    """What plays the clients."""

    def given(self) -> Mapping[str, CommandPart]:
        """Role → its command, of the roles that have one."""
        commands = ((role, getattr(self, role)) for role in ROLES)
        return {role: command for role, command in commands if command is not None}


CommandText = Annotated[Words, AfterValidator(_operation)]
NodeStates = Annotated[dict[Words, Any], WithJsonSchema(STATES_SCHEMA)]
Symmetric = Annotated[str, OneOf("symmetry", ("acceptors", "replicas", "commands"))]


class PmmcModel(ModelFile):
    """A model of Paxos Made Moderately Complex."""

    foundations: ClassVar[frozenset[str]] = frozenset(
        {"nodes", "configurations", "machines", "commands", "bounds"}
    )

    nodes: Nodes
    """Who takes part: how many acceptors, leaders, replicas and clients, or servers and clients."""
    configurations: Maybe[Many[ConfigurationPart]] = None
    """Who decides, one configuration after the other: the first one from slot 1 on, one of the others
    when `reconfigure NUMBER` is decided, from WINDOW slots on. Leaders and acceptors are numbered through.
    Left out, there is one configuration, of those under `nodes`."""
    machines: Many[Many[Words]] = ()
    """Processes that share a machine, as lists of their names, such as `[acceptor 0, leader 0]`; they are
    named `machine 0`, `machine 1`, … What is on no machine is a node of its own."""
    commands: Many[CommandText] = ()
    """What clients ask for: 'put KEY VALUE', 'append KEY VALUE', 'get KEY' or 'noop', no two the same; or
    'reconfigure NUMBER', which is requested from the start, by none of the clients that take part."""
    bounds: Bounds
    """The length of the log, the supply of ballots, and the window."""
    quorums: Maybe[QuorumsOfPhases] = None
    """What a quorum is, for each phase; left out, a majority."""
    faults: Maybe[Faults] = None
    """Crashes and restarts, links that lose messages, a partition; left out, there are none."""
    clocks: Maybe[ClocksPart] = None
    """Clocks, and the leases that go by them; for `rules: {reads: leased}` and its like, and only there."""
    stable: StableStorage = StableStorage()
    """What is in stable storage."""
    implementation: Implementations = Implementations()
    """Roles that are played by processes, in any language, instead of by PMMC's own rules. Loading a model
    starts none of them; checking it does."""
    initial: NodeStates = Field(default_factory=dict)
    """Where nodes begin, if not as usual: node → fields of its local state. Other fields keep their
    usual values. Scouts and commanders that are alive have sent their first messages; `inbox` is all that
    waits for a node instead, each message as reports show it, with ` from NODE` if it does not say who sent
    it and that makes a difference."""
    symmetry: Maybe[Many[Symmetric]] = None
    """What is interchangeable (acceptors, replicas, commands). Left out: all three, unless `initial` is
    given or clients take part, and as far as the commands have one form."""

    @model_validator(mode="before")
    @classmethod
    def _who_decides(cls, data: Any) -> Any:
        """Roles are missing among the nodes if neither they are there nor what stands in for them."""
        nodes = data.get("nodes") if isinstance(data, dict) else None
        if not isinstance(nodes, dict) or "servers" in nodes:
            return data
        unsaid = ("replicas",) if "configurations" in data else ("acceptors", "leaders", "replicas")
        return {**data, "nodes": {**dict.fromkeys(unsaid, _UNSAID), **nodes}}
