"""Tuning: sizes that decide how fast a search is, and never what it finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """The sizes. Tests make them small, so that a few states are treated as many are."""

    #: a level with fewer states is not worth sharing: with those before it, it takes one worker no time
    few: int = 1 << 14
    #: owners are looked at again when a level is so many times as large as then, …
    grown: int = 4
    #: … and others chosen if that much less trouble is to be expected of them (owners.py)
    gain: float = 0.05
    #: waking a thread takes longer than to treat fewer states than this
    alone: int = 1 << 9
    #: states in a piece at most: so many are expanded between two looks at the clock
    piece: int = 1 << 14
    #: successors that an outbox holds before it is emptied
    outbox: int = 1 << 17
    #: when there are so many states it is seen whether each interleaving is to be followed once: if states
    #: have so many steps, and of so many steps one is followed; else it takes longer to see what commutes
    #: than to follow it. Not more than `few`: before states are with owners elsewhere
    ordered: int = 1 << 14
    steps: float = 6
    spared: float = 2
    #: a state that went out so lately does not go out again; a power of two
    lately: int = 1 << 13
    #: slots of an index of states, at first
    first_slots: int = 1 << 12
    #: slots of an index of whole keys at most: a larger one keeps remainders
    most_slots: int = 1 << 25
    #: keys in a chunk of a log: so many are written to the disk at once
    chunk: int = 1 << 20
    #: entries of tables that are filled in between two looks at the clock
    entries: int = 64
    #: seconds between two looks at the limits while Python works
    look: float = 0.05


#: What a search takes that is not told otherwise.
USUAL = Tuning()
