"""`pmmc replay --pictures`: what the protocol shows of a trace, at its end and on the way."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import registers

from checker.cli import main
from checker.model.verdict import ExitCode

PATH = "2/0/1/0/1/1/0/1/5/1/0/0/3/3"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(pmmc: Run) -> Run:
    """`pmmc replay` in a folder of its own: exit code, stdout, stderr."""
    return partial(pmmc, "replay")


def pictures(out: str) -> list[str]:
    """The lines from the first picture on."""
    lines = out.splitlines()
    return lines[next(n for n, line in enumerate(lines) if line.startswith("  Ballots: ")) :]


def test_at_the_end_and_on_the_way(run: Run) -> None:
    code, plain, _ = run("accept-any-ballot", "--path", PATH)
    assert code == ExitCode.SAFETY
    code, out, _ = run("accept-any-ballot", "--path", PATH, "--pictures")
    assert code == ExitCode.SAFETY
    assert out.startswith(f"{plain}\n  Ballots: ")
    assert sum("✗" in line for line in pictures(out)) == 3
    _, out, _ = run("accept-any-ballot", "--path", PATH, "--pictures", "--at", "7")
    assert out.startswith("after step 7 of 14")
    assert "slot 1: put k1 v1 @7" in out
    assert not any("✗" in line for line in pictures(out))
    _, out, _ = run("accept-any-ballot", "--path", PATH, "--pictures", "--at", "0")
    assert pictures(out)[-1] == "  nothing so far"
    assert run("accept-any-ballot", "--path", PATH, "--pictures", "--at", "15")[0] == ExitCode.USAGE


def test_a_trace_file_shows_the_same(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "stable-nothing", "--trace-dir", "out", "-q"])
    capsys.readouterr()
    _, from_file, _ = run("out/stable-nothing/C2.itf.json", "--pictures")
    assert sum("✗" in line for line in pictures(from_file)) == 1
    assert sum("forgets" in line for line in pictures(from_file)) == 1


def test_a_protocol_that_supplies_none_says_so(run: Run) -> None:
    Path("own.yaml").write_text(registers.UNJUDGED, encoding="utf-8")
    code, out, err = run("own.yaml", "--path", "0", "--pictures", "--load", registers.__file__)
    assert (code, out) == (ExitCode.USAGE, "")
    assert "--pictures: this protocol supplies none" in err
