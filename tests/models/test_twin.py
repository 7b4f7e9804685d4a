"""What the model files say of TLC is what `python -m bench.twin` wrote down, and what they expect."""

import re
from pathlib import Path

import pytest
import yaml

from bench.claims import CLAIMS, DUPLICATING, FIFO, LOSSY, ONCE, Claim
from bench.sizes import RAW
from bench.tla import VARIABLE, configuration, expert_configuration, find_tlc, runs_configuration
from bench.twin import RUNS_HEAD, RUNS_TEXT

ROOT = Path(__file__).parents[2]
SAID = re.compile(
    r"^# TLC \(rev (\w+)\) counts the same on the TLA\+ twin: ([\d,]+) states, depth (\d+)\.$", re.MULTILINE
)
TWIN, _, RUNS = (ROOT / "bench" / "TWIN.md").read_text(encoding="utf-8").partition(RUNS_HEAD)
TLC = find_tlc(None)
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
        assert mine.partition(" (")[0] == its.partition(" (")[0]


def test_claims_of_every_kind_hold_and_are_violated() -> None:
    verdicts = {place: row[1].partition(" (")[0] for place, row in runs_rows().items()}
    assert set(verdicts.values()) == {"holds", "violated, ends", "violated, repeats"}
    for network in (FIFO, ONCE, DUPLICATING, LOSSY):
        found = {verdict.partition(",")[0] for place, verdict in verdicts.items() if place[7] == network}
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
    assert found.verdict == its.partition(" (")[0]
