"""Terminal states are judged as what they were when they were found, whatever comes up after them.

The systems here find a terminal state first; then, on the same level, so many new cells of one node come
up that states are packed anew. Each has idle nodes to make the fields of a packed state narrow.
"""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker import AtMostOnce, Kind, Member, Property, Role, System, View
from checker.checking.confirm import confirm
from checker.engines import reference
from checker.engines.contract import UNREDUCED, Exploration, Limits, Reductions
from checker.engines.native import tuning
from checker.engines.native.engine import explore
from checker.engines.native.search import search
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC


@dataclass(frozen=True)
class Clean:
    """busy → flag: be green."""


def stop(me: Any, phase: Any) -> Any:
    return (("stopped", ()),) if phase == "new" else ()


def prepare(me: Any, phase: Any) -> Any:
    following = {"new": "warm", "warm": "ready"}.get(phase)
    return ((following, ()),) if following else ()


def explode(me: Any, phase: Any) -> Any:
    """Take any of 200 values, and have the flag cleaned."""
    return tuple((i, (("flag", Clean()),)) for i in range(200)) if phase == "ready" else ()


def redden(me: Any, colour: str) -> Any:
    return (("red", ()),) if colour == "white" else ()


def on_clean(me: Any, colour: str, message: Clean) -> Any:
    return (("green", ()),)


COLOUR = View("colour", "flag", lambda colour: colour)
NEVER_RED = Property(
    "not-red-at-the-end",
    Kind.TERMINAL,
    "When nothing more can happen the flag is not red.",
    "ours",
    (COLOUR,),
    lambda setting, colours: "the flag is red at the end" if "red" in colours.values() else None,
)


def bursting(idle: int) -> System:
    busy = Role("busy", {}, {"stop": stop, "prepare": prepare, "explode": explode})
    flag = Role("flag", {Clean: on_clean}, {"redden": redden})
    members = [Member("busy", busy, None, "new"), Member("flag", flag, None, "white")]
    members += [Member(f"idle {i}", Role("idle", {}), None, 0) for i in range(idle)]
    return System("bursting", tuple(members), AtMostOnce(), (NEVER_RED,))


def account(found: Exploration) -> object:
    decided = [(d.property, d.reason, d.length) for d in found.violations]
    counted = (found.states, found.generated, found.depth, found.terminal, found.terminal_judged)
    return counted, decided, found.cut


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("idle", [7, 9, 14, 20])
def test_states_that_are_packed_anew_after_a_terminal_one_was_found(
    idle: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, repacked, repack = bursting(idle), [], search.Search._repack
    monkeypatch.setattr(search.Search, "_repack", lambda *a: repacked.append(1) or repack(*a))
    found = explore(system, reductions=UNREDUCED, workers=workers)
    assert repacked
    assert account(found) == account(reference.explore(system))
    assert [d.property for d in found.violations] == ["not-red-at-the-end"]


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("workers", [1, 2])
def test_terminal_states_found_before_a_limit_are_judged(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "USUAL", replace(tuning.USUAL, piece=1))
    told = set()
    for most in range(2, 8):
        found = explore(bursting(7), Limits(max_states=most), reductions=UNREDUCED, workers=workers)
        assert found.terminal_judged == found.terminal
        assert bool(found.violations) == (found.terminal > 0)
        told.add((found.stopped is not None, bool(found.violations)))
    assert (True, True) in told


STOPPED_LEADERS = (
    "nodes: {acceptors: 2, leaders: 2, replicas: 1}\ncommands: [put k1 v1]\n"
    "bounds: {slots: 1, rounds: 2}\nfaults: {crashes: 1, nodes: [leaders], restarts: false}\n"
    "properties: [no-lost-command]\n"
)
STOPPED_ANY = (
    "nodes: {acceptors: 2, leaders: 2, replicas: 1, clients: 2}\ncommands: [put k v]\n"
    "bounds: {slots: 1, rounds: 2, window: 1}\nrules: {commander: second-reply-preempts}\n"
    "faults: {crashes: 2, nodes: [acceptors, leaders], restarts: false}\n"
    "properties: [every-command-answered]\n"
)


@pytest.mark.parametrize("text", [STOPPED_LEADERS, STOPPED_ANY], ids=["verified", "violated"])
def test_terminal_states_of_paxos_with_crashes(text: str) -> None:
    file = f"name: ends\nnetwork: at-most-once\n{text}"
    system = load_text(file, "m", protocols={"pmmc": PMMC}).system
    found = explore(system, reductions=UNREDUCED)
    assert account(found) == account(reference.explore(system))
    assert found.terminal_judged > 0


def loitering(settle: Any) -> System:
    """A node may stop; what it is told then stays in its inbox, and is dropped where that is settled."""

    def on_tell(me: Any, phase: Any, message: Clean) -> Any:
        return (("told", ()),) if phase == "new" else ()

    def wake(me: Any, phase: Any) -> Any:
        return (("stopped", ()),) if phase == "new" else ()

    def tell(me: Any, sent: int) -> Any:
        return ((sent, (("flag", Clean()),)),)

    flag = Role("flag", {Clean: on_tell}, {"stop": wake}, settle=settle)
    judge = replace(NEVER_RED, judge=lambda _, seen: "stopped" if "stopped" in seen.values() else None)
    members = (
        Member("flag", flag, None, "new"),
        Member("teller", Role("teller", {}, {"tell": tell}), None, 0),
    )
    return System("loitering", members, AtMostOnce(), (judge,))


def test_a_path_to_a_settled_terminal_state_is_called_shortest_only_if_it_is() -> None:
    def settle(me: Any, phase: Any, message: Clean) -> Any:
        return message if phase == "new" else None

    system = loitering(settle)
    (wanted,) = reference.explore(system).violations
    for reductions, is_shortest in ((UNREDUCED, True), (Reductions(fusion=False), False)):
        (found,) = explore(system, reductions=reductions).violations
        confirm(system, found)
        assert found.length >= wanted.length
        assert found.shortest is is_shortest
