"""Random draws that depend on a seed and a place alone.

Of `random.Random` only the sequence of `random()` is promised to be the same in every version of Python,
so everything is made from that. Each part of a system draws from a stream of its own, so that it stays as
it is when another part is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

V = TypeVar("V")


class Stream:
    """Draws for one place: the same seed and place, the same draws."""

    def __init__(self, *place: Any) -> None:
        self._place = place
        self._random = Random(":".join(map(str, place)))

    def at(self, *place: Any) -> Stream:
        """The stream of a place within this one; what was drawn so far does not matter."""
        return Stream(*self._place, *place)

    def below(self, bound: int) -> int:
        """An integer from 0 to `bound` - 1."""
        return int(self._random.random() * bound)

    def between(self, least: int, most: int) -> int:
        """An integer from `least` to `most`."""
        return least + self.below(most - least + 1)

    def pick(self, options: Sequence[V]) -> V:
        """One of some options."""
        return options[self.below(len(options))]

    def chance(self, percent: float) -> bool:
        """True so often in a hundred times."""
        return self._random.random() * 100 < percent

    def shuffled(self, values: Sequence[V]) -> list[V]:
        """The values in some order."""
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]
