"""The pictures of what goes wrong: of every mutant's counterexample, and of every violated model."""

import sys
from pathlib import Path
from typing import Any

import pytest

from checker.checking.check import check
from checker.checking.question import Options
from checker.drawings.pictures import tables
from checker.engines.choose import Means
from checker.model.pictures import BAD, Table, drawn
from checker.modelfiles.loading import LoadedModel, load
from checker.mutation.examine import load_mutant
from checker.text.pictures import picture_lines
from checker.text.report import findings
from checker.text.style import Style
from spec.protocol import PMMC

sys.path.append(str(Path(__file__).parents[1] / "unit" / "support"))

from picturelaws import assert_ballots_agree, assert_logs_agree

MUTANTS = {mutant.id: mutant for mutant in PMMC.mutants if mutant.property is not None}
MODELS = [path.stem for path in sorted(PMMC.models.glob("*.yaml"))]
#: One for each thing that is wrong, and for each way to lose something.
QUICK = (
    *("A-01", "A-03", "A-12", "B-06", "C-01", "D-01", "D-52", "D-57", "E-05", "F-01", "Q-01"),
    *("accept-any-ballot", "commander-as-printed", "duel-endless", "stable-nothing"),
)
#: What nobody breaks without a conflict in one of the pictures.
AGREEMENT = {"A4", "A5", "R1", "R2", "decided-is-chosen", "exactly-once", "prefix-agreement"}


def loaded(name: str) -> LoadedModel:
    if name in MUTANTS:
        return load_mutant(PMMC, MUTANTS[name])
    return load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC})


def cases() -> list[Any]:
    marks = pytest.mark.slow
    return [pytest.param(name, marks=[] if name in QUICK else [marks]) for name in (*MUTANTS, *MODELS)]


@pytest.mark.parametrize("name", cases())
def test_counterexamples_are_drawn_and_agree_with_the_states(name: str) -> None:
    result = check(loaded(name), Options(Means("native", workers=1)))
    for trace in findings(result):
        system, states = trace.system, trace.states
        drawings = [table for _, table in drawn(system, states)]
        assert all(isinstance(table, Table) for table in drawings)
        entries = [e for t in drawings for row in t.rows for cell in row.cells for e in cell]  # type: ignore[union-attr]
        if trace.claim is not None and trace.claim.id in AGREEMENT:
            assert any(entry.mark == BAD for entry in entries)
        assert_ballots_agree(system, states)
        assert_logs_agree(system, states)
        for width in (60, 80, 120):
            lines = picture_lines(trace, style=Style(width=width))
            assert max(map(len, lines)) <= width
            assert not any("…" in line for line in lines)
        assert len(tables(system, states)) == len(drawings)
