"""Every mutant is killed as its entry says, every control stays green, and the model is never at fault."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checker.checking.check import check
from checker.checking.question import Options
from checker.checking.result import CheckResult
from checker.data.mutation import to_json
from checker.engines.choose import Means
from checker.engines.contract import EVERY_STATE, Reductions
from checker.model.verdict import Verdict
from checker.modelfiles.protocol import Mutant
from checker.mutation.examine import (
    Listed,
    Outcome,
    all_claims,
    examine,
    load_mutant,
    needed_by_none,
)
from spec.protocol import PMMC

ROOT = Path(__file__).parents[2]
MUTANTS = [m for m in PMMC.mutants if m.property is not None]
CONTROLS = [m for m in PMMC.mutants if m.property is None]
BY_ID = {m.id: m for m in PMMC.mutants}


#: Slow even with all reductions.
SLOWEST = {"C-09a"}


def cases(slow: set[str]) -> list[Any]:
    marks = pytest.mark.slow
    return [pytest.param(m, id=m.id, marks=[marks] if m.id in slow else []) for m in PMMC.mutants]


def checked(mutant: Mutant, reductions: Reductions, *, original: bool = False) -> CheckResult:
    loaded = load_mutant(PMMC, mutant, original=original)
    return check(loaded, Options(Means("native", reductions, workers=1)))


@pytest.mark.parametrize("mutant", cases({m.id for m in PMMC.mutants if m.heavy}))
def test_is_as_its_entry_says_without_reductions(mutant: Mutant) -> None:
    result = checked(mutant, EVERY_STATE)
    assert result.judged.unmet == ()
    assert result.judged.as_expected
    if mutant.property is not None:
        assert {p.id: p.length for p in result.violated()} == {mutant.property: mutant.length}


@pytest.mark.parametrize("mutant", cases(SLOWEST))
def test_is_as_its_entry_says_with_all_reductions(mutant: Mutant) -> None:
    result = checked(mutant, Reductions())
    assert result.judged.unmet == ()
    assert result.judged.as_expected


#: Mutants that break R1, and after how many steps a replica knows as decided what is not chosen: sooner.
DECIDED_NOT_CHOSEN = """
    A-03 6, A-04 8, A-05 8, A-07 8, A-09 10, A-10 11, A-13 6, A-14 10, A-15 6,
    B-06 7, B-07 5, B-08 4, B-10 9, B-12 9, B-51 5, B-52 8, B-53 9,
    C-01 9, C-09a 19, C-15 5, C-51 11"""


@pytest.mark.parametrize("entry", DECIDED_NOT_CHOSEN.split(","), ids=lambda entry: entry.split()[0])
def test_what_is_decided_and_not_chosen_is_noticed_before_two_replicas_differ(entry: str) -> None:
    name, steps = entry.split()
    length = int(steps)
    mutant = BY_ID[name]
    assert mutant.property == "R1"
    assert mutant.length is not None
    assert length < mutant.length
    asked = replace(mutant, property="decided-is-chosen", length=length)
    result = checked(asked, Reductions())
    assert result.judged.as_expected
    assert {p.id: p.length for p in result.violated()} == {"decided-is-chosen": length}


#: What is seen of messages under way, long before the property that a mutant is expected to violate: all
#: that forget (A-12 to A-15), and what Chand, Liu and Stoller's invariants of messages are there for.
UNDER_WAY = """
told-is-kept: A-12 2, A-13 4, A-14 2, A-15 2, A-03 1, A-05 6, A-07 6
promise-tells-all: A-01 6, A-02 6, A-04 4, A-06 6, A-10 2, Q-03a 7
one-order: C-01 6, C-09 10, C-51 8
order-is-safe: B-01 9, B-02 9, B-03a 7, B-04 10, B-05 7, C-04 12, C-52 11
GC-3: F-01 10, F-51 12
"""


@pytest.mark.parametrize(
    ("claim", "entry"),
    [
        (claim, entry)
        for claim, entries in (line.split(": ") for line in UNDER_WAY.strip().splitlines())
        for entry in entries.split(", ")
    ],
)
def test_what_is_wrong_with_a_message_is_seen_while_it_is_under_way(claim: str, entry: str) -> None:
    name, steps = entry.split()
    mutant = BY_ID[name]
    assert int(steps) <= (mutant.length or 0)
    asked = replace(mutant, property=claim, length=int(steps))
    result = checked(asked, Reductions())
    assert result.judged.as_expected
    assert {p.id: p.length for p in result.violated()} == {claim: int(steps)}


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.variants or m.settings], ids=lambda m: m.id)
def test_the_same_model_is_verified_without_the_mistake(mutant: Mutant) -> None:
    result = checked(mutant, Reductions(), original=True)
    assert result.verdict is Verdict.VERIFIED
    assert [p.id for p in result.claims()] == [mutant.property]


def test_there_are_enough() -> None:
    assert len(MUTANTS) >= 40
    assert len(CONTROLS) >= 12


def test_ids_and_names_are_unique() -> None:
    assert len(BY_ID) == len(PMMC.mutants)
    assert len({m.name for m in PMMC.mutants}) == len(PMMC.mutants)
    rules = [(v.part, v.name) for v in PMMC.variants]
    assert len(set(rules)) == len(rules)


@pytest.mark.parametrize("mutant", PMMC.mutants, ids=lambda m: m.id)
def test_entry_is_complete(mutant: Mutant) -> None:
    assert mutant.about.endswith(".")
    assert mutant.lesson.endswith((".", "?"))
    assert mutant.source
    assert (mutant.property is None) == (mutant.length is None)
    assert mutant.property is None or mutant.property in PMMC.properties


def test_alarms_come_in_the_order_of_their_lengths() -> None:
    outcome = examine(PMMC, BY_ID["B-01"])
    assert outcome.unmet == ()
    lengths = [alarm.length for alarm in outcome.alarms]
    assert lengths == sorted(lengths)
    assert [alarm.property for alarm in outcome.first()] == ["C2"]
    assert {a.property: a.length for a in outcome.alarms}["R1"] == BY_ID["B-01"].length


#: Of wrong reconfigurations every alarm with its length: who proposes, who accepts and who decides is told
#: apart, and all of it long before two replicas differ.
ALARMS = {
    "E-01": {"R5": 2, "RC-4": 8, "RC-2": 9, "RC-5": 9, "RC-1": 10, "RC-3": 12, "R1": 20, "R3": 20},
    "E-03": {"RC-4": 7, "RC-5": 8, "RC-2": 9, "RC-1": 12, "RC-3": 14, "R1": 20, "R3": 20},
    "E-05": {"RC-1": 5, "RC-6": 5, "RC-2": 7, "RC-3": 7, "decided-is-chosen": 7},
}


#: Of wrong answers: the log tells sooner than what clients can see of it.
ANSWERED_WRONGLY = {
    "D-01a": {"exactly-once": 16, "linearizable": 22},
    "D-07b": {"response-integrity": 4, "linearizable": 17},
    "D-59": {"session-order": 14, "sequentially-consistent": 16},
}


@pytest.mark.parametrize("mutant", ANSWERED_WRONGLY)
def test_wrong_answers_are_seen_in_the_log_before_clients_see_them(mutant: str) -> None:
    for claim, length in ANSWERED_WRONGLY[mutant].items():
        result = checked(replace(BY_ID[mutant], property=claim, length=length), Reductions())
        assert result.judged.unmet == ()
        assert {p.id: p.length for p in result.violated()} == {claim: length}


@pytest.mark.parametrize("mutant", ALARMS)
def test_wrong_reconfigurations_are_seen_long_before_two_replicas_differ(mutant: str) -> None:
    outcome = examine(PMMC, BY_ID[mutant])
    assert {alarm.property: alarm.length for alarm in outcome.alarms} == ALARMS[mutant]


def test_a_wrong_length_is_unmet() -> None:
    outcome = examine(PMMC, replace(BY_ID["B-17"], length=99))
    assert outcome.unmet == ("expected no-lost-command after 99 steps, got 4",)


def test_a_missing_length_is_told() -> None:
    outcome = examine(PMMC, replace(BY_ID["B-17"], length=None))
    assert outcome.unmet == ("no-lost-command is violated after 4 steps; its entry has no length",)


def test_a_mutant_that_survives_is_unmet() -> None:
    outcome = examine(PMMC, replace(BY_ID["B-17"], property="R1"))
    assert outcome.alarms == ()
    assert outcome.unmet == ("survives: R1 is not violated",)


def test_a_control_that_rings_is_unmet() -> None:
    broken = {**BY_ID["B-17"].model, "properties": ["no-lost-command"]}
    outcome = examine(PMMC, replace(BY_ID["B-17"], property=None, length=None, model=broken))
    assert outcome.unmet == ("a control must be verified: no-lost-command",)


def test_what_no_mutant_needs() -> None:
    chosen = [BY_ID["B-17"]]
    outcomes = {"B-17": examine(PMMC, chosen[0])}
    unneeded = needed_by_none(PMMC, chosen, outcomes)
    assert "no-lost-command" not in unneeded
    assert {"A1", "C2", "R1"} <= set(unneeded)


def test_all_claims_leave_out_goals_and_name_each_once() -> None:
    mutant = BY_ID["B-17"]
    claims = [p.id for p in all_claims(PMMC, mutant, (PMMC.properties["no-lost-command"],))]
    assert len(set(claims)) == len(claims)
    assert "no-lost-command" in claims
    assert "slot-decided" not in claims


def test_json_has_every_field() -> None:
    mutant = BY_ID["N-51"]
    outcome = examine(PMMC, mutant)
    document = to_json([Listed(PMMC, 0, mutant)], {mutant.id: outcome}, [], 0)
    (entry,) = document["mutants"]
    page = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").partition("mutate --json")[2]
    assert set(document) | set(entry) <= set(re.findall(r"`(\w+)`", page))
    assert entry["protocol"] == "pmmc"
    assert entry["control"]
    assert entry["expected"] is None
    assert entry["alarms"] == []
    assert entry["as_expected"]
    assert entry["states"] == outcome.states


def test_outcome_of_nothing_has_no_first_alarm() -> None:
    assert Outcome("X", (), (), 0, 0.0).first() == ()
