"""Which local situations of a model a run has visited: a node, its state, and what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from checker.engines.situations import Situation, Situations
from checker.model.logs import Taken
from checker.model.system import System
from checker.model.vocabulary import Envelope, Message, action_name, kind_of


@dataclass(frozen=True, slots=True)
class Row:
    """Of one action of a role: how many of its situations were visited, of how many."""

    role: str
    action: str
    visited: int
    known: int


@dataclass(slots=True)
class Coverage:
    """The situations of a model, and which of them were visited.

    `beyond` counts steps of a run in situations that the model does not come to.
    """

    system: System
    situations: Situations
    visited: set[int] = field(default_factory=set)
    beyond: int = 0
    _numbers: dict[Situation, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, situation in enumerate(self.situations.found):
            self._numbers[situation._replace(message=_plain(situation.message))] = number

    def visit(self, taken: Taken) -> None:
        """A run has made this step."""
        position = self.system.positions.get(taken.node)
        if position is None or taken.action in ("start", "recover"):
            return
        wake = taken.action if taken.message is None else ""
        number = self._numbers.get(Situation(position, taken.before, taken.message, wake))
        if number is None:
            self.beyond += 1
        else:
            self.visited.add(number)

    @property
    def known(self) -> int:
        """How many situations there are."""
        return len(self.situations.found)

    def rows(self) -> Iterator[Row]:
        """By role and action."""
        counts: dict[tuple[str, str], list[int]] = {}
        for number, situation in enumerate(self.situations.found):
            role = self.system.members[situation.node].role.name
            kind = situation.wake or action_name(kind_of(situation.message))
            count = counts.setdefault((role, kind), [0, 0])
            count[0] += number in self.visited
            count[1] += 1
        for (role, kind), (visited, known) in counts.items():
            yield Row(role, kind, visited, known)

    def nearest_unvisited(self) -> int | None:
        """The number of a situation with the shortest run to it, of those that were not visited."""
        return next((n for n in range(self.known) if n not in self.visited), None)


def _plain(message: Message | None) -> Message | None:
    return message.message if isinstance(message, Envelope) else message
