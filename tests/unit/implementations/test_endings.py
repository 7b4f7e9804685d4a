"""However it ends, no process is left behind, and loading a model starts none."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from players import PLAYER, end_soon, model, shell, started

from checker.checking.question import Options
from checker.engines.choose import Means
from checker.engines.contract import Limits
from checker.implementations.command import CannotStart, Command
from checker.model.verdict import ExitCode
from checker.modelfiles.loading import load_text
from checker.modelfiles.protocol import protocols
from checker.testing.asserts import verify


def check_alone(folder: Path, way: str) -> "subprocess.Popen[str]":
    """`pmmc check` of a model whose acceptor will not answer, until it is asked that."""
    file = folder / "played.pmmc.yaml"
    file.write_text(model((*PLAYER, way, str(folder)), "    timeout: 600"), encoding="utf-8")
    check = subprocess.Popen(
        [sys.executable, "-m", "checker.cli", "check", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until = time.monotonic() + 60
    while not started(folder) and time.monotonic() < until:
        time.sleep(0.02)
    assert started(folder)
    time.sleep(0.3)  # it hangs by now, or will
    return check


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_ends_with_who_started_it(number: signal.Signals, tmp_path: Path) -> None:
    check = check_alone(tmp_path, "hangs")
    check.send_signal(number)
    said, _ = check.communicate(timeout=60)
    assert end_soon(started(tmp_path))
    assert check.returncode == (-number if number is signal.SIGKILL else ExitCode.INTERRUPTED), said


def test_what_a_process_starts_ends_with_it(tmp_path: Path) -> None:
    script = f'sleep 600 & touch "{tmp_path}/$!"; exec $0'
    result = verify(model(shell(script, (*PLAYER, "right", str(tmp_path)))))
    assert result.exit_code is ExitCode.OK
    assert len(started(tmp_path)) == 4
    assert end_soon(started(tmp_path))


def test_a_process_that_stays_is_ended(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert verify(model((*PLAYER, "stays", str(tmp_path)))).exit_code is ExitCode.OK
    assert end_soon(started(tmp_path))
    assert time.monotonic() - begun < 30


def test_what_is_asked_after_the_end_starts_it_anew(tmp_path: Path) -> None:
    loaded = load_text(model((*PLAYER, "right", str(tmp_path))), "played", protocols=protocols())
    assert verify(loaded).exit_code is ExitCode.OK
    before = started(tmp_path)
    more = Options(means=Means("native"), limits=Limits(max_states=10**6))
    assert verify(loaded, more).exit_code is ExitCode.OK
    assert end_soon(started(tmp_path))
    assert set(before) <= set(started(tmp_path))


def test_loading_starts_nothing(tmp_path: Path) -> None:
    loaded = load_text(model((*PLAYER, "right", str(tmp_path))), "played", protocols=protocols())
    assert loaded.system.outside
    assert started(tmp_path) == []


def program(words: tuple[str, ...], folder: Path) -> str:
    with pytest.raises(CannotStart) as error:
        Command(words, folder).program()
    return str(error.value)


def test_says_what_cannot_be_started(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")
    (tmp_path / "folder").mkdir()
    nowhere = "cannot be started: there is no program 'no-such-program' on PATH"
    assert nowhere in program(("no-such-program", "x"), tmp_path)
    assert "one that is beside the model file is named './no-such-program'" in program(
        ("no-such-program",), tmp_path
    )
    assert program(("./absent",), tmp_path) == (
        f"'./absent' cannot be started: there is no file {tmp_path / 'absent'}"
    )
    assert program(("./folder",), tmp_path).endswith("is a folder")
    assert program(("./plain",), tmp_path).endswith("is not executable (chmod +x)")
    assert "there is no folder" in program(("sh",), tmp_path / "gone")


def test_a_program_is_taken_from_the_folder_of_the_model_file(tmp_path: Path) -> None:
    script = tmp_path / "own"
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o700)
    assert Command(("./own",), tmp_path).program() == str(script)
    assert os.path.basename(Command(("sh",), tmp_path).program()) == "sh"  # noqa: PTH119 - as it is named


def test_what_cannot_be_started_is_told_as_other_mistakes_of_a_model() -> None:
    result = verify(model(("no-such-program",)))
    assert result.exit_code is ExitCode.MODEL_RAISED
    assert result.found.raised is not None
    assert result.found.raised.reason.startswith(
        "acceptor 0: as it begins: 'no-such-program' cannot be started: there is no program"
    )


def test_what_is_executable_and_no_program_is_told(tmp_path: Path) -> None:
    script = tmp_path / "odd"
    script.write_bytes(b"\x00\x01 no program")
    script.chmod(0o700)
    result = verify(model((str(script),)))
    assert result.found.raised is not None
    assert "cannot be started: Exec format error" in result.found.raised.reason
