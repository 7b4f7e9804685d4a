"""Stable storage: a log of changes, each with a checksum, and now and then a new beginning.

A record holds what one batch of steps has changed of the stable fields of the nodes of a process. It is
written and synced before anything that the batch sends goes out. A crash leaves a whole number of
records, and perhaps part of one more, which is recognised and cut off. When the log has grown to a
multiple of what it says it is replaced by one record with all of it: atomically, by renaming.

Beside its changes a record says which part of each node's event log belongs to the batch. That is
written after the record and before anything is sent; so if it is missing nothing was sent, and the
record is undone. Storage and event log thus tell the same story.

A node that does not sync, on purpose, writes nothing until it is told to (`write_back`): what the page
cache of an operating system holds is lost with the machine, and here a kill stands for that.
"""

from __future__ import annotations

import io
import os
import pickle
import struct
import time
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any, NamedTuple

MAGIC = b"pmmc storage 1\n"
_HEAD = struct.Struct("<II")
#: A log that is shorter than this is not replaced, and none that is not so many times what it says.
SHORT, TIMES = 1 << 20, 8


class Damaged(Exception):  # noqa: N818 - a fault of a file
    """A storage file that no crash leaves so."""


class Span(NamedTuple):
    """Which part of an event log belongs to a record: from where to where, in bytes."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Record:
    """One batch: node → its changed fields, and node → its part of the event log."""

    changes: Mapping[str, Mapping[str, tuple[Any, ...]]]
    spans: Mapping[str, Span]


def change(before: Any, after: Any) -> tuple[Any, ...]:
    """How one value becomes another: what is added and removed, or all of it, whichever is less."""
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        gone, new = before - after, after - before
        if len(gone) + len(new) < len(after):
            return ("set", gone, new)
    elif before and isinstance(before, tuple) and after[: len(before)] == before:
        return ("more", len(before), after[len(before) :])
    return ("all", after)


def changed(value: Any, how: tuple[Any, ...]) -> Any:
    """The value after a change."""
    match how:
        case ("set", gone, new):
            return (value - gone) | new
        case ("more", kept, new):
            return (*value[:kept], *new)
    return how[1]


class _Reader(pickle.Unpickler):
    """Reads frozen values, and nothing else that could be called."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if is_dataclass(found) or found in (frozenset, Span, Record):
            return found
        raise Damaged(f"holds a {module}.{name}, which is no value of a protocol")


def packed(record: Record) -> bytes:
    """A record as bytes, with its length and checksum."""
    told = {name: tuple(span) for name, span in record.spans.items()}
    body = pickle.dumps((dict(record.changes), told), protocol=5)
    return _HEAD.pack(len(body), zlib.crc32(body)) + body


def read_records(content: bytes, name: str = "storage") -> tuple[list[tuple[int, Record]], int]:
    """The records of a file, each with where it begins, and where the last whole one ends.

    What follows it was torn by a crash. Raises Damaged for what no crash leaves behind.
    """
    if not content.startswith(MAGIC[: len(content)]):
        raise Damaged(f"{name}: expected it to begin with '{MAGIC.decode().strip()}'")
    found: list[tuple[int, Record]] = []
    at = len(MAGIC)
    if len(content) < at:
        return [], 0
    while at + _HEAD.size <= len(content):
        length, checksum = _HEAD.unpack_from(content, at)
        end = at + _HEAD.size + length
        if end > len(content):
            if _holds_a_record(content, at + 1):
                raise Damaged(f"{name}: the record at byte {at} is damaged, and others follow")
            break
        body = content[at + _HEAD.size : end]
        if zlib.crc32(body) != checksum:
            if end < len(content) and any(content[end:]):
                raise Damaged(f"{name}: the record at byte {at} is damaged, and others follow")
            break
        changes, spans = _Reader(io.BytesIO(body)).load()
        found.append((at, Record(changes, {node: Span(*span) for node, span in spans.items()})))
        at = end
    return found, at


def _holds_a_record(content: bytes, begin: int) -> bool:
    """Whether a whole record stands anywhere from here on: what is before it was not torn by a crash."""
    for at in range(begin, len(content) - _HEAD.size):
        length, checksum = _HEAD.unpack_from(content, at)
        end = at + _HEAD.size + length
        if length and end <= len(content) and zlib.crc32(content[at + _HEAD.size : end]) == checksum:
            return True
    return False


def recovered(
    records: list[tuple[int, Record]], end: int, logged: Mapping[str, int]
) -> tuple[dict[str, dict[str, Any]], int, Mapping[str, Span]]:
    """Node → its stable fields, where the log of changes ends that says so, and what was undone.

    `logged` are the lengths of the event logs. The last record is undone if its part of one of them is
    missing, in whole or in part, and what comes before is there; of that one these are the parts.
    """
    undone: Mapping[str, Span] = {}
    if records:
        at, last = records[-1]
        if any(span.start <= logged.get(node, span.end) < span.end for node, span in last.spans.items()):
            records, end, undone = records[:-1], at, last.spans
    fields: dict[str, dict[str, Any]] = {}
    for _, record in records:
        for node, changes in record.changes.items():
            known = fields.setdefault(node, {})
            for name, how in changes.items():
                known[name] = changed(known.get(name), how)
    return fields, end, undone


@dataclass(slots=True)
class Times:
    """How often was synced, and how long that took, in seconds."""

    syncs: int = 0
    seconds: float = 0.0
    written: int = 0


class Storage:
    """The stable storage of the nodes of one process. Raises OSError, Damaged."""

    def __init__(
        self,
        path: Path,
        stable: Mapping[str, tuple[str, ...]],
        logged: Mapping[str, int],
        unsynced: Collection[str] = (),
    ) -> None:
        """Open a file, or make one. `stable` are the fields of each node, `logged` as for `recovered`."""
        self.path, self._stable, self._unsynced = path, stable, frozenset(unsynced)
        self.times = Times()
        content = path.read_bytes() if path.exists() else b""
        records, end = read_records(content, str(path))
        #: `fields`: node → its stable fields as they are on disk; nothing of a node that never wrote any.
        #: `undone`: which parts of event logs belong to a batch that never happened
        self.fields, end, self.undone = recovered(records, end, logged)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if end == 0:
            os.ftruncate(self._file, 0)
            os.write(self._file, MAGIC)
            end = len(MAGIC)
        os.ftruncate(self._file, end)
        os.lseek(self._file, end, os.SEEK_SET)
        self._sync()
        _sync_folder(path.parent)
        self._size, self._whole = end, 0

    def commit(self, states: Mapping[str, Any], spans: Mapping[str, Span]) -> bool:
        """Write what has changed of these nodes, and sync; whether there was anything to be written.

        Those that do not sync are left out.
        """
        if self._size > max(SHORT, TIMES * self._whole):
            self._begin_anew()
        return self._write_changes([node for node in states if node not in self._unsynced], states, spans)

    def write_back(self, states: Mapping[str, Any]) -> None:
        """Write of these nodes also what would otherwise wait, as an operating system does some time."""
        self._write_changes(states, states, {})

    def _write_changes(
        self, nodes: Iterable[str], states: Mapping[str, Any], spans: Mapping[str, Span]
    ) -> bool:
        changes = {node: changes for node in nodes if (changes := self._changes(node, states[node]))}
        if changes:
            content = packed(Record(changes, spans))
            _write(self._file, content)
            self._sync()
            self._size += len(content)
            self.times.written += len(content)
        return bool(changes)

    def _changes(self, node: str, state: Any) -> dict[str, tuple[Any, ...]]:
        known = self.fields.get(node)
        changes: dict[str, tuple[Any, ...]] = {}
        if known is None:
            known = self.fields[node] = {}
            changes = {name: ("all", getattr(state, name)) for name in self._stable[node]}
        for name in self._stable[node]:
            value = getattr(state, name)
            if name in known and value is not known[name] and value != known[name]:
                changes[name] = change(known[name], value)
            known[name] = value
        return changes

    def _begin_anew(self) -> None:
        """Replace the log by one record that says all: the old one or the new one is there at any time."""
        whole = {
            node: {name: ("all", value) for name, value in known.items()}
            for node, known in self.fields.items()
        }
        content = MAGIC + packed(Record(whole, {}))
        beside = self.path.with_name(f".{self.path.name}.new")
        file = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        _write(file, content)
        os.close(self._file)
        self._file = file
        self._sync()
        beside.replace(self.path)
        _sync_folder(self.path.parent)
        self._size = self._whole = len(content)
        self.times.written += len(content)

    def _sync(self) -> None:
        began = time.perf_counter()
        os.fdatasync(self._file)
        self.times.syncs += 1
        self.times.seconds += time.perf_counter() - began

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _write(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
