"""A Ctrl-C that is heard at the next good moment, and not in the middle of something."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from threading import current_thread, main_thread
from types import FrameType, TracebackType
from typing import Any, Self

#: Signals that ask a program to end, as `timeout`, a closed terminal and continuous integration do.
ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
#: Seconds in which several of them count as one: fingers are quick, and some shells send more than one.
ONE_WISH = 1.0


class Later:
    """While it is entered, the first signal to end waits until `due` is called; the next one does not.

    Only handlers that Python calls are put off, and only in the main thread; elsewhere it does nothing.
    """

    def __init__(self) -> None:
        self._before: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._heard: int | None = None
        self._at: float | None = None

    def __enter__(self) -> Self:
        if current_thread() is main_thread():
            for number in (getattr(signal, name) for name in ENDING if hasattr(signal, name)):
                handler = signal.getsignal(number)
                if callable(handler):
                    self._before[number] = handler
                    signal.signal(number, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def heard(self) -> bool:
        """Whether there was one that nobody has asked for yet."""
        return self._heard is not None

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._at is None:
            self._heard, self._at = number, time.monotonic()
        elif time.monotonic() - self._at > ONE_WISH:
            self._before[number](number, frame)

    def due(self) -> None:
        """The moment to hear it. Raises KeyboardInterrupt, or what the handler raises, if there was one."""
        if self._heard is not None:
            number, self._heard = self._heard, None
            self._before[number](number, None)
            raise KeyboardInterrupt
