"""What runs have shown is told, whatever ends them; and nothing is told that they have not shown."""

import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import pytest
from walkedsystems import ONCE, Note, counter, in_order, of_list

from checker import Fifo, Kind, LossyDuplicating, Member, Property, Role, System
from checker.checking.question import Question
from checker.engines.native.walks.simulating import walk_through
from checker.engines.simulating import Walked, Walks
from checker.model.network import Network
from checker.model.verdict import ExitCode, Verdict
from checker.simulation.account import bound
from checker.simulation.simulate import Simulated, simulate_system

ASKED = Walks(50, 16)


def simulated(system: System, asked: Walks = ASKED) -> Simulated:
    result = simulate_system(system, Question(), asked)
    assert result.check.found.failed is None
    return result


#: Two nodes that do nothing at all.
STILL = System("still", (Member("a", Role("list", {}), None, (), ()),), ONCE, ())
SAYS: dict[Kind, Callable[..., str | None]] = {
    Kind.NODE: lambda *_: "wrong",
    Kind.STATE: lambda *_: "wrong",
    Kind.TERMINAL: lambda *_: "wrong",
    Kind.CAN_STILL: lambda *_: None,
    Kind.EVENTUALLY: lambda *_: None,
}


@pytest.mark.parametrize("kind", SAYS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("system", [STILL, counter()], ids=lambda system: system.name)
def test_what_the_initial_state_shows_is_seen(system: System, kind: Kind) -> None:
    """Before there is a step, and where there never is one."""
    result = simulated(replace(system, properties=(of_list(kind, SAYS[kind]),)))
    (violated,) = result.check.violated()
    if kind in (Kind.NODE, Kind.STATE) or system is STILL:
        assert violated.path == ()
    assert bound(result) is None


class Player:
    """Plays nobody, and knows whether it was closed."""

    nodes: frozenset[str] = frozenset()
    closed = False

    def waiting(self) -> AbstractContextManager[None]:
        return nullcontext()

    def ask(self) -> None: ...

    def ask_again(self, most: int = 0) -> None: ...

    def close(self) -> None:
        self.closed = True


def test_who_plays_nodes_is_closed_once_all_is_confirmed() -> None:
    """Asked after that, it would be started anew, and left behind."""
    player = Player()
    was_closed = []

    def wrong(*_: Any) -> str:
        was_closed.append(player.closed)
        return "wrong"

    system = counter((of_list(Kind.STATE, wrong),))
    (violated,) = simulated(replace(system, outside=(player,))).check.violated()
    assert violated.path == ()
    assert set(was_closed) == {False}
    assert player.closed


def test_a_goal_that_the_initial_state_shows_is_reached() -> None:
    result = simulated(replace(STILL, properties=(of_list(Kind.SOMETIMES, lambda *_: "here"),)))
    assert result.walked.reached == {"p": "here"}
    assert [p.verdict for p in result.check.judged.properties] == [Verdict.VERIFIED]
    assert result.check.verdict is Verdict.INCONCLUSIVE


def test_what_leads_to_something_is_no_property_of_its_own() -> None:
    def one(_: Any, shown: Any) -> str | None:
        return "one" if len(shown["a"]) >= 1 else None

    def all_of_them(_: Any, shown: Any) -> str | None:
        return "all" if len(shown["a"]) == 7 else None

    comes = simulated(counter((of_list(Kind.LEADS_TO, all_of_them, when=one),)))
    assert comes.check.verdict is Verdict.INCONCLUSIVE
    assert comes.walked.whole == 50
    stays_away = simulated(counter((of_list(Kind.LEADS_TO, lambda *_: None, when=one),)))
    assert stays_away.exit_code is ExitCode.LIVENESS
    assert bound(stays_away) is None


@dataclass(frozen=True)
class Now:
    """What is handled at once."""

    n: int


@pytest.mark.parametrize("network", [ONCE, Fifo(), LossyDuplicating()], ids=lambda n: n.name)
def test_a_rule_that_raises_at_what_is_handled_at_once_is_replayed(network: Network) -> None:
    def now(_: Any, seen: tuple[int, ...], message: Now) -> Any:
        if message.n == 2:
            raise ValueError("two at once")
        return (((*seen, message.n), ()),)

    def send(_: Any, seen: tuple[int, ...], message: Note) -> Any:
        return (((*seen, message.n), (("a", Now(message.n)),)),)

    a = Member("a", Role("list", {Now: now}, {}, immediate=frozenset({Now})), None, ())
    b = Member("b", Role("send", {Note: send}), None, (), tuple(("b", Note(n)) for n in range(4)))
    claim = of_list(Kind.NODE, lambda *_: None)
    result = simulated(System("at once", (a, b), network, (claim,)))
    assert result.exit_code is ExitCode.MODEL_RAISED
    assert result.check.raised is not None
    assert "two at once" in result.check.raised.reason


def test_what_raises_is_told_once_and_by_the_first_run() -> None:
    def note(_: Any, seen: tuple[int, ...], message: Note) -> Any:
        if message.n == 3:
            raise ValueError("three")
        return (((*seen, message.n), ()),)

    first = tuple(("a", Note(n)) for n in range(9))
    raising = System("raising", (Member("a", Role("list", {Note: note}), None, (), first),), ONCE, ())
    walked = walk_through(raising, Walks(3_000, 16, past_violations=True))
    (sighted,) = walked.sighted
    assert sighted.property is None
    assert sighted.run < 1_000


# Limits ---------------------------------------------------------------------------------------------------


def many(shown: list[object]) -> Property:
    """Violated by four numbers that fall; when it says so first is noted."""

    def judge(_: Any, groups: Any) -> str | None:
        seen = groups["a"]
        if len(seen) < 4 or not seen[0] > seen[1] > seen[2] > seen[3]:
            return None
        shown.append(seen)
        return "falling"

    return of_list(Kind.STATE, judge)


def told(walked: Walked) -> object:
    return [(s.property, s.run, s.events) for s in walked.sighted]


@pytest.mark.parametrize("kind", [Kind.STATE, Kind.NODE])
def test_an_interruption_loses_nothing_of_what_was_shown(kind: Kind) -> None:
    shown: list[object] = []
    claim = many(shown) if kind is Kind.STATE else in_order(6, 5, 4, 3)
    system = counter((claim,))
    whole = walk_through(system, ASKED_MANY)
    assert whole.sighted
    shown.clear()

    def interrupt(walked: Walked) -> None:
        if shown or (kind is Kind.NODE and walked.runs > whole.sighted[0].run):
            signal.raise_signal(signal.SIGINT)

    cut = walk_through(system, ASKED_MANY, interrupt, width=1)
    assert cut.interrupted
    assert cut.stopped == "interrupted"
    assert told(cut) == told(whole)
    assert cut.whole == 0
    assert 0 < cut.runs < 1_000
    assert cut.untold == []


ASKED_MANY = Walks(1_000, 16, 1)


def test_a_time_limit_in_the_middle_of_a_block_counts_and_tells_what_was_walked() -> None:
    claim = of_list(Kind.STATE, lambda _, shown: "one" if len(shown["a"]) == 1 else None)

    def wait(walked: Walked) -> None:
        time.sleep(0.3 if walked.runs >= 100 else 0)

    walked = walk_through(counter((claim,)), replace(ASKED_MANY, timeout=0.3), wait, width=100)
    assert walked.stopped == "the limit of 0.3 seconds was reached"
    assert walked.whole == 0
    assert walked.runs >= 100
    assert sum(walked.ends.values()) == walked.runs
    assert sum(walked.fired.values()) == walked.steps
    assert [s.property for s in walked.sighted] == ["p"]
    assert walked.states > 0


def test_of_runs_that_a_limit_cut_short_no_bound_follows() -> None:
    """Those at their ends are the short ones."""
    result = simulated(counter((in_order(9),)), replace(ASKED, timeout=1e-9))
    assert result.walked.whole == 0
    assert bound(result) is None
    assert result.check.verdict is Verdict.INCONCLUSIVE


def test_states_are_counted_once_however_often_tables_begin_anew() -> None:
    system, asked = counter(()), Walks(400, 5)
    plenty = walk_through(system, asked)
    little = walk_through(system, replace(asked, memory=3 << 19), width=100)
    assert little.tables_dropped > 0
    assert (little.states, little.counted) == (plenty.states, plenty.counted)


def test_a_mistake_of_one_property_takes_no_violation_of_another_with_it() -> None:
    def judge(_: Any, shown: Any) -> str | None:
        if len(shown["a"]) == 6:
            raise ValueError("six")
        return None

    result = simulated(counter((of_list(Kind.STATE, judge), in_order(1, 2))))
    assert result.check.found.raised is not None
    assert [p.id for p in result.check.violated()] == ["p1-2"]


def test_an_interruption_of_what_shortens_leaves_the_run_as_it_is() -> None:
    def interrupt(walked: Walked) -> None:
        if walked.shortening is not None:
            signal.raise_signal(signal.SIGINT)

    result = simulate_system(counter((in_order(6, 3, 0),)), Question(), ASKED_MANY, interrupt)
    assert result.exit_code is ExitCode.INTERRUPTED
    (violated,) = result.check.violated()
    assert violated.length == result.lengths["p6-3-0"]


def test_an_interruption_before_the_first_run_verifies_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: System) -> System:
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.simulation.simulate.begun", interrupted)
    result = simulate_system(counter((in_order(1),)), Question(), replace(ASKED, past_violations=True))
    assert result.exit_code is ExitCode.INTERRUPTED
    assert [p.verdict for p in result.check.judged.properties] == [Verdict.INCONCLUSIVE]


@pytest.mark.parametrize(
    "wrong",
    [
        {"runs": 0},
        {"steps": 0},
        {"steps": 10**10},
        {"seed": -1},
        {"seed": 2**63},
        {"depth": 0},
        {"depth": 65},
    ],
)
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        replace(ASKED, **wrong)  # type: ignore[arg-type]
