"""Or any other: which nodes, values and orders of a trace do not matter."""

from dataclasses import replace

import pytest
from sometraces import VIOLATED, violation

from checker.explanation.alternatives import Alternatives, Like, _Again, alternatives
from checker.model.values import show
from checker.traces.causality import Causality
from checker.traces.slicing import slice_of

#: Those whose traces are found at once.
QUICK = [name for name in VIOLATED if name != "apart-by-sets"]


def told(found: Alternatives) -> dict[str, tuple[list[str], list[str]]]:
    """Of each part those that do as well, and those that do not."""
    return {show(p.what): ([*map(show, p.others)], [*map(show, p.unlike)]) for p in found.parts}


def test_which_acceptors_does_not_matter_and_which_leaders_does() -> None:
    found = alternatives(violation("one-active-leader"))
    acceptors = {"acceptor 0", "acceptor 1", "acceptor 2"}
    answering = [name for name in told(found) if name in acceptors]
    assert len(answering) == 2  # which of them depends on which counterexample is the first
    assert told(found) == {
        **{name: (sorted(acceptors - {name}), []) for name in answering},
        "leader 0": ([], ["leader 1"]),
        "leader 1": ([], ["leader 0"]),
    }
    acceptor, *_ = found.parts
    assert acceptor.any
    assert (acceptor.kind, acceptor.symmetric) == ("acceptor", acceptor.others)


def test_which_command_does_not_matter() -> None:
    found = alternatives(violation("accept-any-ballot"))
    command = next(part for part in found.parts if show(part.what) == "put k1 v1")
    assert (command.kind, [*map(show, command.others)]) == ("Command", ["put k2 v2"])
    assert command.any
    assert [*map(show, command.symmetric)] == ["put k2 v2"]


@pytest.mark.parametrize("name", QUICK)
def test_what_symmetries_say_is_so_without_them(name: str) -> None:
    trace = violation(name)
    plain = replace(trace, system=replace(trace.system, symmetries=()))
    with_, without = alternatives(trace), alternatives(plain)
    assert told(with_) == told(without)
    assert not any(part.symmetric for part in without.parts)
    for part in with_.parts:
        assert {*part.symmetric} <= {*part.others}


def test_which_of_two_steps_comes_first_does_not_matter() -> None:
    trace = violation("one-active-leader")
    found = alternatives(trace)
    members = trace.system.members
    assert {show(members[swap.node].name) for swap in found.swaps} == {"leader 0", "leader 1"}
    for swap in found.swaps:
        steps = [trace.steps[n - 1].transition for n in (swap.first, swap.second)]
        assert [step.action for step in steps] == ["p1b", "p1b"]


@pytest.mark.parametrize("name", QUICK)
def test_a_trace_can_be_taken_as_it_is(name: str) -> None:
    known = Causality(violation(name))
    steps = slice_of(known.trace, known)
    for like in Like:
        assert _Again(known).shows(steps, {}, like)
        assert not _Again(known).shows(steps[:-1], {}, like)


def test_nothing_is_told_of_a_trace_that_shows_nothing() -> None:
    trace = violation("one-active-leader")
    assert alternatives(replace(trace, claim=None, reason="")) == Alternatives()
