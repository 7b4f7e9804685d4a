"""From a seed to a system: which generator, which dials, and smaller dials where something fails.

A recipe is written as `generator:seed:dial,dial,…`; it says all that a system is made from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from unittest.mock import patch

from checker.engines.contract import UNREDUCED, Limits
from checker.engines.native import tuning
from checker.engines.native.engine import explore
from checker.model.system import System

from . import election, paxos, peers, tables
from .streams import Stream

GENERATORS: dict[str, Any] = {"tables": tables, "peers": peers, "election": election, "paxos": paxos}
#: All generators, as often as they are to be used.
EVERY = ("tables",) * 5 + ("peers",) * 3 + ("election", "paxos", "paxos")
#: Size classes by their most states, and how many in a hundred models are meant to be in each.
CLASSES = {500: 0, 1_500: 45, 5_000: 30, 15_000: 15, 50_000: 7, 150_000: 3}
#: Dials that are drawn for one model before the best so far is taken.
ATTEMPTS = 8
#: How often dials that make too large a model are made smaller.
SHRINKING = 4
#: Steps, and local situations, that a model may have for each state of its size class.
STEPS = 12


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a system is made from."""

    generator: str
    seed: int
    dials: Any

    def system(self) -> System:
        """The system."""
        made: System = GENERATORS[self.generator].system(self.seed, self.dials)
        return made

    def __str__(self) -> str:
        values = ",".join(str(getattr(self.dials, f.name)) for f in fields(self.dials))
        return f"{self.generator}:{self.seed}:{values}"

    def shown(self) -> str:
        """The dials by name."""
        return ", ".join(f"{f.name} {getattr(self.dials, f.name)}" for f in fields(self.dials))


def parsed(text: str) -> Recipe:
    """The recipe that is written so. Raises ValueError."""
    generator, seed, values = text.split(":")
    dials = GENERATORS[generator].Dials(*map(int, values.split(",")))
    return Recipe(generator, int(seed), dials)


def class_of(states: int) -> int:
    """The size class of a model: the most states that models of it have."""
    return next((most for most in CLASSES if states < most), max(CLASSES))


def chosen(seed: int, largest: int, generators: Sequence[str] = EVERY) -> Recipe:
    """The recipe of a seed: of some dials the first that make a model of the size class it is meant for."""
    stream = Stream(seed, "recipe")
    generator = stream.pick(generators)
    wanted = stream.pick([m for m, weight in CLASSES.items() for _ in range(weight) if m <= largest])
    best, states = Recipe(generator, seed, GENERATORS[generator].Dials.drawn(stream)), -2
    for attempt in range(ATTEMPTS):
        drawn = stream.at(attempt)
        recipe = Recipe(generator, seed, GENERATORS[generator].Dials.drawn(drawn))
        size = -1
        for _ in range(SHRINKING):
            size = measured(recipe.system(), wanted)
            if size >= 0:
                break
            recipe = _smaller(drawn, recipe)
        if size > states:
            best, states = recipe, size
        if class_of(states) == wanted:
            break
    return best


def _smaller(stream: Stream, recipe: Recipe) -> Recipe:
    """The recipe with two dials smaller that its size depends on."""
    dials = recipe.dials
    for _ in range(2):
        name = stream.pick(GENERATORS[recipe.generator].SIZES)
        value = max(1 if name in NEVER_ZERO else 0, getattr(dials, name) * 2 // 3)
        dials = replace(dials, **{name: value})
    return replace(recipe, dials=dials)


#: Dials that must not be 0; peers are at least 2.
NEVER_ZERO = {
    "nodes", "roles", "phases", "numbers", "types", "peers", "acceptors", "leaders", "slots", "rounds",
    "window",
}  # fmt: skip


def measured(system: System, most: int) -> int:
    """How many states a system has; -1 if more than `most`, or if it is too laborious for its size."""
    limits = Limits(max_states=most, max_generated=STEPS * most)
    with patch.object(
        tuning, "USUAL", replace(tuning.USUAL, piece=128)
    ):  # limits are looked at after each piece
        found = explore(replace(system, properties=()), limits, reductions=UNREDUCED)
    laborious = found.generated > STEPS * most or found.statistics["local_steps"] > 40 * most
    return -1 if found.stopped is not None or laborious else found.states


def smaller(recipe: Recipe) -> Iterator[Recipe]:
    """Recipes of the same seed with one dial smaller, the smallest first."""
    for field in fields(recipe.dials):
        value = getattr(recipe.dials, field.name)
        least = 1 if field.name in NEVER_ZERO else 0
        tried = {least, value // 2, value & (value - 1), value - 1}
        for other in sorted(tried):
            if least <= other < value:
                yield replace(recipe, dials=replace(recipe.dials, **{field.name: other}))
