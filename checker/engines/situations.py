"""The local situations of a model: every (local state, message) and (local state, wake) that comes about.

A node has few of them, however many states there are. For each there is a shortest run, after which the
node is in that local state, and the message waits or, where it goes through no network, can be sent by a
step of another node. All these runs together are a tree: what two have in common is in it once.

They are found by a whole search with nothing left out (`checker.engines.native.situations`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

from checker.engines.choose import native_situations
from checker.engines.contract import Limits
from checker.model.vocabulary import Local, Message, NodeName

if TYPE_CHECKING:
    from checker.engines.choose import Reporter
    from checker.model.system import System

#: The run that takes no step: every run of the tree begins there.
BEGINNING = 0


class Situation(NamedTuple):
    """A node, by its position, in a local state, that takes a message or, if that is None, wakes."""

    node: int
    local: Local
    message: Message | None
    #: the name of the wake, "" where a message is taken
    wake: str = ""


class Run(NamedTuple):
    """A run: the one that it goes on from, by its number, and the index of its last step there.

    `node`, `action`, `message` and `sender` say what that step is, as `Transition` has them. The first run,
    which takes no step, goes on from none: its parent is itself.
    """

    parent: int
    step: int
    node: int = -1
    action: str = ""
    message: Message | None = None
    sender: NodeName | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Situations:
    """All situations of some nodes, each with the number of a shortest run that leads to it.

    They are in the order of the lengths of these runs. `stopped` says why the search did not come to its
    end: then there are none.
    """

    found: tuple[Situation, ...]
    leading: tuple[int, ...]
    runs: tuple[Run, ...]
    states: int = 0
    generated: int = 0
    depth: int = 0
    seconds: float = 0.0
    stopped: str | None = None
    interrupted: bool = False
    #: situations that were asked about, for which no run was found: of those there must be none
    unplaced: tuple[Situation, ...] = field(default=())

    def path(self, run: int) -> tuple[int, ...]:
        """The indices of the steps of a run, as `pmmc replay` takes them."""
        return tuple(step.step for step in self.steps(run))

    def steps(self, run: int) -> list[Run]:
        """The steps of a run, in order."""
        return list(reversed(list(self._back(run))))

    def _back(self, run: int) -> Iterator[Run]:
        while run != BEGINNING:
            yield self.runs[run]
            run = self.runs[run].parent


def situations(
    system: System,
    nodes: frozenset[int],
    limits: Limits = Limits(),
    report: Reporter | None = None,
    *,
    workers: int = 1,
) -> Situations:
    """The situations of the nodes at these positions. Raises CodeError where the model's code does."""
    answer = native_situations()(system, nodes, limits, report, workers=workers)
    return cast("Situations", answer)
