"""A little protocol whose runs go on for ever: two players and a ball, a referee who may end the game.

A ball that is hit flies to the other player, higher by one than it came; so its height rises for ever, and
only up to a shift do states come again. A player may drop the ball, and may rest after every other hit.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from checker.model.behaviour import Trace, judged, replay
from checker.model.fairness import Assumption, Fairness
from checker.model.network import AtMostOnce, Network
from checker.model.properties import Kind, Property, always_eventually, eventually, leads_to
from checker.model.runs import same_up_to_shift
from checker.model.semantics import State, initial_state, successors
from checker.model.shift import Shift, Shifting
from checker.model.system import System
from checker.model.vocabulary import Member, Role, Step, View
from checker.model.wording import action_of
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC


@dataclass(frozen=True, slots=True)
class Ball:
    """The ball, at its height."""

    height: int


@dataclass(frozen=True, slots=True)
class Player:
    """The ball yet to serve; whether one was hit an odd number of times or dropped, or the player rests."""

    serves: Ball | None = None
    odd: bool = False
    dropped: bool = False
    rests: bool = False


@dataclass(frozen=True, slots=True)
class Referee:
    """Whether the game is over."""

    over: bool = False


NETWORK = AtMostOnce()
PLAYERS = ("player 0", "player 1")
OTHER = dict(zip(PLAYERS, PLAYERS[::-1], strict=True))


def serve(me: str, player: Player) -> tuple[Step, ...]:
    return (Step(replace(player, serves=None), ((OTHER[me], player.serves),)),) if player.serves else ()


def rest(_: str, player: Player) -> tuple[Step, ...]:
    return (Step(replace(player, rests=True)),) if player.odd and not player.rests else ()


def hit(rising: int, me: str, player: Player, ball: Ball) -> tuple[Step, ...]:
    if player.dropped or player.rests:
        return ()
    back = Step(replace(player, odd=not player.odd), ((OTHER[me], Ball(ball.height + rising)),))
    return back, Step(replace(player, dropped=True))


def whistle(_: object, referee: Referee) -> tuple[Step, ...]:
    return () if referee.over else (Step(Referee(True)),)


def game(
    *properties: Property, fair: bool = True, rising: bool = False, network: Network = NETWORK
) -> System:
    """The game. With `rising` balls rise, and states are kept up to their heights."""
    rules = {Ball: lambda me, player, ball: hit(int(rising), me, player, ball)}
    player, referee = (
        Role("player", rules, {"serve": serve, "rest": rest}),
        Role("referee", {}, {"whistle": whistle}),
    )
    members = [
        Member(name, player, name, Player(Ball(0) if name == PLAYERS[0] else None)) for name in PLAYERS
    ]
    members.append(Member("referee", referee, None, Referee()))
    deliveries = Assumption("deliveries", frozenset((name, "ball") for name in PLAYERS))
    others = Assumption("player", frozenset((name, wake) for name in PLAYERS for wake in ("serve", "rest")))
    fouls = Assumption("whistle", frozenset({("referee", "whistle")}))
    fairness = Fairness(weak=(others,), strong=(deliveries,), finitely=(fouls,)) if fair else Fairness()
    shift = Shift("heights", Ball, lambda b: b.height, lambda b, by: Ball(b.height + by), 3)
    return System(
        "game", tuple(members), network, properties, fairness=fairness, shift=shift if rising else None
    )


OVER = View("over", "referee", lambda referee: referee.over)
DROPPED = View("dropped", "player", lambda player: player.dropped)


def goal(name: str, meaning: str, view: View, judge: Callable[[Any], str | None]) -> Property:
    return Property(name, Kind.SOMETIMES, meaning, "this test", (view,), lambda _, seen: judge(seen))


ENDS = goal("ends", "The game ends.", OVER, lambda seen: "it is over" if any(seen.values()) else None)
DROPS = goal(
    "drops", "The ball is dropped.", DROPPED, lambda seen: "it lies there" if any(seen.values()) else None
)
EVENTUALLY, AGAIN, THEN = eventually(ENDS), always_eventually(DROPS), leads_to(DROPS, ENDS)


def path_of(system: System, *actions: str) -> tuple[int, ...]:
    """The indices of steps that are called `who: what`; of several the first, or that of number `#n`."""
    state, path = initial_state(system), []
    for action in actions:
        wanted, _, nth = action.partition("#")
        steps = list(successors(system, state))
        names = [f"{system.members[t.node].name}: {action_of(t)}" for t in steps]
        path.append([i for i, name in enumerate(names) if wanted in name][int(nth or 0)])
        state = steps[path[-1]].state
    return tuple(path)


def claiming(trace: Trace, claim: Property) -> Trace:
    """The trace as a counterexample."""
    reason = judged(trace, claim)
    assert reason is not None
    return replace(trace, claim=claim, reason=reason)


def lasso(*, rising: bool = False, network: Network = NETWORK, claim: Property = EVENTUALLY) -> Trace:
    """Served, and then the ball flies to and fro for ever: steps 2 to 5 repeat."""
    system = game(EVENTUALLY, AGAIN, THEN, DROPS, rising=rising, network=network)
    path = path_of(system, "player 0: serve", *(2 * ("player 1: ball", "player 0: ball")))
    return claiming(replay(system, path, 1), claim)


def ending() -> Trace:
    """Served and dropped; then nothing is left that must happen, for the referee need not end the game."""
    system = game(EVENTUALLY, AGAIN, THEN, DROPS)
    return claiming(replay(system, path_of(system, "player 0: serve", "player 1: ball#1")), EVENTUALLY)


def staying() -> Trace:
    """Nobody need do anything: the game may stay where it is from the start."""
    return claiming(replay(game(EVENTUALLY, fair=False), ()), EVENTUALLY)


def unfair() -> Trace:
    """A cycle that fairness rules out: the ball flies for ever, and the referee never does what he must."""
    system = game(EVENTUALLY)
    must = Assumption("referee", frozenset({("referee", "whistle")}))
    return replay(replace(system, fairness=Fairness(weak=(must,))), lasso().path, 1)


DUEL = """
name: duel-for-ever
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: endless, spread: 2}
network: fifo
fair: [deliveries]
properties: [every-command-performed]
"""
#: Two leaders preempt each other for ever: six steps, then eight that repeat, two rounds higher each time.
DUEL_PATH, DUEL_LOOP = "1/0/0/2/1/2/0/0/1/1/1/1/0/0", 6


#: Models in which random walks come back to where they were.
WANDERED = {
    "fifo": DUEL,
    "at-most-once": DUEL.replace("fifo", "at-most-once"),
    "reliable": DUEL.replace("fifo", "reliable"),
    "pings": DUEL.replace("properties", "rules: {election: by-ping}\nproperties"),
}


def wander(system: System, seed: int, most: int = 200) -> Trace | None:
    """A random behaviour up to where it comes back, up to a shift; None if it does not."""
    chance, shifting = random.Random(seed), None if system.shift is None else Shifting(system.shift)
    state, path, seen = initial_state(system), [], dict[State, int]()
    while len(path) < most:
        kept = state if shifting is None else shifting.normal(state)
        if kept in seen:
            return replay(system, tuple(path), seen[kept])
        seen[kept] = len(path)
        steps = [(i, t) for i, t in enumerate(successors(system, state)) if t.state != state]
        if not steps:
            return None
        index, step = chance.choice(steps)
        path.append(index)
        state = step.state
    return None


@cache
def wandered(name: str, seeds: int = 120) -> list[Trace]:
    """Some random lassos of a model."""
    system = load_text(WANDERED[name], f"{name}.yaml", protocols={"pmmc": PMMC}).system
    found = (wander(system, seed) for seed in range(seeds))
    return [trace for trace in found if trace is not None][:12]


def unrolled(trace: Trace, turns: int) -> Trace:
    """The way in and so many turns of the cycle, as a behaviour that ends."""
    system, state, path = trace.system, trace.final, list(trace.path)
    for step in (turns - 1) * trace.cycle:
        index, taken = next(
            (index, taken)
            for index, taken in enumerate(successors(system, state))
            if (taken.node, taken.action, taken.lost)
            == (step.transition.node, step.transition.action, step.transition.lost)
            and same_up_to_shift(system, taken.state, step.after)
        )
        path.append(index)
        state = taken.state
    return replay(system, tuple(path))
