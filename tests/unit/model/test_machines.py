"""Processes on machines, of a protocol that is not Paxos: some ask, others answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker import (
    AtMostOnce,
    Crashes,
    Detector,
    Envelope,
    FaultyLinks,
    Fifo,
    Hosted,
    Kind,
    Link,
    Lossy,
    LossyDuplicating,
    Machine,
    Machines,
    Member,
    Partition,
    Property,
    Reliable,
    Role,
    Shift,
    Stable,
    Step,
    Symmetry,
    System,
    View,
    observer,
    verify,
)
from checker.engines import reference
from checker.engines.contract import UNREDUCED
from checker.engines.native import engine as native
from checker.model.behaviour import replay
from checker.model.claims import UnsoundClaim
from checker.model.environment.hosts import MOST_WITHIN
from checker.model.judging import judge_state
from checker.model.processes import receiver, roles_of
from checker.model.semantics import ModelError, State, initial_state, successors
from checker.model.vocabulary import Addressed, Down
from checker.model.wording import action_of, fields_of, step_differences
from checker.modelfiles.places import of_step
from checker.modelfiles.runs import mixed, patterns
from checker.traces.causality import Causality

NETWORKS = [AtMostOnce(), LossyDuplicating(), Lossy(), Reliable(), Fifo(), Fifo(1)]


@dataclass(frozen=True)
class Ask:
    """Asker → servers."""

    asker: str


@dataclass(frozen=True)
class Told:
    """Server → asker."""

    server: str


@dataclass(frozen=True)
class Asker:
    """Whom it has heard from; None: it has not asked."""

    heard: frozenset[str] | None = None


@dataclass(frozen=True)
class Server:
    """Who has asked."""

    asked: frozenset[str] = frozenset()


def on_ask(me: str, state: Server, message: Ask) -> Any:
    return (Step(Server(state.asked | {message.asker}), ((message.asker, Told(me)),)),)


def ask(me: str, state: Asker) -> Any:
    asked = tuple((server, Ask(me)) for server in ("s0", "s1"))
    return (Step(Asker(frozenset()), asked),) if state.heard is None else ()


def on_told(me: str, state: Asker, message: Told) -> Any:
    return (Step(Asker(state.heard | {message.server})),) if state.heard is not None else ()


SERVER = Role("server", {Ask: on_ask})
ASKER = Role("asker", {Told: on_told}, {"ask": ask})
MEMBERS = (
    *(Member(name, SERVER, name, Server()) for name in ("s0", "s1")),
    Member("a", ASKER, "a", Asker()),
    Member("b", ASKER, "b", Asker(), (("s1", Told("s1")),)),
)
HEARD = View("heard", "asker", lambda asker: asker.heard)
ASKED = View("asked", "server", lambda server: server.asked)
WAITS = View("waits", "asker", frozenset, inbox=True)


def heard_from(asker: str, *servers: str) -> Property:
    def judge(setting: Any, heard: Any) -> str | None:
        return f"{asker} heard" if heard[asker] is not None and heard[asker] >= {*servers} else None

    return Property(f"{asker} hears {servers}", Kind.SOMETIMES, "It hears.", "this test", (HEARD,), judge)


GOALS = (heard_from("a", "s0"), heard_from("a", "s0", "s1"), heard_from("b", "s1"))


def machines(*groups: Sequence[str]) -> Machines:
    return Machines(tuple(Machine(f"m{i}", tuple(group)) for i, group in enumerate(groups)))


def system(
    *groups: Sequence[str],
    network: Any = NETWORKS[0],
    members: Sequence[Member] = MEMBERS,
    claims: Sequence[Property] = GOALS,
    after: Sequence[Any] = (),
    **more: Any,
) -> System:
    joined: Sequence[Member] = machines(*groups).join(members) if groups else members
    for environment in after:
        joined = environment.join(joined)
    return System("machines", tuple(joined), network, tuple(claims), **more)


def steps(of: System, state: State | None = None) -> dict[str, State]:
    """Step by its name → where it leads."""
    here = initial_state(of) if state is None else state
    found = successors(of, here)
    return {f"{of.members[step.node].name}: {action_of(step)}": step.state for step in found}


def counted(of: System) -> tuple[int, int]:
    """States and steps; the engines agree, on them and on what is found."""
    wanted = reference.explore(of)
    for reductions in (UNREDUCED, None):
        found = native.explore(of, **({"reductions": reductions} if reductions else {}))
        assert {w.property for w in found.witnesses} == {w.property for w in wanted.witnesses}
        assert {v.property for v in found.violations} == {v.property for v in wanted.violations}
        if reductions is not None:
            assert (found.states, found.generated) == (wanted.states, wanted.generated)
    return wanted.states, wanted.generated


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


# What is read ---------------------------------------------------------------------------------------------


def test_properties_read_processes_by_their_names() -> None:
    ours = system(("s0", "a"), ("s1", "b"))
    state = steps(ours)["m0: ask"]
    assert [p.id for p in GOALS for _ in judge_state(ours, p, state)] == ["a hears ('s0',)"]
    seen: dict[Any, Any] = {}
    look = replace(GOALS[0], views=(ASKED, WAITS), judge=lambda _, *read: seen.update(enumerate(read)))
    judge_state(ours, look, state)
    assert seen[0] == {"s0": frozenset({"a"}), "s1": frozenset()}
    assert seen[1] == {"a": frozenset(), "b": frozenset()}
    apart = system(("a", "b"), ("s0", "s1"))
    judge_state(apart, look, initial_state(apart))
    assert seen[1] == {"a": frozenset(), "b": frozenset({Told("s1")})}


def test_each_process_is_judged_with_its_own_context() -> None:
    def judge_node(me: str, heard: Any) -> str | None:
        return f"{me} has heard" if heard else None

    def judge_step(me: str, before: Any, after: Any) -> str | None:
        return f"{me}: {before} to {after}" if after else None

    for kind, judge, says in (
        (Kind.NODE, judge_node, "a has heard"),
        (Kind.ACTION, judge_step, "a: None to frozenset({'s0'})"),
    ):
        claim = Property("p", kind, "A claim.", "this test", (HEARD,), judge)
        ours = system(("s0", "a"), ("s1", "b"), claims=(claim,))
        for search in (reference.explore, native.explore):
            (found,) = search(ours).violations
            assert found.reason == says, kind


def test_a_step_of_one_process_is_none_of_another() -> None:
    def judge(me: str, before: Any, after: Any) -> str | None:
        return f"{me} takes a step that changes nothing" if before == after else None

    claim = Property("p", Kind.ACTION, "A claim.", "this test", (View("all", "asker", lambda x: x),), judge)
    ours = system(("s0", "a"), ("s1", "b"), claims=(claim,))
    assert not reference.explore(ours).violations
    assert not native.explore(ours).violations


def test_a_machine_has_a_role_that_views_may_read() -> None:
    view = View("all", "machine", lambda hosted: tuple(name for name, _ in hosted.processes))
    seen: list[Any] = []
    look = Property(
        "p", Kind.STATE, "A claim.", "this test", (view,), lambda _, read: seen.append(dict(read))
    )
    judge_state(system(("s0", "a")), look, initial_state(system(("s0", "a"))))
    assert seen == [{"m0": ("s0", "a")}]


def test_it_is_shown_process_by_process() -> None:
    ours = system(("s0", "a"))
    assert fields_of(ours, initial_state(ours)[0]) == [("s0.asked", "{}"), ("a.heard", "–")]
    trace = replay(
        ours, (next(i for i, s in enumerate(successors(ours, initial_state(ours))) if s.action == "ask"),)
    )
    assert [*step_differences(ours, trace.steps[0])] == ["s0.asked {} → {a}", "a.heard – → {s0}"]
    assert [p.receiver for p in Causality(trace).parcels if p.sent] == [1]


def test_a_step_is_written_where_the_process_has_its_rule() -> None:
    def on_ask_too(me: str, state: Server, message: Ask) -> Any:
        return on_ask(me, state, message)

    other = replace(MEMBERS[1], role=Role("other", {Ask: on_ask_too}))
    ours = system(("s0", "s1"), members=(MEMBERS[0], other, *MEMBERS[2:]), claims=())
    begun = steps(ours)["a: ask"]
    lines = {}
    for step in successors(ours, begun):
        place = of_step(ours, step)
        assert place is not None
        lines[str(step.message)] = place.line
    assert lines["ask(a) for s0"] == on_ask.__code__.co_firstlineno
    assert lines["ask(a) for s1"] == on_ask_too.__code__.co_firstlineno


# What happens to machines ---------------------------------------------------------------------------------


def test_a_crash_takes_all_processes_and_each_recovers_by_its_own_storage() -> None:
    def again(me: str, saved: Asker) -> Step:
        return Step(Asker(frozenset()), (("s0", Ask(me)), ("s1", Ask(me))))

    crashes = Crashes(1, ("m0",), {"server": Stable(("asked",)), "asker": Stable((), recover=again)})
    ours = system(("s0", "a"), after=[crashes])
    asked = steps(ours)["m0: ask"]
    down = steps(ours, asked)["environment: crash"]
    assert down[0].local == Down(Hosted((("s0", Server(frozenset({"a"}))), ("a", Asker()))))
    assert down[-1].local.down == {"m0"}
    assert not [name for name in steps(ours, down) if name.startswith("m0") and "restart" not in name]
    up = steps(ours, down)["m0: restart"]
    # what it sends its own server it has heard by then
    assert up[0].local == Hosted((("s0", Server(frozenset({"a"}))), ("a", Asker(frozenset({"s0"})))))
    assert up[-1].local.down == frozenset()
    assert [p.id for p in GOALS for _ in judge_state(ours, p, down)] == []
    counted(ours)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
def test_engines_agree_on_machines_that_crash(network: Any) -> None:
    crashes = Crashes(1, ("m0", "m1"), {"server": Stable(("asked",))})
    counted(system(("s0", "a"), ("s1", "b"), network=network, after=[crashes]))


def test_machines_may_be_down_from_the_start() -> None:
    ours = system(("s0", "a"), after=[Crashes(0, (), down=("m0",))])
    assert isinstance(ours.members[0].local, Down)
    assert "m0: restart" in steps(ours)


def test_whoever_asks_a_process_on_a_machine_that_is_down_is_told() -> None:
    crashes = Crashes(0, (), down=("m0",))
    detector = Detector(Ask, lambda node, question: ((question.asker, Told(f"no {node}")),))
    ours = system(("s0", "s1"), ("a", "b"), after=[crashes, detector])
    after = steps(ours, steps(ours)["m1: ask of a"])["m0: ask(a) for s1"]
    assert Addressed("a", Told("no s1")) in after[1].inbox
    ours = system(("s0",), after=[crashes, detector])
    after = steps(ours, steps(ours)["a: ask"])["m0: ask(a)"]
    assert Told("no s0") in after[2].inbox


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
def test_links_and_partitions_are_between_machines(network: Any) -> None:
    groups = [("s0", "a"), ("s1", "b")]
    lost = FaultyLinks((Link(frozenset({"m0"}), frozenset({"m1"})),))
    some = FaultyLinks((Link(frozenset({"m0"}), messages=frozenset({Ask}), some=True),))
    for environment, hears in ((lost, False), (some, True), (Partition((("m0",),)), True)):
        ours = system(*groups, network=network, after=[environment])
        counted(ours)
        found = {w.property for w in reference.explore(ours).witnesses}
        assert ("a hears ('s0', 's1')" in found) is hears
        assert "a hears ('s0',)" in found  # within a machine nothing is lost
    split = system(*groups, network=network, after=[Partition((("m0",),), heals=False)])
    assert "a hears ('s0', 's1')" not in {w.property for w in reference.explore(split).witnesses}


def test_a_process_is_told_of_processes_that_sent_a_message() -> None:
    def on_told_by(me: str, state: Asker, message: Envelope) -> Any:
        return (Step(Asker((state.heard or frozenset()) | {str(message.sender)})),)

    asking = Role("asker", {Told: on_told_by}, {"ask": ask}, senders=True)
    members = [*MEMBERS[:2], replace(MEMBERS[2], role=asking), replace(MEMBERS[3], role=asking, inbox=())]
    with pytest.raises(
        ValueError, match="b is told who sent a message, and would be told of m0: put it on a machine"
    ):
        system(("s0", "a"), members=members)
    for groups in ([("s0", "a"), ("b",)], [("s0", "s1"), ("a", "b")]):
        for network in NETWORKS:
            links = FaultyLinks((Link(some=True),))
            for after in ([], [links], [Partition((("m0",),))]):
                ours = system(*groups, network=network, members=members, after=after, claims=GOALS[:2])
                assert {w.property for w in reference.explore(ours).witnesses} == {p.id for p in GOALS[:2]}
                counted(ours)


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


# How steps are named --------------------------------------------------------------------------------------


def test_patterns_name_processes_and_machines() -> None:
    known = patterns(machines(("s0", "a"), ("s1", "b")).join(MEMBERS), AtMostOnce())
    assert known["a"] == {("m0", "told"), ("m0", "ask")}
    assert known["asker.told"] == {("m0", "told"), ("m1", "told")}
    assert known["s0.ask"] == {("m0", "ask")}
    assert known["m0"] == {("m0", "ask"), ("m0", "told")}
    both = machines(("a", "b")).join(MEMBERS)
    assert patterns(both, AtMostOnce())["b.ask"] == {("m0", "ask of b")}
    assert patterns(both, AtMostOnce())["wakes"] == {("m0", "ask of a"), ("m0", "ask of b")}
    shared = mixed(both)
    assert shared["a.told"] == "'a.told' cannot be told from other steps: m0 takes told for b too"
    assert set(shared) >= {"a", "b", "a.deliveries"}
    assert "asker" not in shared
    assert "asker.told" not in shared


def test_a_verdict_on_machines_is_one() -> None:
    assert verify(system(("s0", "a"), ("s1", "b"))).verdict.value == "verified"
