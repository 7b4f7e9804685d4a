"""A kind of property is one row of a table, and its judge: nothing else asks for a kind by its name."""

import re
from pathlib import Path

import pytest

from checker import ExitCode, Kind

ROOT = Path(__file__).parents[3]
#: Who names a kind: a comparison and the explorer, which make a property of what they look for; `still`, of
#: a goal; what is claimed of the answers to clients; and searches that ask of a claim what another kind
#: asks.
NAMING = {
    "checker/comparison/views.py",
    "checker/engines/native/reach.py",
    "checker/engines/native/shortest.py",
    "checker/explorer/asking.py",
    "checker/model/consistency.py",
    "checker/model/properties.py",
}


def test_only_the_table_names_its_rows() -> None:
    member = re.compile(rf"\bKind\.(?:{'|'.join(Kind.__members__)})\b")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "checker").rglob("*.py")
        if member.search(path.read_text(encoding="utf-8"))
    }
    assert found == NAMING


@pytest.mark.parametrize("kind", Kind)
def test_a_row_is_whole_and_documented(kind: Kind) -> None:
    assert Kind(kind.value) is kind
    assert kind.code in {ExitCode.UNMET, ExitCode.DEADLOCK, ExitCode.SAFETY, ExitCode.LIVENESS}
    assert (kind.code is ExitCode.UNMET) == kind.goal, "a goal that is not reached is no violation"
    assert f"`{kind.value}`" in (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
