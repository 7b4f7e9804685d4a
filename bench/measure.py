"""Measuring processes from outside: wall time, processor time, peak memory; and several in turn.

The numbers come from the kernel's account of the finished child (`wait4`), so they hold for every
program alike, whatever it says of itself.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: The folder that holds `bench/`: children run there, so that all paths in commands are short.
ROOT = Path(__file__).resolve().parent.parent
#: ru_maxrss counts kilobytes, except where it counts bytes.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024

#: What is measured is a program as it is installed, which comes with its byte code.
_INHERITED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class RunError(Exception):
    """A measured process ended otherwise than expected; the message shows the end of its output."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One finished process: seconds of wall, user and system time, peak resident bytes, output."""

    wall: float
    user: float
    system: float
    peak: int
    code: int
    output: str

    @property
    def json(self) -> Any:
        """The last line of the output, read as JSON."""
        return json.loads(self.output.strip().splitlines()[-1])


def run(
    command: Sequence[str],
    *,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    codes: Iterable[int] = (0,),
    timeout: float = 3600,
) -> Measured:
    """Run a command to its end and measure it. Raises RunError if its exit code is not among `codes`."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        begun = time.perf_counter()
        child = subprocess.Popen(
            list(command),
            cwd=folder,
            env={**_INHERITED, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        watchdog = threading.Timer(timeout, _end, (child.pid,))
        watchdog.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            _end(child.pid)
            raise
        finally:
            watchdog.cancel()
        wall = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if child.returncode not in set(codes):
        end = "\n".join(text.splitlines()[-15:])
        raise RunError(f"{' '.join(command)} ended with {child.returncode} after {wall:.0f} s:\n{end}")
    return Measured(
        wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * RSS_UNIT, child.returncode, text
    )


def _end(leader: int) -> None:
    """End a process that we started, and its children."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be measured several times; `once` gives the figures of one run, by name."""

    name: str
    once: Callable[[], Mapping[str, float]]
    runs: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one task: name of the figure → its value in each run."""

    runs: Mapping[str, Sequence[float]]

    def __getitem__(self, figure: str) -> float:
        """The median of a figure."""
        return statistics.median(self.runs[figure])

    def spread(self, figure: str) -> str:
        """Least and greatest value of a figure, for showing."""
        values = self.runs[figure]
        return f"{min(values):.3g} to {max(values):.3g}"


def in_turn(tasks: Iterable[Task], say: Callable[[str], None]) -> dict[str, Figures]:
    """Run the tasks in turn, again and again, until each has had its runs.

    What disturbs the machine for a while so disturbs all of them. A task that fails is left out of
    the answer, and its complaint is said.
    """
    collected: dict[str, dict[str, list[float]]] = {}
    waiting = list(tasks)
    for number in range(max((task.runs for task in waiting), default=0)):
        for task in [t for t in waiting if number < t.runs]:
            try:
                figures = task.once()
            except RunError as failure:
                say(f"  {task.name}: {failure}")
                waiting.remove(task)
                collected.pop(task.name, None)
                continue
            for figure, value in figures.items():
                collected.setdefault(task.name, {}).setdefault(figure, []).append(value)
            shown = ", ".join(f"{name} {_short(value)}" for name, value in figures.items())
            say(f"  {task.name}, run {number + 1} of {task.runs}: {shown}")
    return {name: Figures(figures) for name, figures in collected.items()}


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
