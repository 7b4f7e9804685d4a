"""Faults in what is kept of states: remainders, files on a disk, and checkpoints that are gone on from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np

from checker import AtMostOnce
from checker.engines import checkpoint, reference
from checker.engines.contract import EVERY_STATE, Exploration, Limits, Reductions
from checker.engines.native import tuning
from checker.engines.native.checkpoints import kept
from checker.engines.native.checkpoints.files import Files, _File
from checker.engines.native.checkpoints.journal import Journal
from checker.engines.native.checkpoints.kept import KeptStates
from checker.engines.native.checkpoints.tally import Tally
from checker.engines.native.engine import explore
from checker.engines.native.kernel import machine
from checker.engines.native.states.disk import File
from checker.engines.native.states.index import Index
from checker.engines.native.states.log import Log
from checker.engines.native.tuning import Tuning
from tests.unit.native.test_index import inverse
from tests.unit.support.checkpointed import asked, in_turns, told

from .ordering import in_order, talking
from .planting import in_kernel, instead

Demand = Callable[[str, Any, Any], None]
#: A shipped model with terminal states, goals and bounds, and after how many levels it is stopped.
MODEL, STOPS = "two-acceptors", [3, 7, 8]


def detectors(
    demand: Demand, account: Callable[[Exploration], dict[str, Any]]
) -> Iterator[tuple[str, Callable[[], None]]]:
    """States in large tables and on disk, and a model that is stopped and gone on with."""
    yield "remainders", partial(_told_apart, demand)
    yield "on disk", partial(_on_disk, demand, account)
    yield "damaged", partial(_damaged, demand)
    yield "another", partial(_another, demand)
    yield "gone on with", partial(_gone_on, demand)
    yield "gone on with, in order", partial(in_order, partial(_gone_on, demand))


def _told_apart(demand: Demand) -> None:
    """Hashes that differ in one bit, and in two, are those of different keys, however the table grows."""
    bits, few = 46, Tuning(first_slots=1, most_slots=0)
    index, log = Index(few, bits), Log(few.chunk)
    hashes = {1 << a | 1 << b for a in range(bits) for b in range(a + 1)}
    hashes |= {k * 0x9E3779B97F4A7C15 % (1 << bits) for k in range(2000)}
    keys = np.array([inverse(h, bits) for h in sorted(hashes)], np.uint64)
    fresh = np.empty(keys.shape[0], np.int64)
    for wanted in (keys.shape[0], 0):
        parts = np.array_split(keys, 12)
        demand("comparison", sum(index.add(part, log, fresh) for part in parts), wanted)


def _on_disk(demand: Demand, account: Callable[[Exploration], dict[str, Any]]) -> None:
    system, small = talking(2, AtMostOnce()), replace(tuning.USUAL, chunk=8)
    with TemporaryDirectory() as folder, patch.object(tuning, "USUAL", small):
        found = explore(system, reductions=EVERY_STATE, disk=Path(folder))
    demand("comparison", account(found), account(reference.explore(system)))


def _gone_on(demand: Demand) -> None:
    with TemporaryDirectory() as folder:
        again = in_turns(MODEL, Path(folder) / "kept", STOPS, [2, 1], every=0)
    demand("comparison", told(again), told(asked(MODEL)))


def _damaged(demand: Demand) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "kept"
        asked("duel", folder=folder, limits=Limits(max_depth=5))
        (path,) = folder.glob("keys-*")
        data = bytearray(path.read_bytes())
        data[8] ^= 1
        path.write_bytes(data)
        found = asked("duel", folder=folder).found
    demand("refusal", found.failed is not None and "damaged" in found.failed.reason, True)


def _another(demand: Demand) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "kept"
        asked("duel", folder=folder, limits=Limits(max_depth=5))
        found = asked("duel", folder=folder, reductions=Reductions(fusion=False)).found
    demand("refusal", found.failed is not None and "another check" in found.failed.reason, True)


# Remainders -----------------------------------------------------------------------------------------------

in_kernel(
    "insert_remainders",
    "few-bits-of-a-remainder-compared",
    "of a remainder only the 32 bits that are compared at once are",
    "different states are taken for one",
    old="        if entry_at(table, at, k) == low:\n",
    new="        if True:\n",
    kind="kept",
)
in_kernel(
    "insert_remainders",
    "a-bit-of-a-remainder-not-kept",
    "of the two highest bits of a remainder one is not written",
    "states are counted twice, and not recognised",
    old="((high >> _S8) << (count << _S1))",
    new="(((high >> _S8) & _S1) << (count << _S1))",
    kind="kept",
)


@instead(machine, "spread_remainders", "a state is forgotten, found again and counted twice")
def what_waits_is_lost_when_lines_move(right: Any, *arguments: Any) -> int:
    """when a table of remainders has grown, the last one that waits for its place gets none"""
    return max(right(*arguments) - 1, 0)


# Disk -----------------------------------------------------------------------------------------------------


@instead(File, "read", "states that were found are read back as others")
def read_from_one_place_before(right: Any, file: File, first: int, last: int) -> Any:
    """states are read back from the disk one place too early, but for the first ones"""
    return right(file, max(0, first - 1), max(0, first - 1) + last - first)


@instead(File, "append", "a state is expanded twice, and another one never")
def last_key_of_a_chunk_not_written(right: Any, file: File, keys: Any) -> None:
    """of each chunk that goes to the disk the last key is that before it"""
    right(file, np.concatenate([keys[:-1], keys[-2:-1]]))


# Checkpoints ----------------------------------------------------------------------------------------------


@instead(Journal, "fill", "numbers are others when a search has gone on, and with them all it counts")
def round_not_in_the_journal(right: Any, journal: Journal, noted: Any) -> None:
    """of the rounds of a level all but the first are not written down"""
    if len(journal.records) % 2:
        right(journal, noted)


@instead(Journal, "level", "what was found before a search was interrupted is not told")
def shown_not_in_the_journal(right: Any, journal: Journal, shown: Any, ended: Any) -> None:
    """what the states of a level have shown is not written down"""
    right(journal, (), ended)


@instead(kept, "_route", "states that were found get lost when a search goes on")
def last_state_not_gone_on_with(right: Any, words: Any, owners: Any, stores: Any) -> None:
    """of the states that a checkpoint holds the last one of each piece is left behind"""
    right(words.of(slice(0, max(1, words.size - 1))), owners, stores)


@instead(KeptStates, "_sleeping", "a state is not found, for nothing leads to it but what sleeps")
def asleep_in_another_state(right: Any, states: KeptStates, *arguments: Any) -> Any:
    """what sleeps in the states of the last level is read in the opposite order"""
    rows = right(states, *arguments)
    return None if rows is None else rows[::-1]


@instead(Tally, "give", "bounds that states were cut by are not told of, and a verdict claims too much")
def cut_not_gone_on_with(right: Any, tally: Tally, search: Any) -> None:
    """in how many states bounds have stopped a node is counted anew"""
    right(replace(tally, cut=np.zeros_like(tally.cut)), search)


@instead(Files, "verify", "whatever has happened to a file is believed")
def files_taken_on_trust(right: Any, files: Files, named: Any) -> None:
    """files that a manifest names are not compared with their digests"""
    del right
    files._files |= {name: _File(int(known["bytes"]), sha256()) for name, known in named.items()}


@instead(checkpoint, "differing", "a check goes on from states of another one")
def another_check_is_gone_on_with(right: Any, then: Any, now: Any) -> list[str]:
    """what a checkpoint is of is not compared with what is asked"""
    del right, then, now
    return []
