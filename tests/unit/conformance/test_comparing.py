"""Answers compared: field by field, sets as sets, and what is no answer told as such."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from suites import TWO, loaded, suite_of

from checker.conformance.comparing import Comparing, WrongShape
from checker.conformance.conforming import Fate, conform
from checker.conformance.rules import Rules
from checker.conformance.suite import Vector
from checker.implementations.pool import Fault

RULES = Rules(loaded(TWO))


def vector(role: str, kind: str, least: Callable[[Any], bool] = bool) -> Vector:
    """The first vector of a role that takes a message of that type, and has such an answer."""
    return next(
        v
        for v in suite_of(TWO).vectors
        if v.role == role
        and v.request.get("message", {}).get("type") == kind
        and least(v.answer["steps"])
        and v.answer["steps"]
    )


def told(one: Vector, change: Callable[[Any], Any], *, ordered: bool = False) -> list[str]:
    answer = json.loads(json.dumps(one.answer))
    changed = change(answer)
    comparing = Comparing(RULES.wire, ordered=ordered)
    came = answer if changed is None else changed
    found = comparing.differences(one.request["do"], one.answer, came, RULES.like(one.node))
    return [str(difference) for difference in found]


def test_the_same_answer_has_no_differences_whatever_the_order_of_its_sets() -> None:
    one = vector("leader", "p1b", lambda steps: len(steps[0]["sends"]) > 0)

    def turn(answer: Any) -> None:
        step = answer["steps"][0]
        step["sends"].reverse()
        step["state"] = dict(reversed(step["state"].items()))
        step["state"]["proposals"].reverse()

    assert told(one, turn) == []


def test_a_field_that_differs_is_named_with_both_values() -> None:
    one = vector("acceptor", "p1a")
    assert told(one, lambda answer: answer["steps"][0]["state"].update(ballot=[-1, -1])) == [
        "state.ballot: expected 0.0, came ⊥"
    ]


def test_of_a_set_it_is_told_what_is_missing_and_what_is_too_much() -> None:
    one = vector("acceptor", "p2a", lambda steps: steps[0]["state"]["accepted"])

    def other_slot(answer: Any) -> None:
        answer["steps"][0]["state"]["accepted"][0]["slot"] = 2

    assert told(one, other_slot) == [
        "state.accepted: missing ⟨0.0, 1, put k1 v1⟩",
        "state.accepted: ⟨0.0, 2, put k1 v1⟩ is too much",
    ]


def test_a_part_of_a_part_is_named_by_its_path() -> None:
    one = vector("leader", "p1b", lambda steps: steps[0]["state"]["scout"] is None)
    assert told(one, lambda a: a["steps"][0]["state"].update(scout={"heard": [], "pvalues": []})) == [
        "state.scout: expected –, came scout(heard {}, pvalues {})"
    ]


def test_what_is_sent_is_compared_with_how_often() -> None:
    one = vector("acceptor", "p1a")
    missing = "sends: missing p1b(acceptor 0, ballot 0.0, current 0.0, accepted {}) → leader 0"
    assert told(one, lambda answer: answer["steps"][0].pop("sends") and None) == [missing]
    twice = told(one, lambda a: a["steps"][0]["sends"].append(a["steps"][0]["sends"][0]))
    assert twice == [missing.replace("missing ", "") + " is too much"]


def test_in_an_ordered_network_the_order_of_what_one_node_is_sent_matters() -> None:
    one = vector("replica", "request")
    answer = json.loads(json.dumps(one.answer))
    (first, *_) = answer["steps"][0]["sends"]
    other = {**first, "message": {**first["message"], "slot": 2}}
    longer = one._replace(answer={"id": 1, "steps": [{**answer["steps"][0], "sends": [first, other]}]})
    turned = {"id": 1, "steps": [{**answer["steps"][0], "sends": [other, first]}]}
    assert told(longer, lambda _: turned) == []
    (said,) = told(longer, lambda _: turned, ordered=True)
    assert said.startswith(f"order of what {first['to']} is sent: expected propose(slot 1")


def test_steps_that_should_not_be_and_steps_that_are_missing() -> None:
    one = vector("acceptor", "p1a")
    (said,) = told(one, lambda answer: {**answer, "steps": []})
    assert said.startswith("steps: expected a step to acceptor(ballot 0.0")
    assert said.endswith("came none: it was ignored")
    ignored = one._replace(answer={"id": 1, "steps": []})
    (said,) = told(ignored, lambda _: one.answer)
    assert said.startswith("steps: expected none: it is ignored, came a step to acceptor(ballot 0.0")
    (said,) = told(one, lambda answer: {**answer, "steps": answer["steps"] * 2})
    assert said == "steps: expected 1 of them, came 2, one of them twice"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda a: {"id": 1, "error": "boom"}, "it answered with an error: boom"),
        (lambda a: {"id": 1}, "there is no 'steps'"),
        (lambda a: {"id": 1, "steps": [{"sends": []}]}, "steps[0]: there is no 'state'"),
        (lambda a: a["steps"][0]["state"].pop("ballot") and None, "expected an object with 'ballot' too"),
        (lambda a: a["steps"][0]["sends"][0].update(to="leader 9"), "sends[0].to: unknown node 'leader 9'"),
        (lambda a: a["steps"][0].update(view=a["steps"][0]["state"]), "it answered with a 'view'"),
    ],
)
def test_what_is_no_answer_went_wrong(change: Callable[[Any], Any], expected: str) -> None:
    with pytest.raises(WrongShape) as caught:
        told(vector("acceptor", "p1a"), change)
    assert expected in str(caught.value)


def outcome(ask: Any) -> Any:
    return conform(suite_of(TWO), RULES, ask, roles=["acceptor"])


def test_who_answers_otherwise_when_asked_again_went_wrong() -> None:
    seen: set[int] = set()

    def forgetful(request: Any) -> Any:
        answer = json.loads(json.dumps(RULES.answer(request)))
        if request["id"] in seen and request.get("message", {}).get("type") == "p2a":
            answer["steps"] = []
        seen.add(request["id"])
        return answer

    found = outcome(lambda requests, again=False: [forgetful(request) for request in requests])
    assert {failure.fate for failure in found.failures} == {Fate.WRONG}
    assert found.failures[0].trouble.startswith(
        "asked again, it answered otherwise (steps: expected a step"
    )
    assert not found.all_passed
    assert found.went_wrong


def test_who_gives_no_answer_the_second_time_went_wrong() -> None:
    found = outcome(
        lambda requests, again=False: [Fault("is gone") if again else RULES.answer(r) for r in requests]
    )
    assert {failure.trouble for failure in found.failures} == {"asked again: is gone"}
    assert found.passed == {"acceptor": 0}


def test_what_is_known_when_it_is_interrupted_is_no_pass() -> None:
    def interrupted(requests: Any, *, again: bool = False) -> Any:
        if again:
            raise KeyboardInterrupt
        return [RULES.answer(request) for request in requests]

    found = outcome(interrupted)
    assert found.interrupted
    assert not found.all_passed
