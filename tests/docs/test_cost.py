"""docs/cost.md says what `pmmc cost` says of the models that it names."""

import os

import pytest

from spec.costs import PAGE, ROWS, Row, line


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.command)
def test_line_is_what_is_worked_out(row: Row) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (shown,) = [one for one in page.splitlines() if one.endswith(f"`{row.command}` |")]
    if os.environ.get("PMMC_UPDATE_GOLDEN"):
        PAGE.write_text(page.replace(shown, line(row)), encoding="utf-8")
    assert shown == line(row), "PMMC_UPDATE_GOLDEN=1 or `python -m spec.costs` writes it anew"


def test_the_page_has_these_lines_and_no_others() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count("| `pmmc cost ") == len(ROWS)
