"""What `pmmc why` prints in a terminal of 120 columns, word for word.

`PMMC_UPDATE_GOLDEN=1` writes the files in `wide/` anew; read the difference before you commit it.
"""

import os
from pathlib import Path

import pytest

from checker.checking.check import check
from checker.explanation.ownrules import own_of
from checker.explanation.why import why
from checker.modelfiles.loading import load
from checker.text.style import Style
from checker.text.why import Called, explained
from checker.traces.retrace import readable
from spec.protocol import PMMC

HERE = Path(__file__).parent
MODELS = HERE.parents[1] / "spec" / "models"


@pytest.mark.parametrize("name", ["stable-without-accepted", "accept-any-ballot"])
def test_why_in_120_columns(name: str) -> None:
    loaded = load(MODELS / f"{name}.yaml", protocols={"pmmc": PMMC})
    trace = check(loaded).traces["R1"]
    found = why(readable(trace), own=own_of(loaded))
    actual = "\n".join(explained(found, Called(name), style=Style(width=120))) + "\n"
    golden = HERE / "wide" / f"why-{name}.txt"
    if os.environ.get("PMMC_UPDATE_GOLDEN"):
        golden.write_text(actual, encoding="utf-8")
    assert max(map(len, actual.splitlines())) <= 120
    assert actual == golden.read_text(encoding="utf-8")
