"""Limits and interruption of the native engine: they are told, and nothing is claimed that is not known."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from checker.engines import reference
from checker.engines.choose import Means, choose_engine
from checker.engines.contract import UNREDUCED, Limits, Progress, Reductions
from checker.engines.native import tuning
from checker.engines.native.engine import explore
from checker.engines.native.kernel import machine
from checker.engines.native.states import index as index_module
from checker.engines.native.states.halves import HalvesOutgrown
from checker.engines.native.states.index import Index
from checker.engines.native.states.log import Log
from checker.model.system import System
from checker.model.verdict import ExitCode
from checker.modelfiles.loading import load, load_text
from spec.protocol import PMMC

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"}
LARGE = """
name: large
nodes: {acceptors: 3, leaders: 3, replicas: 2}
commands: [put k1 v1, put k2 v2]
bounds: {slots: 2, rounds: 2}
"""


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "checker.cli", "check", *map(str, words)]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.yaml"
    path.write_text(LARGE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (("--memory", "200K"), "bytes for states was reached"),
        (("--max-states", "5000"), "the limit of 5,000 states was reached"),
        (("--max-depth", "7"), "the limit of 7 levels was reached"),
        (("--timeout", "0.5"), "the limit of 0.5 seconds was reached"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
@pytest.mark.parametrize("reduced", [True, False], ids=["reduced", "unreduced"])
def test_a_limit_makes_the_check_inconclusive(
    large: Path, limit: tuple[str, ...], said: str, reduced: bool
) -> None:
    off = () if reduced else ("--no-fusion", "--no-settling", "--no-symmetry")
    run = subprocess.run(
        command(large, "--engine", "native", *limit, *off, "--json", large.with_suffix(".json")),
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == ExitCode.INCONCLUSIVE, run.stderr
    assert "Traceback" not in run.stderr
    assert said in run.stdout
    (result,) = json.loads(large.with_suffix(".json").read_text(encoding="utf-8"))["results"]
    assert result["states"] > 0
    assert result["complete"] is False
    assert {p["verdict"] for p in result["properties"] if p["kind"] != "sometimes"} == {"inconclusive"}


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for one process")
@pytest.mark.parametrize("words", [(), ("--no-fusion", "--no-settling", "--no-symmetry", "--workers", "1")])
def test_an_interrupted_search_stops_and_tells_what_it_covered(large: Path, words: tuple[str, ...]) -> None:
    machine.kernels()  # compiled before, so that the signal meets the search
    process = subprocess.Popen(
        command(large, "--engine", "native", *words),
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stderr is not None
    assert "distinct" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - sent < 30
    assert process.returncode == ExitCode.INTERRUPTED, err
    assert "Traceback" not in err
    assert out.startswith("INCONCLUSIVE  large: interrupted")
    assert " distinct, " in out
    assert "not yet explored" in out


def shipped(name: str) -> System:
    return load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).system


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("workers", [1, 2])
def test_memory_that_is_not_there_is_a_limit(monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    reserve = Index._reserve

    def scarce(index: Index, log: Log, more: int) -> None:
        if log.size > 2000:
            raise MemoryError
        reserve(index, log, more)

    monkeypatch.setattr(Index, "_reserve", scarce)
    found = explore(shipped("majorities"), reductions=UNREDUCED, workers=workers)
    assert found.stopped is not None
    assert "memory" in found.stopped
    assert not found.complete
    assert found.violations == []
    assert found.states > 1000


@pytest.mark.parametrize("end", [MemoryError, KeyboardInterrupt])
def test_an_end_between_two_tables_keeps_the_account(
    monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    """The table of whole keys is gone then, and that of remainders yet to come."""

    def none(bits: int, keys: int) -> None:
        raise end

    monkeypatch.setattr(index_module, "Remainders", none)
    monkeypatch.setattr(tuning, "USUAL", replace(tuning.USUAL, first_slots=16, most_slots=64))
    found = explore(shipped("duel"), reductions=UNREDUCED)
    assert found.stopped in {"the machine has no more memory to give", "interrupted"}
    assert not found.complete
    assert found.states > 30


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("workers", [1, 2])
def test_an_interruption_at_any_look_keeps_the_account(workers: int) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.depth >= 9:
            raise KeyboardInterrupt

    found = explore(
        shipped("majorities"), Limits(), interrupt, reductions=Reductions(fusion=False), workers=workers
    )
    assert found.interrupted
    assert found.stopped == "interrupted"
    assert found.depth == 9
    assert not found.complete
    assert found.generated > found.states > 100
    assert {d.property for d in found.witnesses} >= {"leader-preempted", "two-leaders-active"}


def test_halves_that_outgrow_their_numbers_are_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def outgrown(*_: object) -> None:
        raise HalvesOutgrown

    monkeypatch.setattr(Index, "_reserve", outgrown)
    system = load_text(LARGE, "m", protocols={"pmmc": PMMC}).system
    found = explore(system, Limits(max_depth=4))
    assert found.stopped is not None
    assert found.stopped.startswith("a limit of the engine was reached")


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        ("duel", "reference"),  # 142 states, 298 steps
        ("two-commands", "native"),  # 529 states: more than 400
        ("duel-duplicating", "native"),  # 743 states
        ("three-acceptors", "reference"),  # 258 states
    ],
)
def test_auto_takes_the_engine_that_the_model_asks_for(name: str, engine: str) -> None:
    found = choose_engine(Means("auto", UNREDUCED))(shipped(name), Limits(), None)
    assert found.engine == engine
    assert found.complete


def test_the_attempt_in_plain_python_is_bounded_in_steps() -> None:
    found = reference.explore(shipped("duel-duplicating"), Limits(max_generated=500))
    assert found.stopped == "the limit of 500 steps was reached"
    assert 500 <= found.generated < 2_000
    assert not found.complete
