"""Two-phase commit: its rules by example, its counts by an explorer of its own, its mistakes."""

from pathlib import Path

import pytest
from two_phase_commit import rules
from two_phase_commit.protocol import TWO_PHASE_COMMIT
from two_phase_commit.rules import Abort, Commit, Context, Phase, Prepared, Rm, Tm

from checker import assert_violated, load

HANDLERS = {Prepared: rules.on_prepared, Commit: rules.on_commit, Abort: rules.on_abort}


def test_commits_when_all_have_prepared():
    context = Context("tm", ("rm 0", "rm 1"))
    assert rules.commit(context, Tm(prepared=frozenset({"rm 0"}))) == ()
    ((state, sends),) = rules.commit(context, Tm(prepared=frozenset({"rm 0", "rm 1"})))
    assert state.phase is Phase.COMMITTED
    assert sends == (("rm 0", Commit()), ("rm 1", Commit()))


def successors(state, names):
    """The steps on a network where any message that was sent may come, and stays."""
    for name, (local, inbox) in state.items():
        me = Context(name, names)
        wakes = (rules.commit, rules.abort) if name == "tm" else (rules.prepare, rules.abort_alone)
        steps = [step for message in inbox for step in HANDLERS[type(message)](me, local, message)]
        steps += [step for wake in wakes for step in wake(me, local)]
        for after, sends in steps:
            new = {**state, name: (after, inbox)}
            for to, message in sends:
                new[to] = (new[to][0], new[to][1] | {message})
            yield new


@pytest.mark.parametrize(("file", "count"), [("three", 3), ("five", 5)])
def test_the_count_of_an_explorer_that_shares_no_code_with_the_checker(file, count):
    names = tuple(f"rm {i}" for i in range(count))
    start = {"tm": (Tm(), frozenset()), **{name: (Rm(), frozenset()) for name in names}}
    seen, level, depth = {frozenset(start.items())}, [start], 0
    while level:
        depth += 1
        found = {frozenset(s.items()): s for state in level for s in successors(state, names)}
        level = [state for key, state in found.items() if key not in seen]
        seen |= set(found)
    path = Path(TWO_PHASE_COMMIT.models) / f"{file}.pmmc.yaml"
    expect = load(path, protocols={"two-phase-commit": TWO_PHASE_COMMIT}).model.expect
    assert (len(seen), depth) == (expect.states, expect.depth)


def test_reductions_find_the_same(pmmc_check):
    result = pmmc_check(Path(TWO_PHASE_COMMIT.models) / "five.pmmc.yaml")
    assert result.found.states in {153, 8832}


@pytest.mark.parametrize("name", ["consistent", "all-prepared"])
def test_a_majority_is_not_enough(name):
    model = f"name: x\nprotocol: two-phase-commit\nrms: 3\nrules: {{tm: impatient}}\nproperties: [{name}]\n"
    assert_violated(model, name)
