"""Whatever ends a check, its last checkpoint is whole: signals, kill -9 at any moment, a full disk."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checker.model.verdict import ExitCode

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
#: 116,787 states on 39 levels, in half a second.
MODEL = "asks-in-turn-crash"
#: What depends on the model alone.
SAME = ("verdict", "exit_code", "states", "generated", "depth", "levels", "terminal", "cut", "coverage")
#: What limits the size of files, before it begins.
SMALL_FILES = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (MOST, MOST)); "
RUN = "import sys; from checker.cli import main; sys.exit(main(sys.argv[1:]))"


def started(*words: object, script: str = RUN) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, "check", *map(str, words)]
    return subprocess.Popen(command, env=ENVIRONMENT, text=True, stdout=-1, stderr=-1)


def done(*words: object, script: str = RUN) -> tuple[int, str]:
    process = started(*words, script=script)
    out, err = process.communicate()
    assert "Traceback" not in err
    return process.returncode, " ".join((out + err).split())


def wait_for(path: Path) -> None:
    for _ in range(1000):
        if path.exists():
            return
        time.sleep(0.01)


def counted(path: Path) -> dict[str, Any]:
    (result,) = json.loads(path.read_text(encoding="utf-8"))["results"]
    paths = {p["id"]: (p["verdict"], p["path"], p["length"]) for p in result["properties"]}
    return {name: result[name] for name in SAME} | paths


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("whole") / "whole.json"
    assert done(MODEL, "--engine", "native", "--json", path)[0] == 0
    return counted(path)


def gone_on(kept: Path, path: Path, workers: int = 2) -> dict[str, Any]:
    code, said = done("--resume", kept, "--json", path, "--workers", workers)
    assert code == 0, said
    return counted(path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_end(number: signal.Signals, whole: dict[str, Any], tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    process = started(MODEL, "--no-fusion", "--no-settling", "--checkpoint", kept)
    wait_for(kept / "check.json")
    time.sleep(0.1)  # well before its end: a program that is about to exit hears no signals any more
    process.send_signal(number)
    out, err = process.communicate()
    assert "Traceback" not in err
    assert process.returncode in {ExitCode.INTERRUPTED, 0}
    path = tmp_path / "again.json"
    code, said = done("--resume", kept, "--json", path)
    assert code == 0, said + out
    assert counted(path)["verdict"] == whole["verdict"]


def kills(times: int, seed: int, folder: Path, whole: dict[str, Any]) -> int:
    """Kill a check at random moments, go on each time; how often there was a checkpoint to go on from."""
    chance, killed, found, number = random.Random(seed), 0, 0, 0
    while killed < times:
        number += 1
        kept, every = folder / f"kept-{number}", ("--checkpoint-every", "0.001")
        process = started(MODEL, "--checkpoint", kept, *every, "--workers", chance.randint(1, 3))
        wait_for(kept / (MODEL + "/manifest.json" if chance.random() < 0.7 else "check.json"))
        while True:
            time.sleep(chance.uniform(0, 0.6))
            process.kill()
            process.communicate()
            if process.returncode != -signal.SIGKILL:
                break
            killed += 1
            found += (kept / MODEL / "manifest.json").exists()
            if chance.random() < 0.4:
                break
            process = started("--resume", kept, *every, "--workers", chance.randint(1, 3))
        assert gone_on(kept, folder / "again.json", chance.randint(1, 3)) == whole
    return found


def test_killed(whole: dict[str, Any], tmp_path: Path) -> None:
    assert kills(2, 19, tmp_path, whole) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_killed_at_ten_moments(seed: int, whole: dict[str, Any], tmp_path: Path) -> None:
    assert kills(10, seed, tmp_path, whole) >= 5


@pytest.mark.parametrize("name", ["collection", "can-still-decide"])
def test_numbers_are_the_same_in_every_process(name: str, tmp_path: Path) -> None:
    """Whatever the order of its sets: what hashes depend on is another thing in each of these."""
    found = set()
    for seed in ("1", "2", "3"):
        environment = {**ENVIRONMENT, "PYTHONHASHSEED": seed}
        kept = tmp_path / seed
        command = [sys.executable, "-c", RUN, "check", name, "-q", "--checkpoint", str(kept)]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        found.update(path.read_bytes() for path in kept.glob("*/journal-*.words"))
    assert len(found) == 1


@pytest.mark.parametrize("size", [60_000, 150_000])
def test_files_that_may_not_grow(size: int, whole: dict[str, Any], tmp_path: Path) -> None:
    """The last checkpoint that there was room for is whole; it is inconclusive, and says why."""
    kept = tmp_path / "kept"
    script = SMALL_FILES.replace("MOST", str(size)) + RUN
    code, said = done(MODEL, "--checkpoint", kept, "--checkpoint-every", "0.001", script=script)
    assert code == (0 if "VERIFIED" in said else ExitCode.INCONCLUSIVE)  # 0 if it was the last one
    assert "could not be written: File too large" in said
    assert gone_on(kept, tmp_path / "again.json") == whole


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("may not mount a small disk here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(tiny_disk: Path, whole: dict[str, Any], tmp_path: Path) -> None:
    kept = tiny_disk / "kept"
    code, said = done(MODEL, "--checkpoint", kept, "--checkpoint-every", "0.001")
    assert code == (0 if "VERIFIED" in said else ExitCode.INCONCLUSIVE)
    assert "could not be written: No space left on device" in said
    # with the disk as full as it was, and with room again
    assert "No space left on device" in done("--resume", kept, "--checkpoint-every", "0.001")[1]
    subprocess.run(["mount", "-o", "remount,size=50m", str(tiny_disk)], check=True)
    assert gone_on(kept, tmp_path / "again.json") == whole
