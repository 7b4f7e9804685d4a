"""What an owner tells the process that asks: after a round, at the end of a level, and in between."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

from checker.engines.native.arrays import Array
from checker.engines.native.states.words import Words


@dataclass(slots=True)
class Traffic:
    """What has travelled between owners, and how long they worked and waited."""

    #: states sent to other owners, the bytes of these, and the batches that they went in
    states: int = 0
    bytes: int = 0
    batches: int = 0
    #: bytes of copies, kept by another owner in case that this one is lost
    copied: int = 0
    #: seconds of work, of them seconds held up because others had not taken in yet what was sent, and
    #: seconds between the end of one's own work and that of all others
    working: float = 0.0
    held_up: float = 0.0
    waiting: float = 0.0

    def add(self, other: Traffic) -> None:
        """Add what another one has counted."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def told(self) -> dict[str, float]:
        """All of it by name, for the account of a check."""
        return {
            "states_sent": self.states,
            "bytes_sent": self.bytes,
            "batches": self.batches,
            "bytes_copied": self.copied,
            "seconds_working": round(self.working, 3),
            "seconds_held_up": round(self.held_up, 3),
            "seconds_waiting": round(self.waiting, 3),
        }


class Hello(NamedTuple):
    """Who an owner is: version and sources must be those of the process that asks."""

    version: str
    sources: str
    assertions: bool
    host: str


class Report(NamedTuple):
    """What came of a round for one owner: numbers are those of this round, but for states and memory."""

    states: int
    memory: int
    #: bytes of states on the disk, and why it takes no more, if it does not
    on_disk: int
    trouble: str | None
    expanded: int
    #: steps that were followed, if each interleaving is followed once
    followed: int
    terminal: int
    #: states in which each bound stops a node
    cut: Array
    #: cells of states that were expanded, and how many states had each
    cells: Array
    uses: Array
    #: entries of tables that are missing, each once
    misses: Array
    #: how many states were set aside
    aside: int
    #: terminal states, if properties are judged on them
    ends: list[Words]
    #: where all is compared: states, and what each shows to each group, and whether that was kept
    sampled: list[tuple[Array, list[tuple[int, bool]]]]
    traffic: Traffic


class Closed(NamedTuple):
    """A closed level of one owner: how many states it has, and combinations of views that are new."""

    size: int
    shown: list[tuple[int, int]]


class Progress(NamedTuple):
    """How far an owner is."""

    states: int
    expanded: int
    memory: int


@cache
def sources() -> str:
    """A hash of the sources of the engine: owners with others would count otherwise, or not at all."""
    here = Path(__file__).parents[1]
    found = hashlib.sha256()
    for path in sorted(here.rglob("*.py")):
        found.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
