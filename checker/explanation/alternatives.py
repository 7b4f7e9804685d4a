"""Or any other: what of a counterexample does not matter.

As Hypothesis says of an example that it made as small as it could: `# or any other generated value`. Each
node and each value that takes part is put in the place of another of its kind, and the steps are taken
again in the reference semantics. Where they can be, and the end shows the same property, it does not
matter which it was. What no step of the slice needs is left out of the slice already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checker.model.behaviour import Trace


@dataclass(frozen=True, slots=True)
class Alternative:
    """A node or a value that takes part, and which others of its `kind` do as well.

    `kind` is the role of a node, or the name of the type of a value. `others` do as well in its place, and
    `unlike` do not. `symmetric` are those of `others` that a symmetry of the model tells to be alike.
    """

    what: Any
    kind: str
    others: tuple[Any, ...]
    unlike: tuple[Any, ...]
    symmetric: tuple[Any, ...] = ()

    @property
    def any(self) -> bool:
        """Whether all others of its kind do as well, and there are some."""
        return bool(self.others) and not self.unlike


@dataclass(frozen=True, slots=True)
class Swap:
    """Two steps in a row on one node (numbers, from 1) whose order does not matter for what is shown."""

    first: int
    second: int
    node: int


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What does not matter in a trace: of its nodes and values, and of the order of its steps."""

    parts: tuple[Alternative, ...]
    swaps: tuple[Swap, ...]


def alternatives(trace: Trace, steps: Sequence[int] | None = None) -> Alternatives:
    """What of some steps of a trace does not matter; `steps` (from 1) are its slice if none are given.

    Nothing is told of a trace that shows nothing, or repeats for ever.
    """
    raise NotImplementedError
