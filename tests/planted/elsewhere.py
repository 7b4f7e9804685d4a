"""Faults in a search whose states are with owners elsewhere, and in what makes up for a lost one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from unittest.mock import patch

from checker import AtMostOnce, LossyDuplicating
from checker.engines import reference
from checker.engines.contract import EVERY_STATE, Exploration
from checker.engines.native.distributed import owner
from checker.engines.native.distributed.courier import Batch, Courier
from checker.engines.native.distributed.hands import Hand, Home
from checker.engines.native.distributed.replicas import Replicas
from checker.engines.native.engine import explore
from checker.engines.native.states import pairing
from checker.model.system import System
from tests.unit.distributed.test_search import Losing
from tests.unit.support.threadedowners import Threads

from .ordering import in_order, talking
from .planting import instead


def detectors(
    demand: Callable[[str, Any, Any], None], account: Callable[[Exploration], dict[str, Any]]
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Three owners, all of whom stay, or one of whom is lost."""
    for network in (AtMostOnce(), LossyDuplicating()):
        system = talking(1, network)
        yield f"owners, {network.name}", partial(_found, demand, account, system, ())
        for method, times in (("settle", 3), ("close_level", 4)):
            lost = partial(_found, demand, account, system, ((1, method, times),))
            yield f"an owner lost in {method}, {network.name}", lost
        yield f"in order, {network.name}", partial(in_order, lost)


def _found(
    demand: Callable[[str, Any, Any], None],
    account: Callable[[Exploration], dict[str, Any]],
    system: System,
    fatal: tuple[tuple[int, str, int], ...],
) -> None:
    """As the reference engine finds it, and with as many steps followed as on one machine."""
    transport = Losing(fatal) if fatal else Threads()
    told = {"PMMC_ASSERTIONS": "all" if pairing.THOROUGH else "few"}
    with patch.object(owner, "PATIENCE", 0.3), patch.dict(os.environ, told):
        found = explore(system, reductions=EVERY_STATE, workers=3, transport=transport)
    demand("comparison", account(found), account(reference.explore(system)))
    demand("comparison", found.followed, explore(system, reductions=EVERY_STATE).followed)
    demand("comparison", found.statistics["cluster"]["owners_lost"], len(fatal))


@instead(Courier, "put", "states that others found are lost on their way")
def message_lost(right: Any, courier: Courier, message: Batch) -> None:
    """of the messages that come to an owner the first one is lost"""
    if hasattr(courier, "has_lost"):
        right(courier, message)
    courier.has_lost = True  # type: ignore[attr-defined]


@instead(Replicas, "level", "states that an owner had are lost with it")
def copy_is_not_whole(right: Any, replicas: Replicas, *which: Any) -> Iterator[Any]:
    """of each part of a copy the last state is missing"""
    for words in right(replicas, *which):
        yield words.of(slice(0, words.size - 1))


@instead(Replicas, "add", "states that an owner had are lost with it")
def copy_is_stale(right: Any, replicas: Replicas, *arguments: Any) -> None:
    """of the levels of an owner only the first two are copied"""
    if arguments[2] < 2:
        right(replicas, *arguments)


@instead(Home, "back", "steps and terminal states are counted twice after a loss")
def counted_on_after_a_loss(right: Any, home: Home, mark: Any) -> None:
    """what was counted on the level that is begun again stays counted"""
    del mark
    right(home, home.mark())


@instead(Hand, "counted", "more steps are told of than were followed")
def counts_handed_over_again(right: Any, hand: Hand) -> Any:
    """steps that were told of are told of again with the next round"""
    followed = hand.followed
    found = right(hand)
    hand.followed = followed
    return found
