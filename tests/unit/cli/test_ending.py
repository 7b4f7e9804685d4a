"""How a command ends when its streams are closed or full, and when it is asked to end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from smallmodels import ENDLESS, STUCK

from checker import cli
from checker.cli import main, running, streams
from checker.model.verdict import ExitCode

ROOT = Path(__file__).parents[3]
PMMC = f"{sys.executable} -m checker.cli"
ENVIRONMENT = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="streams and signals are others there")
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


@pytest.fixture(autouse=True)
def _asked_to_end_as_usual() -> Iterator[None]:
    """What we start does as it is asked, also where this suite runs under nohup, which has it ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL) if hasattr(signal, "SIGHUP") else None
    yield
    if before is not None:
        signal.signal(signal.SIGHUP, before)


def shell(words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `pmmc` with these words, redirections among them."""
    (folder / "stuck.yaml").write_text(STUCK, encoding="utf-8")
    return subprocess.run(
        ["/bin/sh", "-c", f"{PMMC} {words}"],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("check duel >&-", 0),
        ("check duel 2>&-", 0),
        ("check duel >&- 2>&- <&-", 0),
        ("check stuck.yaml >&-", ExitCode.DEADLOCK),
        ("check nosuch 2>&-", 2),
        ("check nosuch >&-", 2),
        ("check - <&-", 2),
        ("check - 0>unreadable", 2),
        ("nosuch 2>&-", 2),
        ("--version >&-", 0),
        ("--help >&- 2>&-", 0),
        ("mutate B-17 N-51 --jobs 2 >&- 2>&- <&-", 0),
    ],
)
def test_closed_streams_change_no_exit_code(words: str, code: int, tmp_path: Path) -> None:
    run = shell(words, tmp_path)
    assert run.returncode == code, run.stderr
    assert "Traceback" not in run.stderr


def test_what_a_caller_has_printed_comes_first(tmp_path: Path) -> None:
    """Into a pipe, where Python holds back what is printed."""
    script = "import sys, checker.cli as c; print('first'); sys.exit(c.main(['models']))"
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[0] == "first"
    assert len(done.stdout.splitlines()) > 1


def test_a_stdin_that_is_closed_is_told(tmp_path: Path) -> None:
    assert shell("check - <&-", tmp_path).stderr == "<stdin>: cannot be read: it is closed\n"
    assert (
        shell("check - 0>unreadable", tmp_path).stderr == "<stdin>: cannot be read: Bad file descriptor\n"
    )


def test_no_file_gets_what_was_meant_for_a_closed_stream(tmp_path: Path) -> None:
    assert shell("check duel --json out.json <&- >&- 2>&-", tmp_path).returncode == 0
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["exit_code"] == 0


@full
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("check duel >/dev/full", 2),
        ("check duel --json - >/dev/full", 2),
        ("check duel --junit - >/dev/full", 2),
        ("--version >/dev/full", 2),
        ("models >/dev/full", 2),
        ("check stuck.yaml >/dev/full", ExitCode.DEADLOCK),
        ("check stuck.yaml duel --json out.json >/dev/full", ExitCode.DEADLOCK),
    ],
)
def test_a_full_stdout_is_told_and_costs_no_verdict(words: str, code: int, tmp_path: Path) -> None:
    run = shell(words, tmp_path)
    assert run.returncode == code, run.stderr
    assert run.stderr.splitlines()[-1] == "pmmc: cannot write to stdout: No space left on device"
    assert "bug of the checker" not in run.stderr
    assert "Traceback" not in run.stderr
    if "out.json" in words:
        results = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["results"]
        assert [r["model"] for r in results] == ["stuck", "duel"]


@full
@pytest.mark.parametrize(
    ("words", "code"), [("check nosuch", 2), ("nosuch", 2), ("check duel", 0), ("mutate B-17", 0)]
)
def test_a_full_stderr_changes_no_exit_code(words: str, code: int, tmp_path: Path) -> None:
    assert shell(f"{words} 2>/dev/full", tmp_path).returncode == code


@pytest.mark.parametrize("words", ["--version", "--help", "schema", "check duel"])
def test_a_reader_that_goes_away_ends_the_command(words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [*PMMC.split(), *words.split()]
    gone = subprocess.run(command, env=ENVIRONMENT, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (gone.returncode, gone.stderr) == (141, b"")


OPTIONS = ("--json", "out.json", "--engine", "reference")


def started(words: list[str], folder: Path, **more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PMMC.split(), *words],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        **more,
    )


def ended(process: subprocess.Popen[str], given: str | None = None) -> tuple[str, str]:
    """What the process prints until it ends; one that does not end is not left behind."""
    try:
        return process.communicate(given, timeout=120)
    except BaseException:
        process.kill()
        process.wait()
        raise


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_check_that_is_asked_to_end_tells_what_it_has(number: int, tmp_path: Path) -> None:
    (tmp_path / "stuck.yaml").write_text(STUCK, encoding="utf-8")
    (tmp_path / "endless.yaml").write_text(ENDLESS, encoding="utf-8")
    process = started(["check", "stuck.yaml", "endless.yaml", "duel", *OPTIONS], tmp_path)
    assert process.stderr is not None
    assert "distinct" in process.stderr.readline()
    for _ in range(3):  # several at once mean nothing else than one
        process.send_signal(number)
    out, err = ended(process)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in err
    assert "1 not checked" in out
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert document["exit_code"] == ExitCode.INTERRUPTED
    assert [r["verdict"] for r in document["results"]] == ["violated", "inconclusive"]


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = started(["check", "-"], tmp_path, stdin=subprocess.PIPE, preexec_fn=ignore)
    process.send_signal(signal.SIGHUP)
    out, err = ended(process, STUCK)
    assert process.returncode == ExitCode.DEADLOCK, err
    assert "VIOLATED  no-lost-command" in out


WRITING = """
import sys, time
from checker.cli import main
from checker.cli.commands import graph

def pieces(*_):
    yield "half of it"
    print("writing", flush=True)
    time.sleep(600)

graph._of_model = pieces
sys.exit(main(["graph", "duel", "-o", "out.dot"]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_what_is_being_written_leaves_nothing_behind(number: int, tmp_path: Path) -> None:
    (tmp_path / "out.dot").write_text("old", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", WRITING], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(number)
    ended(process)
    assert process.returncode == ExitCode.INTERRUPTED
    assert [(p.name, p.read_text(encoding="utf-8")) for p in tmp_path.iterdir()] == [("out.dot", "old")]


@pytest.mark.parametrize("module", ["checker.cli.running", "checker.cli.grammar.parser"])
def test_ctrl_c_while_the_command_is_loaded_is_told_in_a_word(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted:
        def find_spec(self, name: str, *_: object) -> None:
            if name == module:
                raise KeyboardInterrupt

    for name in [name for name in sys.modules if name.startswith("checker.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    assert cli.main(["--version"]) == ExitCode.INTERRUPTED
    assert capsys.readouterr().err == "interrupted\n"


def test_several_signals_at_once_are_one_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("checker.cli.running.time.monotonic", lambda: clock[0])
    interrupt = running._Interrupt()
    with pytest.raises(KeyboardInterrupt):
        interrupt(signal.SIGINT, None)
    clock[0] = 0.5
    interrupt(signal.SIGINT, None)
    interrupt(signal.SIGTERM, None)
    clock[0] = 3.0
    with pytest.raises(KeyboardInterrupt):
        interrupt(signal.SIGINT, None)


def test_handlers_are_put_back(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert main(["--version"]) == 0
    assert signal.getsignal(signal.SIGTERM) is before
    assert capsys.readouterr().out.startswith("pmmc ")
    assert streams.fault() is None


def test_code_that_ends_the_process_does_not_decide_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def leave(*_: object) -> None:
        raise SystemExit(0)

    monkeypatch.setattr("checker.cli.commands.lists.schema", leave)
    assert main(["schema"]) == ExitCode.INTERNAL
    assert "internal error: SystemExit: 0" in capsys.readouterr().err
