"""Progress for people who wait, on stderr: a live line in a terminal, elsewhere a plain line at times.

A plain line comes at each tenfold of states and every ten seconds, without the time of day, so that
the logs of two runs can be compared. The live line appears after a second: short checks show nothing.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from typing import IO

from checker.engines.contract import Progress
from checker.text.style import clip

#: Seconds after which a live line appears, and between two versions of it.
LIVE_AFTER, LIVE_EVERY = 1.0, 0.1
#: Seconds between two plain lines, and the first number of states that gives one of its own.
PLAIN_EVERY, PLAIN_STATES = 10.0, 10_000

_CLEAR = "\r\x1b[K"


class ProgressLine:
    """Reports how far one check is; `close` it to take the live line away."""

    def __init__(self, label: str, stream: IO[str] | None = None, *, live: bool | None = None) -> None:
        self._label = label
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty() if live is None else live
        self._shown = False
        self._next_at = LIVE_AFTER if self._live else PLAIN_EVERY
        self._next_states = PLAIN_STATES

    def __call__(self, progress: Progress) -> None:
        """Take note; show a line if it is time."""
        self.tell(progress.states, progress.seconds, lambda: describe(progress))

    def tell(self, states: int, seconds: float, says: Callable[[], str]) -> None:
        """Take note of so many states after so many seconds; show what `says` says if it is time."""
        if self._live:
            if seconds >= self._next_at:
                self._next_at = seconds + LIVE_EVERY
                room = shutil.get_terminal_size().columns - 1
                self._stream.write(_CLEAR + clip(f"{self._label}  {says()}", room))
                self._stream.flush()
                self._shown = True
            return
        if states >= self._next_states or seconds >= self._next_at:
            while states >= self._next_states:
                self._next_states *= 10
            self._next_at = max(self._next_at, seconds + PLAIN_EVERY)
            self._stream.write(f"{self._label}  {says()}\n")
            self._stream.flush()

    def close(self) -> None:
        """Take the live line away."""
        if self._shown:
            self._stream.write(_CLEAR)
            self._stream.flush()
            self._shown = False


def describe(progress: Progress) -> str:
    """A snapshot in words: depth, states, steps, frontier, states a second, peak memory, time."""
    words = [
        f"depth {progress.depth}",
        f"distinct {progress.states:,}",
        f"generated {progress.generated:,}",
        f"frontier {progress.frontier:,}",
    ]
    if progress.seconds > 0:
        words.append(_rate(progress.states / progress.seconds))
    memory = peak_memory()
    if memory is not None:
        words.append(_bytes(memory))
    whole = int(progress.seconds)
    words.append(f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}")
    return "  ".join(words)


def _rate(per_second: float) -> str:
    if per_second >= 999_500:
        return f"{per_second / 1e6:.1f}M/s"
    return f"{per_second / 1e3:.0f}k/s" if per_second >= 1000 else f"{per_second:.0f}/s"


def _bytes(count: int) -> str:
    if count >= 1 << 30:
        return f"{count / (1 << 30):.1f} GiB"
    return f"{count / (1 << 20):.0f} MiB"


def peak_memory() -> int | None:
    """The most memory this process has held, in bytes; None where the system does not tell."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
