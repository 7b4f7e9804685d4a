"""States on disk: the log against a list, whole searches, a disk that is full, and what is left behind."""

import errno
import os
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.engines.contract import UNREDUCED, Exploration, Limits, Reductions
from checker.engines.native import tuning
from checker.engines.native.engine import explore
from checker.engines.native.search.search import Search
from checker.engines.native.states.disk import Disk, DiskTrouble, File
from checker.engines.native.states.index import Remainders
from checker.engines.native.states.log import Log
from checker.engines.native.tuning import Tuning
from checker.model.system import System
from checker.modelfiles.loading import load
from spec.protocol import PMMC


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few states are treated as many are: chunks, tables and shares are small."""
    small = Tuning(few=64, alone=0, piece=32, outbox=64, first_slots=16, chunk=50)
    monkeypatch.setattr(tuning, "USUAL", small)


def shipped(name: str) -> System:
    return load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).system


BATCHES = st.lists(st.lists(st.integers(0, (1 << 63) - 1), max_size=40), max_size=8)


@given(BATCHES, st.integers(1, 30), st.integers(0, 9), st.integers(0, 1 << 32))
def test_a_log_is_what_was_appended_wherever_it_is(
    batches: list[list[int]], chunk: int, moves: int, seed: int
) -> None:
    log, wanted, ends, disk, random = Log(chunk), [], [0], Disk(), Random(seed)
    for number, batch in enumerate(batches):
        if number == moves:
            log.to_disk(lambda: disk.file(0))
        log.append(np.array(batch, np.uint64))
        wanted += batch
        if random.random() < 0.5:
            assert log.close_level() == len(wanted) - ends[-1]
            ends.append(len(wanted))
        if log.bytes_on_disk and random.random() < 0.5:
            log.flush()
        low, high = sorted(random.choices(range(len(wanted) + 1), k=2))
        assert log.read(low, high).tolist() == wanted[low:high]
    assert (log.size, log.levels) == (len(wanted), ends)
    if log.is_on_disk:
        assert log.bytes < 8 * max(1, chunk)
        assert log.bytes_on_disk >= 8 * (len(wanted) - chunk + 1)
    log.close()


@given(st.lists(st.lists(st.integers(0, 99), max_size=40), min_size=1, max_size=5), st.integers(1, 30))
def test_a_log_is_opened_again_up_to_its_last_level(batches: list[list[int]], chunk: int) -> None:
    file = Disk().file(0)
    log = Log(chunk)
    log.to_disk(lambda: file)
    for batch in batches:
        log.append(np.array(batch, np.uint64))
        log.close_level()
    levels = list(log.levels)
    log.append(np.arange(chunk + 3, dtype=np.uint64))
    log.flush()
    again = Log.opened(file, levels, chunk)
    known = [key for batch in batches for key in batch]
    assert again.read(0, again.size).tolist() == known
    again.append(np.arange(2 * chunk, dtype=np.uint64))
    assert again.read(0, again.size).tolist() == [*known, *range(2 * chunk)]
    again.close()


def counted(found: Exploration) -> tuple[object, ...]:
    decided = [(d.property, d.reason, d.path) for d in (*found.violations, *found.witnesses)]
    numbers = (found.states, found.generated, found.depth, found.terminal, found.stopped)
    return (*numbers, tuple(found.levels), tuple(found.cut.items()), tuple(decided), str(found.futures))


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("reductions", [UNREDUCED, Reductions()], ids=["unreduced", "reduced"])
@pytest.mark.parametrize("name", ["accept-any-ballot", "one-client", "can-still-decide"])
def test_a_search_on_disk_finds_what_one_in_memory_finds(
    name: str, reductions: Reductions, tmp_path: Path
) -> None:
    system, found = shipped(name), set()
    for workers in (1, 2):
        for disk in (None, tmp_path):
            result = explore(system, reductions=reductions, workers=workers, disk=disk)
            assert (result.disk is None) == (disk is None)
            if result.disk is not None:
                assert result.disk.folder == tmp_path
                assert 8 * (result.states - 50 * workers) <= result.disk.bytes <= 8 * result.states
            found.add(counted(result))
    assert len(found) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["accept-any-ballot", "one-client"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_search_that_keeps_remainders_finds_what_one_that_keeps_keys_finds(
    name: str, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With short keys a table of remainders may be small: so it grows often, and keys are displaced."""
    system, kinds, found = shipped(name), set(), set()
    insert = Remainders.insert
    monkeypatch.setattr(Remainders, "insert", lambda *all_: kinds.add(1) or insert(*all_))
    for word_bits, most_slots in ((63, 1 << 25), (46, 64)):
        small = Tuning(few=64, alone=0, piece=32, first_slots=16, chunk=50, most_slots=most_slots)
        monkeypatch.setattr(tuning, "USUAL", small)
        monkeypatch.setattr("checker.engines.native.states.packing.WORD_BITS", word_bits)
        found.add(counted(explore(system, reductions=UNREDUCED, workers=workers)))
        assert len(kinds) == (most_slots == 64)
    assert len(found) == 1


@pytest.mark.usefixtures("tiny")
def test_states_go_to_the_disk_when_memory_comes_to_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    system = shipped("two-commands")
    in_memory = explore(system, reductions=UNREDUCED)
    begins = iter([False] * 5)
    monkeypatch.setattr("checker.engines.contract.Watch.is_near_memory", lambda *_: next(begins, True))
    found = explore(system, Limits(memory=1 << 40), reductions=UNREDUCED)
    assert in_memory.disk is None
    assert found.disk is not None
    assert found.disk.bytes > 0
    assert counted(found) == counted(in_memory)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_is_a_limit_and_leaves_nothing(
    workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, write = [8 * 1030], os.pwrite

    def full(file: int, data: memoryview, at: int) -> int:
        some = data[: max(0, room[0])]
        room[0] -= len(data)
        if not len(some):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, some, at)

    monkeypatch.setattr(os, "pwrite", full)
    found = explore(shipped("majorities"), reductions=UNREDUCED, workers=workers, disk=tmp_path)
    assert found.stopped == f"the disk under {tmp_path} has no more room for states"
    assert not found.complete
    assert found.states > 500
    assert found.violations == []
    assert list(tmp_path.iterdir()) == []


def test_what_could_not_be_written_is_not_half_there(monkeypatch: pytest.MonkeyPatch) -> None:
    file = Disk().file(0)
    file.append(np.arange(3, dtype=np.uint64))
    write = os.pwrite

    def broken(number: int, data: memoryview, at: int) -> int:
        if at > 3 * 8:
            raise OSError(errno.EIO, "x")
        return write(number, data[:5], at)

    monkeypatch.setattr(os, "pwrite", broken)
    with pytest.raises(OSError, match="x"):
        file.append(np.arange(9, dtype=np.uint64))
    assert file.size == 3
    assert File(file._file).size == 3
    with pytest.raises(DiskTrouble, match="not there"):
        file.read(0, 4)
    file.close()


def test_states_that_are_gone_end_a_search_with_a_reason(tmp_path: Path, tiny: None) -> None:
    assert tiny is None
    take = Search.level

    def level(search: Search, depth: int) -> object:
        for store in search.stores:
            if store.log._file is not None:
                store.log._file.cut(0)
        return take(search, depth)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Search, "level", level)
        found = explore(shipped("accept-any-ballot"), reductions=UNREDUCED, disk=tmp_path)
    assert found.stopped is not None
    assert "are not there" in found.stopped


def test_kept_files_have_names_and_generations(tmp_path: Path) -> None:
    disk = Disk(tmp_path, kept=True)
    first = disk.file(1)
    disk.anew()
    second = disk.file(1)
    first.close()
    second.close(remove=True)
    assert [path.name for path in tmp_path.iterdir()] == ["states-1-0"]
