"""What plays nodes outside of this process, as the rest of a model knows it.

A rule of such a node is a function as any other, but its answer comes from elsewhere, and to ask for one at
a time would be to wait most of the time. So whoever is about to ask for many says so first; see
`checker.model.played`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from checker.model.vocabulary import Local, NodeName


class Outside(Protocol):
    """What plays some of the nodes of a system outside of this process."""

    @property
    def nodes(self) -> frozenset[NodeName]:
        """The nodes that it plays."""

    def waiting(self) -> AbstractContextManager[None]:
        """While this lasts, what is not known is not asked but noted, and Awaited raised."""

    def ask(self) -> None:
        """Ask for all that was noted."""

    def ask_again(self, most: int = 0) -> None:
        """Ask once more for what was asked once, to see that the answers are the same, if that is more than
        `most`. Raises CodeError.
        """

    def close(self) -> None:
        """End what runs. Should somebody ask after that, it is started anew."""


@dataclass(frozen=True, slots=True)
class Unbegun:
    """The local state of a node of which only what plays it knows where it begins: it was not asked yet.

    `like` is a local state that the node might have. A rule that is handed this has been called too early.
    """

    like: Local

    def __str__(self) -> str:
        return "not begun"
