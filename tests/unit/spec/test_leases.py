"""Clocks and leases in model files: what is claimed of them, and what is wrong with a file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from checker import verify
from checker.engines import reference
from checker.engines.contract import UNREDUCED
from checker.engines.native import engine as native
from checker.model.environment.clocks import MOST_DRIFTING
from checker.model.semantics import Cell, State, initial_state
from checker.model.system import System
from checker.model.verdict import Verdict
from checker.model.vocabulary import Down
from checker.modelfiles.loading import Faults, load_text
from pmmc.leases import Grant, Lease, LeaseGrant, LeaseRequest, SlotQuery, SlotReply
from pmmc.values import LeaseTerms, Node
from spec.properties.leases import LEASE_GOALS, LEASE_PROPERTIES
from spec.protocol import PMMC
from tests.unit.spec.broken import Case, Step, each, found

CLAIMS = [p.id for p in LEASE_PROPERTIES]
GOALS = [p.id for p in LEASE_GOALS]
ONE = """\
name: leases
nodes: {acceptors: 1, leaders: 1, replicas: 2}
bounds: {slots: 1, rounds: 1}
network: at-most-once
rules: {reads: leased}
clocks: {lease: 3, drift: 1}
initial: {leader 0: {scout: false}}
"""
READING = """\
name: reading
nodes: {acceptors: 1, leaders: 1, replicas: 1, clients: 1}
commands: [put k A, get k]
bounds: {slots: 1, rounds: 1}
network: at-most-once
rules: {reads: leased}
clocks: {lease: 1}
"""
CONFIGURED = """\
nodes: {replicas: 2}
configurations: [{leaders: 1, acceptors: 1}, {leaders: 1, acceptors: 1}]
commands: [reconfigure 1]
"""
RULES = ("leased", "leased-slots-with-grants", "leased-as-printed")
ME, OTHER, THIRD = Node("replica", 0), Node("replica", 1), Node("acceptor", 2)


def read(text: str) -> System:
    return load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system


# What is claimed ------------------------------------------------------------------------------------------

SYSTEM = read(
    ONE.replace("acceptors: 1", "acceptors: 3")
    + f"faults: {{crashes: 1, nodes: replicas}}\nproperties: [{', '.join(CLAIMS)}]\n"
    + f"sometimes: [{', '.join(GOALS)}]\n"
)
JUDGED = {p.id: p for p in SYSTEM.properties}
FIRST = {str(m.name): cell.local for m, cell in zip(SYSTEM.members, initial_state(SYSTEM), strict=True)}
HELD, ASKED = Lease(1, 1, None), Lease(1, 1)


def state(**changed: Mapping[str, Any]) -> State:
    """The first state with some nodes changed; `acceptor_0` stands for acceptor 0."""
    named = {name.replace("_", " "): fields for name, fields in changed.items()}
    return tuple(
        Cell(replace(FIRST[str(m.name)], **named.get(str(m.name), {})), frozenset()) for m in SYSTEM.members
    )


def grants(*replicas: Node) -> dict[str, Any]:
    return {"grants": frozenset(Grant(replica, 2) for replica in replicas)}


def given(*replicas: Node) -> dict[str, Any]:
    return {"given": frozenset(Grant(replica, 2) for replica in replicas)}


CASES: dict[str, list[Case | Step]] = {
    "LS-1": [
        Case(
            state(acceptor_1=grants(OTHER, ME)),
            "acceptor 1: a lease runs for replica 0 and replica 1",
            state(acceptor_1=grants(ME), acceptor_2=grants(OTHER)),
        )
    ],
    "LS-2": [
        Case(
            state(replica_0={"lease": HELD}, replica_1={"lease": HELD}),
            "replica 0 and replica 1 hold a lease at one time",
            state(replica_0={"lease": HELD}, replica_1={"lease": ASKED}),
        )
    ],
    "LS-3": [
        Case(
            state(replica_1={"lease": HELD}, acceptor_0=given(OTHER), acceptor_1=given(ME)),
            "replica 1 holds a lease; of the grants [acceptor 0] still runs, which is no majority",
            state(replica_1={"lease": HELD}, acceptor_0=given(OTHER), acceptor_2=given(ME, OTHER)),
        ),
        Case(
            state(replica_1={"lease": HELD}, acceptor_0=grants(OTHER), acceptor_1=grants(OTHER)),
            "replica 1 holds a lease; of the grants none still runs, which is no majority",
            state(replica_1={"lease": ASKED}),
        ),
    ],
    "LS-4": [
        Case(
            state(replica_1={"strayed": frozenset({(Node("client", 0), 2)})}),
            "replica 1 has answered command 2 of client 0 without holding the lease",
            state(replica_1={"lease": HELD}),
        )
    ],
    "LS-5": [
        Case(
            state(acceptor_1=given(ME, OTHER)),
            "acceptor 1: a lease was granted and still runs, known or forgotten, to replica 0 and "
            "replica 1",
            state(acceptor_1=given(ME), acceptor_2=given(OTHER)),
        )
    ],
    "LS-6": [
        Case(
            state(acceptor_1=grants(OTHER), environment_0={"down": frozenset({ME})}),
            "no lease runs for a replica that is down",
            state(acceptor_1=grants(ME), environment_0={"down": frozenset({ME})}),
        )
    ],
    "lease-held": [
        Case(state(replica_1={"lease": HELD}), "replica 1 holds a lease", state(replica_1={"lease": ASKED}))
    ],
}


def test_each_has_a_case() -> None:
    assert set(CASES) == {*CLAIMS, *GOALS}


@each(CASES)
def test_it_says_what_is_wrong(claim_id: str, case: Case | Step) -> None:
    claim = JUDGED[claim_id]
    assert found(SYSTEM, claim, case) == [case.says]
    assert found(SYSTEM, claim, case, good=True) == []


def test_a_lease_of_the_dead_ends_if_time_goes_on() -> None:
    text = ONE + "faults: {crashes: 1, nodes: [replica 0], restarts: false}\nproperties: [LS-6]\n"
    assert verify(read(f"{text}fair: [clock.tick]\n")).verdict is Verdict.VERIFIED
    without = verify(read(text))
    assert [v.property for v in without.found.violations] == ["LS-6"]


# What is found --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("network", ["at-most-once", "reliable", "fifo", "lossy"])
def test_both_engines_find_the_same(network: str, rule: str) -> None:
    system = read(READING.replace("at-most-once", network).replace("leased", rule))
    assert {"R1", "RD-1", "linearizable", "LS-1", "LS-5"} <= {p.id for p in system.properties}
    assert ("LS-4" in {p.id for p in system.properties}) is (rule != "leased-as-printed")
    wanted, again = reference.explore(system), native.explore(system, reductions=UNREDUCED)
    assert (again.states, again.generated, again.depth) == (wanted.states, wanted.generated, wanted.depth)
    # with one replica nobody else answers
    assert again.violations == wanted.violations == native.explore(system).violations == []


@pytest.mark.parametrize(("drift", "allowed"), [(0, 0), (1, 0), (1, 1), (2, 1), (1, 2), (2, 2)])
def test_leases_are_safe_if_the_drift_is_allowed_for(drift: int, allowed: int) -> None:
    clocks = f"clocks: {{lease: {2 * allowed + 1}, drift: {drift}, allowed: {allowed}}}\n"
    system = read(ONE.replace("clocks: {lease: 3, drift: 1}\n", clocks) + "properties: [LS-2, LS-3]\n")
    violated = {v.property for v in native.explore(system, reductions=UNREDUCED).violations}
    assert ("LS-3" in violated) is bool(violated) is (drift > allowed)


@pytest.mark.parametrize("drift", [1, 2])
def test_one_tick_less_than_twice_the_drift_is_not_enough(
    drift: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ONE.replace("lease: 3, drift: 1", f"lease: {2 * drift + 1}, drift: {drift}")
    system = read(text + "properties: [LS-2]\n")
    assert not native.explore(system).violations
    monkeypatch.setattr(LeaseTerms, "held", property(lambda terms: terms.length - 2 * terms.allowed + 1))
    assert native.explore(system).violations


@pytest.mark.parametrize("drift", [0, 1])
def test_the_processes_of_a_server_share_its_clock(drift: int) -> None:
    text = ONE.replace("acceptors: 1, leaders: 1, replicas: 2", "servers: 2")
    text = text.replace(
        "initial: {leader 0: {scout: false}}\n",
        "initial: {leader 0: &none {scout: false}, leader 1: *none}\n",
    )
    text = text.replace("lease: 3, drift: 1", f"lease: 1, drift: {drift}, allowed: 0")
    system = read(f"{text}properties: [LS-1, LS-2, LS-3]\n")
    wanted, again = reference.explore(system), native.explore(system, reductions=UNREDUCED)
    assert {v.property for v in wanted.violations} == {v.property for v in again.violations}
    assert [v.property for v in wanted.violations] == (["LS-3"] if drift else [])
    counts = [(found.states, found.generated, found.depth) for found in (wanted, again)]
    assert counts[0] == counts[1]


def test_a_crash_takes_the_lease_and_not_the_grant() -> None:
    system = read(ONE + "faults: {crashes: 1, nodes: [acceptor 0, replica 0]}\nproperties: [LS-1]\n")
    acceptor, replica = system.members[0], system.members[2]
    crash = next(kind for kind in replica.role.immediate if kind.__name__ == "Crash")
    lent = replace(replica.local, asked=1, lease=HELD)
    ((down, _),) = replica.role.rules[crash](replica.context, lent, crash())
    assert down == Down(replace(replica.local, asked=1))
    granted = replace(acceptor.local, **grants(ME), **given(ME))
    ((down, _),) = acceptor.role.rules[crash](acceptor.context, granted, crash())
    assert down == Down(granted)


def test_who_may_ask_no_more_is_cut_if_it_has_something_to_answer() -> None:
    found = native.explore(read(READING), reductions=UNREDUCED)
    assert found.cut["asks"]
    alone = native.explore(read(ONE + "properties: [LS-1]\n"), reductions=UNREDUCED)
    assert not alone.cut


def test_messages_and_goals_are_written_as_they_are_shown() -> None:
    inboxes = (
        "initial:\n"
        "  leader 0: {scout: false}\n"
        "  acceptor 0: {inbox: ['leaseRequest(replica 0, 1)', 'slotQuery(replica 1, 1)']}\n"
        "  replica 1: {inbox: ['leaseGrant(acceptor 0, 1, 0)', 'slotReply(acceptor 0, 1, 2)']}\n"
        "sometimes:\n  - acceptor 0: {grants: [replica 1]}\n  - replica 0: {asked: 1, owed: 0}\n"
    )
    system = read(ONE.replace("initial: {leader 0: {scout: false}}\n", inboxes))
    waiting = {str(m.name): [message for _, message in m.inbox] for m in system.members}
    acceptor = Node("acceptor", 0)
    assert waiting["acceptor 0"] == [LeaseRequest(ME, 1), SlotQuery(OTHER, 1)]
    assert waiting["replica 1"] == [LeaseGrant(acceptor, 1, 0), SlotReply(acceptor, 1, 2)]
    assert len(native.explore(system).witnesses) == 2


# What is wrong with a file --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "clocks:",
            "# ",
            r"m.yaml:5:\d+: 'leased' needs 'clocks': how long a lease is, and how far clocks",
        ),
        ("rules: {reads: leased}", "", "nobody looks at a clock: 'rules' chooses nothing that does"),
        ("reads: leased", "reads: quorum", "nobody looks at a clock: 'rules' chooses nothing that does"),
        ("lease: 3", "lease: 2", "a lease of 2 ticks is over before it is held: .* at least 3"),
        ("lease: 3, drift: 1", "lease: 2, allowed: 1", "twice the 1 allowed for less; at least 3"),
        ("lease: 3, ", "", "clocks.*lease"),
        ("drift: 1", "drift: -1", "expected a whole number from 0"),
        ("drift: 1", "drfit: 1", "did you mean 'drift'"),
        ("acceptors: 1", f"acceptors: {MOST_DRIFTING}", f"at most {MOST_DRIFTING} are supported"),
        ("reads: leased", "reads: leased, collection: all", "both replace replica.request"),
        # who is answered again is answered by one that may hold no lease
        ("reads: leased", "reads: leased, replica: answers-again", "both replace replica.request"),
        ("reads: leased", "reads: leesed", "did you mean 'leased'"),
        (
            "nodes: {acceptors: 1, leaders: 1, replicas: 2}",
            CONFIGURED,
            "a majority of one set of acceptors grants leases: there are no 'configurations' with them",
        ),
    ],
)
def test_a_faulty_file_is_told_what_is_expected(old: str, new: str, says: str) -> None:
    with pytest.raises(Faults, match=says):
        read(ONE.replace(old, new))


def test_grants_are_named_as_stable_only_where_there_are_some() -> None:
    text = ONE + "faults: {crashes: 1, nodes: acceptors}\nstable: {acceptor: [ballot, grants]}\n"
    read(text)
    with pytest.raises(
        Faults, match="acceptors have no 'grants' here: 'rules' chooses nothing that adds it"
    ):
        read(text.replace("rules: {reads: leased}\nclocks: {lease: 3, drift: 1}\n", ""))
