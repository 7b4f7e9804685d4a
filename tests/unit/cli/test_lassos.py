"""A run that repeats on the command line: found, written, taken again, drawn; and what is no such run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lassos import DUEL, DUEL_LOOP, DUEL_PATH

from checker.cli.commands.explore import subject_of
from checker.cli.grammar.parser import parser
from checker.cli.usage import UsageFault
from checker.model.verdict import ExitCode

Run = Callable[..., tuple[int, str, str]]
STEPS = ("--path", DUEL_PATH)
LOOP = ("--loop", str(DUEL_LOOP))
REPEAT = "steps 7 to 14 repeat for ever"


@pytest.fixture
def run(pmmc: Run, tmp_path: Path) -> Run:
    """One command in a folder of its own: exit code, stdout, stderr."""
    (tmp_path / "duel.yaml").write_text(DUEL, encoding="utf-8")
    return pmmc


def test_a_check_finds_a_run_that_its_replay_repeats(run: Run) -> None:
    code, out, _ = run("check", "duel.yaml", "--engine", "reference")
    assert code == ExitCode.LIVENESS
    (command,) = [line.split()[1:] for line in out.splitlines() if line.startswith("  replay ")]
    assert command == ["pmmc", "replay", "duel.yaml", *LOOP, *STEPS]
    code, out, _ = run(*command[1:])
    assert code == ExitCode.LIVENESS
    assert out.startswith("VIOLATED  6 steps, then 8 for ever   duel.yaml\n")
    assert f"  loop        {REPEAT}, all rounds larger by 2 each time\n" in out
    assert "leader 0.p2b from acceptor 0 taken in step 14" in out


def test_a_trace_file_is_replayed_round_and_round(run: Run, tmp_path: Path) -> None:
    run("check", "duel.yaml", "--engine", "reference", "--trace-dir", "out", "-q")
    file = "out/duel-for-ever/every-command-performed.itf.json"
    code, out, _ = run("replay", file)
    assert code == ExitCode.LIVENESS
    assert out.startswith("VIOLATED  every-command-performed   (eventually, 6 steps, then 8 for ever)")
    assert "every step and state is as it was" in out
    code, out, _ = run("replay", file, "--at", "14")
    assert code == ExitCode.OK
    assert "(back to the state after step 6, all rounds larger by 2)" in out.splitlines()[0]
    assert "broken      every-command-performed" in out
    assert "  >   0  acceptor 0  p1a(leader 0, ballot 3.0)" in out
    code, out, _ = run("replay", file, "--at", "13")
    assert ("back to" in out, "broken" in out) == (False, False)
    written = {path.name.partition(".")[2] for path in (tmp_path / "out" / "duel-for-ever").iterdir()}
    assert {"itf.json", "txt", "svg", "mmd", "causal.graphml", "shiviz.log"} <= written
    whole = (tmp_path / file).read_text(encoding="utf-8")
    assert json.loads(whole)["loop"] == DUEL_LOOP + 1


def test_a_loop_that_is_none_departs(run: Run) -> None:
    for loop in ("5", "14", "100"):
        code, out, _ = run("replay", "duel.yaml", "--loop", loop, *STEPS)
        assert code == ExitCode.UNMET
        assert out.startswith("DEPARTED")
    assert "no step is left to repeat after 100 of 14 steps" in out
    code, out, _ = run("replay", "duel.yaml", *STEPS)
    assert code == ExitCode.OK  # a run that ends there is not fair: leader 0 must be heard


@pytest.mark.parametrize("command", [("replay",), ("graph", "-o", "x.svg"), ("explore",)])
def test_a_loop_goes_with_a_path(run: Run, command: tuple[str, ...]) -> None:
    code, out, err = run(*command, "duel.yaml", *LOOP)
    assert (code, out) == (ExitCode.USAGE, "")
    assert "--loop goes with --path" in err
    code, _, err = run(*command, "duel.yaml", *STEPS, "--loop", "-1")
    assert code == ExitCode.USAGE
    assert "expected a whole number from 0" in err or "expected one argument" in err


def test_a_run_that_repeats_is_drawn_and_not_sliced(run: Run, tmp_path: Path) -> None:
    for kind, name in (("spacetime", "x.svg"), ("spacetime", "x.mmd"), ("causal", "x.graphml")):
        assert run("graph", "duel.yaml", *LOOP, *STEPS, "--kind", kind, "-o", name)[0] == ExitCode.OK
        assert REPEAT in (tmp_path / name).read_text(encoding="utf-8")
    code, _, err = run("graph", "duel.yaml", *LOOP, *STEPS, "--kind", "slice", "-o", "y.svg")
    assert code == ExitCode.USAGE
    assert "it has no slice" in err
    assert not (tmp_path / "y.svg").exists()


def test_the_explorer_begins_with_it(run: Run) -> None:
    run("check", "duel.yaml", "--engine", "reference", "--trace-dir", "out", "-q")
    file = "out/duel-for-ever/every-command-performed.itf.json"
    for words in (("duel.yaml", *LOOP, *STEPS), (file,)):
        subject = subject_of(parser().parse_args(["explore", *words]))
        assert (len(subject.start), subject.loop) == (14, DUEL_LOOP)
    with pytest.raises(UsageFault, match="does not lead back to the state after 3 steps"):
        subject_of(parser().parse_args(["explore", "duel.yaml", "--loop", "3", *STEPS]))
