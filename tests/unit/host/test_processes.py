"""Calls in processes of their own: what becomes of the answers when processes are killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checker.host.processes import Died, calls

ROOT = Path(__file__).parents[3]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")

#: Functions to be called; they must be in a module that another process can import.
CALLED = """
import os, signal, time

def double(number):
    return 2 * number

def die(number):
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 2:
        os._exit(7)
    return number

def wait(name):
    open(name, "w").close()
    while True:
        time.sleep(60)

def deaf(number):
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
"""


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    (tmp_path / "called_elsewhere.py").write_text(CALLED, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield __import__("called_elsewhere")
    sys.modules.pop("called_elsewhere")


def test_every_call_is_answered(called: object) -> None:
    assert sorted(calls(called.double, [(n,) for n in range(5)], 2)) == [(n, 2 * n) for n in range(5)]
    assert list(calls(called.double, [], 2)) == []


@posix
def test_only_the_answer_of_a_killed_process_is_lost(called: object) -> None:
    answers = dict(calls(called.die, [(n,) for n in range(5)], 2))
    assert answers == {
        0: 0,
        1: Died("its process was ended by SIGKILL"),
        2: Died("its process ended with exit code 7"),
        3: 3,
        4: 4,
    }


@posix
def test_ctrl_c_is_for_those_who_started_them(called: object) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert list(calls(called.deaf, [(0,)], 1)) == [(0, True)]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


@posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_none_outlives_the_one_that_started_them(tmp_path: Path, called: object, number: int) -> None:
    names = [str(tmp_path / name) for name in ("one", "two")]
    script = f"""
import signal
from checker.host.processes import calls
import called_elsewhere
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    list(calls(called_elsewhere.wait, [(name,) for name in {names}], 2))
"""
    (tmp_path / "parent.py").write_text(script, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "parent.py"],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    while not all(Path(name).exists() for name in names):
        assert parent.poll() is None
        time.sleep(0.05)
    parent.send_signal(number)
    # it ends when no process has stderr open any more: all of them inherited it
    _, told = parent.communicate(timeout=60)
    assert parent.returncode != 0
    assert told.count("Traceback") == (number == signal.SIGINT)
