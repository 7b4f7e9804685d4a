"""The way back over levels that are with owners elsewhere: each looks among its own states."""

from __future__ import annotations

from collections.abc import Callable

from checker.engines.native.arrays import Array
from checker.engines.native.numbering import Vector
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.paths.paths import Backwards
from checker.engines.native.rows import Places
from checker.engines.native.snapshot import Snapshot
from checker.engines.native.states.words import Piece

#: Where rules raise, of which a state is taken only if there is no other.
Raising = tuple[Places, ...]
#: Of some states the least with a step into each, and the entries of tables that were missing.
Found = tuple[dict[Vector, Vector], Array]
#: From a level and some states to what each owner knows of them.
Asking = Callable[[int, set[Vector]], list[dict[Vector, Vector]]]


def least_parents(tables: Snapshot, pieces: list[Piece], targets: set[Vector], raising: Raising) -> Found:
    """For each target that some pieces have a step into the least state of them that has."""

    def raises(state: Vector) -> bool:
        return any(all(state[node] == cell for node, cell in places) for places in raising)

    expansion = Expansion(tables)
    found = Backwards(lambda _: pieces, [expansion], raises).least(expansion, pieces, targets)
    return found, expansion.missing.take()


class AskingBack(Backwards):
    """Goes back over levels by asking owners."""

    def __init__(self, asking: Asking, raises: Callable[[Vector], bool], look: Callable[[], None]) -> None:
        super().__init__(lambda _: (), (), raises, None, look)
        self._asking = asking

    def _found(self, level: int, targets: set[Vector]) -> list[dict[Vector, Vector]]:
        return self._asking(level, targets)
