"""Goals in model files: what some state must show, and what can still be reached from every state."""

import pytest

from checker.model.properties import Kind
from checker.modelfiles.complaints import Faults
from checker.modelfiles.loading import LoadedModel, load_text
from checker.modelfiles.places import places
from spec.protocol import PMMC

MODEL = """\
name: goals
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k A]
bounds: {slots: 1, rounds: 1}
properties: [R1]
"""


def read(text: str) -> LoadedModel:
    return load_text(MODEL + text, "m.yaml", protocols={"pmmc": PMMC})


def faults(text: str) -> list[str]:
    with pytest.raises(Faults) as caught:
        read(text)
    return [str(fault).removeprefix("m.yaml:") for fault in caught.value.faults]


def test_a_goal_may_be_asked_for_once_and_from_everywhere() -> None:
    loaded = read(
        "sometimes:\n  - slot-decided\n  - leader 1: {active: true}\n"
        "can-still:\n  - leader 1: {active: true}\n  - slot-decided\n"
    )
    assert {p.id: p.kind for p in loaded.system.properties} == {
        "R1": Kind.STATE,
        "slot-decided": Kind.SOMETIMES,
        "leader 1 (active yes)": Kind.SOMETIMES,
        "can-still leader 1 (active yes)": Kind.CAN_STILL,
        "can-still slot-decided": Kind.CAN_STILL,
    }
    lines = [places(loaded)[p.id].line for p in loaded.system.properties]
    assert lines == [5, 7, 8, 10, 11]


def test_an_expectation_may_name_it() -> None:
    expect = "expect: {verdict: violated, property: can-still slot-decided, length: 2}\n"
    assert read("can-still: [slot-decided]\n" + expect).model.expect is not None
    (fault,) = faults("can-still: [leader-preempted]\n" + expect)
    assert fault.startswith("7:39: 'can-still slot-decided' is not among the properties of this model")


def test_what_is_no_goal_is_refused_with_its_place() -> None:
    claim, misspelt = faults("can-still: [R1, slot-decidd, slot-decided]\n")
    assert claim == "6:13: 'R1' is a claim about every state: it belongs under 'properties'"
    assert misspelt.startswith("6:17: unknown goal 'slot-decidd'; did you mean 'slot-decided'? allowed: ")
    found = faults("can-still: [slot-decided, slot-decided, {leader 7: {active: true}}, {leader 0: {}}]\n")
    assert found[0] == "6:27: 'slot-decided' is listed twice"
    assert [fault.split(":")[:2] for fault in found[1:]] == [["6", "42"], ["6", "80"]]
    key = faults("can_still: [slot-decided]\n")[0]
    assert key.startswith("6:1: unknown key 'can_still'; did you mean 'can-still'? allowed: ")
