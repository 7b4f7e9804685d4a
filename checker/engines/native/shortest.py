"""The states on shortest ways to what violates a claim, level by level, of a search that has met it.

From all states that show it on the level where it was first seen back to the initial one: of each level
those with a step into one of the level after it. Going back costs about what the search did.
Fusion, which joins steps, is off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from checker.engines.contract import Limits, Progress, Reductions, Refused, Watch
from checker.engines.groups import GroupTooLargeError, generated
from checker.engines.native.arrays import Array
from checker.engines.native.attempts import soundly
from checker.engines.native.engine import Run
from checker.engines.native.kernel import machine
from checker.engines.native.numbering import Vector
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.paths.unfold import Walk
from checker.engines.native.reductions.action import ENUMERATED
from checker.engines.native.search.search import Search
from checker.engines.native.sightings import Sighting
from checker.engines.native.states.packing import joined
from checker.engines.native.states.words import Words
from checker.model.properties import Kind, On, Property
from checker.model.semantics import State
from checker.model.system import System
from checker.model.vocabulary import Symmetry

#: What a claim may be judged on: of others it is not known which states of a level show them.
KINDS = (On.NODE, On.STATE, On.STEP)


@dataclass(frozen=True, slots=True)
class Ways:
    """The states on shortest ways by level, as they are kept.

    With `after` it is a step out of the last level that shows the claim. `kept` is what is kept of a state,
    and `symmetries` are those up to which it is. `stopped` says why the search did not come so far.
    """

    levels: tuple[frozenset[Vector], ...]
    after: bool
    kept: Callable[[State], Vector]
    symmetries: tuple[Symmetry, ...]
    states: int
    stopped: str | None = None


def shortest_ways(
    system: System,
    claim: Property,
    limits: Limits,
    report: Callable[[Progress], None] | None = None,
    *,
    workers: int = 1,
) -> Ways:
    """The states on shortest ways to what shows a claim. Raises what a search does, and KeyboardInterrupt.

    Symmetries are used if there are no more renamings than the kernel tries: of a larger group it takes
    the one or the other image of a state.
    """
    machine.ready(machine.SEARCH)
    shown = replace(claim, kind=Kind.STATE) if claim.kind.goal else claim
    watch = Watch(limits, report)

    def attempt(system: System, reductions: Reductions, refused: Refused) -> Ways:
        return _Ways(system, watch, reductions, refused, workers).ways()

    asked = Reductions(fusion=False, symmetry=_few_renamings(system), ordering=False)
    return soundly(replace(system, properties=(shown,)), asked, attempt)


def _few_renamings(system: System) -> bool:
    try:
        return len(generated([g for s in system.symmetries for g in s.generators])) <= ENUMERATED
    except GroupTooLargeError:
        return False


class _Ways(Run):
    """A search that tells, instead of a path, all states on shortest paths."""

    def ways(self) -> Ways:
        """Search, and go back."""
        self._levels: list[frozenset[Vector]] = []
        self._after = False
        found = self.run()
        if found.interrupted:
            raise KeyboardInterrupt
        raised = None if found.raised is None else f"the model raised: {found.raised.reason}"
        failed = None if found.failed is None else found.failed.reason
        stopped = raised or failed or found.stopped
        if stopped is None and not self._levels:
            stopped = "the search did not meet it"
        walk, action = Walk(self.tables), self.tables.action
        symmetric = found.reductions.symmetry is not None
        return Ways(
            tuple(self._levels),
            self._after,
            lambda state: action.canonical(walk.stands_for(state)),
            self.system.symmetries if symmetric else (),
            found.states,
            stopped,
        )

    def _explain(self, search: Search) -> None:
        if self.sightings and self.result.stopped is None and self.result.raised is None:
            self._levels = self._back(search, self.sightings[0])

    def _back(self, search: Search, sighting: Sighting) -> list[frozenset[Vector]]:
        self._after = sighting.after
        expansion = search.expansion()
        leading = frozenset({sighting.state, *sighting.others()})
        levels = [leading]
        for level in range(sighting.level - 1, -1, -1):
            stop = self.watch.look(self.result)
            if stop is not None:
                self.result.stopped = stop
                return []
            finder = _Finder(expansion, leading)
            pieces = [finder.leading(piece.words()) for piece in search.level(level)]
            while search.fill_for([expansion]):  # a search in order does not need every entry
                pieces = [finder.leading(piece.words()) for piece in search.level(level)]
            leading = frozenset(map(tuple, joined(pieces).cells().tolist()))
            levels.append(leading)
        return levels[::-1]


class _Finder:
    """Finds the states with a step into one of some states."""

    def __init__(self, expansion: Expansion, targets: Iterable[Vector]) -> None:
        self._expansion = expansion
        self._wide = expansion.packing.wide
        self._packed = frozenset(map(expansion.packing.pack, targets))
        self._firsts = np.array(sorted({first for first, _ in self._packed}), np.uint64)

    def leading(self, words: Words) -> Words:
        """Those of the states that have a step into one of the targets."""
        found: list[Array] = [np.zeros(0, np.int64)]
        for places, _, after in self._expansion.steps(words):
            hits = np.flatnonzero(np.isin(after.first, self._firsts))
            if self._wide:
                pairs = zip(after.first[hits].tolist(), after.second[hits].tolist(), strict=True)
                hits = hits[np.fromiter((pair in self._packed for pair in pairs), np.bool_, hits.size)]
            found.append(places[hits])
        return words.of(np.unique(np.concatenate(found)))
