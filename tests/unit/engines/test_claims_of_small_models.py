"""A claim that is false is refused however small the model is, whatever engine explores it."""

from typing import Any

import pytest

from checker import AtMostOnce, Kind, Member, Property, Role, Symmetry, System, View
from checker.engines.choose import Means, choose_engine
from checker.engines.contract import UNREDUCED, Limits
from checker.engines.native.reductions.settling import ReductionError
from checker.model.claims import UnsoundClaim

SEEN = View("seen", "counter", lambda n: n)
CLAIM = Property("never", Kind.STATE, "Never.", "ours", (SEEN,), lambda *_: None)


def counter(most: int, *, settle: Any = None, symmetric: bool = False, assumed: bool = False) -> System:
    """Two counters that begin unlike each other, and take messages that they settle."""

    def on_number(me: Any, n: int, message: int) -> Any:
        return ((n + message, ()),) if n + message <= most else ()

    role = Role("counter", {int: on_number}, settle=settle)
    members = tuple(Member(name, role, None, k, (("us", 1), ("us", 2))) for k, name in enumerate("ab"))
    swap = (Symmetry("counters", ({"a": "b", "b": "a"},), assumed=assumed),) if symmetric else ()
    return System("counters", members, AtMostOnce(), (CLAIM,), symmetries=swap)


FALSE = {
    "symmetry": (counter(9, symmetric=True), "symmetry .counters. is none: b does not begin as the image"),
    "settle": (counter(9, settle=lambda _, n, message: 1), "settle of role counter is unsound"),
}


@pytest.mark.parametrize("engine", ["auto", "native"])
@pytest.mark.parametrize("false", FALSE)
def test_a_false_claim_of_a_small_model_is_refused(false: str, engine: str) -> None:
    system, message = FALSE[false]
    with pytest.raises(ReductionError, match=message) as caught:
        choose_engine(Means(engine))(system, Limits(), None)
    assert isinstance(caught.value, UnsoundClaim)


@pytest.mark.parametrize("false", FALSE)
def test_where_nothing_may_rest_on_it_a_claim_is_not_looked_at(false: str) -> None:
    system, _ = FALSE[false]
    found = choose_engine(Means("auto", UNREDUCED))(system, Limits(), None)
    assert found.complete
    assert found.engine == "reference"


def test_a_symmetry_that_was_only_assumed_costs_nothing() -> None:
    found = choose_engine(Means("auto"))(counter(9, symmetric=True, assumed=True), Limits(), None)
    assert found.complete
