"""Properties that read what is under way, by each engine and with all reductions.

The claims are random predicates of whole inboxes, on protocols that the hunt's generators make: with roles
that settle their inboxes, interchangeable nodes, immediate messages, each kind of network, several workers,
and views that outgrow their fields. And the claims about messages of PMMC, on its small models and mutants.
"""

from collections import Counter
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hunt import paxos, peers, tables
from hunt.claims import as_it_is, claim_about, slices_of
from hunt.comparing import REDUCTIONS, Effort, compare
from hunt.coverage import counting, shared_early
from hunt.streams import Stream

from checker.engines import reference
from checker.engines.contract import Limits, Reductions
from checker.model.properties import Kind, Property
from checker.model.vocabulary import View
from spec.properties import by_slot
from spec.properties.messages import MESSAGE_PROPERTIES

#: Seeds in blocks; a test takes one of them. All but the first are for --slow.
BLOCKS = [
    pytest.param(range(first, first + 10), marks=[pytest.mark.slow] * (first > 0)) for first in (0, 10, 20)
]
EACH_BLOCK = pytest.mark.parametrize("seeds", BLOCKS, ids=str)


def waiting(role: str) -> View:
    """All that waits for a node."""
    return View("waiting", role, lambda messages: messages, inbox=True)


def amount(role: str) -> View:
    """How many messages of each type wait for a node: nothing that a renaming changes."""
    return View("amount", role, lambda m: tuple(sorted(Counter(type(x).__name__ for x in m).items())), True)


def local(role: str) -> View:
    return View("local", role, lambda state: state)


def claims(
    stream: Stream, views: list[View], more: tuple[View, ...] = (), about: Any = as_it_is
) -> tuple[Property, ...]:
    """A claim of each kind that may read inboxes, some judged in two slices."""
    found = []
    for k, kind in enumerate((Kind.STATE, Kind.SOMETIMES, Kind.TERMINAL, Kind.STATE, Kind.STATE)):
        here = stream.at("claim", k)
        some = (*here.shuffled(views)[: here.between(1, len(views))], *(more if here.chance(50) else ()))
        claim = claim_about(here, f"claim{k}", kind, some, about)
        found.append(claim.sliced(slices_of(some)) if about is as_it_is and here.chance(30) else claim)
    return tuple(found)


def effort(seed: int) -> Effort:
    stream = Stream(seed, "effort")
    return Effort((stream.pick((1, 2, 3)),), (Reductions(), stream.pick(REDUCTIONS)), most=4_000)


@EACH_BLOCK
def test_they_agree_on_random_protocols(seeds: range) -> None:
    seen: Counter[str] = Counter()
    ways: Counter[str] = Counter()
    for seed in seeds:
        system = tables.system(seed, tables.Dials.drawn(Stream(seed, "dials")))
        roles = sorted({m.role.name for m in system.members})
        read_too = Stream(seed, "read").shuffled([role for role in roles if role != "idle"])
        views = [waiting(read_too[0]), *(local(role) for role in read_too), *map(waiting, read_too[2:])]
        more = (tables.IDLES,) if "idle" in roles else ()
        read = claims(Stream(seed, "messages"), views, more)
        with shared_early(4), counting(seen):
            ways[compare(replace(system, properties=read), effort(seed)).how] += 1
    assert ways["whole"] >= 3
    assert {"settling", "shared", "two words", "views widened", "repacked"} <= seen.keys()


@EACH_BLOCK
def test_they_agree_where_nodes_are_interchangeable(seeds: range) -> None:
    seen: Counter[str] = Counter()
    for seed in seeds[::2]:
        system = peers.system(seed, peers.Dials.drawn(Stream(seed, "dials")))
        read = claims(Stream(seed, "messages"), [amount("peer"), amount("hub")], about=sorts)
        with shared_early(4), counting(seen):
            compare(replace(system, properties=read), effort(seed))
    assert seen["symmetry"] >= 3
    assert seen["shared"]


def sorts(*groups: Any) -> Any:
    """What is to be seen of each role, whoever it is."""
    return tuple(frozenset(Counter(group.values()).items()) for group in groups)


# PMMC ---------------------------------------------------------------------------------------------------


@EACH_BLOCK
def test_they_agree_on_small_models_of_pmmc(seeds: range) -> None:
    """With mutants among them; and one that is violated, should there be none."""
    hit = 0
    for number, seed in enumerate(count(seeds[0] + 10)):
        if number >= len(seeds) and (hit or number == 4 * len(seeds)):
            break
        system = paxos.system(seed, paxos.Dials.drawn(Stream(seed, "dials"), paxos.SMALL))
        slots = system.setting.deployment.slots
        read = replace(system, properties=tuple(by_slot(claim, slots) for claim in MESSAGE_PROPERTIES))
        violated = bool(reference.explore(read, Limits(max_states=2_000)).violations)
        if violated or number < len(seeds):
            compare(read, Effort((2,), (Reductions(),), most=2_000))
        hit += violated
    assert hit
