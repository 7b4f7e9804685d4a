"""Fusion: where silent steps cannot be moved it is refused, the check goes on without it, and says so."""

from dataclasses import replace
from typing import Any

import pytest

from checker.checking.confirm import confirm
from checker.engines import reference
from checker.engines.contract import Reductions
from checker.engines.native.engine import explore
from checker.model.network import AtMostOnce, LossyDuplicating, Network
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, View
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC

FUSION = Reductions(fusion=True, settling=False, symmetry=False)


def counting(network: Network) -> System:
    """One node sends the same message twice; the other counts, and at two it speaks up."""

    def send(_: Any, sent: int) -> list[tuple[int, Any]]:
        return [(sent + 1, (("counter", "tick"),))] if sent < 2 else []

    def count(_: Any, heard: int, __: str) -> list[tuple[int, Any]]:
        return [(heard + 1, ())] if heard < 2 else []

    heard_two = View("two", "counter", lambda heard: heard == 2)
    goal = Property(
        "two",
        Kind.SOMETIMES,
        "Two are heard.",
        "this test",
        (heard_two,),
        lambda _, two: "two" if any(two.values()) else None,
    )
    members = (
        Member("sender", Role("sender", {}, {"send": send}), None, 0),
        Member("counter", Role("counter", {str: count}), None, 0),
    )
    return System("counting", members, network, (goal,))


def test_a_second_copy_that_can_be_told_from_the_first_forbids_fusion() -> None:
    system = counting(AtMostOnce())
    found = explore(system, reductions=FUSION)
    (note,) = replace(found.reductions, ordering=False).words()
    assert note == "no fusion (counter may take a silent step before tick arrives, not after)"
    assert found.states == reference.explore(system).states
    assert [d.length for d in found.witnesses] == [4]


def test_messages_that_stay_allow_it() -> None:
    system = counting(LossyDuplicating())
    found = explore(system, reductions=FUSION)
    assert replace(found.reductions, ordering=False).words() == ("fusion",)
    assert found.states < reference.explore(system).states
    (witness,) = found.witnesses
    assert confirm(system, witness).claim is not None


def test_terminal_properties_forbid_fusion() -> None:
    text = (PMMC.models / "commander-as-printed.yaml").read_text(encoding="utf-8")
    system = load_text(text, "m", protocols={"pmmc": PMMC}).system
    found = explore(system)
    assert (
        replace(found.reductions, ordering=False)
        .words()[0]
        .startswith("no fusion (no-lost-command is about terminal states")
    )
    assert not found.reductions.fusion
    assert found.reductions.all_asked
    (violation,) = found.violations
    assert violation.length == 11
    confirm(system, violation)


@pytest.mark.parametrize("network", ["lossy-duplicating", "at-most-once", "fifo"])
def test_a_path_to_a_terminal_state_goes_on_until_nothing_more_can_happen(network: str) -> None:
    """Where a dropped message may still be sent, the state is terminal only after that."""
    text = f"""
name: small
nodes: {{acceptors: 1, leaders: 1, replicas: 1, clients: 1}}
commands: [put k v]
bounds: {{slots: 1, rounds: 1}}
network: {network}
initial: {{leader 0: {{active: true, proposals: {{1: put k v}}, commanders: [["0.0", 1, put k v]]}}}}
properties: [no-lost-command]
"""
    system = load_text(text, "m", protocols={"pmmc": PMMC}).system
    (violation,) = explore(system).violations
    (wanted,) = reference.explore(system).violations
    assert confirm(system, violation).final == confirm(system, wanted).final
