"""Watches, conditions of a reader's own, and states beside each other, against the states themselves."""

from functools import cache, partial

import pytest

from checker.explorer.pages import Pages, Refusal, Subject
from checker.explorer.search import Bounds
from checker.model.behaviour import replay
from checker.model.judging import judge_state
from checker.model.values import show
from checker.modelfiles.complaints import Faults
from checker.modelfiles.conditions import read_condition
from checker.modelfiles.loading import LoadedModel, load, load_text
from checker.traces.tracefile import Source
from spec.protocol import PMMC

TWO_ACTIVE = (0, 0, 0, 0, 4, 4, 2, 2)


@cache
def model(name: str) -> LoadedModel:
    return load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC})


@cache
def pages(name: str) -> Pages:
    loaded = model(name)
    source = Source(loaded.path, loaded.text, loaded.protocol.name)
    condition = partial(read_condition, loaded)
    return Pages(Subject(loaded.system, source, condition=condition))


def watched(name: str, path: tuple[int, ...], text: str) -> list[str]:
    (told,) = pages(name).state(path, 0, [text])["watches"]
    assert told["error"] is None, told["error"]
    return list(told["values"])


@pytest.mark.parametrize("text", ["leader 0.active", "leader 0 active", " leader  0 . active "])
def test_a_field_is_told_for_every_moment(text: str) -> None:
    states = replay(model("one-active-leader").system, TWO_ACTIVE).states
    assert watched("one-active-leader", TWO_ACTIVE, text) == [show(s[3].local.active) for s in states]


def test_fields_of_fields_inboxes_views_and_conditions_are_told() -> None:
    states = replay(model("one-active-leader").system, TWO_ACTIVE).states
    told = partial(watched, "one-active-leader", TWO_ACTIVE)
    scouts = [s[4].local.scout for s in states]
    assert told("leader 1.scout.heard") == ["–" if s is None else show(s.heard) for s in scouts]
    assert told("leader 1") == [show(s[4].local) for s in states]
    assert told("acceptor 2 inbox") == ["p1a(leader 0, ballot 0.0), p1a(leader 1, ballot 0.1)"] * 9
    assert told("leader 0: {active: true}, leader 1: {active: true}") == ["no"] * 8 + ["yes"]
    views = {v.name: v for p in model("one-active-leader").system.properties for v in p.views}
    assert told("leader 0 phase") == [show(views["phase"](s[3].local)) for s in states]


def test_processes_of_machines_are_told_too() -> None:
    system = model("servers").system
    (process,) = [p for node in system.processes for p in node if show(p.name) == "leader 0"]
    state = replay(system, (0,)).final
    told = watched("servers", (0,), "leader 0.ballot")[-1]
    assert told == show(process.local(state[process.node].local).ballot)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("leadr 0.active", "did you mean 'leader 0'"),
        ("leader 0.actve", "unknown field or view of leader 0 'actve'; did you mean 'active'"),
        ("leader 0: {actve: true}", "unknown field of leaders 'actve'; did you mean 'active'"),
        ("", "unknown node"),
        (":", "expected"),
        ("leader 0: {", "not valid YAML"),
    ],
)
def test_what_is_no_watch_says_why(text: str, told: str) -> None:
    (found,) = pages("one-active-leader").state((), 0, [text])["watches"]
    assert told in found["error"]
    assert found["values"] is None


def test_a_condition_is_read_as_under_sometimes() -> None:
    text = "leader 1: {active: true, ballot: 0.1}"
    file = model("one-active-leader").text.split("expect:")[0].split("sometimes:")[0]
    listed = load_text(f"{file}\nsometimes:\n  - {text}\n", "x.yaml", protocols={"pmmc": PMMC}).system
    (goal,) = [p for p in listed.properties if p.kind.goal]
    read = read_condition(model("one-active-leader"), text)
    assert (read.id, read.judge) == (goal.id, goal.judge)
    assert read_condition(model("one-active-leader"), "slot-decided") == PMMC.properties["slot-decided"]


@pytest.mark.parametrize(
    "text", ["", "leader 7: {active: true}", "A1", "[1]", "leader 0: {}", "x: &a [*a]"]
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(Faults):
        read_condition(model("one-active-leader"), text)


def test_a_condition_is_looked_for_from_where_the_reader_is() -> None:
    asked = pages("one-active-leader")
    told = asked.search(TWO_ACTIVE[:2], "leader 0: {active: true}", Bounds())
    trace = replay(model("one-active-leader").system, (*TWO_ACTIVE[:2], *told["steps"]))
    claim = read_condition(model("one-active-leader"), "leader 0: {active: true}")
    assert judge_state(trace.system, claim, trace.final)
    assert told["reason"] == "leader 0 (active yes)"
    empty = "acceptor 0: {ballot: ⊥, accepted: [[0.0, 1, put k1 v1]]}"
    nowhere = pages("accept-any-ballot").search((), empty, Bounds())
    assert (nowhere["found"], nowhere["complete"]) == (False, True)
    with pytest.raises(Refusal, match="did you mean 'active'"):
        asked.search((), "leader 0: {actve: true}", Bounds())


def test_states_are_compared_field_by_field() -> None:
    told = pages("one-active-leader").state(TWO_ACTIVE, 8, (), TWO_ACTIVE[:3])
    system = model("one-active-leader").system
    there, here = (replay(system, TWO_ACTIVE[:n]).final for n in (3, 8))
    for node, was, cell in zip(told["compared"], there, here, strict=True):
        assert node["changed"] == (was != cell)
    (row,) = [r for r in told["compared"][3]["rows"] if r["name"] == "active"]
    assert (row["old"], row["text"]) == ("no", "yes")
    with pytest.raises(Refusal, match="what to compare with: step 1") as refused:
        pages("one-active-leader").state(TWO_ACTIVE, 8, (), (99,))
    assert refused.value.more == {"against": True}
    same = pages("one-active-leader").state(TWO_ACTIVE, 8, (), TWO_ACTIVE)["compared"]
    assert not any(node["changed"] for node in same)


def test_lamps_stand_along_the_path() -> None:
    for at in (0, 5, 8):
        told = pages("one-active-leader").state(TWO_ACTIVE, at)["properties"][0]
        assert told["along"] == "hhhhhhhhb"


def test_the_diagram_is_coloured_by_fields_of_messages() -> None:
    path = (2, 0, 0, 2, 2, 0, 2, 2, 5, 0, 1, 0, 0, 0)
    asked = pages("accept-any-ballot")
    names = asked.state(path)["colourings"]
    assert names[:2] == ["ballot", "kind"]
    assert {"command", "leader"} <= set(names)
    assert "role" not in names
    assert asked.state(path, colour="ballot") == asked.state(path)
    for name, legend in (("command", ["put k1 v1", "put k2 v2"]), ("kind", ["p1a", "p2b", "decision"])):
        drawn = asked.state(path, colour=name)["svg"]
        assert all(f"{name} {text}" in drawn for text in legend)
    assert "■" not in asked.state(path, colour="nothing")["svg"]
