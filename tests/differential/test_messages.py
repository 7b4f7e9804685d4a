"""Properties that read what is under way, by each engine and with all reductions.

The claims are random predicates of whole inboxes, on protocols that the hunt's generators make: with roles
that settle their inboxes, interchangeable nodes, immediate messages, each kind of network, several workers,
and views that outgrow their fields. And the claims about messages of PMMC, on its small models and mutants.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hunt import paxos, peers, tables
from hunt.claims import as_it_is, claim_about, slices_of
from hunt.comparing import REDUCTIONS, Effort, compare
from hunt.coverage import counting, shared_early
from hunt.streams import Stream

from checker.engines import reference
from checker.engines.contract import Limits, Reductions
from checker.engines.native.engine import explore
from checker.engines.native.reductions.symmetry import SymmetryError
from checker.model.network import AtMostOnce
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, View
from spec.properties import by_slot
from spec.properties.messages import MESSAGE_PROPERTIES

#: Seeds in blocks; a test takes one of them.
BLOCKS = [range(first, first + 10) for first in (0, 10, 20)]
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


def test_a_view_of_what_waits_that_is_not_renamed_is_no_symmetry() -> None:
    """It shows names in a form that renaming does not know, of messages only."""
    system = peers.system(2, peers.Dials.drawn(Stream(2, "dials")))
    names = View("names", "peer", lambda messages: tuple(map(str, messages)), inbox=True)
    claim = Property("named", Kind.STATE, "Never.", "test", (names,), lambda *_: None)
    with pytest.raises(SymmetryError, match=r"a view of .* or of what waits there is not renamed"):
        explore(replace(system, properties=(claim,)), Limits(max_states=20_000))


def test_a_state_that_only_a_silent_step_leads_to_is_seen() -> None:
    """Of two messages one is taken, nothing else changes, and nobody sends anything."""

    def hear(_: Any, heard: int, message: str) -> list[tuple[int, Any]]:
        return [(heard, ())] if message == "first" else [(1, ())]

    inbox = [("outside", "first"), ("outside", "second")]
    ear = Member("ear", Role("ear", {str: hear}), None, 0, inbox)
    left = View("left", "ear", lambda messages: messages, inbox=True)
    heard = View("heard", "ear", lambda local: local)
    goal = Property(
        "half",
        Kind.SOMETIMES,
        "One is left, and nothing heard.",
        "this test",
        (left, heard),
        lambda _, left, heard: "half" if len(left["ear"]) == 1 and not heard["ear"] else None,
    )
    found = explore(System("half", (ear,), AtMostOnce(), (goal,)))
    assert [d.length for d in found.witnesses] == [1]
    assert found.reductions.words() == (
        "no fusion (half reads what is under way, which silent steps change)",
    )


def test_nodes_whose_inboxes_are_read_are_not_settled() -> None:
    """What nobody needs any more is dropped; a property that reads inboxes sees it all the same."""

    def drop(*_: Any) -> None:
        return None

    def send(_: Any, sent: int) -> list[tuple[int, Any]]:
        return [(1, (("ear", "news"), ("other", "news")))] if not sent else []

    def deaf(*_: Any) -> tuple[()]:
        return ()

    members = (
        Member("mouth", Role("mouth", {}, {"send": send}), None, 0),
        Member("ear", Role("ear", {str: deaf}, settle=drop), None, 0),
        Member("other", Role("other", {str: deaf}, settle=drop), None, 0),
    )
    left = View("left", "ear", lambda messages: messages, inbox=True)
    claim = Property(
        "quiet", Kind.STATE, "Never.", "test", (left,), lambda _, left: "news" if left["ear"] else None
    )
    found = explore(System("news", members, AtMostOnce(), (claim,)))
    assert [(d.property, d.length, d.reason) for d in found.violations] == [("quiet", 1, "news")]
    _fusion, *others = found.reductions.words()
    assert others == ["settling", "no settling of ear (quiet reads what waits there)"]


# PMMC ---------------------------------------------------------------------------------------------------


@EACH_BLOCK
def test_they_agree_on_small_models_of_pmmc(seeds: range) -> None:
    """With mutants among them."""
    hit = 0
    for seed in seeds:
        system = paxos.system(seed, paxos.Dials.drawn(Stream(seed, "dials"), paxos.SMALL))
        slots = system.setting.deployment.slots
        read = tuple(by_slot(claim, slots) for claim in MESSAGE_PROPERTIES)
        compare(replace(system, properties=read), Effort((2,), (Reductions(),), most=2_000))
        hit += bool(
            reference.explore(replace(system, properties=read), Limits(max_states=2_000)).violations
        )
    assert hit or seeds.start == 0
