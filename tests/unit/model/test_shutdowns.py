"""Groups of nodes shut down when others need them no more, of a protocol that is not Paxos."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker import (
    AtMostOnce,
    Crashes,
    Fifo,
    Kind,
    Lossy,
    LossyDuplicating,
    Member,
    Property,
    Reductions,
    Reliable,
    Role,
    System,
    View,
)
from checker.engines import reference
from checker.engines.native import engine as native
from checker.model.environment.crashes import Crash
from checker.model.environment.shutdowns import Off, Operator, Shown, ShutDown, Shutdowns
from checker.model.modelcode import written_at
from checker.model.vocabulary import Down, Seen

NETWORKS = [AtMostOnce(), LossyDuplicating(), Lossy(), Reliable(), Fifo()]
ASKERS = ("asker 0", "asker 1")
SERVERS = ("server 0", "server 1")


@dataclass(frozen=True)
class Ask:
    """Asker → servers."""

    asker: str


@dataclass(frozen=True)
class Answer:
    """Server → asker."""

    server: str


def on_ask(me: str, asked: frozenset[str], message: Ask) -> Any:
    return ((asked | {message.asker}, ((message.asker, Answer(me)),)),)


def ask(me: str, heard: Any) -> Any:
    return ((frozenset(), tuple((server, Ask(me)) for server in SERVERS)),) if heard is None else ()


def on_answer(me: str, heard: Any, message: Answer) -> Any:
    return ((heard | {message.server}, ()),)


def retire(me: str, asked: frozenset[str]) -> Any:
    return ((frozenset(), ()),) if asked == {*ASKERS} else ()


SERVER = Role("server", {Ask: on_ask}, {"retire": retire})
ASKER = Role("asker", {Answer: on_answer}, {"ask": ask})
MEMBERS = (
    *(Member(name, SERVER, name, frozenset()) for name in SERVERS),
    *(Member(name, ASKER, name, None) for name in ASKERS),
)
HEARD = View("heard", "asker", lambda heard: heard)
OFF = View("off", "operator", lambda operator: operator.off)


def answered(setting: Any, heard: Any) -> str | None:
    waits = [name for name, servers in heard.items() if servers is None or "server 0" not in servers]
    return f"{waits[0]} has no answer of server 0" if waits else None


def early(setting: Any, heard: Any, off: Any) -> str | None:
    wait = answered(setting, heard)
    return f"server 0 is off and {wait}" if wait and off["operator"] else None


def claims(*claimed: str) -> tuple[Property, ...]:
    known = (
        Property("early", Kind.STATE, "Not off too early.", "ours", (HEARD, OFF), early),
        Property("answered", Kind.TERMINAL, "All are answered.", "ours", (HEARD,), answered),
        Property(
            "off",
            Kind.SOMETIMES,
            "It is shut down.",
            "ours",
            (OFF,),
            lambda _, off: "off" if off["operator"] else None,
        ),
    )
    return tuple(claim for claim in known if claim.id in claimed)


def shutdowns(enough: int = 2) -> Shutdowns:
    """Server 0 may be shut down when so many askers have its answer."""

    def unneeded(seen: Any) -> list[str]:
        return ["old", "unknown"] if sum(seen[asker] for asker in ASKERS) >= enough else []

    return Shutdowns({"old": ("server 0",)}, ASKERS, has_answer, unneeded)


def has_answer(heard: Any) -> bool:
    return heard is not None and "server 0" in heard


def system(given: Shutdowns, network: Any = NETWORKS[0], *claimed: str) -> System:
    return System("asking", given.join(MEMBERS), network, claims(*claimed))


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
@pytest.mark.parametrize("enough", [2, 1, 0])
def test_both_engines_count_the_same(network: Any, enough: int) -> None:
    for claimed in ((), ("early", "off")):
        ours = system(shutdowns(enough), network, *claimed)
        found = native.explore(ours, reductions=Reductions(fusion=False, settling=False, symmetry=False))
        wanted = reference.explore(ours)
        assert (found.states, found.generated) == (wanted.states, wanted.generated)
        assert [d.property for d in found.violations] == [d.property for d in wanted.violations]
        assert claimed or wanted.states > 100


@pytest.mark.parametrize("search", [reference.explore, native.explore], ids=["reference", "native"])
@pytest.mark.parametrize(
    ("enough", "length"),
    # one asks, is heard and hears: then it is enough for one; with 0 the operator needs to wait for nobody
    [(2, None), (1, 4), (0, 1)],
)
def test_a_group_is_shut_down_when_it_is_needed_no_more_and_not_before(
    search: Any, enough: int, length: int | None
) -> None:
    found = search(system(shutdowns(enough), Reliable(), "early", "off"))
    assert [len(d.path) for d in found.violations] == ([] if length is None else [length])
    assert [d.property for d in found.witnesses] == ["off"]


@pytest.mark.parametrize("search", [reference.explore, native.explore], ids=["reference", "native"])
def test_what_is_shut_down_answers_nobody(search: Any) -> None:
    assert not search(system(shutdowns(), Reliable(), "answered")).violations
    assert search(system(shutdowns(1), Reliable(), "answered")).violations


def test_a_node_that_is_shut_down_keeps_what_it_has_and_does_nothing() -> None:
    server, *_, operator = shutdowns().join(MEMBERS)
    assert operator.local == Operator(frozenset((asker, False) for asker in ASKERS))
    has = frozenset(ASKERS)
    ((off, sends),) = server.role.rules[ShutDown]("server 0", has, ShutDown())
    assert (off, sends) == (Off(has), ())
    assert server.role.rules[Ask]("server 0", off, Ask("asker 0")) == ()
    assert server.role.wakes["retire"]("server 0", off) == ()
    assert server.role.wakes["retire"]("server 0", has) == retire("server 0", has)
    assert View("asked", "server", lambda asked: asked)(off) == has
    assert written_at(server.role.rules[Ask]) == written_at(on_ask)


def test_no_bound_stops_it_and_nothing_that_comes_matters() -> None:
    role = replace(SERVER, cut=lambda me, asked: "full", settle=lambda me, asked, message: message)
    server, *_ = shutdowns().join((Member("server 0", role, "server 0", frozenset()), *MEMBERS[1:]))
    assert server.role.cut is not None
    assert server.role.settle is not None
    assert server.role.cut("server 0", frozenset()) == "full"
    assert server.role.cut("server 0", Off(frozenset())) is None
    assert server.role.settle("server 0", Off(frozenset()), Ask("asker 0")) is None


def test_it_does_not_come_back_whether_it_was_up_or_down() -> None:
    crashing = Crashes(1, ("server 0",)).join(MEMBERS)
    server, *_ = shutdowns().join(crashing)
    restart = server.role.wakes["restart"]
    down = Down(frozenset(ASKERS))
    assert restart("server 0", down)
    ((off, _),) = server.role.rules[ShutDown]("server 0", down, ShutDown())
    assert off == Off(frozenset(ASKERS))
    assert restart("server 0", off) == ()
    assert server.role.rules[Crash]("server 0", off, Crash()) == ()


def test_what_is_seen_is_told_when_it_changes_and_known_from_the_start() -> None:
    def step(node: str, before: Any, after: Any) -> Seen:
        return Seen(node, "answer", before, None, after, ())

    observe, has = shutdowns().observe, frozenset({"server 0"})
    assert observe(step("asker 1", None, has)) == Shown("asker 1", shown=True)
    assert observe(step("asker 1", has, None)) == Shown("asker 1", shown=False)
    assert observe(step("asker 1", Down(has), has)) is None
    assert observe(step("server 1", None, has)) is None
    begun = (*MEMBERS[:3], replace(MEMBERS[3], local=has))
    *_, operator = shutdowns().join(begun)
    assert operator.local == Operator(frozenset({("asker 0", False), ("asker 1", True)}))
    ((noted, _),) = operator.role.rules[Shown]("operator", operator.local, Shown("asker 0", shown=True))
    assert noted == Operator(frozenset({("asker 0", True), ("asker 1", True)}))


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="servant is to be shut down, which is no node of this system"):
        Shutdowns({"old": ("servant",)}, ASKERS, has_answer, lambda seen: ()).join(MEMBERS)
    with pytest.raises(ValueError, match="asker 2 is watched by the operator, which is no node"):
        Shutdowns({"old": ("server 0",)}, ("asker 2",), has_answer, lambda seen: ()).join(MEMBERS)
