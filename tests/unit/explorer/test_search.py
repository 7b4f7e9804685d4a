"""Searches of the explorer, by each engine, against a plain search over the reference semantics."""

from collections.abc import Iterator
from functools import cache
from itertools import islice
from random import Random

import pytest

from checker.engines.contract import Progress
from checker.explorer.goals import Goal, goals, others
from checker.explorer.search import Bounds, Searched, nearest
from checker.model.beginning import beginning_in
from checker.model.behaviour import Trace, TraceStep, replay
from checker.model.judging import judge_state, judge_step
from checker.model.properties import On
from checker.model.semantics import ModelError, State, initial_state, moved, successors
from checker.model.shift import Shifting
from checker.model.system import System
from checker.modelfiles.conditions import read_condition
from checker.modelfiles.loading import LoadedModel, load
from spec.protocol import PMMC

#: States that the plain search looks at.
MOST = 3_000


@cache
def model(name: str) -> LoadedModel:
    return load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC})


def shows(system: System, goal: Goal, before: State, step: TraceStep | None) -> bool:
    """Whether a goal holds in a state, by the step that leads there if one does; said most plainly."""
    state = before if step is None else step.after
    if any(p.kind.on in (On.NODE, On.STATE) and judge_state(system, p, state) for p in goal.claims):
        return True
    if step is not None:
        if goal.action == f"{system.members[step.transition.node].role.name}.{step.transition.action}":
            return not step.transition.lost
        steps = [p for p in goal.claims if p.kind.on is On.STEP]
        if any(judge_step(system, p, *change) for p in steps for change in moved(before, state)):
            return True
    try:
        ends = all(t.state == state for t in successors(system, state))
    except ModelError:
        return goal.raised
    bound = next((m for m, c in zip(system.members, state, strict=True) if cut(m, c)), None)
    claims = [p for p in goal.claims if p.kind.on is On.END and ends and bound is None]
    return (goal.quiet and ends) or any(judge_state(system, p, state) for p in claims)


def cut(member: object, cell: object) -> bool:
    role, context, local = member.role, member.context, cell.local  # type: ignore[attr-defined]
    return role.cut is not None and role.cut(context, local) is not None


def plainly(system: System, start: State, goal: Goal) -> int | str | None:
    """How many steps away a goal is; None: nowhere; a text: too far for this search."""
    level, seen = [start], {start}
    shifting = None if system.shift is None else Shifting(system.shift)
    if shows(system, goal, start, None):
        return 0
    distance = 0
    while level:
        distance += 1
        following = []
        for state in level:
            if shifting is not None and shifting.is_cut(state):
                continue  # further apart than the spread: nothing follows within the bounds
            try:
                for index, t in enumerate(successors(system, state)):
                    if shows(system, goal, state, TraceStep(index, t, state)):
                        return distance
                    if t.state not in seen:
                        seen.add(t.state)
                        following.append(t.state)
            except ModelError:
                continue
        if len(seen) > MOST:
            return f"more than {MOST} states"
        level = following
    return None


def states(system: System, seed: int) -> Iterator[State]:
    """States along a random walk, a late one among them."""
    random, state, walked = Random(seed), initial_state(system), []
    for _ in range(30):
        walked.append(state)
        steps = [t.state for t in islice(successors(system, state), 200) if t.state != state]
        if not steps:
            break
        state = random.choice(steps)
    return iter((walked[len(walked) // 2], walked[-3 % len(walked)], walked[-1]))


def agree(system: System, start: State, goal: Goal, found: Searched, plain: int | str | None) -> None:
    if isinstance(plain, str):
        return
    assert found.stopped == ""
    if plain is None:
        assert found.steps is None
        return
    assert found.steps is not None
    assert len(found.steps) >= plain
    assert not found.nearest or len(found.steps) == plain
    trace = replay(beginning_in(system, start), found.steps)
    last: Trace | TraceStep = trace.steps[-1] if trace.steps else trace
    before = last.before if isinstance(last, TraceStep) else start
    assert shows(system, goal, before, last if isinstance(last, TraceStep) else None)


MODELS = [
    "accept-any-ballot", "one-active-leader", "log-without-holes", "fifo", "servers-crash",
    "duel-duplicating", "servers", "one-client", "duel-endless", "stable-nothing",
]  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("engine", ["native", "auto"])
def test_a_search_answers_as_a_plain_one_does(name: str, engine: str) -> None:
    compare(name, engine)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.stem for path in PMMC.models.glob("*.yaml")))
def test_so_it_does_in_every_model(name: str) -> None:
    compare(name, "native")


def compare(name: str, engine: str) -> None:
    system = model(name).system
    known = list(goals(system, others(model(name))).values())
    random = Random(f"{name} {engine}")
    for start in states(system, 1):
        for goal in random.sample(known, 4):
            found = nearest(system, start, goal, Bounds(states=20_000, engine=engine))
            agree(system, start, goal, found, plainly(system, start, goal))


def test_a_goal_that_no_reduction_is_sound_for_is_found_without() -> None:
    """It tells rounds apart, which the model's shift does not, or acceptors, which are interchangeable."""
    for name, text, plain in (
        ("duel-endless", "leader-preempted", None),
        ("majorities-two-slots", "acceptor 1: {ballot: 0.1}, acceptor 0: {ballot: 0.0}", 2),
    ):
        loaded = model(name)
        claim = read_condition(loaded, text)
        start = initial_state(loaded.system)
        goal = Goal(claim.id, claim.id, "", (claim,))
        found = nearest(loaded.system, start, goal, Bounds(engine="native", states=100_000, seconds=60))
        assert found.steps is not None, found.stopped
        assert plain is None or (len(found.steps), found.nearest) == (plain, True)
        agree(loaded.system, start, goal, found, plainly(loaded.system, start, goal))


def test_a_search_of_the_native_engine_can_be_ended() -> None:
    system = model("majorities-two-slots").system
    looks: list[Progress] = []
    bounds = Bounds(engine="native", report=looks.append, stop=lambda: looks[-1].states > 5_000)
    found = nearest(system, initial_state(system), Goal("x", "x", "x", raised=True), bounds)
    assert (found.steps, found.stopped) == (None, "the search was ended")
    assert 5_000 < found.states < 4_000_000
    again = nearest(system, initial_state(system), Goal("x", "x", "x", raised=True), Bounds(states=100))
    assert again.stopped == "the limit of 100 states was reached"
