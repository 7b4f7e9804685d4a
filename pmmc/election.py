"""When to run for office: a preempted leader waits as long as the faster one answers (paper, section 3).

With the rules of section 2 a preempted leader scouts at once with a higher ballot, which stops the other
one, which does the same: a duel that may go on for ever (figure 9). Here it takes the higher ballot too,
but does not use it. It *watches* the leader whose ballot was in its way, by pings, and starts a scout when
that leader is down (`on_unreachable`) or when it has no more patience (`suspect`), which may be a mistake.

Why commands are performed, if messages arrive, only finitely many leaders crash and only finitely many
mistakes are made: the owner of the highest ballot that any scout has used watches nobody, for nobody has
shown it a higher one; so it is scouting or active, or down. If it is down, all that meet its ballot get to
know that, and a higher one is used. Ballots in use rise with crashes and mistakes only, so there is a last
one, and its owner is up.

Of the pings to one leader one at most is under way, or its answer: it goes out when the answer to the one
before has come. So there are finitely many states of them, in queues as well. A network that delivers a
message twice would show an old answer for a new one: there a leader that is down may pass for alive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc import leader as proper
from pmmc.ballots import Ballot
from pmmc.leader import Leader, Scout
from pmmc.messages import P1a, P1b, P2b, Ping, Pong, Unreachable
from pmmc.values import Context, Node, Rule, Sends, Step, Wake, with_more


@dataclass(frozen=True, slots=True)
class Watcher(Leader):
    """A leader that may watch another one instead of running against it.

    `watching` is the leader that it watches; it has no scout then. `pinged` are those from which it has an
    answer to come, watched or not.
    """

    watching: Node | None = None
    pinged: frozenset[Node] = frozenset()

    @property
    def watches(self) -> bool:
        """Whether it watches another leader."""
        return self.watching is not None


def watcher(leader: Leader) -> Watcher:
    """The same leader, watching nobody."""
    return with_more(Watcher, leader)


def on_p1b(context: Context, leader: Watcher, message: P1b) -> tuple[Step, ...]:
    """As `pmmc.leader.on_p1b`; but a higher ballot makes the leader watch its owner."""
    return patient(context, message.current, proper.on_p1b(context, leader, message))


def on_p2b(context: Context, leader: Watcher, message: P2b) -> tuple[Step, ...]:
    """As `pmmc.leader.on_p2b`; but a higher ballot makes the leader watch its owner."""
    return patient(context, message.current, proper.on_p2b(context, leader, message))


def patient(context: Context, met: Ballot, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps of a rule that met a ballot: those that would run against it watch its owner instead."""
    return tuple(watch(context, step.state, met) if runs(step) else step for step in steps)


def runs(step: Step) -> bool:
    """Whether a leader runs for office in a step: it starts a scout."""
    return any(isinstance(message, P1a) for _, message in step.sends)


def watch(context: Context, leader: Watcher, met: Ballot) -> Step:
    """Passive, with a ballot for later, and a ping to the owner of the one in the way.

    If an answer of it is still to come, that one will do.
    """
    owner = Node("leader", met.leader)
    waiting = replace(leader, scout=None, watching=owner, pinged=leader.pinged | {owner})
    return Step(waiting, () if owner in leader.pinged else ping(context, owner))


def ping(context: Context, to: Node) -> Sends:
    """A ping."""
    return ((to, Ping(context.me)),)


def on_ping(context: Context, leader: Watcher, message: Ping) -> tuple[Step, ...]:
    """Answer, whatever there is to do."""
    return (Step(leader, ((message.leader, Pong(context.me)),)),)


def on_pong(context: Context, leader: Watcher, message: Pong) -> tuple[Step, ...]:
    """It is there: ping it again if it is the one that is watched."""
    if message.leader == leader.watching:
        return (Step(leader, ping(context, message.leader)),)
    return (Step(replace(leader, pinged=leader.pinged - {message.leader})),)


def on_unreachable(context: Context, leader: Watcher, message: Unreachable) -> tuple[Step, ...]:
    """It is not there: run for office if it is the one that is watched."""
    known = replace(leader, pinged=leader.pinged - {message.leader})
    return (run(context, known) if message.leader == leader.watching else Step(known),)


def suspect(context: Context, leader: Watcher) -> tuple[Step, ...]:
    """A time-out, whether or not an answer is under way: run for office."""
    return (run(context, leader),) if leader.watches else ()


def run(context: Context, leader: Watcher) -> Step:
    """Run for office, with the ballot that was kept for that."""
    running = replace(leader, watching=None, scout=Scout())
    return Step(running, proper.probe(context, leader.ballot))


#: Rules of a leader that pings instead of retrying at once.
RULES: Mapping[type, Rule[Any]] = MappingProxyType({P1b: on_p1b, P2b: on_p2b, Ping: on_ping, Pong: on_pong})
#: What it makes of the answer for a leader that is down.
DETECTING: Mapping[type, Rule[Any]] = MappingProxyType({Unreachable: on_unreachable})
#: Time-outs that may come too early.
TIME_OUTS: Mapping[str, Wake[Any]] = MappingProxyType({"suspect": suspect})
