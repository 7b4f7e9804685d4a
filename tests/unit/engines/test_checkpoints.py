"""A check that was stopped and gone on with is the check that was not, whatever stopped it and wherever."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from checkpointed import asked, in_turns, told
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.engines.contract import Limits, Reductions
from checker.engines.native import tuning
from checker.engines.native.checkpoints import records
from checker.engines.native.checkpoints.journal import STEPS
from checker.model.verdict import ExitCode
from tests.unit.support.shippedmodels import KNOWN, loaded

#: One of each kind: what is judged, how messages travel, and what is broken in it.
KINDS = {
    "safety, violated": "accept-any-ballot",
    "stuck": "commander-as-printed",
    "can still": "can-still-decide",
    "fair runs": "duel-any-length",
    "up to a shift": "duel-endless",
    "crashes": "asks-in-turn",
    "queues": "fifo",
    "collection": "collection-bounded",
    "leases": "leases-holder-crashes",
}


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Levels are shared out, and stores grow, where they would not be that small."""
    small = replace(tuning.USUAL, few=8, alone=2, piece=16, first_slots=16, outbox=64)
    monkeypatch.setattr(tuning, "USUAL", small)


@pytest.mark.parametrize("kind", KINDS)
def test_stopped_after_some_level(kind: str, tmp_path: Path) -> None:
    name = KINDS[kind]
    whole = asked(name)
    depth = whole.found.depth
    for number, stop in enumerate({1, depth // 2, depth - 1}):
        again = in_turns(name, tmp_path / str(number), [stop], [1, 2])
        assert told(again) == told(whole)
        assert again.found.kept is not None
        assert again.found.kept.resumed == min(stop, depth) - 1


@pytest.mark.usefixtures("shared")
def test_stopped_after_every_level_with_other_workers(tmp_path: Path) -> None:
    whole = asked("two-acceptors")
    stops = list(range(1, whole.found.depth + 1))
    assert told(in_turns("two-acceptors", tmp_path, stops, [1, 3, 2], every=0)) == told(whole)


@pytest.mark.usefixtures("shared")
def test_a_complete_one_is_gone_on_with(tmp_path: Path) -> None:
    whole = asked("fifo", folder=tmp_path, workers=2, every=0)
    assert whole.found.kept is not None
    assert whole.found.kept.states == whole.found.states
    assert told(asked("fifo", folder=tmp_path)) == told(whole) == told(asked("fifo"))


@settings(max_examples=6)
@given(st.lists(st.integers(1, 25), max_size=4), st.lists(st.integers(1, 3), min_size=1, max_size=3))
def test_stopped_anywhere_any_number_of_times(
    tmp_path_factory: pytest.TempPathFactory, stops: list[int], workers: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        shared.__wrapped__(patched)  # type: ignore[attr-defined]
        folder = tmp_path_factory.mktemp("kept")
        again = in_turns("can-still-decide", folder, sorted(stops), workers, every=0)
    assert told(again) == told(asked("can-still-decide"))


@pytest.mark.parametrize("limits", [Limits(max_states=700), Limits(timeout=0.02), Limits(memory=1 << 14)])
def test_stopped_by_a_limit_amid_a_level(limits: Limits, tmp_path: Path) -> None:
    stopped = asked("collection", folder=tmp_path, limits=limits, workers=2)
    assert stopped.exit_code is ExitCode.INCONCLUSIVE
    kept = stopped.found.kept
    assert kept is not None
    assert kept.level is not None
    assert kept.level <= stopped.found.depth
    assert told(asked("collection", folder=tmp_path)) == told(asked("collection"))


def test_what_was_on_the_disk_for_want_of_memory_is_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else there would be no way on under the limit with which the search has begun."""
    monkeypatch.setattr(tuning, "USUAL", replace(tuning.USUAL, chunk=64, first_slots=64))
    scarce = Limits(memory=170_000)
    again = in_turns("collection", tmp_path, [20], [1], limits=scarce)
    assert told(again) == told(asked("collection", limits=scarce))
    assert again.found.stopped is None
    assert again.found.disk is not None


def test_without_reductions_and_past_violations(tmp_path: Path) -> None:
    off = Reductions(fusion=False, settling=False, symmetry=False)
    past = Limits(past_violations=True)
    whole = asked("accept-any-ballot", reductions=off, limits=past)
    again = in_turns("accept-any-ballot", tmp_path, [4, 9], [2, 1], reductions=off, limits=past)
    assert told(again) == told(whole)
    assert whole.found.went_past


def test_everything_has_the_same_number_however_often_it_was_stopped(tmp_path: Path) -> None:
    """What was asked of rules, what came of it, and digests of all that is numbered, level by level."""
    asked("can-still-decide", folder=tmp_path / "whole")
    in_turns("can-still-decide", tmp_path / "turns", [3, 4, 9], [1])

    def journal(name: str) -> tuple[list[int], list[list[int]]]:
        folder = tmp_path / name
        said = json.loads((folder / "manifest.json").read_text())["said"]
        found = list(records.read(np.fromfile(folder / said["journal"], np.int64)))
        steps = np.concatenate([record.arrays[0] for record in found if record.kind == STEPS])
        return steps.tolist(), [r.arrays[0].tolist() for r in found if r.kind != STEPS]

    assert journal("turns") == journal("whole")


def shipped() -> list[str]:
    models = (loaded(path) for protocol in KNOWN.values() for path in protocol.model_files())
    quick = (m for m in models if not m.model.slow)
    return [m.path for m in quick if m.model.expect and (m.model.expect.states or 0) < 150_000]


@pytest.mark.slow
@pytest.mark.parametrize("path", shipped(), ids=lambda path: Path(path).stem)
def test_every_shipped_model(path: str, tmp_path: Path) -> None:
    whole = asked(path)
    stops = [whole.found.depth // 3, 2 * whole.found.depth // 3]
    assert told(in_turns(path, tmp_path, [max(1, stop) for stop in stops], [2, 1, 2])) == told(whole)
