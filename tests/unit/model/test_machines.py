"""Processes on machines: they talk within a step, and what they claim is claimed of their machine."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker import (
    Crashes,
    FaultyLinks,
    Hosted,
    Link,
    LossyDuplicating,
    Machine,
    Machines,
    Member,
    Partition,
    Role,
    Shift,
    Step,
    Symmetry,
    observer,
    verify,
)
from checker.engines import reference
from checker.engines.contract import UNREDUCED
from checker.engines.native import engine as native
from checker.model.claims import UnsoundClaim
from checker.model.environment.hosts import MOST_WITHIN
from checker.model.processes import receiver, roles_of
from checker.model.semantics import ModelError, initial_state, successors
from checker.model.vocabulary import Addressed
from tests.unit.model.askers import (
    ASKER,
    GOALS,
    MEMBERS,
    NETWORKS,
    SERVER,
    Ask,
    Asker,
    Server,
    Told,
    counted,
    machines,
    steps,
    system,
)

# What a machine is ----------------------------------------------------------------------------------------


def test_processes_talk_within_a_step() -> None:
    ours = system(("s0", "a"))
    assert [m.name for m in ours.members] == ["m0", "s1", "b"]
    assert roles_of(ours.members) == {"machine", "server", "asker"}
    here = steps(ours)["m0: ask"]
    assert here[0].local == Hosted((("s0", Server(frozenset({"a"}))), ("a", Asker(frozenset({"s0"})))))
    assert [cell.inbox for cell in here[:2]] == [frozenset(), frozenset({Ask("a")})]


def test_a_message_says_for_whom_it_is_only_where_its_type_does_not() -> None:
    ours = system(("s0", "s1"), ("a", "b"))
    after = steps(ours, steps(ours)["m1: ask of a"])
    assert set(after) == {"m0: ask(a) for s0", "m0: ask(a) for s1", "m1: ask of b"}
    told = after["m0: ask(a) for s1"]
    assert told[1].inbox == {Addressed("a", Told("s1")), Addressed("b", Told("s1"))}
    assert receiver(ours.members[1].parts, Addressed("b", Told("s1"))) == (1, Told("s1"))
    alone = system(("s0", "a"), ("s1", "b"))
    assert "m1: ask(a)" in steps(alone, steps(alone)["m0: ask"])


def test_processes_that_have_nothing_to_tell_each_other_do_as_before() -> None:
    for network in NETWORKS[:3]:
        assert counted(system(("s0", "s1"), network=network)) == counted(system(network=network))


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
@pytest.mark.parametrize(
    "groups",
    [
        [("s0", "a")],
        [("s0", "s1"), ("a", "b")],
        [("b", "s1"), ("s0", "a")],
        [("s0", "s1", "a", "b")],
        [("a",)],
    ],
    ids=str,
)
def test_engines_agree(groups: Any, network: Any) -> None:
    states, _ = counted(system(*groups, network=network))
    assert states > 3


def test_what_waits_at_first_among_processes_is_taken_at_first() -> None:
    begun = replace(MEMBERS[3], local=Asker(frozenset()))
    ours = system(("b", "s1"), members=(*MEMBERS[:3], begun))
    assert ours.members[1].local == Hosted((("b", Asker(frozenset({"s1"}))), ("s1", Server())))
    assert ours.members[1].inbox == ()
    # what a process makes of it may leave the machine, and is there at first as well
    asked = replace(MEMBERS[0], inbox=(("b", Ask("a")), ("b", Ask("b"))))
    ours = system(("s0", "b"), members=(asked, *MEMBERS[1:]))
    assert ours.members[2].inbox == (("m0", Told("s0")),)
    assert ours.members[0].inbox == (("s1", Told("s1")),)


def test_an_ignored_message_within_a_machine_is_dropped() -> None:
    ours = system(("b", "s1"))  # b has not asked, and so ignores what s1 has told it
    assert ours.members[1].local == Hosted((("b", Asker()), ("s1", Server())))
    assert initial_state(ours)[1].inbox == frozenset()


def test_choices_multiply() -> None:
    def toss(me: str, state: int, message: Ask) -> Any:
        return (Step(2 * state + side, (("d", Told("s")),) if me == "c" else ()) for side in (0, 1))

    def begin(me: str, state: int) -> Any:
        return (Step(1, (("c", Ask("")), ("c", Ask("")))),) if not state else ()

    def noted(me: str, state: int, message: Told) -> Any:
        return toss(me, state, Ask(""))

    members = (
        Member("c", Role("c", {Ask: toss}, {"begin": begin}), "c", 0),
        Member("d", Role("d", {Told: noted}), "d", 1),
    )
    ours = system(("c", "d"), members=members, claims=())
    ways = [step.state[0].local for step in successors(ours, initial_state(ours)) if step.action == "begin"]
    assert len(ways) == len(set(ways)) == 16


def test_an_endless_exchange_is_an_error() -> None:
    def back(me: str, state: int, message: Ask) -> Any:
        return (Step(state, (("y" if me == "x" else "x", message),)),)

    def up(me: str, state: int, message: Ask) -> Any:
        return (Step(state + 1, ((me, message),)),)

    for rule in (back, up):
        role = Role("r", {Ask: rule})
        members = [Member(name, role, name, 0, (("z", Ask("z")),)) for name in ("x", "y")]
        ours = system(("x", "y"), members=members, claims=())
        with pytest.raises(
            ModelError, match=rf"RecursionError: more than {MOST_WITHIN:,} messages among"
        ) as raised:
            steps(ours)
        assert "ask(z) for" in str(raised.value)


def test_a_verdict_on_machines_is_one() -> None:
    assert verify(system(("s0", "a"), ("s1", "b"))).verdict.value == "verified"


# What is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        ([("s0", "nobody")], "nobody is to be on m0, which is no node of this system"),
        ([("s0", "a"), ("a",)], "a is on m0 and on m1: a process is on one machine, once"),
        ([("s0", "s0")], "s0 is on m0 and on m0: a process is on one machine, once"),
        ([()], "m0 hosts no process"),
    ],
)
def test_machines_that_cannot_be(groups: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        machines(*groups).join(MEMBERS)


def test_a_machine_has_a_name_of_its_own() -> None:
    with pytest.raises(ValueError, match="two nodes have the name b"):
        Machines((Machine("b", ("s0", "a")),)).join(MEMBERS)
    with pytest.raises(ValueError, match="m0 is a machine already: join all machines together"):
        Machines((Machine("m1", ("s1", "b")),)).join(machines(("s0", "a")).join(MEMBERS))


def test_a_process_is_no_node_to_what_happens_to_nodes() -> None:
    hosted = machines(("s0", "a")).join(MEMBERS)
    why = "which is a process on m0: what happens to one process of a machine happens to all of them"
    with pytest.raises(ValueError, match=f"a is to crash, {why}"):
        Crashes(1, ("a",)).join(hosted)
    with pytest.raises(ValueError, match=why):
        FaultyLinks((Link(frozenset({"a"})),)).join(hosted)
    with pytest.raises(ValueError, match=why):
        Partition((("a",),)).join(hosted)
    with pytest.raises(ValueError, match="let machines be joined first, and crashes after them"):
        machines(("s0", "a")).join(Crashes(1, ("a",)).join(MEMBERS))


def test_observers_see_nodes_and_no_machines() -> None:
    watch = Member("w", observer("watch", lambda seen: None, {}), None, 0)
    with pytest.raises(ValueError, match="w observes the steps of nodes, and those of m0 are of several"):
        system(("s0", "a"), members=(*MEMBERS, watch))
    of_one = replace(watch, role=replace(watch.role, watches=frozenset({"s0"})))
    with pytest.raises(ValueError, match="w observes s0, which is a process on m0"):
        system(("s0", "a"), members=(*MEMBERS, of_one))
    of_another = replace(watch, role=replace(watch.role, watches=frozenset({MEMBERS[-1].name})))
    assert system(("s0", "a"), members=(*MEMBERS, of_another)).observers == (of_another,)


def test_what_waits_for_one_process_cannot_be_immediate_for_another() -> None:
    at_once = replace(MEMBERS[1], role=replace(SERVER, name="other", immediate=frozenset({Ask})))
    with pytest.raises(
        ValueError, match="m0: ask waits for s0, and another process of that machine handles"
    ):
        machines(("s0", "s1")).join((MEMBERS[0], at_once, *MEMBERS[2:]))


def test_a_symmetry_moves_machines_as_a_whole() -> None:
    swap = {"s0": "s1", "s1": "s0"}
    why = r"m0 becomes m0, and its processes \[s1, a\], which are not those on m0, in that order"
    with pytest.raises(ValueError, match=f"symmetry s: {why}"):
        system(("s0", "a"), ("s1", "b"), symmetries=(Symmetry("s", (swap,)),))
    whole = {**swap, "a": "b", "b": "a", "m0": "m1", "m1": "m0"}
    members = (*MEMBERS[:3], replace(MEMBERS[3], inbox=()))
    claims = (replace(GOALS[0], judge=lambda _, heard: "heard" if all(heard.values()) else None),)
    ours = system(
        ("s0", "a"), ("s1", "b"), members=members, claims=claims, symmetries=(Symmetry("s", (whole,)),)
    )
    assert native.explore(ours).reductions.symmetry == ("s",)
    assert native.explore(ours).states < reference.explore(ours).states


# What is claimed of processes ---------------------------------------------------------------------------


def test_a_bound_of_a_process_is_one_of_its_machine() -> None:
    cut = replace(ASKER, cut=lambda me, state: "asked" if state.heard is not None and me == "a" else None)
    members = (*MEMBERS[:2], *(replace(m, role=cut) for m in MEMBERS[2:]))
    ours = system(("s0", "a", "b"), members=members)
    assert set(reference.explore(ours).cut) == set(native.explore(ours).cut) == {"asked"}


def test_what_a_process_claims_of_messages_is_claimed_of_its_machine() -> None:
    def settle(me: str, state: Asker, message: Told) -> Any:
        return None if state.heard is not None and message.server in state.heard else message

    def wrong(me: str, state: Asker, message: Told) -> Any:
        return None

    for groups in ([("s0", "a"), ("s1", "b")], [("s0", "s1"), ("a", "b")]):
        for claim, holds in ((settle, True), (wrong, False)):
            members = (*MEMBERS[:2], *(replace(m, role=replace(ASKER, settle=claim)) for m in MEMBERS[2:]))
            ours = system(*groups, members=members, network=LossyDuplicating())
            if holds:
                assert native.explore(ours).reductions.settling
                counted(ours)
            else:
                with pytest.raises(UnsoundClaim, match="settle of role machine is unsound"):
                    native.explore(ours)


def test_levels_in_what_processes_know_are_levels() -> None:
    @dataclass(frozen=True)
    class Height:
        n: int

    def hit(me: str, state: int, ball: Height) -> Any:
        return (Step(state, (("u" if me == "v" else "v", Height(ball.n + 1)),)),)

    role = Role("player", {Height: hit})
    members = [Member(n, role, n, 0, (("z", Height(0)),) if n == "u" else ()) for n in ("u", "v")]
    idle = [Member(f"{n}'", Role("idle", {}), None, Height(0)) for n in ("u", "v")]
    shift = Shift("heights", Height, lambda b: b.n, lambda b, by: Height(b.n + by), 3)
    ours = system(("u", "u'"), ("v", "v'"), members=[*members, *idle], claims=(), shift=shift)
    assert reference.explore(ours).states == native.explore(ours, reductions=UNREDUCED).states
    alone = replace(ours, members=tuple(machines(("u",), ("v",)).join(members)))
    assert reference.explore(alone).states == native.explore(alone).states == 2
