"""`assert_conforms` and the fixture `pmmc_conform`: commands and functions held to vectors in a test."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servedrules import answered
from suites import TWO, loaded, mutated

from checker.conformance import folder
from checker.conformance.rules import Rules
from checker.conformance.schema import schema_of
from checker.testing.conformance import assert_conforms, suite_of

RIGHT = Rules(loaded(TWO))


def right(request: Any) -> Any:
    return answered(RIGHT, request)


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    place = tmp_path / "vectors"
    folder.write(place, suite_of(loaded(TWO)), schema_of(RIGHT.wire))
    return place


def test_a_function_that_answers_as_the_rules_do(pmmc_conform: Callable[..., Any], vectors: Path) -> None:
    outcome = pmmc_conform(right, vectors)
    assert outcome.passed == {"acceptor": 19, "leader": 39, "replica": 15}
    assert pmmc_conform(right, str(vectors), roles=["acceptor"]).passed == {"acceptor": 19}


def test_the_message_is_the_report_with_a_run(pmmc_conform: Callable[..., Any], vectors: Path) -> None:
    wrong = mutated(TWO, {"acceptor": "accept-any-ballot"})
    with pytest.raises(AssertionError) as caught:
        pmmc_conform(lambda request: answered(wrong, request), vectors)
    report = str(caught.value)
    assert report.startswith("DIFFERS  4 of 73 vectors")
    assert "state.accepted: ⟨0.0, 1, put k1 v1⟩ is too much" in report
    assert re.search(r"path +[0-9/]+", report)


def test_what_a_function_raises_is_told() -> None:
    def raising(request: Any) -> Any:
        if request["do"] == "step":
            raise RuntimeError("not yet")
        return right(request)

    with pytest.raises(AssertionError, match="it raised RuntimeError: not yet"):
        assert_conforms(raising, loaded(TWO), roles=["acceptor"])


def test_a_function_that_changes_what_it_is_given_changes_nothing_else() -> None:
    def careless(request: Any) -> Any:
        answer = json.loads(json.dumps(right(request)))
        request.clear()
        return answer

    assert assert_conforms(careless, loaded(TWO)).all_passed


def test_a_model_by_its_text_is_asked_too() -> None:
    assert assert_conforms(right, loaded(TWO).text, roles=["replica"]).all_passed
