"""Fingerprints: what rules, views and bounds made, in so few bytes that a changed rule cannot hide.

Every local step that is computed leaves a word: half of it for the situation, half for what came of it. So
when the steps are computed again, the first one of which something else comes is known by name. Of all
that has a number there is a digest for each kind of it, level by level.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from checker.engines.native.arrays import Array, Memo
from checker.engines.native.steps import LocalStep
from checker.engines.native.tables import Tables
from checker.model.values import canonical

#: Of what there are digests, in their order.
PARTS = ("local states", "messages", "cells", "bundles", "views", "bounds", "steps counted")
_HALF = 32


def _short(data: bytes, size: int = 8) -> bytes:
    return hashlib.blake2b(data, digest_size=size).digest()


class Fingerprints:
    """The fingerprints of all that the tables of a search hold."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        numbering = tables.numbering
        self._locals: Memo[tuple[int, int], bytes] = Memo(
            lambda at: _short(canonical(numbering.locals[at[0]][at[1]]).encode("utf-8", "backslashreplace"))
        )
        self._messages: Memo[int, bytes] = Memo(
            lambda number: _short(canonical(numbering.messages[number]).encode("utf-8", "backslashreplace"))
        )
        self._running = {part: hashlib.blake2b(digest_size=8) for part in PARTS[:5]}
        groups = (*tables.viewing.groups, *tables.viewing.terminal)
        self._groups = groups
        #: how many of each list were looked at
        self._locals_seen = [0] * numbering.nodes
        self._cells_seen = [0] * numbering.nodes
        self._messages_seen = self._bundles_seen = 0
        self._views_seen = [[0] * numbering.nodes for _ in groups]

    # Local steps --------------------------------------------------------------------------------------

    def of_steps(self, node: int, local: int, taken: int | None, steps: tuple[LocalStep, ...]) -> int:
        """A word for what a node makes of a message, or does by itself: the situation, and the outcome."""
        message = b"" if taken is None else self._messages[taken]
        before = _short(b"%d:" % node + self._locals[node, local] + message, 4)
        outcome = b"".join(self._of_step(node, step) for step in steps)
        return int.from_bytes(before, "little") << _HALF | int.from_bytes(_short(outcome, 4), "little")

    def _of_step(self, node: int, step: LocalStep) -> bytes:
        sent = (
            b"%d>" % to + b"".join(self._messages[number] for number in numbers)
            for to, numbers in step.parcel
        )
        return b"|".join((self._locals[node, step.local], step.action.encode(), *sent)) + b";"

    # All that has a number ----------------------------------------------------------------------------

    def words(self) -> Array:
        """A digest of each of `PARTS`, as it is now."""
        self._look()
        digests = [int.from_bytes(running.digest(), "little") for running in self._running.values()]
        digests += [self._of_bounds(), self._of_counts()]
        return np.array(digests, np.uint64).view(np.int64)

    def _look(self) -> None:
        """Take in what has come since the last time."""
        numbering, running = self._tables.numbering, self._running
        for node, values in enumerate(numbering.locals):
            for number in range(self._locals_seen[node], len(values)):
                running["local states"].update(b"%d:" % node + self._locals[node, number])
            self._locals_seen[node] = len(values)
        for number in range(self._messages_seen, len(numbering.messages)):
            running["messages"].update(self._messages[number])
        self._messages_seen = len(numbering.messages)
        for text in self._new_cells():
            running["cells"].update(text.encode("utf-8", "backslashreplace"))
        bundles = numbering.bundles[self._bundles_seen :]
        running["bundles"].update("".join(map(canonical, map(tuple, bundles))).encode("utf-8", "replace"))
        self._bundles_seen = len(numbering.bundles)
        for text in self._new_views():
            running["views"].update(text.encode("utf-8", "backslashreplace"))

    def _new_cells(self) -> Iterator[str]:
        numbering = self._tables.numbering
        unordered = numbering.network.unordered
        for node, cells in enumerate(numbering.cells):
            for local, inbox in cells[self._cells_seen[node] :]:
                held = sorted(inbox) if unordered else canonical(inbox)
                yield f"{node}:{local}:{held}"
            self._cells_seen[node] = len(cells)

    def _new_views(self) -> Iterator[str]:
        for k, group in enumerate(self._groups):
            seen = self._views_seen[k]
            for node, values in enumerate(group.values):
                yield from (f"{k}:{node}:{canonical(value)}" for value in values[seen[node] :])
                seen[node] = len(values)

    def _of_bounds(self) -> int:
        tables = self._tables
        tables.per_cell.flush()
        cut, base = tables.per_cell["cut"], tables.per_cell.base
        told = [",".join(tables.facts.bounds).encode("utf-8", "backslashreplace")]
        told += [
            cut[base[node] : base[node] + count].tobytes() for node, count in enumerate(tables.cells())
        ]
        return int.from_bytes(_short(b"|".join(told)), "little")

    def _of_counts(self) -> int:
        counts = self._tables.counts
        told = f"{counts.rows} {counts.posts} {counts.local_steps}"
        return int.from_bytes(_short(told.encode()), "little")
