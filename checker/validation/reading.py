"""Log files read line by line: some lines of one file at a time, so that memory does not grow with files.

What a node's events wait for may stand far behind in other files, or in the same one. So many events are
kept; of those beyond, only where they stand, and they are read again when their turn has come.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from checker.model.wire import WireFault
from checker.validation.events import (
    MOST_FAULTS,
    Event,
    EventKind,
    LogFault,
    LogFaults,
    Malformed,
    Place,
    Translate,
    after_seq,
    event_of,
    parsed,
    worded,
)

#: Bytes of a line at most.
LONGEST_LINE = 1 << 26
#: So many events are kept in memory while they wait, of all nodes together.
MOST_WAITING = 20_000
#: Lines that are read of one file before another one may have its turn.
AT_ONCE = 200


class Source:
    """One file, open; `read` counts its bytes. Raises OSError."""

    def __init__(self, number: int, path: Path) -> None:
        self.number, self.path = number, path
        self.file: BinaryIO = path.open("rb")
        self.again: BinaryIO | None = None
        self.read = self.line = 0
        self.done = False
        self._ahead: bytes | None = None

    def next_line(self) -> tuple[bytes, int] | None:
        """The next line, and where it begins; None at the end of the file."""
        line = self._take()
        if not line:
            self.done = True
            return None
        begin = self.read
        self.read += len(line)
        self.line += 1
        return line, begin

    def peek(self) -> bytes:
        """The line after that, without going on to it."""
        if self._ahead is None:
            self._ahead = self.file.readline(LONGEST_LINE)
        return self._ahead

    def _take(self) -> bytes:
        if self._ahead is not None:
            line, self._ahead = self._ahead, None
            return line
        return self.file.readline(LONGEST_LINE)

    def line_at(self, begin: int) -> bytes:
        """A line that was read before."""
        if self.again is None:
            self.again = self.path.open("rb")
        self.again.seek(begin)
        return self.again.readline(LONGEST_LINE)

    def close(self) -> None:
        """Close the file."""
        self.file.close()
        if self.again is not None:
            self.again.close()


class Reader:
    """Reads logs, and checks what can be seen without knowing what they are of.

    Faults are collected (`faults`); after the first one events are of no use any more.
    """

    def __init__(self, paths: Sequence[Path], translate: Translate | None = None) -> None:
        self.sources = [Source(number, path) for number, path in enumerate(paths)]
        self.translate = translate
        self.faults: list[LogFault] = []
        self.events = 0
        #: places of lines that were cut short, and accepted
        self.torn: list[Place] = []
        self._seen: dict[str, tuple[int, int, int]] = {}

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(source.path.stat().st_size for source in self.sources)

    @property
    def read(self) -> int:
        """Bytes that were read."""
        return sum(source.read for source in self.sources)

    def named(self, place: Place) -> str:
        """A place as reports have it."""
        return f"{self.sources[place.file].path}:{place.line}"

    def fault(self, place: Place, message: str) -> None:
        """Take down what is wrong. Raises LogFaults when it is enough."""
        self.faults.append(LogFault(str(self.sources[place.file].path), place.line, message))
        if len(self.faults) > MOST_FAULTS:
            raise LogFaults(self.faults)

    def some(self, source: Source, most: int = AT_ONCE) -> Iterator[tuple[Event, int]]:
        """The next events of a file, each with where its line begins."""
        for _ in range(most):
            found = source.next_line()
            if found is None:
                return
            line, begin = found
            if line.strip():
                for event in self._events(source, line):
                    yield event, begin

    def _events(self, source: Source, line: bytes) -> Iterator[Event]:
        place = Place(source.number, source.line)
        try:
            events = self.parse(line, place, last=not line.endswith(b"\n"))
        except Malformed as error:
            if not self._is_torn(source, line):
                self.fault(place, str(error))
                return
            self.torn.append(place)
            return
        for event in events:
            if event.torn:
                self.torn.append(place)
            marked = self._torn_before(event)
            self._number(marked)
            self.events += 1
            yield marked

    def _torn_before(self, event: Event) -> Event:
        """The event, marked if the line before it, in the same file, was cut short."""
        torn = bool(self.torn) and self.torn[-1] == Place(event.place.file, event.place.line - 1)
        return event._replace(torn=True) if torn and event.kind is EventKind.RECOVER else event

    def _is_torn(self, source: Source, line: bytes) -> bool:
        """Whether a line was cut short by the end of a process that has begun again."""
        if not line.endswith(b"\n"):
            return False
        try:
            (following, *_), _ = self._objects(source.peek())
        except (Malformed, ValueError):
            return False
        return following.get("event") == EventKind.RECOVER.value

    def _objects(self, line: bytes, *, last: bool = False) -> tuple[list[dict[str, object]], bool]:
        found, torn = parsed(line, last=last)
        if self.translate is None:
            return [found], torn
        try:
            return self.translate(found), torn
        except WireFault as fault:
            raise Malformed(worded(fault, "event")) from None
        except ValueError as error:
            raise Malformed(str(error)) from None

    def parse(self, line: bytes, place: Place, *, last: bool = False) -> list[Event]:
        """The events of a line. Raises Malformed."""
        if len(line) >= LONGEST_LINE:
            raise Malformed(f"a line of {LONGEST_LINE:,} bytes or more")
        objects, torn = self._objects(line, last=last)
        return [event_of(body, place, torn=torn) for body in objects]

    def _number(self, event: Event) -> None:
        before = self._seen.get(event.node)
        number = None if before is None else before[0]
        same_line = before is not None and before[1:] == (event.place.file, event.place.line)
        if self.translate is not None and same_line and number == event.seq:
            return  # one line that became several events
        wrong = after_seq(event, number)
        if wrong is not None:
            if before is not None and before[1] != event.place.file:
                wrong += f"; the events before are in {self.sources[before[1]].path}"
            self.fault(event.place, wrong)
        self._seen[event.node] = (event.seq, event.place.file, event.place.line)

    def stop_if_faulty(self) -> None:
        """Read on for what else is wrong, if something is. Raises LogFaults."""
        if not self.faults:
            return
        try:
            for source in self.sources:
                while not source.done and source.read < 1 << 28:
                    for _ in self.some(source):
                        pass
        except LogFaults:
            pass
        raise LogFaults(self.faults)

    def close(self) -> None:
        """Close all files."""
        for source in self.sources:
            source.close()


class Buffer:
    """How many events wait in memory, of all nodes together."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self.most, self.held = most, 0


class Queue:
    """The events of one node that wait for their turn, in order."""

    def __init__(self, reader: Reader, buffer: Buffer) -> None:
        self._reader, self._buffer = reader, buffer
        self._events: deque[Event] = deque()
        self._far = array("Q")
        self._next = 0

    def __len__(self) -> int:
        return len(self._events) + (len(self._far) - self._next) // 4

    def push(self, event: Event, begin: int) -> None:
        """One more event, whose line begins there."""
        room = self._buffer.held < self._buffer.most or self._reader.translate is not None
        if room and self._next == len(self._far):
            self._events.append(event)
            self._buffer.held += 1
        else:
            self._far.extend((event.place.file, event.place.line, begin, event.torn))

    def ahead(self, most: int) -> Iterator[Event]:
        """So many events at most that are still to come, in order; they stay where they are."""
        yield from list(self._events)[:most]
        for at in range(self._next, min(len(self._far), self._next + 4 * most), 4):
            number, line, begin, _ = self._far[at : at + 4]
            yield from self._reader.parse(self._reader.sources[number].line_at(begin), Place(number, line))

    def pop(self) -> Event:
        """The next event. Raises IndexError if there is none."""
        if self._events:
            self._buffer.held -= 1
            return self._events.popleft()
        if self._next == len(self._far):
            raise IndexError
        number, line, begin, torn = self._far[self._next : self._next + 4]
        self._next += 4
        if self._next > 1 << 16:
            del self._far[: self._next]
            self._next = 0
        content = self._reader.sources[number].line_at(begin)
        (event,) = self._reader.parse(content, Place(number, line))
        return event._replace(torn=bool(torn))
