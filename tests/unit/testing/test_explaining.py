"""`checker.why`: what `pmmc why` says, for tests in Python."""

import pytest
from smallmodels import BROKEN, SMALL
from sometraces import model

from checker import Limits, Means, Options, why

QUICK = Options(Means("native"), Limits(timeout=20))


def test_a_violated_property_is_explained() -> None:
    found = why(BROKEN, "R1", QUICK)
    assert found.fates is not None
    assert found.fates.known
    assert found.departure is not None, "accept-any-ballot is not the protocol's own"
    text = str(found)
    assert text.startswith("VIOLATED  R1")
    assert "  no return   " in text


def test_a_system_that_is_in_no_file_is_explained_too() -> None:
    system = model("log-without-holes").system
    found = why(system, "log-without-holes")
    assert found.own is None
    assert found.fates is not None
    assert found.fates.no_return == 0


def test_a_property_that_nothing_shows_cannot_be() -> None:
    with pytest.raises(ValueError, match="R1: there is nothing to explain"):
        why(SMALL, "R1")
