"""What goes wrong on machines: processes that share a variable where each must have its own.

Two processes of a machine share a variable if each tells the other what it writes there, for what they tell
each other is taken within the step. So the mutants here are rules that tell, and one for what is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from checker.modelfiles.protocol import Mutant, Variant
from pmmc import acceptor as proper_acceptor
from pmmc import leader as proper_leader
from pmmc.acceptor import Acceptor
from pmmc.ballots import Ballot
from pmmc.leader import Leader
from pmmc.messages import P1a, P1b, P2a, P2b
from pmmc.values import Context, Node, PValue, Step
from spec.mutants.configurations import Model, by_rule, natural

Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """Process → another one on its machine: the ballot that we share is this."""

    ballot: Ballot


def on_written(context: Context, state: Acceptor | Leader, message: Written) -> Steps:
    """Have the ballot that was written, whoever it was."""
    return (Step(replace(state, ballot=message.ballot)),)


def sharing(other: str, rule: Callable[..., Any]) -> Callable[..., Steps]:
    """The rule, after which the process of the role `other` with the same number has the same ballot."""

    def share(context: Context, state: Any, message: Any) -> Steps:
        partner = Node(other, context.me.index)
        return tuple(
            Step(s, ((partner, Written(s.ballot)), *sends) if s.ballot != state.ballot else sends)
            for s, sends in rule(context, state, message)
        )

    return share


SHARING_ACCEPTOR: Mapping[type, Any] = MappingProxyType(
    {P1a: sharing("leader", proper_acceptor.on_p1a), Written: on_written}
)
SHARING_LEADER: Mapping[type, Any] = MappingProxyType(
    {
        P1b: sharing("acceptor", proper_leader.on_p1b),
        P2b: sharing("acceptor", proper_leader.on_p2b),
        Written: on_written,
    }
)


def on_p1a_if_higher(context: Context, acceptor: Acceptor, message: P1a) -> Steps:
    """Adopt a ballot that is higher, and answer; ignore any other."""
    return proper_acceptor.on_p1a(context, acceptor, message) if message.ballot > acceptor.ballot else ()


def on_p1a_if_above_own(context: Context, acceptor: Acceptor, message: P1a) -> Steps:
    """The same, the ballot being from the start that of the leader with the same number."""
    own = context.deployment.ballots.first(context.me.index)
    return on_p1a_if_higher(context, replace(acceptor, ballot=max(acceptor.ballot, own)), message)


@dataclass(frozen=True, slots=True)
class Kept:
    """Acceptor → the one that serves in the next configuration on its machine: what we both know."""

    ballot: Ballot
    accepted: frozenset[PValue]


def on_kept(context: Context, acceptor: Acceptor, message: Kept) -> Steps:
    """Begin the new configuration with what the old one has left."""
    ballot = max(acceptor.ballot, message.ballot)
    return (Step(Acceptor(ballot, acceptor.accepted | message.accepted)),)


def keeping(rule: Callable[..., Any]) -> Callable[..., Steps]:
    """The rule, after which the acceptor of the next configuration in the same place knows as much."""

    def keep(context: Context, acceptor: Acceptor, message: Any) -> Steps:
        heirs = heirs_of(context)
        return tuple(
            Step(s, (*((heir, Kept(s.ballot, s.accepted)) for heir in heirs if s != acceptor), *sends))
            for s, sends in rule(context, acceptor, message)
        )

    return keep


def heirs_of(context: Context) -> tuple[Node, ...]:
    """The acceptor of the next configuration in the place that this one has in its own, if there is one."""
    own = context.configuration
    following = context.deployment.configurations.index(own) + 1
    place = own.acceptors.index(context.me)
    later = context.deployment.configurations[following : following + 1]
    return tuple(one.acceptors[place] for one in later if place < len(one.acceptors))


def serving(servers: int, **others: Any) -> Model:
    """As `natural`, on servers."""
    return {**natural(**others), "nodes": {"servers": servers}}


#: What only a server's own processes send each other, if there is one.
WITHIN = tuple(f"server.{name}" for name in ("p1a", "p1b", "p2a", "p2b", "propose", "decision"))

#: Leader 1 has overtaken leader 0, acceptor 0 does not know it yet; and one acceptor decides in the next
#: configuration, on the machine of acceptor 0. Leader 2 serves there, and is on its way.
MOVED: Model = {
    "nodes": {"replicas": 1},
    "configurations": [{"leaders": 2, "acceptors": 3}, {"leaders": 1, "acceptors": 1}],
    "machines": [["acceptor 0", "acceptor 3"]],
    "commands": ["put k A", "reconfigure 1"],
    "bounds": {"slots": 2, "rounds": 1, "window": 1},
    "network": "at-most-once",
    "initial": {
        "leader 0": {"active": True, "proposals": {1: "put k A"}, "commanders": [["0.0", 1, "put k A"]]},
        "leader 1": {
            "active": True,
            "proposals": {1: "reconfigure 1"},
            "commanders": [["0.1", 1, "reconfigure 1"]],
        },
        "acceptor 0": {"ballot": "0.0"},
        "acceptor 1": {"ballot": "0.1"},
        "acceptor 2": {"ballot": "0.1"},
        "replica 0": {"slot_in": 2, "requests": ["put k A", "reconfigure 1"]},
    },
}

SHARED = Variant(
    "server",
    "shared-ballot",
    "acceptor",
    "The ballot of a server's acceptor is that of its leader.",
    "against the paper, section 4.4",
    SHARING_ACCEPTOR,
    also=(
        Variant(
            "server",
            "shared-ballot",
            "leader",
            "The ballot of a server's leader is that of its acceptor.",
            "against the paper, section 4.4",
            SHARING_LEADER,
        ),
    ),
)

SERVER_MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "A-16",
        "shared-ballot",
        about="The leader and the acceptor of a server have one variable for their ballots.",
        source="against the paper, section 4.4",
        model=serving(3, commands=2, initial={"leader 0": {"scout": False}}),
        variants=(SHARED,),
        property="R1",
        length=10,
        lesson="A leader whose variable holds the ballot of another leader commands in that ballot.",
        heavy=True,
    ),
    by_rule(
        "A-16a",
        "shared-ballot-alone",
        "acceptor",
        {P1a: on_p1a_if_above_own},
        about="The same on a single server, whose acceptor answers only to what is higher than its ballot.",
        source="against the paper, section 4.4",
        model=serving(1, properties=["no-lost-command"]),
        property="no-lost-command",
        length=1,
        lesson="A leader's own ballot is not higher than itself: its acceptor must not have it before it "
        "is asked to.",
    ),
    by_rule(
        "E-06",
        "kept-over-reconfiguration",
        "acceptor",
        {P1a: keeping(proper_acceptor.on_p1a), P2a: keeping(proper_acceptor.on_p2a), Kept: on_kept},
        about="An acceptor of the new configuration has the ballot of the one that serves in the old "
        "configuration on its machine, and what that accepted.",
        source="scylladb/scylladb#5251, #7243; compare etcd-io/raft#456",
        model=MOVED,
        property="R1",
        length=11,
        lesson="What was accepted in one configuration is no vote in another: who serves in two has two "
        "memories.",
    ),
)

SERVER_CONTROLS: tuple[Mutant, ...] = (
    by_rule(
        "A-16b",
        "answers-if-higher",
        "acceptor",
        {P1a: on_p1a_if_higher},
        about="A single server, whose acceptor answers only to what is higher than its ballot.",
        source="paper, section 4.4; compare A-16a",
        model=serving(1, commands=2, slots=2, properties=["no-lost-command", "R1"]),
        unfired=WITHIN,
        lesson="With a variable of its own the acceptor finds its leader's first ballot higher.",
    ),
)
