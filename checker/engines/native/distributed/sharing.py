"""Which owner keeps which state, where nobody can take over the work of another one.

Threads of one process take over pieces of those who are behind, so uneven shares cost little there
(states/owners.py). Here a level lasts until the owner with the largest share is through with it.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations

import numpy as np

from checker.engines.native.states.owners import MOST_NODES, Owners, Sample

#: What it costs to send a state, as a part of what it costs to find it and look whether it is new.
SENT = 0.5
#: Sets of nodes that are tried out.
TRIED = 128


def cost(sample: Sample, owners: Owners) -> float:
    """How long a level with such states takes, 1 being as long as with even shares and nothing sent."""
    largest = np.bincount(owners.of(sample.states), minlength=owners.count).max() / sample.states.size
    sent = 0.0
    if sample.before.size:
        sent = float((owners.of(sample.before) != owners.of(sample.after)).mean())
    return float(largest * owners.count * (1 + SENT * sent))


def even_owners(count: int, sample: Sample) -> Owners:
    """The owners, told by the cells of a few nodes or of all, with whom a level takes the least time."""
    nodes = len(sample.states.packing.width)
    changed = sample.before.cells() != sample.after.cells()
    sets = [
        chosen
        for size in range(1, min(MOST_NODES, nodes) + 1)
        for chosen in combinations(range(nodes), size)
    ]
    if changed.shape[0]:
        sets.sort(key=lambda chosen: float(changed[:, chosen].any(axis=1).mean()))
    tried = [*sets[:TRIED], tuple(range(nodes))]
    return min((Owners(count, chosen) for chosen in tried), key=partial(cost, sample))
