"""What the explorer tells of a model, against the reference semantics; how far to trust its search."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from checker.engines import reference
from checker.engines.contract import Limits
from checker.explorer.goals import ANY, QUIET, RAISED, Goal, goals, others
from checker.explorer.outline import in_sequence, outline
from checker.explorer.pages import MOST_STEPS, Pages, Refusal, Subject, read_path, styles
from checker.explorer.search import Bounds, nearest
from checker.explorer.walk import NoStep, Walk, trace_of
from checker.model.behaviour import replay
from checker.model.properties import Kind, Property
from checker.model.semantics import initial_state, successors
from checker.model.system import System
from checker.model.values import parts, show
from checker.model.vocabulary import Member, Role, Step, View
from checker.model.wording import action_of
from checker.modelfiles.loading import LoadedModel, load, load_text
from checker.traces.tracefile import Source, read
from spec.protocol import PMMC

ROOT = Path(__file__).parents[3]
TWO_ACTIVE = (0, 0, 0, 0, 4, 4, 2, 2)


@cache
def model(name: str) -> LoadedModel:
    return load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC})


def pages_of(loaded: LoadedModel) -> Pages:
    source = Source(loaded.path, loaded.text, loaded.protocol.name)
    return Pages(Subject(loaded.system, source, loaded.model.about or "", (), others(loaded)))


@cache
def pages(name: str) -> Pages:
    return pages_of(model(name))


# Moments ------------------------------------------------------------------------------------------------


def test_a_walk_takes_the_steps_that_replay_takes() -> None:
    system = model("one-active-leader").system
    assert trace_of(Walk(system).along(TWO_ACTIVE)).steps == replay(system, TWO_ACTIVE).steps


def test_a_walk_forgets_and_comes_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.explorer.walk.MOST_MOMENTS", 10)
    walk = Walk(model("one-active-leader").system)
    first = [moment.state for moment in walk.along(TWO_ACTIVE)]
    assert [moment.state for moment in walk.along(TWO_ACTIVE)] == first


def test_a_path_with_no_such_step_says_how_far_it_goes() -> None:
    with pytest.raises(
        NoStep, match=r"^step 3: there is no step 99; the state before it has \d+ steps"
    ) as told:
        Walk(model("one-active-leader").system).along((0, 0, 99, 0))
    assert told.value.valid == 2


def test_a_state_shows_every_field_and_every_step() -> None:
    system = model("one-active-leader").system
    for length in range(len(TWO_ACTIVE) + 1):
        told = pages("one-active-leader").state(TWO_ACTIVE, length)
        state = replay(system, TWO_ACTIVE[:length]).final
        for shown, cell in zip(told["nodes"], state, strict=True):
            fields = parts(cell.local) or {}
            rows = {row["name"]: row["text"] for row in shown["rows"]}
            assert {name.split(".")[0] for name in rows} == set(fields)
            assert all(text == fields[name] for name, text in rows.items() if name in fields and text)
            there = [item["text"] for item in shown["inbox"] if item["mark"] != "removed"]
            assert there == [show(m) for m in system.network.held(cell.inbox)]
        following = [(t.node, action_of(t)) for t in successors(system, state)]
        assert [(a["node"], a["label"]) for a in told["actions"]] == following
        assert [a["index"] for a in told["actions"]] == list(range(len(following)))


def test_a_violation_is_told_before_at_and_after_the_step() -> None:
    before = pages("one-active-leader").state(TWO_ACTIVE, 7)
    assert before["actions"][2]["breaks"] == ["one-active-leader"]
    after = pages("one-active-leader").state(TWO_ACTIVE)
    assert after["steps"][-1]["breaks"] == ["one-active-leader"]
    assert after["steps"][2]["reaches"] == []
    lamp = after["properties"][0]
    assert (lamp["lamp"], lamp["first"]) == ("broken", 8)
    assert lamp["reason"] == "leader 0 and leader 1 are both active"
    assert "leader 0 and leader 1 are both active" in after["svg"]


def test_messages_that_are_ignored_are_told_apart_from_those_that_are_not() -> None:
    told = pages("accept-any-ballot").state(read_path("2/0/0/2/2/0/2/2/5/0/1/0/0/0"))
    ignored = {(m["node"], m["label"], m["why"]) for m in told["ignored"]}
    assert (1, "propose(slot 1, put k1 v1)", "ignored now") in ignored
    assert not {(a["node"], a["label"]) for a in told["actions"]} & {(n, text) for n, text, _ in ignored}


def test_a_queue_keeps_later_messages_waiting() -> None:
    told = pages("fifo").state((1, 3, 0, 2, 4, 3))
    waiting = {"node": 1, "label": "propose(slot 2, put k a)", "why": "behind another", "looked": ""}
    assert told["ignored"] == [waiting]
    assert "propose(slot 2, put k a)" not in {a["label"] for a in told["actions"] if a["node"] == 1}


def test_a_drawing_has_no_styles_in_line() -> None:
    told = pages("one-active-leader").state(TWO_ACTIVE)
    assert "<style" not in told["svg"]
    assert "style=" not in told["svg"]
    assert "svg.pmmc" in styles()


def test_a_trace_that_is_downloaded_replays() -> None:
    name, text = pages("one-active-leader").trace(TWO_ACTIVE)
    assert name == "one-active-leader.itf.json"
    assert read(text).path == TWO_ACTIVE
    assert read(text).property == "one-active-leader"


def test_the_model_says_what_is_claimed() -> None:
    told = pages("one-active-leader").model()
    assert [p["id"] for p in told["properties"]] == ["one-active-leader", "leader-preempted"]
    assert all(p["meaning"] and p["source"] for p in told["properties"])
    assert told["nodes"][0] == {"name": "acceptor 0", "role": "acceptor"}
    json.dumps(told)


@pytest.mark.parametrize("text", ["0/x", "-1", "0/1.5", "٣", "0/%31", "0/1234567", "..", "0 /1"])
def test_a_malformed_path_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="a path is indices") as told:
        read_path(text)
    assert told.value.status == 400


def test_a_path_that_is_too_long_is_refused() -> None:
    with pytest.raises(Refusal, match="are the most") as told:
        pages("one-active-leader").state((0,) * (MOST_STEPS + 1))
    assert (told.value.status, told.value.more) == (400, {"valid": MOST_STEPS})


# What changed -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Inner:
    heard: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outer:
    count: int = 0
    inner: Inner | None = None
    log: tuple[str, ...] = ()


def marks(before: Any, after: Any) -> dict[str, Any]:
    return {
        row["name"]: [(i["mark"], i["text"]) for i in row["items"]]
        if row["items"] is not None
        else row["mark"]
        for row in outline(before, after)
    }


def test_changes_are_marked_where_they_are() -> None:
    before, after = Outer(0, Inner(frozenset("ab"))), Outer(1, Inner(frozenset("bc")))
    assert marks(before, after) == {
        "count": "changed",
        "inner.heard": [("removed", "a"), ("", "b"), ("added", "c")],
        "log": [],
    }


def test_a_record_that_comes_or_goes_is_shown_once() -> None:
    rows = list(outline(Outer(), Outer(0, Inner(frozenset("a")))))
    assert [(r["name"], r["old"], r["mark"]) for r in rows[1:3]] == [
        ("inner", "–", "changed"),
        ("inner.heard", None, ""),
    ]
    gone = list(outline(Outer(0, Inner()), Outer()))[1]
    assert (gone["name"], gone["old"], gone["text"]) == ("inner", "inner(heard {})", "–")


def test_a_list_keeps_what_went_in_its_place() -> None:
    assert [(i["mark"], i["text"]) for i in in_sequence(("a", "b"), ("b", "c"))] == [
        ("removed", "a"),
        ("", "b"),
        ("added", "c"),
    ]


# Searching ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["one-active-leader", "accept-any-ballot", "log-without-holes"])
def test_the_nearest_violation_is_as_far_as_the_reference_engine_finds_it(name: str) -> None:
    system = model(name).system
    found = nearest(system, initial_state(system), goals(system, ())[ANY])
    (violation, *_) = reference.explore(system, Limits(), None).violations
    assert violation.path is not None
    assert found.steps is not None
    assert len(found.steps) == len(violation.path)
    assert trace_of(Walk(system).along(found.steps)).claim is not None


def test_a_search_goes_on_from_where_the_reader_is() -> None:
    told = pages("one-active-leader").search(TWO_ACTIVE[:6], "one-active-leader", Bounds())
    assert len(told["steps"]) == 2
    path = (*TWO_ACTIVE[:6], *told["steps"])
    assert pages("one-active-leader").state(path)["steps"][-1]["breaks"] == ["one-active-leader"]


def test_a_goal_that_holds_here_needs_no_steps() -> None:
    told = pages("one-active-leader").search(TWO_ACTIVE, ANY, Bounds())
    assert (told["found"], told["steps"]) == (True, [])
    assert told["text"].startswith("here already: ")


def test_a_search_finds_the_first_step_of_an_action() -> None:
    system = model("accept-any-ballot").system
    found = nearest(system, initial_state(system), goals(system, ())["action:replica.decision"])
    assert found.steps is not None
    assert replay(system, found.steps).steps[-1].transition.action == "decision"


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        (Bounds(states=50), "the limit of 50 states was reached"),
        (Bounds(seconds=0), "the limit of 0 seconds was reached"),
        (Bounds(stop=lambda: True), "the search was ended"),
    ],
)
def test_a_search_that_a_bound_ends_rules_nothing_out(bounds: Bounds, reason: str) -> None:
    told = pages("one-active-leader").search((), RAISED, bounds)
    assert (told["found"], told["complete"]) == (False, False)
    assert told["stopped"] == reason
    assert told["text"].startswith("not found, and not ruled out: ")


def test_a_search_that_saw_everything_says_so() -> None:
    told = pages("election").search((), RAISED, Bounds())
    assert (told["found"], told["complete"]) == (False, True)
    assert re.match(r"cannot be reached from here: .* in none of the [\d,]+ states", told["text"])


def test_what_bounds_cut_is_said_of_a_search_that_saw_everything() -> None:
    told = pages("majorities-any-length").search((), RAISED, Bounds())
    assert told["complete"]
    assert told["cut"].keys() == {"spread"}
    assert told["text"].endswith(f" s, {told['cut']['spread']} states cut by the bound on spread")


def test_an_unknown_goal_is_refused_with_those_there_are() -> None:
    with pytest.raises(Refusal, match="unknown goal 'nonsense'") as told:
        pages("election").search((), "nonsense", Bounds())
    assert ANY in told.value.more["goals"]


# Models that end, and models that raise -----------------------------------------------------------------


def _counting(context: Any, count: int) -> list[Step]:
    if count == 2:
        raise ZeroDivisionError("two")
    return [Step(count + 1), Step(5)] if count < 2 else []


def _stuck(setting: Any, counts: dict[str, int]) -> str | None:
    return f"stuck at {counts['node']}"


def counter() -> System:
    role = Role("counter", {}, {"count": _counting})
    claim = Property(
        "never-stuck", Kind.TERMINAL, "It goes on.", "here", (View("all", "counter", int),), _stuck
    )
    network = model("election").system.network
    return System("counter", (Member("node", role, None, 0),), network, (claim,))


def test_the_end_of_a_run_is_told_and_judged() -> None:
    told = Pages(Subject(counter(), Source("", "", ""))).state((1,))
    assert (told["quiet"], told["raised"], told["actions"]) == (True, None, [])
    assert told["properties"][0]["reason"] == "stuck at 5"


def test_what_the_model_raises_is_told_and_can_be_looked_for() -> None:
    asked = Pages(Subject(counter(), Source("", "", "")))
    told = asked.state((0, 0))
    assert "ZeroDivisionError: two" in told["raised"]
    assert (told["quiet"], told["properties"][0]["lamp"]) == (False, "silent")
    assert asked.search((), RAISED, Bounds())["steps"] == [0, 0]
    with pytest.raises(Refusal, match="ZeroDivisionError"):
        asked.state((0, 0, 0))


def test_an_end_is_found_at_its_own_distance() -> None:
    system = counter()
    for goal in (QUIET, ANY):
        found = nearest(system, initial_state(system), goals(system, ())[goal])
        assert found.steps == (1,)


def test_states_beyond_an_exception_are_not_ruled_out() -> None:
    system = counter()
    found = nearest(system, initial_state(system), Goal("x", "x", "x", action="counter.other"))
    assert found.steps is None
    assert found.stopped.startswith(
        "the model's code went wrong, and what follows is not known: node: count"
    )


def test_other_networks_are_shown_too() -> None:
    text = model("one-active-leader").text.replace("network: at-most-once", "network: lossy-duplicating")
    loaded = load_text(text.split("expect:")[0], "other.yaml", protocols={"pmmc": PMMC})
    told = pages_of(loaded).state((0, 0))
    assert any(action["idle"] for action in told["actions"])
