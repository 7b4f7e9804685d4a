"""What is asked of a way between processes: owners that are called, and answers that come later.

Ray is one (onray.py); the tests have another one, of threads. Whoever is called keeps three kinds of calls
apart, so that one does not wait for the others: work, one call at a time; mail, which is taken in beside
the work; and questions how far it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

#: Methods of an owner that are mail, and those that only look; all others are work.
MAIL = ("deliver", "guard")
LOOKS = ("hello", "progress", "stop")


class ClusterError(Exception):
    """A cluster cannot be had, or an owner not be started; its message says why."""


class Lost(Exception):  # noqa: N818 - not a fault of anybody
    """An owner does not answer any more: its process, or its machine, is gone."""


class Future(Protocol):
    """An answer that may still be under way."""

    def done(self, seconds: float) -> bool:
        """Whether it has come; waits for it for so long at most."""

    def result(self) -> Any:
        """The answer, once it has come. Raises what the call raised, and Lost."""


class Peer(Protocol):
    """An owner in another process. It can be sent to others, who may call it as well."""

    def call(self, method: str, *arguments: Any) -> Future:
        """Call a method of it; arguments are copied."""


class Transport(Protocol):
    """A way to processes in which owners live."""

    @property
    def name(self) -> str:
        """For people: where the owners are."""

    @property
    def cpus(self) -> int:
        """How many processors there are for owners."""

    def start(self, count: int) -> list[Peer]:
        """So many owners, each in a process of its own. Raises ClusterError."""

    def share(self, value: Any) -> Any:
        """A value that will be an argument of several calls, put where it is sent once to each machine."""

    def end(self, peers: Sequence[Peer]) -> None:
        """Let owners go, whether they still answer or not."""
