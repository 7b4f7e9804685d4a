"""States up to a shift: what is counted, and what is no shift is refused by every engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker.checking.check import check_system
from checker.checking.confirm import confirm
from checker.checking.question import Question
from checker.engines import reference
from checker.engines.choose import Means, choose_engine
from checker.engines.contract import UNREDUCED, Exploration, Limits
from checker.engines.graph import explore as whole_graph
from checker.engines.native.engine import explore
from checker.model.behaviour import replay
from checker.model.claims import ShiftError, UnsoundClaim
from checker.model.fairness import Assumption, Fairness
from checker.model.network import AtMostOnce, Fifo
from checker.model.properties import Kind, Property
from checker.model.shift import SPREAD, Shift
from checker.model.system import System
from checker.model.verdict import ExitCode
from checker.model.vocabulary import Member, Role, Symmetry, View


@dataclass(frozen=True)
class Turn:
    """A number that rises for ever."""

    number: int


@dataclass(frozen=True)
class Player:
    turn: Turn
    mark: bool = False


@dataclass(frozen=True)
class Ball:
    turn: Turn


def on_ball(other: str, player: Player, ball: Ball) -> Any:
    """Take a later turn, and play the ball on with the one after it."""
    if ball.turn.number < player.turn.number:
        return ()
    return ((replace(player, turn=ball.turn), ((other, Ball(Turn(ball.turn.number + 1))),)),)


def level(turn: Turn) -> int | None:
    return turn.number


def later(turn: Turn, by: int) -> Turn:
    return Turn(turn.number + by)


TURN = View("turn", "player", lambda player: player.turn)
MARK = View("mark", "player", lambda player: player.mark)
ROLE = Role("player", {Ball: on_ball})
SHIFT = Shift("turns", Turn, level, later, 5)


def game(
    rule: Callable[..., Any] = on_ball, *claims: Property, shift: Shift | None = SHIFT, **role: Any
) -> System:
    """Two players and a ball that goes to and fro for ever."""
    plays = replace(ROLE, rules={Ball: rule}, **role)
    ball = ("two", Ball(Turn(1)))
    members = (
        Member("one", plays, "two", Player(Turn(0)), (ball,)),
        Member("two", plays, "one", Player(Turn(0))),
    )
    return System("game", members, AtMostOnce(), claims, shift=shift)


def by_reference(system: System) -> Exploration:
    return reference.explore(system, Limits(max_states=200))


def by_native(system: System) -> Exploration:
    return explore(system, Limits(max_states=2_000))


def unreduced(system: System) -> Exploration:
    return explore(system, Limits(max_states=2_000), reductions=UNREDUCED, workers=2)


def by_auto(system: System) -> Exploration:
    return choose_engine(Means())(system, Limits(max_states=2_000), None)


every_engine = pytest.mark.parametrize("run", [by_reference, by_native, unreduced, by_auto])


@every_engine
def test_a_game_without_end_has_few_states(run: Callable[[System], Exploration]) -> None:
    found = run(game())
    assert (found.states, found.depth, found.stopped, found.terminal) == (3, 3, None, 0)
    assert found.reductions.shift is not None
    assert found.reductions.shift.obligations > 0
    assert found.reductions.words()[0].startswith("turns up to a shift (spread 5, ")
    assert found.reductions.shift.name == "turns"


@every_engine
def test_without_the_shift_it_has_no_end(run: Callable[[System], Exploration]) -> None:
    assert run(game(shift=None)).stopped is not None


def later_by_far() -> System:
    """Player one never moves, so the ball gets ever further away from it."""

    def alone(other: str, player: Player, ball: Ball) -> Any:
        return ((Player(ball.turn), (("two" if other == "one" else "one", Ball(later(ball.turn, 1))),)),)

    system = game(alone, Property("quiet", Kind.TERMINAL, "Never.", "", (TURN,), lambda *_: "it ends"))
    first, second = system.members
    members = replace(first, inbox=()), replace(second, inbox=first.inbox)
    return replace(system, members=members)


def juggled() -> System:
    """It begins at 7: balls of turns 9 and 10 are taken in another order than those of turns 2 and 3."""

    def slow(other: str, player: Player, ball: Ball) -> Any:
        after = Player(ball.turn, mark=ball.turn.number > player.turn.number + 2)
        return ((after, ((other, Ball(later(ball.turn, 1))), (other, Ball(later(ball.turn, 2))))),)

    apart = Property(
        "apart", Kind.NODE, "No mark.", "this test", (MARK,), lambda _, mark: "far" if mark else None
    )
    system = game(slow, apart)
    members = tuple(replace(m, local=Player(Turn(7)), inbox=()) for m in system.members)
    first = replace(members[0], inbox=(("two", Ball(Turn(8))),))
    return replace(system, members=(first, members[1]))


@every_engine
def test_levels_too_far_apart_are_cut(run: Callable[[System], Exploration]) -> None:
    found = run(later_by_far())
    assert found.cut == {SPREAD: 1}
    assert (found.states, found.terminal, found.violations) == (6, 0, [])


@every_engine
def test_what_is_found_is_told_at_real_levels(run: Callable[[System], Exploration]) -> None:
    system = juggled()
    (found,) = run(system).violations
    assert "far" in confirm(system, found).reason


def test_a_graph_has_the_states_that_are_kept() -> None:
    for system in (later_by_far(), juggled(), game()):
        graph = whole_graph(system, depth=5)
        found = reference.explore(replace(system, properties=()), Limits(max_depth=5))
        assert len(graph.states) == found.states
        for state in range(len(graph.states)):
            assert len(replay(system, graph.path_to(state)).steps) == graph.level[state]


# What is no shift ---------------------------------------------------------------------------------------


def absolute(other: str, player: Player, ball: Ball) -> Any:
    """It looks at the level itself."""
    steps = on_ball(other, player, ball)
    return steps if ball.turn.number != 1 else tuple((replace(s, mark=True), sent) for s, sent in steps)


def parity(other: str, player: Player, ball: Ball) -> Any:
    return tuple(
        (replace(s, mark=s.turn.number % 2 == 0), sent) for s, sent in on_ball(other, player, ball)
    )


TABLE = {0: False, 1: True, 2: False, 3: True}


def by_table(other: str, player: Player, ball: Ball) -> Any:
    marked = TABLE[ball.turn.number]
    return tuple((replace(s, mark=marked), sent) for s, sent in on_ball(other, player, ball))


def very_late(other: str, player: Player, ball: Ball) -> Any:
    return () if ball.turn.number > 1_000 else on_ball(other, player, ball)


def waking(other: str, player: Player) -> Any:
    return ((replace(player, mark=True), ()),) if player.turn.number == 1 else ()


def bounded(other: str, player: Player) -> str | None:
    return "turns" if player.turn.number > 2 else None


def settling(other: str, player: Player, ball: Ball) -> Ball | None:
    return None if player.turn.number == 2 and ball.turn.number < 2 else ball


def claim(kind: Kind, judge: Callable[..., str | None], view: View = TURN) -> Property:
    return Property("claim", kind, "A claim.", "this test", (view,), judge)


def some_at_2(setting: Any, turns: Mapping[str, Any]) -> str | None:
    return "one is at 2" if any(turn in {Turn(2), 2} for turn in turns.values()) else None


NUMBER = View("number", "player", lambda player: player.turn.number)
EARLY = View("early", "player", lambda player: player.turn.number < 1)


def all_early(setting: Any, early: Mapping[str, bool]) -> str | None:
    return "all are early" if all(early.values()) else None


FALSE: dict[str, tuple[System, str]] = {
    "a rule looks at the level": (game(absolute), "ball(turn(number 1))"),
    "a rule looks at the parity": (game(parity), "ball(turn(number 1))"),
    "a rule has a table by level": (game(by_table), "ball(turn(number 1))"),
    "a rule looks at levels far away": (game(very_late), "larger by 1,000,000"),
    "a wake looks at the level": (game(wakes={"rest": waking}), "player(turn("),
    "a bound looks at the level": (game(cut=bounded), "a bound tells"),
    "an invariant reads the level": (game(on_ball, claim(Kind.STATE, some_at_2)), "property claim tells"),
    "a goal reads the level": (game(on_ball, claim(Kind.SOMETIMES, some_at_2)), "property claim tells"),
    "can-still reads the level": (game(on_ball, claim(Kind.CAN_STILL, some_at_2)), "property claim tells"),
    "an invariant reads a number": (game(on_ball, claim(Kind.STATE, some_at_2, NUMBER)), "claim"),
    "an invariant of a node reads the level": (
        game(on_ball, claim(Kind.NODE, lambda _, turn: "at 3" if turn == Turn(3) else None)),
        "property claim tells",
    ),
    "an action property reads the level": (
        game(on_ball, claim(Kind.ACTION, lambda _, old, new: "from 0" if old == Turn(0) else None)),
        "property claim tells a step from player(turn(number 0), mark no)",
    ),
    "a view tells an early level": (
        game(on_ball, claim(Kind.SOMETIMES, all_early, EARLY)),
        "claim",
    ),
    "a level is not moved by so much": (
        game(shift=SHIFT._replace(moved=lambda turn, by: Turn(turn.number + 2 * by))),
        "is not moved up and down again",
    ),
}


@every_engine
@pytest.mark.parametrize("name", FALSE)
def test_a_shift_that_is_none_is_refused(name: str, run: Callable[[System], Exploration]) -> None:
    system, where = FALSE[name]
    with pytest.raises(UnsoundClaim) as refused:
        run(system)
    assert str(refused.value).startswith("the declared shift (turns) is none: ")
    assert where in str(refused.value)
    assert str(refused.value).endswith("; a bound on turns does without")


def test_what_ends_differently_is_refused() -> None:
    """A terminal property that reads the level; nothing leads on once the ball is held."""

    def hold(other: str, player: Player, ball: Ball) -> Any:
        return ((Player(ball.turn, mark=True), ()),) if not player.mark else ()

    system = game(hold, claim(Kind.TERMINAL, some_at_2))
    for run in (by_reference, by_native, unreduced):
        with pytest.raises(ShiftError, match="property claim tells"):
            run(system)


def test_settling_that_looks_at_the_level_is_refused() -> None:
    system = game(settle=settling)
    with pytest.raises(ShiftError, match="settling treats ball"):
        by_native(system)
    assert unreduced(system).states == 3


def test_a_symmetry_that_changes_levels_is_refused() -> None:
    names = Symmetry("turns", ({Turn(0): Turn(1), Turn(1): Turn(0)},))
    with pytest.raises(UnsoundClaim):
        by_native(replace(game(), symmetries=(names,)))


def test_a_check_says_so_with_exit_code_2() -> None:
    for engine in ("reference", "native", "auto"):
        result = check_system(game(absolute), Question(means=Means(engine)))
        assert result.found.failed is not None
        assert result.found.failed.code is ExitCode.USAGE
        assert result.judged.exit_code == ExitCode.USAGE


def test_a_violation_found_before_stands() -> None:
    """The initial state is judged before any rule is looked at."""
    wrong = claim(Kind.STATE, lambda _, marks: None if any(marks.values()) else "no mark", MARK)
    for run in (by_reference, by_native, by_auto):
        found = run(game(absolute, wrong))
        assert [d.property for d in found.violations] == ["claim"]


def test_what_the_amounts_miss_is_never_shown() -> None:
    """A rule that looks at level 50, and a game that begins at 49: what is kept of it begins at 0."""

    def at_fifty(other: str, player: Player, ball: Ball) -> Any:
        if ball.turn == Turn(50):
            return ()
        late = ball.turn.number > player.turn.number + 1
        return tuple((replace(after, mark=late), sends) for after, sends in on_ball(other, player, ball))

    marked = claim(Kind.NODE, lambda _, mark: "late" if mark else None, MARK)
    system = game(at_fifty, marked)
    first, second = (replace(member, local=Player(Turn(49))) for member in system.members)
    system = replace(system, members=(replace(first, inbox=(("two", Ball(Turn(50))),)), second))
    for engine in ("reference", "native"):
        result = check_system(system, Question(means=Means(engine)))
        assert not result.found.violations
        assert result.found.failed is not None
        assert (
            "one: ball on ball(turn(number 1)) in state player(turn(number 0), mark no)"
            in result.found.failed.reason
        )
        assert result.judged.exit_code == ExitCode.USAGE


# Paths ----------------------------------------------------------------------------------------------------


def test_paths_are_those_of_real_states() -> None:
    """Messages are taken in the order of their text, which goes from 9 to 10 and not from 0 to 1."""

    def juggle(other: str, player: Player, ball: Ball) -> Any:
        """Three balls, each of which comes back one turn after the last one."""
        if ball.turn.number > player.turn.number + 1:
            return ()
        return ((Player(ball.turn), ((other, Ball(later(ball.turn, 3))),)),)

    member = Member(
        "one", replace(ROLE, rules={Ball: juggle}), "one", Player(Turn(7)),
        tuple(("one", Ball(Turn(n))) for n in (8, 9, 10)),
    )  # fmt: skip
    claims = (
        Property("far", Kind.CAN_STILL, "Never.", "", (MARK,), lambda *_: None),
        Property("turns", Kind.NODE, "Never.", "", (MARK,), lambda _, mark: None),
    )
    system = System("juggler", (member,), AtMostOnce(), claims, shift=SHIFT)
    for run in (by_reference, by_native, unreduced):
        found = run(system)
        assert found.states < 50
        for discovery in found.violations:
            assert confirm(system, discovery).path == discovery.path


def test_levels_that_jump_are_lowered_in_several_goes() -> None:
    """All levels rise by 40 at once, and the kernel looks up amounts of up to 16."""

    def leap(other: str, player: Player, ball: Ball) -> Any:
        return ((Player(later(ball.turn, 40)), ((other, Ball(later(ball.turn, 40))),)),)

    member = Member(
        "one", replace(ROLE, rules={Ball: leap}), "one", Player(Turn(0)), (("one", Ball(Turn(0))),)
    )
    for spread in (0, 3, 100):
        system = System("leaper", (member,), Fifo(), (), shift=SHIFT._replace(spread=spread))
        assert unreduced(system).states == by_reference(system).states == 1


@pytest.mark.parametrize("engine", ["reference", "native", "auto"])
@pytest.mark.parametrize("wrong", [-1, "two", 1.5])
def test_a_level_is_a_whole_number(wrong: Any, engine: str) -> None:
    system = game(shift=SHIFT._replace(level=lambda turn: wrong))
    raised = check_system(system, Question(means=Means(engine))).found.raised
    assert raised is not None
    assert f"is {wrong!r}; it is a whole number from 0, or None" in raised.reason


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_a_run_that_the_amounts_make_up_is_never_shown(engine: str) -> None:
    """The ball goes to and fro for ever, as far as one looks at what is kept; at level 50 it stops."""

    def up_to_fifty(other: str, player: Player, ball: Ball) -> Any:
        return () if ball.turn == Turn(50) else on_ball(other, player, ball)

    never = claim(Kind.EVENTUALLY, lambda *_: None)
    real = game(on_ball, never)
    fair = Fairness((Assumption("ball", frozenset({("one", "ball"), ("two", "ball")})),))
    results = []
    for rule in (on_ball, up_to_fifty):
        system = game(rule, never)
        first, second = (replace(member, local=Player(Turn(48))) for member in system.members)
        members = (replace(first, inbox=(("two", Ball(Turn(49))),)), second)
        system = replace(real, members=members, fairness=fair)
        results.append(check_system(system, Question(means=Means(engine))))
    right, wrong = results
    (run,) = right.found.violations
    assert run.loop is not None
    assert not wrong.found.violations
    assert wrong.found.failed is not None
    assert wrong.judged.exit_code is ExitCode.USAGE
    assert "the declared shift (turns) is none" in wrong.found.failed.reason
