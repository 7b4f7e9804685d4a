"""Links that lose messages, and partitions, of a protocol that is not Paxos: some ask, others answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker import (
    AtMostOnce,
    Crashes,
    FaultyLinks,
    Fifo,
    Kind,
    Link,
    Lossy,
    LossyDuplicating,
    Member,
    Partition,
    Property,
    Reductions,
    Reliable,
    Role,
    Stable,
    System,
    View,
)
from checker.engines import reference
from checker.engines.native import engine as native
from checker.model.environment.partitions import Partitioned
from checker.model.modelcode import written_at
from checker.model.vocabulary import Down, Envelope

NETWORKS = [AtMostOnce(), LossyDuplicating(), Lossy(), Reliable(), Fifo(), Fifo(1)]
SEARCHES = pytest.mark.parametrize(
    "search", [reference.explore, native.explore], ids=["reference", "native"]
)


@dataclass(frozen=True)
class Ask:
    """Asker → servers."""

    asker: str


@dataclass(frozen=True)
class Told:
    """Server → asker."""

    server: str


def on_ask(me: str, asked: frozenset[str], message: Ask) -> Any:
    return ((asked | {message.asker}, ((message.asker, Told(me)),)),)


def ask(me: str, heard: Any) -> Any:
    return ((frozenset(), (("s0", Ask(me)), ("s1", Ask(me)))),) if heard is None else ()


def on_told(me: str, heard: Any, message: Told) -> Any:
    return ((heard | {message.server}, ()),) if heard is not None else ()


SERVER, ASKER = Role("server", {Ask: on_ask}), Role("asker", {Told: on_told}, {"ask": ask})
MEMBERS = (
    *(Member(name, SERVER, name, frozenset()) for name in ("s0", "s1")),
    Member("a", ASKER, "a", None),
    Member("b", ASKER, "b", None, (("s1", Told("s1")),)),
)
HEARD = View("heard", "asker", lambda heard: heard)
HEALED = View("healed", "partition", lambda partition: partition.healed)
ASKED = View("asked", "server", lambda asked: asked)


def heard_from(asker: str, *servers: str) -> Property:
    def judge(setting: Any, heard: Any) -> str | None:
        return f"{asker} heard" if heard[asker] is not None and heard[asker] >= {*servers} else None

    return Property(f"{asker} heard", Kind.SOMETIMES, "A goal.", "ours", (HEARD,), judge)


def system(members: Sequence[Member], network: Any = None, *claims: Property) -> System:
    return System("askers", tuple(members), network or AtMostOnce(), claims)


def reached(search: Any, members: Sequence[Member], *claims: Property, network: Any = None) -> list[str]:
    found = search(system(members, network, *claims))
    return [witness.property for witness in found.witnesses if witness.path is not None]


def counted(members: Sequence[Member], network: Any) -> tuple[int, int]:
    """States and steps, on which both engines agree."""
    ours = system(members, network)
    found = native.explore(ours, reductions=Reductions(fusion=False, settling=False, symmetry=False))
    wanted = reference.explore(ours)
    assert (found.states, found.generated) == (wanted.states, wanted.generated)
    return wanted.states, wanted.generated


def lossy(*links: Link) -> tuple[Member, ...]:
    return FaultyLinks(links).join(MEMBERS)


TO_S1 = Link(frozenset({"a"}), frozenset({"s1"}))


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
@pytest.mark.parametrize(
    "joined",
    [
        lossy(),
        lossy(Link(frozenset({"s0"}), frozenset({"s1"}))),
        lossy(Link(frozenset(), some=True)),
        lossy(Link(messages=frozenset({int}), some=True)),
        Partition((("s0", "s1", "a", "b"),), heals=False).join(MEMBERS),
        Partition((), heals=False).join(MEMBERS),
    ],
)
def test_where_nothing_is_at_fault_the_system_is_the_same(joined: Any, network: Any) -> None:
    assert counted(joined, network) == counted(MEMBERS, network)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_a_partition_with_everybody_on_one_side_heals_and_does_nothing_else(network: Any) -> None:
    states, steps = counted(MEMBERS, network)
    joined = Partition((("s0", "s1", "a", "b"),)).join(MEMBERS)
    assert counted(joined, network) == (2 * states, 2 * steps + states)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
@pytest.mark.parametrize(
    "joined",
    [
        lossy(TO_S1),
        lossy(replace(TO_S1, some=True)),
        lossy(Link(messages=frozenset({Told}), some=True)),
        Partition((("a", "s0"),)).join(MEMBERS),
        Partition((("a", "s0"), ("b",)), heals=False).join(MEMBERS),
        Partition((("a", "s0"),)).join(lossy(replace(TO_S1, some=True))),
        Crashes(1, ("s0",), down=("s1",)).join(MEMBERS),
        Partition((("a", "s0"),)).join(Crashes(1, ("s0",), down=("s1",)).join(MEMBERS)),
    ],
)
def test_both_engines_count_the_same(joined: Any, network: Any) -> None:
    assert counted(joined, network)[0] > 5


@SEARCHES
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_what_is_sent_over_a_broken_link_never_arrives(search: Any, network: Any) -> None:
    goals = heard_from("a", "s0"), heard_from("b", "s0", "s1")
    assert reached(search, lossy(TO_S1), *goals, network=network) == ["a heard", "b heard"]
    assert reached(search, lossy(TO_S1), heard_from("a", "s1"), network=network) == []
    one_type = lossy(replace(TO_S1, messages=frozenset({Told})))
    assert reached(search, one_type, heard_from("a", "s1"), network=network) == ["a heard"]


@SEARCHES
def test_first_messages_were_sent_over_links_as_well(search: Any) -> None:
    nobody_asks = (*MEMBERS[:3], replace(MEMBERS[3], local=frozenset()))
    for links, found in ((), ["b heard"]), ((Link(frozenset({"s1"})),), []):
        joined = FaultyLinks(links).join(nobody_asks)
        assert reached(search, joined, heard_from("b", "s1")) == found
    joined = FaultyLinks((Link(frozenset({"s1"}), some=True),)).join(nobody_asks)
    assert joined[3].inbox == (("s1", Envelope("s1", Told("s1"))),)
    assert reached(search, joined, heard_from("b", "s1")) == ["b heard"]


def unserved(setting: Any, asked: Any, heard: Any) -> str | None:
    deaf = [server for server, by in asked.items() if heard["a"] is not None and "a" not in by]
    return f"{deaf[0]} was not asked" if deaf else None


SERVED = Property("served", Kind.TERMINAL, "Everybody is asked.", "ours", (ASKED, HEARD), unserved)


@SEARCHES
@pytest.mark.parametrize("network", [AtMostOnce(), Reliable(), Fifo()], ids=lambda network: network.name)
def test_what_may_be_lost_arrives_or_does_not(search: Any, network: Any) -> None:
    def violations(links: Sequence[Link]) -> list[str]:
        ours = system(FaultyLinks(tuple(links)).join(MEMBERS), network, SERVED)
        return [d.reason for d in search(ours).violations]

    assert violations([]) == []
    some = replace(TO_S1, some=True)
    assert violations([some]) == violations([TO_S1]) == ["s1 was not asked"]
    assert violations([replace(some, messages=frozenset({Told}))]) == []
    assert reached(search, lossy(some), heard_from("a", "s0", "s1"), network=network) == ["a heard"]


def test_a_rule_sees_nothing_of_the_link() -> None:
    s1, a = lossy(replace(TO_S1, some=True))[1:3]
    ((_, sends),) = a.role.wakes["ask"]("a", None)
    assert sends == (("s0", Ask("a")), ("s1", Envelope("a", Ask("a"))))
    taken, missed = s1.role.rules[Ask]("s1", frozenset(), sends[1][1])
    assert taken == (frozenset({"a"}), (("a", Told("s1")),))
    assert missed == (frozenset(), ())
    assert s1.role.rules[Ask]("s1", frozenset(), Ask("b")) == on_ask("s1", frozenset(), Ask("b"))


def test_a_node_that_asks_for_senders_is_told_them_as_ever() -> None:
    asked: list[Any] = []

    def note(me: str, state: frozenset[str], message: Envelope) -> Any:
        asked.append(message)
        return ()

    server = Member("s1", Role("server", {Ask: note}, senders=True), "s1", frozenset())
    server, a = FaultyLinks((replace(TO_S1, some=True),)).join([server, MEMBERS[2]])
    ((_, sends),) = a.role.wakes["ask"]("a", None)
    assert sends[1] == ("s1", Ask("a"))
    assert server.role.rules[Ask]("s1", frozenset(), Envelope("a", Ask("a"))) == ((frozenset(), ()),)
    assert server.role.rules[Ask]("s1", frozenset(), Envelope("b", Ask("b"))) == ()
    assert asked == [Envelope("a", Ask("a")), Envelope("b", Ask("b"))]


def apart(healed: bool, asker: str, server: str) -> Property:
    def judge(setting: Any, partition: Any, heard: Any) -> str | None:
        is_so = [*partition.values()] == [healed] and server in (heard[asker] or ())
        return "it is so" if is_so else None

    about = f"{asker} hears {server}, healed {healed}"
    return Property(about, Kind.SOMETIMES, "A goal.", "ours", (HEALED, HEARD), judge)


@SEARCHES
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_nothing_crosses_before_it_heals_and_everything_may_afterwards(search: Any, network: Any) -> None:
    goals = [apart(healed, "a", server) for healed in (False, True) for server in ("s0", "s1")]
    joined = Partition((("a", "s0"),)).join(MEMBERS)
    wanted = [goal.id for goal in goals if goal.id != "a hears s1, healed False"]
    assert sorted(reached(search, joined, *goals, network=network)) == sorted(wanted)


@SEARCHES
def test_what_is_on_no_side_is_on_another_and_strangers_are_on_none(search: Any) -> None:
    b = replace(MEMBERS[3], local=frozenset(), inbox=(("s0", Told("s0")), ("nobody", Told("nobody"))))
    joined = Partition((("a", "s0"),), heals=False).join((*MEMBERS[:3], b))
    assert joined[3].inbox == (("nobody", Told("nobody")),)
    healing = Partition((("a", "s0"),)).join((*MEMBERS[:3], b))
    assert [sender for sender, _ in healing[-1].inbox] == ["s0"]
    assert healing[-1].local == Partitioned(healed=False)
    assert reached(search, healing, apart(True, "b", "s0")) == ["b hears s0, healed True"]
    assert reached(search, healing, apart(False, "b", "nobody")) == ["b hears nobody, healed False"]


def test_crashes_cross_a_partition() -> None:
    crashing = Crashes(1, ("s0",)).join(MEMBERS)
    joined = Partition((("s0",),), heals=False).join(FaultyLinks((Link(),)).join(crashing))
    environment = joined[-1]
    ((_, sends),) = environment.role.wakes["crash"](None, environment.local)
    assert [to for to, _ in sends] == ["s0"]


@SEARCHES
@pytest.mark.parametrize(("restarts", "found"), [(True, ["a heard"]), (False, [])])
def test_a_node_may_be_down_from_the_start(search: Any, restarts: bool, found: list[str]) -> None:
    joined = Crashes(0, (), restarts=restarts, down=("s1",)).join(MEMBERS)
    assert joined[1].local == Down(frozenset())
    assert joined[3].inbox == MEMBERS[3].inbox
    assert joined[-1].role.actions() == ()
    assert reached(search, joined, heard_from("a", "s1")) == found
    assert reached(search, joined, heard_from("a", "s0")) == ["a heard"]


@dataclass(frozen=True)
class Disk:
    """What a node knows that has a disk."""

    kept: int = 0
    lost: int = 0


def test_a_node_that_is_down_at_first_begins_as_after_a_crash() -> None:
    member = Member("s0", Role("server", {}), "s0", Disk(1, 2))
    stable = {"server": Stable(("kept",), fresh=lambda node: Disk())}
    (down, environment) = Crashes(0, (), stable, down=("s0",)).join([member])
    assert down.local == Down(Disk(1, 0))
    assert environment.local.down == {"s0"}


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="x is the end of a link, which is no node of this system"):
        lossy(Link(frozenset({"x"})))
    with pytest.raises(ValueError, match="x is in a partition, which is no node of this system"):
        Partition((("x",),)).join(MEMBERS)
    with pytest.raises(ValueError, match="s0 is in two groups of a partition"):
        Partition((("s0",), ("s1", "s0"))).join(MEMBERS)
    with pytest.raises(ValueError, match="s1 is to crash, which is no node of this system"):
        Crashes(0, (), down=("s1",)).join(MEMBERS[:1])
    asking = (replace(MEMBERS[0], role=replace(SERVER, senders=True)), *MEMBERS[1:])
    with pytest.raises(ValueError, match="s0 is told who sent a message"):
        Partition((("s0",),)).join(asking)
    assert Partition((("s0",),), heals=False).join(asking)


def test_reports_point_at_the_rules_that_were_written() -> None:
    for server, *_ in lossy(Link(some=True)), Partition((("s0",),)).join(MEMBERS):
        assert written_at(server.role.rules[Ask]) == written_at(on_ask)
