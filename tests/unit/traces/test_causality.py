"""What rests on what, the same steps in another order, and the steps that a violation needs."""

from dataclasses import dataclass, replace

import pytest
from sometraces import VIOLATED, WALKED, ending_at, found, model, violation, walk

from checker.checking.check import check
from checker.checking.question import Options
from checker.engines.choose import Means
from checker.engines.contract import Reductions
from checker.model.behaviour import Trace, replay, shown_by
from checker.model.network import AtMostOnce, Fifo, Lossy, LossyDuplicating
from checker.model.semantics import successors
from checker.model.system import System
from checker.model.vocabulary import Member, Role, Step
from checker.modelfiles.protocol import Mutant
from checker.mutation.examine import load_mutant
from checker.traces.causality import Causality, Why
from checker.traces.retrace import LONGEST, readable, retrace
from checker.traces.slicing import latest, slice_of, sliced, without
from spec.protocol import PMMC


@dataclass(frozen=True, slots=True)
class Note:
    """A message."""

    text: str


def take(_: None, heard: tuple[str, ...], message: Note) -> tuple[Step, ...]:
    return (Step((*heard, message.text)),)


def tell(_: None, heard: tuple[str, ...]) -> tuple[Step, ...]:
    return (Step((*heard, "told"), (("c", Note("x")),)),) if heard.count("told") < 2 else ()


def telling(network: object) -> System:
    """a and b may tell c the same twice; c starts with the same message from somebody."""
    teller = Role("teller", {}, {"tell": tell})
    hearer = Role("hearer", {Note: take})
    members = (
        Member("a", teller, None, ()),
        Member("b", teller, None, ()),
        Member("c", hearer, None, (), (("somebody", Note("x")),)),
    )
    return System("telling", members, network, ())  # type: ignore[arg-type]


def by_names(system: System, *names: str) -> Trace:
    """The behaviour in which these nodes move, each taking its first step."""
    path: tuple[int, ...] = ()
    for name in names:
        options = enumerate(successors(system, replay(system, path).final))
        path += (next(i for i, t in options if system.members[t.node].name == name),)
    return replay(system, path)


def test_a_message_rests_on_the_earliest_step_that_made_it_available() -> None:
    duplicating = by_names(telling(LossyDuplicating()), "a", "c", "b", "c")
    assert Causality(duplicating).origins == [None, 0, None, 0]
    once = by_names(telling(AtMostOnce()), "a", "c", "b", "a", "c")
    assert Causality(once).origins == [None, 0, None, None, 3]


def test_a_loss_too_is_of_the_message_that_was_sent_first() -> None:
    system = telling(Lossy())
    lost = by_names(system, "a", "c")
    options = list(enumerate(successors(system, lost.steps[1].before)))
    at = next(i for i, step in options if step.lost)
    lost = replay(system, (lost.steps[0].index, at))
    assert Causality(lost).origins == [None, 0]
    taken = by_names(system, "a", "c", "b", "a", "c")
    assert Causality(taken).origins == [None, 0, None, None, 3]
    assert readable(taken) is not None


def test_equal_messages_of_different_senders_are_told_apart_in_queues() -> None:
    system = telling(Fifo())
    trace = by_names(system, "b", "a", "c", "c", "c")
    first, second, third = (trace.steps[n].transition for n in (2, 3, 4))
    assert first.message == second.message == third.message
    # senders in the order of their names: a, b, somebody
    assert Causality(trace).origins == [None, None, 2, 1, 0]


@pytest.mark.parametrize("name", WALKED)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_taken_was_sent_before_to_that_node(name: str, seed: int) -> None:
    trace = walk(name, seed)
    known = Causality(trace)
    for number, (step, origin) in enumerate(zip(trace.steps, known.origins, strict=True), start=1):
        if step.transition.message is None:
            assert origin is None
        elif origin:
            sent = trace.steps[origin - 1].transition.sends
            assert origin < number
            assert (trace.system.members[step.transition.node].name, step.transition.message) in sent
        else:
            first = trace.system.members[step.transition.node].inbox
            assert step.transition.message in [message for _, message in first]


@pytest.mark.parametrize("name", WALKED)
@pytest.mark.parametrize("seed", range(3))
def test_any_past_can_be_taken_by_itself(name: str, seed: int) -> None:
    known = Causality(walk(name, seed))
    for number in range(1, len(known.trace.steps) + 1):
        past = known.past({number})
        alone = retrace(known, sorted(past))
        assert alone is not None
        own = known.trace.steps[number - 1]
        node = own.transition.node
        assert alone.final[node].local == own.after[node].local


@pytest.mark.parametrize("name", WALKED)
@pytest.mark.parametrize("seed", range(4))
def test_reading_order_takes_the_same_steps_to_the_same_state(name: str, seed: int) -> None:
    trace = ending_at(walk(name, seed))
    ordered = readable(trace)
    assert ordered.final == trace.final
    assert replay(trace.system, ordered.path).final == trace.final
    assert sorted(map(_what, ordered.steps)) == sorted(map(_what, trace.steps))
    assert _stretch(ordered) <= _stretch(trace)


def _what(step: object) -> str:
    transition = step.transition  # type: ignore[attr-defined]
    return f"{transition.node} {transition.action} {transition.message} {transition.sends}"


def _stretch(trace: Trace) -> int:
    links = Causality(trace).links()
    return sum(link.after - link.before for link in links if link.why is Why.MESSAGE)


def test_reading_order_brings_a_message_to_its_sender() -> None:
    plainly = Options(Means("reference"))  # which takes what it receives in this order
    trace = check(model("one-active-leader"), plainly).traces["one-active-leader"]
    assert Causality(trace).origins == [0, 0, 0, 0, 1, 3, 2, 4]
    assert Causality(readable(trace)).origins == [0, 1, 0, 3, 0, 5, 0, 7]


def test_reading_order_shows_the_claim_at_the_end_only() -> None:
    for name in VIOLATED:
        ordered = readable(violation(name))
        assert shown_by(ordered) == violation(name).reason
        earlier = (replace(ordered, steps=ordered.steps[:n]) for n in range(len(ordered.steps)))
        assert not any(map(shown_by, earlier))


def test_very_long_traces_stay_as_they_are() -> None:
    trace = walk("duel-duplicating", 1, steps=LONGEST + 1)
    assert readable(trace) is trace


def assert_slice(trace: Trace) -> None:
    """The slice shows the claim, can be taken by itself, and loses the claim with any of its last steps.

    Of a run that repeats it is all of it.
    """
    if trace.loop is not None:
        assert sliced(trace) is trace
        assert len(slice_of(trace)) == len(trace.steps)
        return
    known = Causality(trace)
    kept = frozenset(slice_of(trace, known))
    assert known.past(kept) == kept
    alone = without(known, kept)
    assert alone is not None
    assert shown_by(replay_with_claim(trace, alone.path)) is not None
    for number in latest(known, kept):
        assert without(known, kept - {number}) is None


def replay_with_claim(trace: Trace, path: tuple[int, ...]) -> Trace:
    return replace(replay(trace.system, path), claim=trace.claim, reason=trace.reason)


@pytest.mark.parametrize("name", VIOLATED)
def test_slices_of_shipped_models_hold_the_violation_and_nothing_unneeded(name: str) -> None:
    for trace in found(name).values():
        assert_slice(trace)
        assert_slice(readable(trace))


#: Slow even with all reductions.
SLOWEST = {"C-09a"}


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(m, id=m.id, marks=[pytest.mark.slow] if m.id in SLOWEST else [])
        for m in PMMC.mutants
        if m.property is not None
    ],
)
def test_slices_of_mutants_hold_the_violation_and_nothing_unneeded(mutant: Mutant) -> None:
    loaded = load_mutant(PMMC, mutant)
    result = check(loaded, Options(Means("native", Reductions(), workers=1)))
    assert result.traces
    for trace in result.traces.values():
        ordered = readable(trace)
        assert replay(loaded.system, ordered.path).final == trace.final
        assert_slice(ordered)


@pytest.mark.parametrize("seed", range(12))
def test_slices_leave_out_detours(seed: int) -> None:
    trace = walk("accept-any-ballot", seed, steps=40)
    claim = next(p for p in trace.system.properties if p.id == "slot-decided")
    lengths = (n for n in range(len(trace.steps)) if _shows(trace, claim, n))
    length = next(lengths, None)
    if length is None:
        pytest.skip("this walk decides nothing")
    whole = replace(trace, steps=trace.steps[:length], claim=claim, reason="?")
    assert_slice(whole)
    assert 7 <= len(sliced(whole).steps) < length


def _shows(trace: Trace, claim: object, length: int) -> bool:
    return shown_by(replace(trace, steps=trace.steps[:length], claim=claim)) is not None  # type: ignore[arg-type]


def test_a_trace_that_shows_nothing_is_its_own_slice() -> None:
    trace = walk("duel-duplicating", 0, steps=6)
    assert slice_of(trace) == (1, 2, 3, 4, 5, 6)
    assert sliced(trace) is trace
    assert slice_of(replay(model("duel-duplicating").system, ())) == ()
