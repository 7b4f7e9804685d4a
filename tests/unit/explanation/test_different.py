"""Essentially different counterexamples: what is told of them, and what is not known."""

from dataclasses import replace

import pytest
from sometraces import violation

from checker.checking.check import check
from checker.checking.question import Options
from checker.engines.choose import Means
from checker.engines.contract import Limits
from checker.explanation.different import Different, different
from checker.model.behaviour import replay, shown_by
from checker.model.semantics import successors
from checker.model.vocabulary import Symmetry
from checker.mutation.examine import load_mutant
from checker.traces.slicing import slice_of
from spec.protocol import PMMC

#: Shipped model → counterexamples that differ essentially, and causal graphs, up to symmetry.
KNOWN = {
    "accept-any-ballot": (16, 48),
    "commander-as-printed": (2, 3),
    "log-without-holes": (2, 2),
    "one-active-leader": (2, 6),
    "one-command-one-slot": (16, 168),
    "slot-in-within-window": (1, 1),
}


@pytest.mark.parametrize("name", KNOWN)
def test_how_many_there_are(name: str) -> None:
    trace = violation(name)
    found = different(trace, most=100)
    assert (found.found, found.graphs) == KNOWN[name]
    assert found.stopped is None
    assert found.counterexamples[0].trace is trace
    assert len(found.counterexamples) == found.found
    assert sum(one.graphs or 0 for one in found.counterexamples) == found.graphs
    assert len({one.trace.path for one in found.counterexamples}) == found.found
    for one in found.counterexamples:
        assert shown_by(one.trace) == one.trace.reason != ""


def test_one_with_the_fewest_steps_needs_all_of_them() -> None:
    for one in different(violation("one-active-leader")).counterexamples:
        assert slice_of(one.trace) == tuple(range(1, len(one.trace.steps) + 1))


def test_no_more_are_told_than_were_asked_for() -> None:
    found = different(violation("accept-any-ballot"), most=3)
    assert (len(found.counterexamples), found.found) == (3, 16)


def test_a_longer_trace_is_none_of_them() -> None:
    trace = violation("log-without-holes")
    more = (index for index, _ in enumerate(successors(trace.system, trace.final)))
    longer = (replay(trace.system, (*trace.path, index)) for index in more)
    shown = (replace(one, claim=trace.claim) for one in longer)
    trace = next(replace(one, reason=shown_by(one) or "") for one in shown if shown_by(one) is not None)
    found = different(trace, most=100)
    assert found.length == len(trace.steps) - 1
    assert found.found == KNOWN["log-without-holes"][0]
    assert trace.path not in [one.trace.path for one in found.counterexamples]


def test_without_symmetries_each_image_is_one_of_its_own() -> None:
    trace = violation("log-without-holes")
    found, plain = different(trace), different(replace(trace, system=replace(trace.system, symmetries=())))
    assert found.symmetries == ("commands",)
    assert plain.symmetries == ()
    assert plain.graphs == sum(one.images * (one.graphs or 0) for one in found.counterexamples)


def test_a_symmetry_that_is_none_is_not_used() -> None:
    trace = violation("one-active-leader")
    leaders = [m.name for m in trace.system.members if m.role.name == "leader"]
    swap = {leaders[0]: leaders[1], leaders[1]: leaders[0]}
    system = replace(trace.system, symmetries=(*trace.system.symmetries, Symmetry("leaders", (swap,))))
    found = different(replace(trace, system=system))
    assert found.symmetries == ("acceptors",)
    assert found.graphs == KNOWN["one-active-leader"][1]


def stopped(found: Different) -> str:
    """Why a search stopped; what it had is told all the same."""
    assert found.stopped is not None
    assert found.found == found.graphs >= len(found.counterexamples) >= 1
    assert all(one.graphs is None for one in found.counterexamples)
    return found.stopped


def test_what_is_known_when_a_limit_is_reached() -> None:
    trace = violation("one-active-leader")
    found = different(trace, limits=Limits(max_states=100))
    assert "100 states" in stopped(found)
    assert found.counterexamples[0].trace is trace
    assert found.found == 1
    assert "0 s" in stopped(different(trace, limits=Limits(timeout=0)))


def test_what_was_found_before_an_interruption() -> None:
    trace = violation("one-command-one-slot")
    seen: list[int] = []

    def interrupt(_: int, found: int) -> None:
        seen.append(found)
        if found > 5:
            raise KeyboardInterrupt

    found = different(trace, report=interrupt)
    assert found.interrupted
    assert "interrupted" in stopped(found)
    assert 5 < found.graphs < KNOWN["one-command-one-slot"][1]
    assert seen == sorted(seen)


def test_what_there_is_nothing_to_tell_of() -> None:
    trace = violation("log-without-holes")
    with pytest.raises(ValueError, match="shows no property"):
        different(replace(trace, claim=None, reason=""))


@pytest.mark.slow
def test_a_large_model_is_told_in_full() -> None:
    entry = next(mutant for mutant in PMMC.mutants if mutant.id == "C-09a")
    loaded = load_mutant(PMMC, entry)
    trace = dict(check(loaded, Options(Means("native"))).traces)["R1"]
    found = different(trace, most=4, limits=Limits(timeout=600))
    assert (found.length, found.found, found.graphs, found.stopped) == (24, 720, 4320, None)
    assert {symmetry.name for symmetry in loaded.system.symmetries} == {*found.symmetries}
