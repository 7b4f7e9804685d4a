"""Traces: paths replay forwards, and only what the reference semantics confirms is shown."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker.checking.confirm import InternalMismatch, confirm, confirm_raised
from checker.engines.contract import Discovery, Raised
from checker.engines.reference import explore
from checker.model.behaviour import ReplayError, replay, replay_as_far, show_path
from checker.model.network import AtMostOnce, Fifo
from checker.model.properties import Kind, Property
from checker.model.semantics import successors
from checker.model.system import System
from checker.model.vocabulary import Member, Role, Step, View
from checker.model.wording import group
from checker.text.narrative import headline, narrate
from checker.text.steps import CUT, UNCUT, effects_of
from checker.text.style import WIDTH
from checker.traces.causality import Causality
from checker.traces.tracefile import Source, TraceFault, read, write


@dataclass(frozen=True, slots=True)
class Counter:
    """A node that counts."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class Bump:
    """Count on by this much."""

    by: int


def bump(context: int, state: Counter, message: Bump) -> tuple[Step, ...]:
    if state.count + message.by > context:
        return ()
    return (Step(Counter(state.count + message.by)),)


def kick(_: int, state: Counter) -> tuple[Step, ...]:
    return (Step(Counter(1), (("b", Bump(1)), ("c", Bump(1)), ("b", Bump(2)))),) if not state.count else ()


COUNT = View("count", "counter", lambda state: state.count)


def claim(kind: Kind, judge: Callable[..., str | None], name: str = "claim") -> Property:
    return Property(name, kind, "A claim.", "this test", (COUNT,), judge)


def toy(*properties: Property, rule: Any = bump, network: Any = None, limit: int = 3) -> System:
    kicker = Role("counter", {Bump: rule}, {"kick": kick})
    counter = Role("counter", {Bump: rule})
    members = [Member("a", kicker, limit, Counter())]
    members += [Member(name, counter, limit, Counter()) for name in "bc"]
    return System("toy", tuple(members), network or AtMostOnce(), properties)


NODE = claim(Kind.NODE, lambda _, count: f"counted to {count}" if count == 3 else None)
STATE = claim(Kind.STATE, lambda _, counts: "all count" if all(counts.values()) else None)
ACTION = claim(Kind.ACTION, lambda _, x, y: f"{x} to {y}" if y == x + 2 else None)
TERMINAL = claim(Kind.TERMINAL, lambda _, counts: f"stuck at {sorted(counts.values())}")
SOMETIMES = claim(Kind.SOMETIMES, lambda _, counts: "b is 2" if counts["b"] == 2 else None)


@pytest.mark.parametrize("property_", [NODE, STATE, ACTION, TERMINAL, SOMETIMES], ids=lambda p: p.kind.name)
def test_confirms_what_the_engine_found(property_: Property) -> None:
    system = toy(property_)
    found = explore(system)
    (discovery,) = found.violations + found.witnesses
    trace = confirm(system, discovery)
    assert trace.claim == property_
    assert trace.reason == discovery.reason
    assert trace.path == discovery.path
    assert [step.before for step in trace.steps[1:]] == [step.after for step in trace.steps[:-1]]


@pytest.mark.parametrize("property_", [NODE, STATE, ACTION, TERMINAL, SOMETIMES], ids=lambda p: p.kind.name)
@pytest.mark.parametrize("path", [(), (0,)])
def test_does_not_confirm_what_the_path_does_not_show(property_: Property, path: tuple[int, ...]) -> None:
    with pytest.raises(InternalMismatch, match="does not show it"):
        confirm(toy(property_), Discovery("claim", "invented", path))


def test_does_not_confirm_a_terminal_state_made_by_a_bound() -> None:
    system = toy(TERMINAL)
    (discovery,) = explore(system).violations
    bounded = [replace(m, role=replace(m.role, cut=lambda *_: "limit")) for m in system.members]
    with pytest.raises(InternalMismatch):
        confirm(replace(system, members=tuple(bounded)), discovery)


def test_does_not_confirm_unknown_properties_and_paths() -> None:
    with pytest.raises(InternalMismatch, match="no property of toy"):
        confirm(toy(NODE), Discovery("other", "?", (0,)))
    with pytest.raises(InternalMismatch, match="does not replay"):
        confirm(toy(NODE), Discovery("claim", "?", (0, 9)))


def test_replay_says_which_step_does_not_exist() -> None:
    with pytest.raises(ReplayError, match="there is no step 7; the state before it has 3 steps") as caught:
        replay(toy(), (0, 7))
    assert caught.value.step == 2
    with pytest.raises(ReplayError):
        replay(toy(), (-1,))


def test_every_index_is_the_successor_of_that_number() -> None:
    system = toy()
    first = replay(system, (0,))
    for index, transition in enumerate(successors(system, first.final)):
        assert replay(system, (0, index)).steps[-1].transition == transition


def test_confirms_that_the_model_raises_again() -> None:
    def fragile(context: int, state: Counter, message: Bump) -> tuple[Step, ...]:
        if state.count == 1 and message.by == 2:
            raise RuntimeError("too much")
        return bump(context, state, message)

    system = toy(rule=fragile)
    raised = explore(system).raised
    assert raised is not None
    assert len(raised.path) == 2
    trace = confirm_raised(system, raised)
    line = fragile.__code__.co_firstlineno + 2
    assert trace.reason == (
        "b: bump on bump(by 2) in state counter(count 1): RuntimeError: too much "
        f"(tests/unit/model/test_trace.py:{line} in fragile)"
    )
    assert headline(trace, "toy.yaml")[0] == "RAISED  (after 2 steps, shortest)   toy.yaml"
    with pytest.raises(InternalMismatch, match="nothing raises"):
        confirm_raised(toy(), raised)
    with pytest.raises(InternalMismatch, match="does not replay"):
        confirm_raised(system, Raised("?", (5,)))
    with pytest.raises(ReplayError, match="RuntimeError"):
        replay(system, (*raised.path, 9))


def test_knows_which_step_sent_a_message() -> None:
    *others, last = toy().members
    system = replace(toy(), members=(*others, replace(last, inbox=(("somebody", Bump(2)),))))
    trace = replay(system, (0, 1, 2))
    assert Causality(trace).origins == [None, 1, 0]


def test_tells_each_step_by_what_it_changed() -> None:
    system = toy(NODE)
    (discovery,) = explore(system).violations
    trace = confirm(system, discovery)
    assert list(effects_of(system, trace.steps[0])) == [
        "count 0 → 1",
        "+ bump(by 1) → b, c",
        "+ bump(by 2) → b",
    ]
    assert headline(trace, "toy.yaml") == [
        "VIOLATED  claim   (node invariant, 3 steps, shortest)   toy.yaml",
        "  counted to 3",
        "",
        "  claim       A claim. (this test)",
    ]
    assert narrate(trace) == [
        "  initial state",
        "    a, b, c  count 0",
        "",
        "  step  sent  node  action      changes, old → new, and + messages sent",
        "     1        a     kick        count 0 → 1   + bump(by 1) → b, c   + bump(by 2) → b",
        "     2     1  b     bump(by 1)  count 0 → 1",
        "     3     1  b     bump(by 2)  count 1 → 3",
        "",
        "  path        0/0/0",
    ]


def test_tells_of_messages_lost_and_ignored() -> None:
    lossy = toy(network=Fifo(1))
    assert "lost bump(by 1)" in "\n".join(narrate(replay(lossy, (0, 1))))
    ignored = toy(network=Fifo(), limit=0)
    assert "no change" in "\n".join(narrate(replay(ignored, (0, 0))))


def long_trace(steps: int) -> Any:
    def on(_: None, state: Counter, __: Bump) -> tuple[Step, ...]:
        sends = tuple(("a", Bump(n)) for n in range(state.count + 1, state.count + 9))
        return (Step(Counter(state.count + 1), sends),)

    member = Member("a", Role("counter", {Bump: on}), None, Counter(), (("somebody", Bump(1)),))
    return replay(System("long", (member,), AtMostOnce(), ()), (0,) * steps)


@pytest.mark.parametrize("steps", [5, 30, 50, 400])
def test_stays_short_unless_asked(steps: int) -> None:
    trace = long_trace(steps)
    lines = narrate(trace)
    assert len(lines) <= (CUT if steps > UNCUT else UNCUT) + 10
    path = lines[-1]
    assert path.split() == ["path", show_path(trace.path)]
    assert all(len(line) <= WIDTH for line in lines[:-1])
    assert "…" not in "\n".join(narrate(trace, deltas=True))
    whole = "\n".join(narrate(trace, full=True))
    assert "…" not in whole
    assert whole.count("inbox") == steps + 1


def test_names_of_nodes_are_grouped() -> None:
    assert group(["acceptor 0", "acceptor 1", "leader 0"]) == "acceptor 0, 1, leader 0"
    assert group(["a", "b"]) == "a, b"


def test_a_headline_without_a_file_does_not_end_in_blanks() -> None:
    system = toy(NODE)
    trace = confirm(system, explore(system).violations[0])
    assert headline(trace, "")[0].endswith(" steps, shortest)")
    assert headline(replace(trace, claim=None), "")[0].endswith(")")


# Behaviours without end ---------------------------------------------------------------------------------


def turning() -> System:
    """A node that is set going, and then goes from 1 to 2 and back for ever."""
    steps = {0: 1, 1: 2, 2: 1}
    role = Role("counter", {}, {"turn": lambda _, state: (Step(Counter(steps[state.count])),)})
    return System("turning", (Member("a", role, None, Counter()),), AtMostOnce(), ())


class TestLasso:
    def test_the_steps_after_the_way_in_repeat(self) -> None:
        trace = replay(turning(), (0, 0, 0), loop=1)
        assert [step.before[0].local.count for step in trace.cycle] == [1, 2]
        assert trace.states[1] == trace.final
        assert replay(turning(), (0, 0, 0)).cycle == ()

    def test_text_says_which(self) -> None:
        assert "  loop        steps 2 to 3 repeat for ever" in narrate(replay(turning(), (0, 0, 0), loop=1))
        assert not [line for line in narrate(replay(turning(), (0, 0, 0))) if "for ever" in line]

    @pytest.mark.parametrize(("path", "loop"), [((0, 0, 0), 0), ((0, 0, 0), 3), ((0,), 0), ((), 0)])
    def test_what_does_not_lead_back_is_refused(self, path: tuple[int, ...], loop: int) -> None:
        with pytest.raises(ReplayError):
            replay(turning(), path, loop)
        trace, stopped = replay_as_far(turning(), path, loop)
        assert (trace.path, trace.loop) == (path, None)
        assert stopped

    def test_a_step_that_changes_nothing_is_a_cycle(self) -> None:
        still = Role("counter", {}, {"stay": lambda _, state: (Step(state),)})
        system = System("still", (Member("a", still, None, Counter()),), AtMostOnce(), ())
        assert len(replay(system, (0,), loop=0).cycle) == 1

    def test_is_written_and_read_back(self) -> None:
        trace = replay(turning(), (0, 0, 0), loop=1)
        file = read(write(trace, Source("turning.yaml", "", "none")))
        assert (file.path, file.loop) == (trace.path, 1)
        # another tool goes on with the state after the one that is there twice
        assert file.document.states[file.document.loop or 0] == file.document.states[2]
        assert read(write(replay(turning(), (0, 0, 0)), Source("turning.yaml", "", "none"))).loop is None

    @pytest.mark.parametrize("loop", [-1, 3, True, "1"])
    def test_a_file_s_loop_is_one_of_its_steps(self, loop: Any) -> None:
        text = write(replay(turning(), (0, 0, 0), loop=1), Source("turning.yaml", "", "none"))
        document = json.loads(text)
        document["#meta"]["pmmc"]["loop"] = loop
        with pytest.raises(TraceFault, match="`loop`"):
            read(json.dumps(document))
