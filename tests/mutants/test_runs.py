"""Mutants whose mistake shows in a run that never comes to what every fair one must come to."""

from dataclasses import replace
from pathlib import Path

import pytest

from checker.mutation.examine import examine, load_mutant, needed_by_none, text_of
from spec.protocol import PMMC, derive

BY_ID = {m.id: m for m in PMMC.mutants}
#: A commander as printed can fail to be told of the acceptance that it needs, and then nothing follows.
STUCK = BY_ID["B-14"]
ASKED = {"eventually": ["slot-decided"], "fair": ["deliveries"]}
MUTANT = replace(
    STUCK,
    property="eventually slot-decided",
    length=None,
    model={**{k: v for k, v in STUCK.model.items() if k != "properties"}, **ASKED},
)


def test_its_model_file_asks_by_a_key_and_names_no_property() -> None:
    assert MUTANT.made_by_a_key()
    assert not STUCK.made_by_a_key()
    original, wrong = (load_mutant(PMMC, MUTANT, original=one).system for one in (True, False))
    for system in (original, wrong):
        assert "eventually slot-decided" in [p.id for p in system.properties]
        assert not [p for p in system.properties if p.id in PMMC.properties and not p.kind.goal]
        assert [a.text for a in system.fairness.weak] == ["deliveries"]
    assert "properties: []" in text_of(PMMC, MUTANT)


def test_a_mistake_is_noticed_by_a_run_that_never_comes_to_it() -> None:
    outcome = examine(PMMC, MUTANT)
    assert [(alarm.property, alarm.length) for alarm in outcome.alarms] == [(MUTANT.property, 12)]
    assert outcome.unmet == (f"{MUTANT.property} is violated after 12 steps; its entry has no length",)
    assert examine(PMMC, replace(MUTANT, length=12)).unmet == ()
    survives = replace(MUTANT, length=12, variants=())
    assert examine(PMMC, survives).unmet == (f"survives: {MUTANT.property} is not violated",)


def test_what_no_mutant_needs_knows_it() -> None:
    outcome = examine(PMMC, MUTANT)
    unneeded = needed_by_none(PMMC, [MUTANT], {MUTANT.id: outcome})
    assert MUTANT.property not in unneeded
    assert "R1" in unneeded


@pytest.mark.parametrize("name", ["eventually slot-decided", "leader-preempted leads to slot-decided"])
def test_a_team_may_have_such_mutants(name: str, tmp_path: Path) -> None:
    leads = {"leads-to": [{"when": "leader-preempted", "then": "slot-decided"}]}
    mine = replace(MUTANT, property=name, model={**MUTANT.model, **leads})
    assert derive("mine", about="x", models=tmp_path, mutants=(mine,)).mutants == (mine,)
    wrong = replace(mine, property="always-eventually slot-decided")
    with pytest.raises(ValueError, match="unknown property 'always-eventually slot-decided'"):
        derive("mine", about="x", models=tmp_path, mutants=(wrong,))
