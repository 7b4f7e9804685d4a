"""Owners as actors of Ray, on this machine: the same answers, and nothing is left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from checker.engines.contract import UNREDUCED, Limits, Progress, Reductions
from checker.engines.native import tuning
from checker.engines.native.distributed.clusters import transport_to
from checker.engines.native.distributed.transport import Transport
from checker.engines.native.engine import explore
from tests.unit.distributed.test_search import EARLY, MODELS, alone, at_work, same, system

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
    # not imported to find that out: it takes a second, and all workers of a suite read this
    pytest.mark.skipif(find_spec("ray") is None, reason="there is no ray here"),
]


@pytest.fixture(scope="module")
def transport() -> Iterator[Transport]:
    """A Ray for all tests here: it takes seconds to start."""
    import ray  # noqa: PLC0415 - it may not be installed

    yield transport_to("")
    ray.shutdown()
    transport_to_anew()


def transport_to_anew() -> None:
    from checker.engines.native.distributed.onray import connected  # noqa: PLC0415 - imports Ray

    connected.cache_clear()  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "USUAL", EARLY)


@pytest.mark.parametrize("name", MODELS)
def test_any_number_of_actors_finds_the_same(name: str, transport: Transport) -> None:
    for owners in (1, 2, 4):
        same(alone(name, Reductions()), explore(system(name), workers=owners, transport=transport))


def test_an_actor_that_is_killed_changes_nothing(transport: Transport) -> None:
    killed: list[int] = []

    def kill_one(progress: Progress) -> None:
        if progress.depth > 8 and not killed:
            killed.append(_an_actor())
            os.kill(killed[0], signal.SIGKILL)

    found = explore(
        system("apart-by-sets"), Limits(), kill_one, reductions=UNREDUCED, workers=4, transport=transport
    )
    same(alone("apart-by-sets", UNREDUCED), found)
    assert killed
    assert at_work(found)["owners_lost"] == 1


def _an_actor() -> int:
    """The process of an actor of a Ray that this process has started."""
    found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in found.stdout.splitlines()[1:]]
    parents = {int(pid): int(parent) for pid, parent, *_ in rows}

    def is_ours(pid: int) -> bool:
        return pid == os.getpid() or (pid in parents and is_ours(parents[pid]))

    return next(
        int(pid) for pid, _, *what in rows if what and "ray::Owner" in what[0] and is_ours(int(pid))
    )


LARGE = """
name: large
nodes: {acceptors: 3, leaders: 3, replicas: 2}
commands: [put k1 v1, put k2 v2]
bounds: {slots: 2, rounds: 2}
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_nothing_is_left_behind(tmp_path: Path, number: signal.Signals) -> None:
    model = tmp_path / "large.yaml"
    model.write_text(LARGE, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "checker.cli",
        "check",
        model,
        "--workers",
        "2",
        "--json",
        "-",
        "--cluster",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    begun = time.monotonic()
    while not (ours := _below(process.pid)) or not any("ray::Owner" in what for what in ours.values()):
        assert time.monotonic() < begun + 60
        time.sleep(0.2)
    time.sleep(2)
    ours = _below(process.pid)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    if number != signal.SIGKILL:
        assert process.returncode == 130, err
        (result,) = json.loads(out)["results"]
        assert result["stopped"] == "interrupted"
        assert result["states"] > 1000
        assert result["statistics"]["cluster"]["owners"] == 2
    ends = time.monotonic() + 90  # after SIGKILL agents of Ray look now and then whether it is still there
    while left := [what for pid, what in ours.items() if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < ends, left
        time.sleep(0.2)


def _below(process: int) -> dict[int, str]:
    """The processes that a process has started, with their words."""
    found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in found.stdout.splitlines()[1:]]
    children: dict[int, list[int]] = {}
    for pid, parent, *_ in rows:
        children.setdefault(int(parent), []).append(int(pid))
    words = {int(pid): " ".join(what) for pid, _, *what in rows}
    ours, waiting = {}, [process]
    while waiting:
        for child in children.get(waiting.pop(), []):
            ours[child] = words[child]
            waiting.append(child)
    return ours
