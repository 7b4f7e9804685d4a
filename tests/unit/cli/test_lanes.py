"""`pmmc check` and `pmmc replay` of a history that cannot be ordered; `--lanes` for any other."""

from collections.abc import Callable
from pathlib import Path

import pytest
import registers

from checker.model.verdict import ExitCode

LOAD = ("--load", registers.__file__)
PATH = "0/0/1/1/0/1"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(pmmc: Run, tmp_path: Path) -> Run:
    """One command in a folder with the models: exit code, stdout, stderr."""
    for name in ("STALE_READ", "CONSISTENT", "UNJUDGED"):
        file = f"{name.lower().replace('_', '-')}.yaml"
        (tmp_path / file).write_text(getattr(registers, name), encoding="utf-8")
    return lambda *words: pmmc(*words, *LOAD)


def chart(out: str) -> list[str]:
    """The lines from the chart to what cannot be ordered."""
    lines = out.splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith("  steps  "))
    return lines[begin : lines.index("", begin)]


def test_a_check_and_all_ways_to_replay_it_show_the_same_chart(run: Run) -> None:
    code, out, _ = run("check", "stale-read.yaml", "--trace-dir", "out")
    assert code == ExitCode.SAFETY
    shown = chart(out)
    assert shown[4].split() == ["├╌╌╌╌╌╌╌╌╌╌┤"]
    assert shown[-1].startswith("              ")
    for words in (("out/stale-read/linearizable.itf.json",), ("stale-read.yaml", "--path", PATH)):
        code, out, _ = run("replay", *words)
        assert code == ExitCode.SAFETY
        assert chart(out) == shown
    told = Path("out/stale-read/linearizable.txt").read_text(encoding="utf-8")
    assert "read → 0 by client 1 fits nowhere" in told
    drawn = Path("out/stale-read/linearizable.lanes.svg").read_text(encoding="utf-8")
    code, _, _ = run("graph", "stale-read.yaml", "--path", PATH, "--kind", "lanes", "-o", "lanes.svg")
    assert code == ExitCode.OK
    assert Path("lanes.svg").read_text(encoding="utf-8") == drawn


def test_lanes_are_shown_of_other_paths_if_asked(run: Run) -> None:
    code, out, _ = run("replay", "consistent.yaml", "--path", PATH)
    assert (code, "  steps  " in out) == (ExitCode.OK, False)
    code, out, _ = run("replay", "consistent.yaml", "--path", PATH, "--lanes")
    assert code == ExitCode.OK
    assert chart(out)[-1] == "  order       1 write A → A by client 0 · 2 read → A by client 1"


def test_a_model_without_a_history_says_so(run: Run) -> None:
    code, out, err = run("replay", "unjudged.yaml", "--path", PATH, "--lanes")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "--lanes: this model keeps no history of calls; --property linearizable asks for one" in err
    code, out, _ = run("replay", "unjudged.yaml", "--path", PATH, "--lanes", "--property", "linearizable")
    assert code == ExitCode.SAFETY
    assert "fits nowhere" in " ".join(out.split())


@pytest.mark.parametrize(
    ("model", "output", "said"),
    [
        ("unjudged.yaml", "lanes.svg", "--kind lanes: this model keeps no history of calls"),
        (
            "stale-read.yaml",
            "lanes.dot",
            "lanes are written to .svg; `pmmc replay --lanes` shows them as text",
        ),
    ],
)
def test_lanes_that_cannot_be_drawn_are_refused(run: Run, model: str, output: str, said: str) -> None:
    code, out, err = run("graph", model, "--path", PATH, "--kind", "lanes", "-o", output)
    assert (code, out) == (ExitCode.USAGE, "")
    assert said in err
    assert not Path(output).exists()


def test_models_that_keep_no_history_are_compared_by_one(run: Run) -> None:
    both = ("compare", "unjudged.yaml", "consistent.yaml", "--property", "linearizable")
    code, out, _ = run(*both, "--engine", "reference")
    assert code == ExitCode.UNMET
    assert "linearizable combinations of refuted: stale-read 2, 1 of them only there; consistent 1" in out
