"""What the model files say of TLC is what `python -m bench.twin` wrote down, and what they expect."""

import re
from pathlib import Path

import pytest
import yaml

from bench.changes import COLLECTIONS, RECONFIGURATIONS
from bench.claims import CLAIMS, DUPLICATING, FIFO, LOSSY, ONCE, Claim
from bench.sizes import RAW, Size
from bench.tla import (
    COLLECTED,
    COLLECTED_STEPS,
    RECONFIGURED,
    VARIABLE,
    configuration,
    expert_configuration,
    find_tlc,
    runs_configuration,
)
from bench.twin import COLLECTION, FEW, PARTS, RECONFIGURATION, RUNS_TEXT, Counted, ours, parts

ROOT = Path(__file__).parents[2]
SAID = re.compile(
    r"^# TLC \(rev (\w+)\) counts the same on the TLA\+ twin: ([\d,]+) states, depth (\d+)\.$", re.MULTILINE
)
PAGE = parts((ROOT / "bench" / "TWIN.md").read_text(encoding="utf-8"))
TWIN, RUNS = PAGE["states"], PAGE["runs"]
TLC = find_tlc(None)
#: Garbage is collected in two configurations.
MIXED = next(size for size in COLLECTIONS if size.configurations)
#: The duel of figure 9: two leaders, rounds without end.
DUEL = next(claim for claim in CLAIMS if claim.size.rounds == 0)
FILES = [
    p for p in sorted((ROOT / "spec" / "models").glob("*.yaml")) if "# TLC" in p.read_text(encoding="utf-8")
]


def rows() -> dict[tuple[str, ...], str]:
    """Sizes as the table has them → what TLC counted, where both counted the same."""
    lines = [
        [c.strip() for c in line.strip("|").split("|")] for line in TWIN.splitlines() if "| equal |" in line
    ]
    return {tuple(line[:8]): line[9] for line in lines}


def size(model: dict) -> tuple[str, ...]:
    nodes, bounds = model["nodes"], model["bounds"]
    counts = [
        nodes["acceptors"],
        nodes["leaders"],
        nodes["replicas"],
        bounds["slots"],
        bounds.get("rounds", 1),
    ]
    counts += [len(model["commands"]), bounds.get("window", 2)]
    return (*map(str, counts), model.get("network", "lossy-duplicating"))


def test_all_rows_are_equal() -> None:
    assert "**different**" not in TWIN
    assert len(rows()) >= 8


def test_the_configurations_are_those_that_are_run() -> None:
    folder = ROOT / "spec" / "twins" / "tla"
    assert (folder / "PMMC.cfg").read_text(encoding="utf-8") == configuration(RAW)
    assert (folder / "Expert.cfg").read_text(encoding="utf-8") == expert_configuration(RAW)
    assert (folder / "Runs.cfg").read_text(encoding="utf-8") == runs_configuration(DUEL)
    assert (folder / "Reconfiguration.cfg").read_text(encoding="utf-8") == configuration(
        RECONFIGURATIONS[0]
    )
    assert (folder / "Collection.cfg").read_text(encoding="utf-8") == configuration(MIXED)


def test_many_models_name_tlc() -> None:
    assert len(FILES) >= 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_model_says_of_tlc(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    revision, states, depth = SAID.search(text).groups()
    model = yaml.safe_load(text)
    assert f"rev: {revision}" in TWIN
    assert rows()[size(model)] == f"{states} ({depth})"
    assert model["expect"]["states"] == int(states.replace(",", ""))
    assert model["expect"]["depth"] == int(depth)


def runs_rows() -> dict[tuple[str, ...], list[str]]:
    """Sizes, claim and assumptions as the table has them → states (depth), both verdicts, how alike."""
    lines = [[c.strip() for c in line.strip("|").split("|")] for line in RUNS.splitlines()]
    return {tuple(line[:10]): line[10:] for line in lines if len(line) == 14 and line[0].isdecimal()}


def place(claim: Claim) -> tuple[str, ...]:
    size = claim.size
    numbers = (size.acceptors, size.leaders, size.replicas, size.slots, size.supply, size.commands)
    return (*map(str, numbers), str(size.window), size.network, claim.text, claim.assumed)


def named(claim: Claim) -> str:
    return "-".join(place(claim))


def test_every_claim_was_asked_and_answered_alike() -> None:
    assert RUNS_TEXT in RUNS
    assert list(runs_rows()) == [place(claim) for claim in CLAIMS]
    for _, mine, its, same in runs_rows().values():
        assert same == "equal"
        assert mine.partition(",")[0] == its.partition(",")[0]


def test_claims_of_every_kind_hold_and_are_violated() -> None:
    shown = {place: row[1].partition(" (")[0] for place, row in runs_rows().items()}
    assert set(shown.values()) == {"holds", "violated, ends", "violated, repeats"}
    for network in (FIFO, ONCE, DUPLICATING, LOSSY):
        found = {it.partition(",")[0] for place, it in shown.items() if place[7] == network}
        assert found == {"holds", "violated"}
    assert {claim.key for claim in CLAIMS} == {"eventually", "always-eventually", "leads-to"}
    assert any(claim.strongly_fair for claim in CLAIMS)
    assert any(claim.finitely for claim in CLAIMS)


@pytest.mark.parametrize("claim", CLAIMS, ids=named)
def test_what_the_table_says_of_us(claim: Claim) -> None:
    states, mine, *_ = runs_rows()[place(claim)]
    found = claim.judged()
    assert (f"{found.states:,} ({found.depth})", found.shown) == (states, mine)


@pytest.mark.skipif(TLC is None, reason=f"TLC is not told by {VARIABLE}")
@pytest.mark.parametrize("claim", [DUEL, CLAIMS[0], CLAIMS[6]], ids=named)
def test_tlc_says_so_still(claim: Claim) -> None:
    assert TLC is not None
    found, _ = TLC.judge(claim, workers=1)
    states, _, its, _ = runs_rows()[place(claim)]
    assert f"{found.states:,} ({found.depth})" == states
    assert found.verdict == its.partition(",")[0]


#: The tables of models that change their configuration or collect garbage, and what is in them.
CHANGING = {"reconfiguration": RECONFIGURATION, "collection": COLLECTION}


def counted(part: str) -> list[list[str]]:
    """The cells of a table, line by line."""
    lines = [[c.strip() for c in line.strip("|").split("|")] for line in PAGE[part].splitlines()]
    return [line for line in lines if len(line) == len(CHANGING[part].columns)][2:]


def test_the_page_has_every_part() -> None:
    assert list(PAGE) == list(PARTS)


@pytest.mark.parametrize(("part", "table"), CHANGING.items(), ids=CHANGING)
def test_every_change_was_counted_alike(part: str, table: Counted) -> None:
    assert table.text in PAGE[part]
    lines = counted(part)
    assert [line[:-3] for line in lines] == [table.cells(size) for size in table.models]
    for *_, mine, its, same in lines:
        assert (mine, same) == (its, "equal")


def test_changes_of_every_kind_are_counted() -> None:
    for models in (RECONFIGURATIONS, COLLECTIONS):
        assert {model.network for model in models} >= {FIFO, ONCE, DUPLICATING}
        assert {model.window for model in models} >= {1, 2}
        assert {model.replicas for model in models} >= {1, 2}
        assert any(model.slots > 1 + model.window for model in models)
        assert {len(acceptors) for model in models for _, acceptors in model.members()} == {1, 3}
    assert {model.rule for model in COLLECTIONS} == {
        "replica: forgetful",
        "collection: f-plus-one",
        "collection: all",
    }
    assert any(model.reconfigurations for model in COLLECTIONS)
    assert any(len(model.reconfigurations) == 2 for model in RECONFIGURATIONS)


def small(part: str) -> list[int]:
    """The places in a table of those models that are counted quickly."""
    counts = [int(line[-3].partition(" ")[0].replace(",", "")) for line in counted(part)]
    return [at for at, count in enumerate(counts) if count <= FEW]


@pytest.mark.parametrize(("part", "at"), [(part, at) for part in CHANGING for at in small(part)])
def test_what_the_tables_say_of_us(part: str, at: int) -> None:
    states, depth = ours(CHANGING[part].models[at])
    assert f"{states:,} ({depth})" == counted(part)[at][-3]


def test_what_is_claimed_of_changes() -> None:
    claimed = configuration(RECONFIGURATIONS[0])
    assert all(f" {claim}" in claimed for claim in RECONFIGURED)
    collected = configuration(MIXED)
    assert all(f" {claim}" in collected for claim in (*RECONFIGURED, *COLLECTED, *COLLECTED_STEPS))
    assert " A3" not in collected


@pytest.mark.skipif(TLC is None, reason=f"TLC is not told by {VARIABLE}")
@pytest.mark.parametrize("part", CHANGING)
def test_tlc_counts_so_still(part: str) -> None:
    assert TLC is not None
    size: Size = CHANGING[part].models[0]
    answer = TLC.check(size, workers=1)
    assert f"{answer.states:,} ({answer.depth})" == counted(part)[0][-2]
