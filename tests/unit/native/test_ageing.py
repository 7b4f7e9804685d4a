"""Messages that were settled away grow older than what is kept: what is claimed of them must hold then."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker.engines import reference
from checker.engines.contract import Limits, Reductions
from checker.engines.native.engine import explore
from checker.model.claims import ShiftError
from checker.model.network import AtMostOnce, LossyDuplicating, Network
from checker.model.properties import Kind, Property
from checker.model.shift import Shift
from checker.model.system import System
from checker.model.vocabulary import Member, Role, View
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC

SETTLING = Reductions(fusion=False, symmetry=False)


@dataclass(frozen=True)
class Turn:
    number: int


@dataclass(frozen=True)
class Player:
    turn: Turn
    mark: bool = False


@dataclass(frozen=True)
class Ball:
    turn: Turn
    since: Turn | None = None


def later(turn: Turn, by: int) -> Turn:
    return Turn(turn.number + by)


SHIFT = Shift("turns", Turn, lambda turn: turn.number, later, 5)
MARK = View("mark", "player", lambda player: player.mark)
MARKED = Property(
    "unmarked",
    Kind.STATE,
    "No mark.",
    "this test",
    (MARK,),
    lambda _, marks: "marked" if any(marks.values()) else None,
)


def alone(
    rule: Callable[..., Any], settle: Callable[..., Any], *balls: Ball, network: Network, **role: Any
) -> System:
    """One player that plays to itself."""
    plays = Role("player", {Ball: rule}, settle=settle, **role)
    member = Member("one", plays, None, Player(Turn(1)), tuple(("one", ball) for ball in balls))
    return System("alone", (member,), network, (MARKED,), shift=SHIFT)


def drop_lower(context: None, player: Player, ball: Ball) -> Ball | None:
    return None if ball.turn.number < player.turn.number else ball


def reviving(age: Callable[[int], bool]) -> Callable[..., Any]:
    """A rule that takes the next turn, and balls of some age, which settling has dropped by then."""

    def on_ball(context: None, player: Player, ball: Ball) -> Any:
        behind = player.turn.number - ball.turn.number
        if behind > 0:
            return ((replace(player, mark=True), ()),) if age(behind) else ()
        return ((Player(ball.turn), (("one", Ball(later(ball.turn, 1))),)),)

    return on_ball


def aged(age: int = 3, network: Network = AtMostOnce()) -> System:  # noqa: B008 - it is never changed
    """What was dropped matters once more when it is so old."""
    balls = Ball(Turn(0)), Ball(Turn(1))
    return alone(reviving(lambda behind: behind == age), drop_lower, *balls, network=network)


NETWORKS = pytest.mark.parametrize(
    "network", [AtMostOnce(), LossyDuplicating()], ids=lambda network: network.name
)


@NETWORKS
@pytest.mark.parametrize("age", [2, 3, 4])
def test_what_matters_again_when_it_is_old_may_not_be_dropped(age: int, network: Network) -> None:
    system = aged(age, network)
    with pytest.raises(
        ShiftError, match=r"settling: ball\(turn\(number 0\), since –\), waiting since before"
    ):
        explore(system, reductions=SETTLING)
    assert [d.property for d in reference.explore(system, Limits(max_states=500)).violations] == [
        "unmarked"
    ]


@NETWORKS
def test_what_matters_again_when_it_is_very_old_may_not_be_dropped(network: Network) -> None:
    balls = Ball(Turn(0)), Ball(Turn(1))
    system = alone(reviving(lambda behind: behind > 1_000), drop_lower, *balls, network=network)
    with pytest.raises(ShiftError, match="settling"):
        explore(system, reductions=SETTLING)


@NETWORKS
def test_what_never_matters_again_may_be_dropped(network: Network) -> None:
    balls = Ball(Turn(0)), Ball(Turn(1))
    system = alone(reviving(lambda _: False), drop_lower, *balls, network=network)
    found = explore(system, Limits(max_states=500), reductions=SETTLING)
    assert (found.states, found.cut, found.stopped) == (2, {}, None)
    assert not found.violations
    assert reference.explore(system, Limits(max_states=500)).cut  # the old ball is there for ever


@NETWORKS
def test_what_is_kept_of_a_message_must_do_when_that_is_old(network: Network) -> None:
    """What a ball says of the past is left out, and matters only when that is long ago."""

    def on_ball(context: None, player: Player, ball: Ball) -> Any:
        since = ball.since
        return ((replace(player, mark=since is not None and player.turn.number - since.number > 3), ()),)

    def forget(context: None, player: Player, ball: Ball) -> Ball:
        return ball if ball.since is None or player.turn.number > 3 + ball.since.number else Ball(ball.turn)

    def wait(context: None, player: Player) -> Any:
        return ((Player(later(player.turn, 1)), ()),)

    ball = Ball(Turn(5), Turn(0))
    system = alone(on_ball, forget, ball, network=network, wakes={"wait": wait})
    with pytest.raises(ShiftError, match="settling"):
        explore(system, Limits(max_states=500), reductions=SETTLING)
    assert reference.explore(system, Limits(max_states=500)).violations


@pytest.mark.parametrize("network", ["at-most-once", "lossy-duplicating"])
def test_what_pmmc_claims_holds_however_old_messages_are(network: str) -> None:
    text = f"""
name: duel
nodes: {{acceptors: 1, leaders: 2, replicas: 1}}
commands: [put k v]
bounds: {{slots: 1, rounds: endless, spread: 2}}
network: {network}
"""
    system = load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system
    found = explore(system)
    assert found.reductions.settling
    assert found.complete
