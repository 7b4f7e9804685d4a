"""Some states of many: to choose owners by, and how states are packed."""

from __future__ import annotations

from collections.abc import Sequence

from checker.engines.native.arrays import Array
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.states.owners import Sample
from checker.engines.native.states.packing import joined
from checker.engines.native.states.store import Store
from checker.engines.native.states.words import Piece, Words

#: Pieces of a level from which states are taken.
LOOKED_INTO = 1 << 5
#: States of a level whose owners are counted, and states that are expanded, to choose owners by.
LOOKED_AT = 1 << 12
EXPANDED = 1 << 7


def sampled(level: Sequence[Piece], expansion: Expansion) -> Sample:
    """States of a level and steps out of some of them, to choose owners by."""
    steps = expansion.all_steps(spread(level, EXPANDED))
    return Sample(spread(level, LOOKED_AT), steps.before, steps.after)


def latest(stores: Sequence[Store], depth: int, most: int) -> Array:
    """At most so many states of a level, as rows of cell numbers.

    They are neighbours, found one after the other: halves recur among such, if they do at all.
    """
    most, runs = most // len(stores), []
    for store in stores:
        first, last = store.levels[depth], store.levels[depth + 1]
        middle = max(first, (first + last - most) // 2)
        runs += [piece.words() for piece in store.between(middle, min(middle + most, last), most)]
    return joined(runs).cells()


def spread(pieces: Sequence[Piece], most: int) -> Words:
    """About `most` of the states at most, from all over."""
    chosen = pieces[:: -(-len(pieces) // LOOKED_INTO)]
    every = max(1, sum(piece.size for piece in chosen) // most)
    return joined([piece.words().of(slice(None, None, every)) for piece in chosen])
