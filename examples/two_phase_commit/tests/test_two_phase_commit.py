"""Two-phase commit: its rules by example, its count by an explorer of its own, its reductions."""

from pathlib import Path

import pytest
from two_phase_commit import rules
from two_phase_commit.protocol import TWO_PHASE_COMMIT
from two_phase_commit.rules import COMMIT, Context, Coordinator, Decide, Participant, Prepare, Vote

from checker import assert_violated, load

NAMES = ("participant 0", "participant 1", "participant 2")
CONTEXT = Context("coordinator", "coordinator", NAMES)


def test_commits_with_the_last_yes():
    almost = Coordinator(yes=frozenset(NAMES[:2]))
    ((state, sends),) = rules.on_vote(CONTEXT, almost, Vote(NAMES[2], yes=True))
    assert state.outcome == COMMIT
    assert sends == tuple((name, Decide(COMMIT)) for name in NAMES)


def successors(state):
    """The steps of a lossy, duplicating network: any message in an inbox may be taken, and stays."""
    for name, (local, inbox) in state.items():
        me = Context(name, "coordinator", NAMES)
        if name == "coordinator":
            steps = [step for message in inbox for step in rules.on_vote(me, local, message)]
            steps += rules.time_out(me, local)
        else:
            handlers = {Prepare: rules.on_prepare, Decide: rules.on_decide}
            steps = [step for message in inbox for step in handlers[type(message)](me, local, message)]
            steps += rules.give_up(me, local)
        for after, sends in steps:
            new = {**state, name: (after, inbox)}
            for to, message in sends:
                new[to] = (new[to][0], new[to][1] | {message})
            yield new


def test_the_count_of_an_explorer_that_shares_no_code_with_the_checker():
    start = {"coordinator": (Coordinator(), frozenset())}
    start |= {name: (Participant(), frozenset({Prepare()})) for name in NAMES}
    seen, level, depth = {frozenset(start.items())}, [start], 0
    while level:
        depth += 1
        found = {frozenset(s.items()): s for state in level for s in successors(state)}
        level = [state for key, state in found.items() if key not in seen]
        seen |= set(found)
    file = Path(TWO_PHASE_COMMIT.models) / "three.pmmc.yaml"
    expect = load(file, protocols={"two-phase-commit": TWO_PHASE_COMMIT}).model.expect
    assert (len(seen), depth) == (expect.states, expect.depth)


def test_reductions_find_the_same(pmmc_check):
    file = Path(TWO_PHASE_COMMIT.models) / "four.pmmc.yaml"
    result = pmmc_check(file)
    assert result.found.states in {245, 10101}


@pytest.mark.parametrize("name", ["agreement", "validity"])
def test_a_majority_is_not_enough(name):
    model = (
        "name: x\nprotocol: two-phase-commit\nparticipants: 3\n"
        f"rules: {{coordinator: impatient}}\nproperties: [{name}]\n"
    )
    assert_violated(model, name)
