"""Sightings: what a search has seen of a property, and the real path that leads there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from checker.engines.contract import Discovery, Raised
from checker.engines.native.numbering import Vector
from checker.engines.native.paths.paths import Place
from checker.engines.native.paths.unfold import UnfoldError, Walk
from checker.engines.native.search.limits import LimitReached
from checker.engines.native.search.search import Search
from checker.engines.native.tables import Tables
from checker.model.judging import judge_node, judge_step
from checker.model.properties import On, Property
from checker.model.semantics import State, Transition, moved

#: States that are tried where a rule raises, until real steps lead to one of them.
MOST_TRIED = 1 << 8


@dataclass(frozen=True, slots=True)
class Sighting:
    """A property decided on a level, by a state there or, with `after`, by a step out of it.

    `others` are all states of the level that decide it, should no real steps lead to that one.
    """

    claim: Property
    reason: str
    level: int
    state: Vector
    after: bool = False
    others: Callable[[], Iterable[Vector]] = tuple


def without_path(sighting: Sighting, tables: Tables) -> Discovery:
    """What is told of a sighting that is too far away for its path to be looked for."""
    length = None if tables.fusion.shortens else sighting.level
    return Discovery(sighting.claim.id, sighting.reason, None, length, shortest=length is not None)


class Guide:
    """Finds the way to what was sighted, in a search that has come to its end."""

    def __init__(self, tables: Tables, search: Search) -> None:
        self._tables = tables
        self._search = search
        self._system = tables.system
        self._ways: dict[Place, list[Vector]] = {}

    def go_back(self, sightings: Iterable[Sighting], *, within_limits: bool = False) -> None:
        """Find the ways to several sightings at once: that takes no longer than to the last of them.

        Raises LimitReached if it is to be done within limits.
        """
        search = self._search

        def look() -> None:
            reached = search.watch.look(search.result, search.bytes)
            if reached is not None and within_limits:
                raise LimitReached(reached)

        back = search.backwards(look)
        self._ways.update(back.ways((sighting.level, sighting.state) for sighting in sightings))

    def with_path(self, sighting: Sighting) -> Discovery:
        """What is told of a sighting, with a path. Raises UnfoldError if no real steps lead there."""
        return self._told(sighting, sighting.state)

    def beside_what_raises(self, sighting: Sighting) -> Discovery | None:
        """The same, by any of the states that show it; None if none of those tried can be reached.

        A state in which a rule raises lacks the steps that would come after that, and with them what lies
        behind it and nowhere else.
        """
        for state in islice(sorted(sighting.others()), MOST_TRIED):
            try:
                return self._told(sighting, state)
            except UnfoldError:
                continue
        return None

    def to_what_raised(self, level: int, state: Vector) -> Raised:
        """The first fault of a rule, with the path to a state in which one raises."""
        walk = self._walk(level, state)
        walk.raise_again()
        fault = next(iter(self._tables.rows.raised.values()))
        return Raised(str(fault), walk.path, fault.traceback)

    def _told(self, sighting: Sighting, state: Vector) -> Discovery:
        walk = self._walk(sighting.level, state)
        if sighting.after:
            self._last_step(walk, sighting.claim)
        shortest = not self._tables.fusion.shortens
        if sighting.claim.kind.on is On.END:
            found = len(walk.path)
            walk.rest()
            shortest = shortest and len(walk.path) == found
        return Discovery(sighting.claim.id, sighting.reason, walk.path, shortest=shortest)

    def _walk(self, level: int, state: Vector) -> Walk:
        walk = Walk(self._tables)
        if (level, state) not in self._ways:
            back = self._search.backwards()
            self._ways.update(back.ways([(level, state)]))
        for following in self._ways[level, state][1:]:
            walk.follow(following)
        return walk

    def _last_step(self, walk: Walk, claim: Property) -> None:
        def shows(step: Transition, before: State) -> bool:
            for node, old, new in moved(before, step.state):
                if claim.kind.on is On.NODE and judge_node(self._system, claim, node, new) is not None:
                    return True
                if judge_step(self._system, claim, node, old, new) is not None:
                    return True
            return False

        walk.finish(shows)
