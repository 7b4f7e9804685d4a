"""What the model files say of TLC is what `python -m bench.twin` wrote down, and what they expect."""

import re
from pathlib import Path

import pytest
import yaml

from bench.sizes import RAW
from bench.tla import configuration, expert_configuration

ROOT = Path(__file__).parents[2]
SAID = re.compile(
    r"^# TLC \(rev (\w+)\) counts the same on the TLA\+ twin: ([\d,]+) states, depth (\d+)\.$", re.MULTILINE
)
TWIN = (ROOT / "bench" / "TWIN.md").read_text(encoding="utf-8")
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
