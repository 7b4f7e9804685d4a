"""Every property has a case that breaks it, whole and slot by slot, and is written for readers."""

import pytest

from checker.model.judging import Judge
from checker.model.properties import Property
from pmmc.values import Proposal, PValue
from spec.properties import PROPERTIES, SLOT_BY_SLOT, SLOT_BY_SLOT_AND_NONE
from tests.unit.spec import test_properties_acceptors as acceptors
from tests.unit.spec import test_properties_configurations as configurations
from tests.unit.spec import test_properties_leaders as leaders
from tests.unit.spec import test_properties_outcomes as outcomes
from tests.unit.spec import test_properties_replicas as replicas
from tests.unit.spec.broken import found
from tests.unit.spec.byhand import (
    AFTER_A,
    ANSWERED,
    DONE,
    ELSEWHERE,
    HIGH,
    JUDGED,
    LOW,
    ONE,
    SYSTEM,
    A,
    B,
    log,
    state,
    votes,
)

OF_SUBJECTS = (acceptors, leaders, replicas, configurations, outcomes)
CASES = {claim: cases for subject in OF_SUBJECTS for claim, cases in subject.CASES.items()}


def test_each_property_has_its_case() -> None:
    assert set(CASES) | ELSEWHERE == set(PROPERTIES)
    assert len(CASES) == sum(len(subject.CASES) for subject in OF_SUBJECTS), "each in one file"


@pytest.mark.parametrize("claim_id", sorted(SLOT_BY_SLOT | SLOT_BY_SLOT_AND_NONE))
def test_judged_slot_by_slot_it_says_the_same(claim_id: str) -> None:
    whole = PROPERTIES[claim_id]
    assert JUDGED[claim_id].slices
    assert not whole.slices
    for case in CASES[claim_id]:
        for good in (False, True):
            assert found(SYSTEM, whole, case, good=good) == found(SYSTEM, JUDGED[claim_id], case, good=good)


def test_a_good_state_breaks_nothing_but_what_is_false() -> None:
    """Goals it shows, and one of the statements that are false on purpose it breaks."""
    accepted = votes(LOW, ONE, PValue(LOW, 2, B))
    good = state(
        acceptor_0=accepted,
        acceptor_1=accepted,
        acceptor_2=votes(HIGH),
        leader_0={"scout": None, "active": True, "proposals": frozenset({Proposal(1, A), Proposal(2, B)})},
        leader_1={"ballot": HIGH},
        replica_0=DONE | {"slot_in": 3},
        replica_1=log(2, A, store=AFTER_A, slot1=A) | {"slot_in": 2},
        client_0={"todo": (), "answers": ANSWERED.answers},
    )
    claims = {p.id for p, _ in Judge(SYSTEM).state(good)}
    assert claims == {"slot-decided", "leader-preempted", "all-answered", "nothing-decided"}


@pytest.mark.parametrize("claim", JUDGED.values(), ids=lambda p: p.id)
def test_is_written_for_readers(claim: Property) -> None:
    assert claim.meaning.endswith(".")
    assert claim.source
    assert claim.views
    assert bool(claim.note) == claim.source.startswith("false"), "a false statement is explained"
