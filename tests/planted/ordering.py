"""Faults in following each interleaving once: moves that are asleep, and should not be."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from checker import AtMostOnce, LossyDuplicating, Member, Role
from checker.engines.contract import EVERY_STATE
from checker.engines.native import tuning
from checker.engines.native.engine import explore
from checker.engines.native.kernel import machine
from checker.engines.native.reductions.ordering import Ordering
from checker.model.system import System

from .planting import in_kernel, instead

# what the differential tests share is found from their own folder, also by `python -m tests.planted`
sys.path.append(str(Path(__file__).parents[1] / "differential"))
from tests.differential.test_ordering import Text, adding, bad, by_definition, defined, talking

#: Seeds of random systems that are explored with this in mind: a few hundred states at most.
SEEDS = (0, 7, 29)
LOST = "a state is not found, for nothing leads to it but what sleeps"


def in_order(detector: Callable[[], None]) -> None:
    """A detector, with each interleaving followed once from the first state on."""
    with patch.object(tuning, "USUAL", replace(tuning.USUAL, ordered=0, steps=0, spared=0)):
        detector()


def as_defined(demand: Callable[[str, Any, Any], None], system: System) -> None:
    """As many steps are followed as by the definition of sleep sets, and the same states found."""
    found, wanted = explore(system, reductions=EVERY_STATE), by_definition(system, EVERY_STATE)
    figures = (found.levels, found.terminal, found.followed)
    demand("comparison", figures, (wanted.levels, len(wanted.terminal), len(wanted.followed)))


def at_once() -> System:
    """One goes on, or handles at once what another one sends; and not both to the same end."""
    send = Role("s", {}, {"send": lambda _, x: ((1, (("k", Text(0)),)),) if x == 0 else ()})
    go = {"go": lambda _, x: ((1, ()),) if x == 0 else ()}
    rules = {Text: lambda _, x, m: ((2 * x + 10, ()),)}
    number = Role("k", rules, go, immediate=frozenset({Text}))
    return System("at once", (Member("s", send, None, 0), Member("k", number, None, 0)), AtMostOnce(), ())


def detectors(
    demand: Callable[[str, Any, Any], None], agree: Callable[..., None]
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Systems in which much commutes, and some does not."""
    yield "handled at once", partial(in_order, partial(as_defined, demand, at_once()))
    for network in (AtMostOnce(), LossyDuplicating()):
        yield (
            f"talking, {network.name}",
            partial(in_order, partial(as_defined, demand, talking(1, network))),
        )
        for seed in SEEDS:
            system = defined(seed, network)
            yield (
                f"by definition, {seed}, {network.name}",
                partial(in_order, partial(as_defined, demand, system)),
            )
    for step in ((0, 1), (1, 3), (2, 3)):
        yield f"at once, {step}", partial(in_order, partial(agree, adding(bad(*step)), (1, 3), ()))


in_kernel(
    "agree",
    "asleep-are-joined",
    "a state that is found twice sleeps for what any of the ways says, not for what all say",
    LOST,
    old="rows[(entry & low) - _ONE] &= asleep[at]",
    new="rows[(entry & low) - _ONE] |= asleep[at]",
    kind="ordering",
)
in_kernel(
    "expand_in_order",
    "all-commutes-with-what-others-do",
    "what sends to others is taken to commute with all that these do",
    LOST,
    old="                    commutes = stay > 0\n",
    new="                    commutes = True\n",
    kind="ordering",
)


@instead(Ordering, "commuting", LOST)
def places_are_off_by_one(right: Any, ordering: Ordering) -> Any:
    """after a message has arrived each move is taken for the one before it in the row"""
    found = right(ordering)
    return found._replace(carried=found.carried >> np.uint64(4) | found.carried & np.uint64(0xF << 60))


@instead(machine, "fill_own", LOST)
def moves_of_one_node_all_commute(right: Any, *arguments: Any) -> Any:
    """moves of one node are taken to commute, and to keep their places"""
    lacking = right(*arguments)
    own = arguments[-3]
    own[own != 0] = np.uint64(0xFEDCBA9876543210)
    return lacking


in_kernel(
    "expand_in_order",
    "asleep-not-tried",
    "a state whose only moves sleep is taken for terminal",
    "what holds of terminal states is judged where the system goes on",
    old="            moved = on > 0\n",
    new="            moved = False\n",
    kind="ordering",
)
