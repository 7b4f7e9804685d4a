"""When a run is a counterexample to a temporal property: what counts as taken, and as a way to stay."""

from dataclasses import replace

import pytest
from lassos import EVENTUALLY, claiming, ending, game, lasso, staying, unfair

from checker.model.behaviour import judged, replay
from checker.model.fairness import Assumption, Fairness
from checker.model.network import LossyDuplicating
from checker.model.properties import Kind, Property
from checker.model.runs import assumptions_met, enabled, taken_in_cycle, violates
from checker.model.system import System
from checker.model.vocabulary import Member, Role, Step, View

NEVER = Property(
    "never", Kind.EVENTUALLY, "It comes.", "this test", (View("all", "lamp", lambda local: local),),
    lambda _, seen: None,
)  # fmt: skip


def flickering(fair: str) -> System:
    """A lamp that is switched on and off, and may be broken while it is on."""

    def switch(_: None, lamp: str) -> tuple[Step, ...]:
        return () if lamp == "broken" else (Step("off" if lamp == "on" else "on"),)

    def smash(_: None, lamp: str) -> tuple[Step, ...]:
        return (Step("broken" if lamp == "on" else lamp),)

    role = Role("lamp", {}, {"switch": switch, "smash": smash})
    must = Fairness(strong=(Assumption(fair, frozenset({("a", fair)})),))
    return System(
        "flickering", (Member("a", role, None, "off"),), LossyDuplicating(), (NEVER,), fairness=must
    )


def test_a_step_that_changes_nothing_is_none() -> None:
    # switched on, off, and smashed in the dark, for ever
    smashed = replay(flickering("smash"), (0, 0, 1), 0)
    assert {those.action for those in taken_in_cycle(smashed.run)} == {"switch"}
    (met,) = assumptions_met(smashed.run)
    assert (met.of.action, met.how) == ("smash", None)
    assert judged(smashed, NEVER) is None
    switched = replay(flickering("switch"), (0, 0, 1), 0)
    assert judged(switched, NEVER) == "steps 1 to 3 repeat for ever, and it never comes: It comes."


def test_what_changes_nothing_does_not_have_to_end() -> None:
    system = flickering("switch")
    ends = Fairness(finitely=(Assumption("smash", frozenset({("a", "smash")})),))
    assert judged(replay(replace(system, fairness=ends), (0, 0, 1), 0), NEVER) is not None
    ends = Fairness(finitely=(Assumption("switch", frozenset({("a", "switch")})),))
    assert judged(replay(replace(system, fairness=ends), (0, 0, 1), 0), NEVER) is None


def test_a_run_that_is_not_fair_violates_nothing() -> None:
    assert judged(unfair(), EVENTUALLY) is None
    assert violates(lasso().run, EVENTUALLY) == lasso().reason


def test_a_run_may_stay_where_no_fair_step_can_be_taken() -> None:
    assert {str(those) for those in enabled(ending().system, ending().final)} == {"referee.whistle"}
    assert staying().reason.startswith("nothing more need happen, and it never comes")
    with pytest.raises(AssertionError):
        claiming(replay(game(EVENTUALLY), ()), EVENTUALLY)  # the serve must come
