"""`pmmc run`: a cluster as processes, killed and started again, and what it leaves behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import spec.deployed
from spec.system import KNOWN_RULES
from tests.unit.support.replayedlogs import Misfit, received_unsent, replay

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
FAULTS = ("--loss", "5%", "--duplicate", "5%", "--delay", "1..5ms", "--kill-every", "500ms")


def pmmc(*words: str, folder: Path, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "checker.cli", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, check=False)


def logs(folder: Path) -> list[Path]:
    return sorted((folder / "logs").glob("*.jsonl"))


def replayed(folder: Path, clients: int) -> Counter[str]:
    deployed = spec.deployed.deployed(KNOWN_RULES, None, clients=clients)
    return sum((replay(deployed, path) for path in logs(folder)), Counter())


def is_there(pid: int) -> bool:
    """Whether a process goes on; one that nobody has buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split(")")[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(what, seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run with a load, everything going wrong."""
    folder = tmp_path_factory.mktemp("loaded")
    words = ("run", "c", "--commands", "200", "--clients", "6", *FAULTS, "--seed", "3", "-q")
    ended = pmmc(*words, "--json", "result.json", folder=folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return folder


def test_nothing_acknowledged_is_lost_and_replicas_are_equal(loaded: Path) -> None:
    told = json.loads((loaded / "result.json").read_text(encoding="utf-8"))
    assert (told["ok"], told["acknowledged"], told["wrong"]) == (True, 200, [])
    assert sum(told["kills"].values()) > 0
    assert told["counted"]["lost"] > 0 < told["counted"]["doubled"]
    assert told["predicted"]["in_all"] == 14
    at_least = told["counted"]["request"] + told["counted"]["propose"]
    assert at_least >= 200 * 3 * 2


def test_every_log_is_what_the_rules_make(loaded: Path) -> None:
    events = replayed(loaded / "c", 6)
    told = json.loads((loaded / "result.json").read_text(encoding="utf-8"))
    assert events["start"] == 9 + 6
    assert events["recover"] == 3 * sum(told["kills"].values())
    missed = events["receive"] - told["counted"]["received"]  # a kill takes what its last batch has counted
    assert 0 <= missed <= 100 * sum(told["kills"].values())
    assert events["state"] >= 15


def test_its_own_log_is_valid(loaded: Path) -> None:
    ended = pmmc("validate", *(f"c/logs/{path.name}" for path in logs(loaded / "c")), "-q", folder=loaded)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.startswith("FITS")


def test_what_was_taken_had_been_sent(loaded: Path) -> None:
    assert [*received_unsent(logs(loaded / "c"))] == []


def test_a_folder_with_a_run_is_not_used_for_another_load(loaded: Path) -> None:
    ended = pmmc("run", "c", "--commands", "1", folder=loaded)
    assert ended.returncode == 2
    assert (
        ended.stderr
        == "pmmc: run: c holds an earlier run; --commands needs a new one: --fresh begins anew\n"
    )
    (loaded / "other").mkdir()
    (loaded / "other" / "precious.txt").touch()
    ended = pmmc("run", "other", "--fresh", folder=loaded)
    assert (ended.returncode, [*(loaded / "other").iterdir()]) == (2, [loaded / "other" / "precious.txt"])


class Running:
    """A cluster that runs until it is told to end."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "checker.cli", "run", "c"]
        self.folder = folder
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.pids = [int(pid) for pid in re.findall(r"process (\d+)", self.process.stdout.readline())]
        assert len(self.pids) == 3

    def ask(self, *words: str) -> str:
        ended = pmmc("client", "c", *words, folder=self.folder)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def test_one_command_starts_it_and_one_asks(tmp_path: Path) -> None:
    running = Running(tmp_path)
    assert running.ask("put", "k", "v") == "v"
    os.kill(running.pids[0], signal.SIGKILL)  # by somebody who has nothing to do with it
    assert running.ask("append", "k", "w") == "vw"
    assert running.end(signal.SIGINT) == 0
    assert not any(map(is_there, running.pids))
    running = Running(tmp_path)  # all was kept
    assert running.ask("get", "k") == "vw"
    running.end(signal.SIGKILL)
    wait_until(lambda: not any(map(is_there, running.pids)))
    began = time.monotonic()  # longer than between two times that the client asks again
    ended = pmmc("client", "--timeout", "3", "c", "get", "k", folder=tmp_path)
    assert (ended.returncode, "no answer in 3 s" in ended.stderr) == (20, True)
    assert time.monotonic() - began < 15
    events = replayed(tmp_path / "c", 0)
    assert (events["start"], events["recover"]) == (9, 9 + 3)


@pytest.mark.parametrize(("load", "most"), [(("--commands", "2000"), 40_000), ((), 3000)])
def test_a_process_that_cannot_write_ends(tmp_path: Path, load: tuple[str, ...], most: int) -> None:
    """What it could not store or log it must not act on: a full disk, here files that may not grow."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))"
    code = f"{limit}; from checker.cli import main; raise SystemExit(main(['run', 'c', *{load}, '-q']))"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 70
    assert "File too large" in said
    assert "Exception in callback" not in said
    assert "OK" not in said


def test_what_is_wrong_with_the_words_is_said(tmp_path: Path) -> None:
    for words, says in (
        (("run", "--no-sync", "acceptor 7"), "--no-sync: unknown node 'acceptor 7'"),
        (("run", "--loss", "2"), "expected a share such as 5% or 0.05, less than all, not '2'"),
        (("run", "--delay", "9..1ms"), "expected a time such as 1..10ms or 5ms, not '9..1ms'"),
        (("client", "nowhere", "get", "k"), "nowhere holds no cluster: `pmmc run nowhere` starts one"),
        (("run", "--model", "leases"), "clocks and leases do not run: only a model has them"),
    ):
        ended = pmmc(*words, folder=tmp_path)
        assert ended.returncode == 2
        assert says in ended.stderr


@pytest.mark.slow
def test_an_acceptor_that_does_not_sync_is_found_by_its_log(tmp_path: Path) -> None:
    words = ("--commands", "600", *FAULTS, "--no-sync", "acceptor 1", "-q")
    assert pmmc("run", "c", *words, folder=tmp_path).returncode in (0, 12, 20)
    with pytest.raises(Misfit, match=r"acceptor-1\.jsonl:\d+: recover with other .*accepted"):
        replayed(tmp_path / "c", 8)
    ended = pmmc("validate", *(f"c/logs/{path.name}" for path in logs(tmp_path / "c")), folder=tmp_path)
    assert ended.returncode not in (0, 2)
    assert re.search(r"c/logs/acceptor-1\.jsonl:\d+", ended.stdout)


@pytest.mark.slow
def test_ten_thousand_commands(tmp_path: Path) -> None:
    words = ("--commands", "10000", "--loss", "5%", "--duplicate", "5%", "--delay", "1..10ms")
    ended = pmmc("run", "c", *words, "--kill-every", "1s", "-q", folder=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    replayed(tmp_path / "c", 8)
    ended = pmmc("validate", *(f"c/logs/{path.name}" for path in logs(tmp_path / "c")), folder=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.slow
def test_processes_apart(tmp_path: Path) -> None:
    ended = pmmc("run", "c", "--apart", "--commands", "500", *FAULTS, "-q", folder=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    replayed(tmp_path / "c", 8)
