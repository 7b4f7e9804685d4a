"""Processes on machines are read, judged, shown and named as if each were a node."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from checker import AtMostOnce, Kind, Property, Role, View
from checker.engines import reference
from checker.engines.native import engine as native
from checker.model.behaviour import replay
from checker.model.judging import judge_state
from checker.model.semantics import initial_state, successors
from checker.model.wording import fields_of, step_differences
from checker.modelfiles.places import of_step
from checker.modelfiles.runs import mixed, patterns
from checker.traces.causality import Causality
from tests.unit.model import askers
from tests.unit.model.askers import (
    ASKED,
    GOALS,
    HEARD,
    MEMBERS,
    WAITS,
    Ask,
    Server,
    Told,
    machines,
    on_ask,
    steps,
    system,
)

# What is read ---------------------------------------------------------------------------------------------


def test_properties_read_processes_by_their_names() -> None:
    ours = system(("s0", "a"), ("s1", "b"))
    state = steps(ours)["m0: ask"]
    assert [p.id for p in GOALS for _ in judge_state(ours, p, state)] == ["a hears ('s0',)"]
    seen: dict[Any, Any] = {}
    look = replace(GOALS[0], views=(ASKED, WAITS), judge=lambda _, *read: seen.update(enumerate(read)))
    judge_state(ours, look, state)
    assert seen[0] == {"s0": frozenset({"a"}), "s1": frozenset()}
    assert seen[1] == {"a": frozenset(), "b": frozenset()}
    apart = system(("a", "b"), ("s0", "s1"))
    judge_state(apart, look, initial_state(apart))
    assert seen[1] == {"a": frozenset(), "b": frozenset({Told("s1")})}


def test_each_process_is_judged_with_its_own_context() -> None:
    def judge_node(me: str, heard: Any) -> str | None:
        return f"{me} has heard" if heard else None

    def judge_step(me: str, before: Any, after: Any) -> str | None:
        return f"{me}: {before} to {after}" if after else None

    for kind, judge, says in (
        (Kind.NODE, judge_node, "a has heard"),
        (Kind.ACTION, judge_step, "a: None to frozenset({'s0'})"),
    ):
        claim = Property("p", kind, "A claim.", "this test", (HEARD,), judge)
        ours = system(("s0", "a"), ("s1", "b"), claims=(claim,))
        for search in (reference.explore, native.explore):
            (found,) = search(ours).violations
            assert found.reason == says, kind


def test_a_step_of_one_process_is_none_of_another() -> None:
    def judge(me: str, before: Any, after: Any) -> str | None:
        return f"{me} takes a step that changes nothing" if before == after else None

    claim = Property("p", Kind.ACTION, "A claim.", "this test", (View("all", "asker", lambda x: x),), judge)
    ours = system(("s0", "a"), ("s1", "b"), claims=(claim,))
    assert not reference.explore(ours).violations
    assert not native.explore(ours).violations


def test_a_machine_has_a_role_that_views_may_read() -> None:
    view = View("all", "machine", lambda hosted: tuple(name for name, _ in hosted.processes))
    seen: list[Any] = []
    look = Property(
        "p", Kind.STATE, "A claim.", "this test", (view,), lambda _, read: seen.append(dict(read))
    )
    judge_state(system(("s0", "a")), look, initial_state(system(("s0", "a"))))
    assert seen == [{"m0": ("s0", "a")}]


def test_it_is_shown_process_by_process() -> None:
    ours = system(("s0", "a"))
    assert fields_of(ours, initial_state(ours)[0]) == [("s0.asked", "{}"), ("a.heard", "–")]
    trace = replay(
        ours, (next(i for i, s in enumerate(successors(ours, initial_state(ours))) if s.action == "ask"),)
    )
    assert [*step_differences(ours, trace.steps[0])] == ["s0.asked {} → {a}", "a.heard – → {s0}"]
    assert [p.receiver for p in Causality(trace).parcels if p.sent] == [1]


def test_a_step_is_written_where_the_process_has_its_rule() -> None:
    def on_ask_too(me: str, state: Server, message: Ask) -> Any:
        return on_ask(me, state, message)

    other = replace(MEMBERS[1], role=Role("other", {Ask: on_ask_too}))
    ours = system(("s0", "s1"), members=(MEMBERS[0], other, *MEMBERS[2:]), claims=())
    begun = steps(ours)["a: ask"]
    found = {}
    for step in successors(ours, begun):
        place = of_step(ours, step)
        assert place is not None
        found[str(step.message)] = Path(place.file).name, place.line
    assert found["ask(a) for s0"] == (Path(askers.__file__).name, on_ask.__code__.co_firstlineno)
    assert found["ask(a) for s1"] == (Path(__file__).name, on_ask_too.__code__.co_firstlineno)


# How steps are named --------------------------------------------------------------------------------------


def test_patterns_name_processes_and_machines() -> None:
    known = patterns(machines(("s0", "a"), ("s1", "b")).join(MEMBERS), AtMostOnce())
    assert known["a"] == {("m0", "told"), ("m0", "ask")}
    assert known["asker.told"] == {("m0", "told"), ("m1", "told")}
    assert known["s0.ask"] == {("m0", "ask")}
    assert known["m0"] == {("m0", "ask"), ("m0", "told")}
    both = machines(("a", "b")).join(MEMBERS)
    assert patterns(both, AtMostOnce())["b.ask"] == {("m0", "ask of b")}
    assert patterns(both, AtMostOnce())["wakes"] == {("m0", "ask of a"), ("m0", "ask of b")}
    shared = mixed(both)
    assert shared["a.told"] == "'a.told' cannot be told from other steps: m0 takes told for b too"
    assert set(shared) >= {"a", "b", "a.deliveries"}
    assert "asker" not in shared
    assert "asker.told" not in shared
