"""Each interleaving once, from the definition: a breadth-first search with sleep sets over any graph.

A graph is a function from a state to its moves: what is done, and the state that it leads to, in an order
that is the state's own. A move is known by its place in that order. Whether two moves commute is found out
by making them in both orders. This knows nothing of nodes, tables and networks; `moves_of` makes such a
graph of a system, by the reference semantics, and `moves_by_tables` from the rows and posts of the native
engine, which has an order of its own and leaves out what its other reductions leave out.

It is what docs/adr/0018 says, and slow; what the native engine does is compared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from checker.engines.native.tables import Tables
from checker.model.semantics import State, addressed, successors
from checker.model.system import System

#: State → (what is done, the state after it), in the state's own order. Nothing is there twice.
Moves = Callable[[Any], Sequence[tuple[Any, Any]]]
#: What is kept of a state, and what becomes of what is done, under a renaming that leads to what is kept.
Keep = Callable[[Any], tuple[Any, Callable[[Any], Any]]]
Asleep = frozenset[int]


def as_it_is(state: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Every state is kept as it is."""
    return state, lambda what: what


@dataclass
class Seen:
    """What a search has found: the level of each state, the steps that it followed, and terminal states.

    Of the steps those that lead nowhere are left aside.
    """

    level: dict[Any, int]
    followed: set[tuple[Any, int]] = field(default_factory=set)
    terminal: set[Any] = field(default_factory=set)

    @property
    def levels(self) -> list[int]:
        """How many states there are on each level."""
        found = [0] * (max(self.level.values()) + 1)
        for level in self.level.values():
            found[level] += 1
        return found


def everything(first: Any, moves: Moves, keep: Keep = as_it_is, most: int = 1 << 30) -> Seen | None:
    """Take every step; None if there are more than `most` states.

    States are looked at in order of discovery and their moves in their own order, so what leads to a state
    first is the last step of a shortest path to it, of all these paths the first in lexicographic order.
    `followed` are these steps alone.
    """
    first, _ = keep(first)
    seen = Seen({first: 0})
    queue = [first]
    for state in queue:
        mine = moves(state)
        for place, (_, after) in enumerate(mine):
            kept, _ = keep(after)
            if kept not in seen.level:
                seen.level[kept] = seen.level[state] + 1
                seen.followed.add((state, place))
                queue.append(kept)
        if all(after == state for _, after in mine):
            seen.terminal.add(state)
        if len(queue) > most:
            return None
    return seen


def each_once(first: Any, moves: Moves, keep: Keep = as_it_is) -> Seen:
    """Follow each interleaving once: sleep sets, level by level, and no state is looked at again."""
    first, _ = keep(first)
    seen = Seen({first: 0})
    here: dict[Any, Asleep] = {first: frozenset()}
    while here:
        there: dict[Any, Asleep] = {}
        for state, asleep in here.items():
            _follow(state, asleep, there, seen, moves, keep)
        here = there
    return seen


def _follow(
    state: Any, asleep: Asleep, there: dict[Any, Asleep], seen: Seen, moves: Moves, keep: Keep
) -> None:
    mine, level = moves(state), seen.level[state]
    done = set(asleep)
    leads_on = False
    for place, (_, after) in enumerate(mine):
        if place in asleep:
            continue
        done.add(place)
        if after == state:  # and so it does after steps with which it commutes
            continue
        leads_on = True
        seen.followed.add((state, place))
        kept, renamed = keep(after)
        if seen.level.setdefault(kept, level + 1) == level + 1:
            passed = frozenset(_passed(state, done - {place}, place, moves, (after, kept, renamed, keep)))
            there[kept] = agreed(there[kept], passed) if kept in there else passed
    if not leads_on and all(mine[place][1] == state for place in asleep):
        seen.terminal.add(state)


def agreed(one: Asleep, other: Asleep) -> Asleep:
    """What sleeps in a state that is found twice on its level."""
    return one & other


def _passed(state: Any, done: set[int], place: int, moves: Moves, found: tuple[Any, ...]) -> list[int]:
    """The places, in what is kept of the state after a move, of what commutes with it among `done`."""
    after, kept, renamed, keep = found
    commuting = [carried(state, one, place, moves) for one in sorted(done)]
    places = [one for one in commuting if one is not None]
    if kept == after:
        return places
    images = [(renamed(moves(after)[one][0]), keep(moves(after)[one][1])[0]) for one in places]
    own = [(what, keep(then)[0]) for what, then in moves(kept)]
    return [own.index(image) for image in images]


def carried(state: Any, one: int, other: int, moves: Moves) -> int | None:
    """The place of move `one` of a state after `other`, if the other order comes to the same, else None.

    What follows `one` in the other order must do what `other` does; where several moves do the same, it may
    be another one, for all that is claimed is that some path of two steps begins with `one` and ends there.
    """
    mine = moves(state)
    (what, first), (then, second) = mine[one], mine[other]
    ends = [end for done, end in moves(second) if done == what]
    places = [place for place, (done, _) in enumerate(moves(second)) if done == what]
    found = (places[ends.index(end)] for done, end in moves(first) if done == then and end in ends)
    return next(found, None)


def moves_of(system: System) -> Moves:
    """The graph of a system, by the reference semantics.

    What is done is whose step it is, and what it sends; to oneself is a part of what one becomes.
    """

    @cache
    def moves(state: State) -> Sequence[tuple[Any, State]]:
        found: dict[tuple[Any, State], None] = {}
        for step in successors(system, state):
            sends = [(to, tuple(told)) for to, told in addressed(system, step.sends) if to != step.node]
            found[(step.node, tuple(sends)), step.state] = None
        return list(found)

    return moves


def moves_by_tables(tables: Tables) -> Moves:
    """The graph that the kernel explores, from the same rows; what arrives is put into cells anew."""
    numbering, per_cell, rows = tables.numbering, tables.per_cell, tables.rows

    @cache
    def row(node: int, cell: int) -> Sequence[tuple[int, int]]:
        rows.make(node, cell)
        per_cell.flush()
        at = per_cell.at(node, cell)
        first, count = (int(per_cell[name][at]) for name in ("moves_ptr", "row_len"))
        then, parcels, *_ = rows.arrays()
        return [(int(then[m]), int(parcels[m])) for m in range(first, first + count)]

    @cache
    def post(bundle: int, cell: int) -> int:
        to, sender, numbers = numbering.bundles[bundle]
        return tables.delivery.post(to, *numbering.cells[to][cell], sender, numbers)

    def moves(state: tuple[int, ...]) -> Sequence[tuple[Any, tuple[int, ...]]]:
        found = []
        for node, cell in enumerate(state):
            for then, parcel in row(node, cell):
                after = list(state)
                after[node] = then
                _, _, ends, receivers, bundles = rows.arrays()
                for t in range(ends[parcel], ends[parcel + 1]):
                    after[receivers[t]] = post(int(bundles[t]), state[receivers[t]])
                found.append(((node, parcel), tuple(after)))
        return found

    return cache(moves)
