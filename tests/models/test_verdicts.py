"""Passes that would be empty: a property that was judged nowhere is not verified."""

import pytest

from checker import Options, verify
from checker.engines.choose import Means
from checker.engines.contract import Reductions
from checker.model.verdict import ExitCode, Verdict
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC

LOST = (
    "name: lost\nnodes: {acceptors: 1, leaders: 1, replicas: 1}\ncommands: [put k A, put k B]\n"
    "network: at-most-once\nrules: {scout: commands-new-proposals-only}\nproperties: [no-lost-command]\n"
)
ASIDE = (
    "name: aside\nnodes: {acceptors: 1, leaders: 1, replicas: 2}\ncommands: [put k1 v1]\n"
    "bounds: {slots: 1, rounds: 9}\nnetwork: at-most-once\nproperties: [no-lost-command]\n"
    "initial:\n  leader 0: {scout: false}\n"
    "  replica 0: {slot_in: 2, slot_out: 2, decisions: {1: put k1 v1}}\n"
    "  replica 1: {slot_in: 2, proposals: {1: put k1 v1}}\n"
)


def checked(text: str, engine: str) -> object:
    system = load_text(text, "m", protocols={"pmmc": PMMC}).system
    return verify(system, Options(Means(engine)))


@pytest.mark.parametrize("engine", ["reference", "native", "auto"])
def test_a_terminal_property_that_was_judged_in_no_state_is_no_pass(engine: str) -> None:
    result = checked(LOST + "bounds: {slots: 1, rounds: 1}\n", engine)
    assert result.found.terminal > 0
    assert result.found.terminal_judged == 0
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.exit_code is ExitCode.UNMET
    why = "in every terminal state the bound on slots keeps a node from going on"
    assert result.judged.unmet == (f"no-lost-command: nothing to judge: {why}",)
    violated = checked(LOST + "bounds: {slots: 2, rounds: 1}\n", engine)
    assert violated.exit_code is ExitCode.DEADLOCK


@pytest.mark.parametrize("engine", ["reference", "native", "auto"])
def test_a_leader_that_a_file_puts_aside_is_not_stopped_by_the_bound_on_rounds(engine: str) -> None:
    result = checked(ASIDE, engine)
    assert not result.found.cut
    assert result.found.terminal_judged == result.found.terminal == 1
    assert result.exit_code is ExitCode.DEADLOCK


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_a_leader_that_was_put_aside_and_ran_out_of_rounds_later_is_cut(engine: str) -> None:
    text = (
        "name: later\nnodes: {acceptors: 1, leaders: 2, replicas: 1}\ncommands: [put k1 v1]\n"
        "bounds: {slots: 1, rounds: 1}\nnetwork: at-most-once\nproperties: [A1]\n"
        'initial:\n  leader 0: {scout: false, commanders: [["0.0", 1, put k1 v1]]}\n'
    )
    system = load_text(text, "m", protocols={"pmmc": PMMC}).system
    means = Means(engine, Reductions(fusion=False))
    assert verify(system, Options(means)).found.cut["rounds"] > 0
