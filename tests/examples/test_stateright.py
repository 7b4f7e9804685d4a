"""docs/coming-from.md sets our counts beside those that Stateright publishes: they are what models have."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

PAGE = Path(__file__).parents[2] / "docs" / "coming-from.md"
EXAMPLES = Path(__file__).parents[2] / "examples"
#: What the tests of Stateright's examples assert, where we count the same.
THE_SAME = {"two-clients": "16,668", "six-clients": "9,357,525"}
#: What Stateright counts of registers, whose tester keeps the whole history.
WHOLE = {
    "one-copy": "93",
    "two-servers": "544",
    "one-copy-four-clients": "400,233 (731,789)",
    "three-servers": "41,138,199 (194,646,243)",
}


class Row(NamedTuple):
    """A row of the table, without the seconds."""

    question: str
    there: str
    here: str
    reduced: str


def rows() -> dict[str, Row]:
    """By the name of the file that a row links to, or its question."""
    table = PAGE.read_text(encoding="utf-8").partition("## What Stateright publishes")[2]
    found = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 7 and cells[3][:1].isdigit():
            link = re.search(r"\(\.\./(examples/\S+)\)", cells[0])
            name = Path(link[1]).name.removesuffix(".pmmc.yaml") if link else cells[0]
            found[name] = Row(cells[0], cells[1], cells[3], cells[5])
            assert link is None or (EXAMPLES.parent / link[1]).is_file()
    return found


def expected(name: str) -> dict:
    """What a model of the examples says is found in it."""
    (file,) = (path for path in EXAMPLES.glob(f"*/*/models/{name}.pmmc.yaml"))
    return yaml.safe_load(file.read_text(encoding="utf-8"))["expect"]


def of_pmmc() -> dict[str, list[str]]:
    """What the page says of models of PMMC, by the name of the file that it links to."""
    table = PAGE.read_text(encoding="utf-8").partition("## What Stateright publishes")[2]
    linked = r"^\|.*\(\.\./spec/models/(\S+)\.yaml\).*?\| ([\d,]+) \| ([\d,]+) \|"
    return {name: counts for name, *counts in re.findall(linked, table, re.MULTILINE)}


LINKED = [name for name in rows() if " " not in name]


def test_the_table_is_found():
    assert len(rows()) == 8
    assert {*THE_SAME, *WHOLE} <= {*LINKED}


@pytest.mark.parametrize("name", LINKED)
def test_counts_are_those_of_the_models(name):
    row, expect = rows()[name], expected(name)
    states, _, _ = row.here.partition(" ")
    assert states == f"{expect['states']:,}"
    assert row.reduced == f"{expect['reduced']['states']:,}"
    if name in THE_SAME:
        assert states == row.there.partition(" ")[0] == THE_SAME[name]
    if name in WHOLE:
        assert row.there == WHOLE[name]


@pytest.mark.parametrize("name", of_pmmc())
def test_counts_of_pmmc_are_those_of_its_models(name):
    text = (PAGE.parents[1] / "spec" / "models" / f"{name}.yaml").read_text(encoding="utf-8")
    expect = yaml.safe_load(text)["expect"]
    assert of_pmmc()[name] == [f"{states:,}" for states in (expect["states"], expect["reduced"]["states"])]


def test_judging_the_answers_costs_at_most_four_times_the_states():
    judged, not_judged = (of_pmmc()[name] for name in ("put-then-get", "put-then-get-unobserved"))
    for with_observer, without in zip(judged, not_judged, strict=True):
        assert counted(with_observer)[0] <= 4 * counted(without)[0]


def counted(text: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"[\d,]+", text)]


@pytest.mark.parametrize(
    "names",
    [
        ("one-copy", "two-servers"),
        pytest.param(("one-copy-four-clients", "three-servers"), marks=pytest.mark.slow),
    ],
    ids=["small", "large"],
)
def test_with_the_whole_history_the_counts_are_those_of_stateright(site, run, names):
    """It counts the first state as a step."""
    files = [EXAMPLES / "registers" / "registers" / "models" / f"{name}.pmmc.yaml" for name in names]
    done = run(site, "tests.examples.whole_history", *map(str, files))
    assert done.returncode == 0, done.stderr
    for name, line in zip(names, done.stdout.splitlines(), strict=True):
        states, *generated = counted(rows()[name].there)
        ours = counted(line)
        assert ours[0] == states
        assert [ours[1] + 1] == generated or not generated


@pytest.mark.slow
def test_nine_resource_managers(site, run, tmp_path):
    model = "name: nine\nprotocol: two-phase-commit\nrms: 9\nnetwork: lossy-duplicating\n"
    (tmp_path / "nine.pmmc.yaml").write_text(model, encoding="utf-8")
    options = ("--no-fusion", "--no-settling", "--no-symmetry", "-v")
    told = run(site, "checker.cli", "check", "nine.pmmc.yaml", *options).stdout
    (row,) = (row for name, row in rows().items() if name not in LINKED)
    states, generated = (f"{count:,}" for count in counted(row.here))
    assert states == row.there
    assert f"{states} distinct, {generated} generated" in told
