"""From a node's events to its steps: one thing taken, then what it sent, then what it knew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from checker.validation.events import Event, EventKind
from checker.validation.reading import Queue

#: Events that begin a step.
OPENING = frozenset({EventKind.START, EventKind.RECEIVE, EventKind.WAKE, EventKind.RECOVER})


class LoggedStep(NamedTuple):
    """What a log says of one step of a node.

    Without an `opening` it is not said what the node took. `cut`: the node went down before the next
    step, so that some of it may not have happened, or not have been logged; `torn`: and a line was cut
    short there.
    """

    opening: Event | None
    sends: tuple[Event, ...] = ()
    state: Event | None = None
    cut: bool = False
    torn: bool = False

    @property
    def first(self) -> Event:
        """The first event of it."""
        event = self.opening or (self.sends[0] if self.sends else self.state)
        assert event is not None
        return event

    @property
    def events(self) -> int:
        """How many events it has."""
        return (self.opening is not None) + len(self.sends) + (self.state is not None)


class Steps:
    """The steps of one node, as far as its events have been read."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.closed = False
        self._opening: Event | None = None
        self._sends: list[Event] = []
        self._state: Event | None = None
        self._ready: LoggedStep | None = None

    def peek(self) -> LoggedStep | None:
        """The next step, if all of it has been read; it stays the next one."""
        if self._ready is None:
            self._ready = self._assemble()
        return self._ready

    def advance(self) -> None:
        """Go on to the step after that."""
        self._ready = None

    def ahead(self, most: int) -> Iterator[Event]:
        """The events that are still to come, so many of them at most, from the next step on."""
        if self._ready is not None:
            yield from self._ready.sends
        yield from self._sends
        yield from self.queue.ahead(most)

    def _assemble(self) -> LoggedStep | None:
        while len(self.queue):
            event = self.queue.pop()
            begins = event.kind in OPENING or (self._state is not None and event.kind is EventKind.STATE)
            if begins and self._any():
                recovers = event.kind is EventKind.RECOVER
                step = self._closed(cut=recovers, torn=recovers and event.torn)
                self._note(event)
                return step
            self._note(event)
        return self._closed() if self.closed and self._any() else None

    def _any(self) -> bool:
        return self._opening is not None or bool(self._sends) or self._state is not None

    def _note(self, event: Event) -> None:
        if event.kind in OPENING:
            self._opening = event
        elif event.kind is EventKind.SEND:
            self._sends.append(event)
        else:
            self._state = event

    def _closed(self, *, cut: bool = False, torn: bool = False) -> LoggedStep:
        step = LoggedStep(self._opening, tuple(self._sends), self._state, cut, torn)
        self._opening, self._sends, self._state = None, [], None
        return step
