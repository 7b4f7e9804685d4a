"""Old and new configuration in model files: what fills the log, what takes effect, what is shut down."""

import pytest

from checker import verify
from checker.engines import reference
from checker.engines.contract import UNREDUCED
from checker.engines.native import engine as native
from checker.model.behaviour import replay
from checker.model.environment.shutdowns import Off, Operator
from checker.model.judging import judge_state, judge_step
from checker.model.semantics import initial_state, successors
from checker.model.system import System
from checker.model.verdict import Verdict
from checker.modelfiles.loading import Faults, load_text
from pmmc.acceptor import Acceptor
from pmmc.values import Node, Proposal, filler
from spec.protocol import PMMC
from spec.shutdowns import OPERATOR, WHEN, replaced
from spec.views import Changes

GOOD = """\
name: good
nodes: {replicas: 1}
configurations: [{leaders: 1, acceptors: 1}, {leaders: 1, acceptors: 1}, {leaders: 1, acceptors: 3}]
commands: [reconfigure 1]
bounds: {slots: 3, rounds: 1, window: 2}
network: reliable
"""
TWO = GOOD.replace(", {leaders: 1, acceptors: 3}", "")
SHUT = "faults: {shutdown: known}\nrules: {no-ops: replica}\n"


def read(text: str) -> System:
    return load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system


@pytest.mark.parametrize("network", ["at-most-once", "lossy-duplicating", "reliable", "fifo", "lossy"])
@pytest.mark.parametrize("when", [*WHEN])
def test_both_engines_find_the_same(network: str, when: str) -> None:
    text = TWO.replace("reliable", network)
    text += SHUT.replace("known", when) + "sometimes: [configuration-shut-down]\n"
    claimed = read(text + "properties: [R1, R2, RC-8]\n")
    wanted, found = reference.explore(claimed), native.explore(claimed)
    assert {d.property for d in wanted.violations} == {d.property for d in found.violations}
    assert {d.property for d in wanted.violations} == ({"RC-8"} if when == "decided" else set())
    assert [w.property for w in wanted.witnesses] == ["configuration-shut-down"]
    ours = read(text + "properties: [R1, R2]\n")
    counted, again = reference.explore(ours), native.explore(ours, reductions=UNREDUCED)
    assert (counted.states, counted.generated, counted.depth) == (
        again.states,
        again.generated,
        again.depth,
    )
    assert counted.violations == again.violations == []


def test_no_ops_of_replicas_stand_in_initial_and_in_goals_as_they_are_shown() -> None:
    text = (
        f"{GOOD}rules: {{no-ops: replica}}\n"
        "initial:\n  leader 0: {proposals: {2: noop 2}}\n"
        "  acceptor 0: {inbox: ['p1a(leader 0, 0.0)', 'p2a(leader 0, ⟨0.0, 2, noop 2⟩)']}\n"
        "sometimes: [replica 0: {decisions: {1: reconfigure 1, 2: noop 2}}]\n"
    )
    system = read(text)
    leader = next(m for m in system.members if m.name == Node("leader", 0))
    assert leader.local.proposals == {Proposal(2, filler(2))}
    assert verify(system).verdict is Verdict.VERIFIED
    with pytest.raises(Faults, match="unknown command 'noop 2'"):
        read(text.replace("rules: {no-ops: replica}\n", ""))


def test_a_log_that_ends_before_the_new_configuration_begins_is_cut() -> None:
    text = GOOD.replace("slots: 3", "slots: 1")
    without = read(f"{text}properties: [RC-7]\nfair: [deliveries]\n")
    assert verify(without).verdict is Verdict.VIOLATED
    filled = read(f"{text}rules: {{no-ops: replica}}\nproperties: [RC-7]\nfair: [deliveries, replica]\n")
    found = verify(filled)
    assert found.verdict is not Verdict.VIOLATED
    assert found.found.cut["slots"]


def test_the_operator_sees_what_replicas_know_and_shuts_down_leaders_and_acceptors() -> None:
    system = read(TWO + SHUT + "properties: [R1]\nsometimes: [operator 0: {off: [0]}]\n")
    (witness,) = native.explore(system).witnesses
    assert witness.path is not None
    trace = replay(system, witness.path)
    operator, at = trace.final[-1].local, system.positions
    assert operator == Operator(
        frozenset({(Node("replica", 0), Changes(3, frozenset({(1, 1)})))}), frozenset({0})
    )
    off = [node for node in at if isinstance(trace.final[at[node]].local, Off)]
    assert off == [Node("acceptor", 0), Node("leader", 0)]
    acceptor = trace.final[at[Node("acceptor", 0)]].local.saved
    assert isinstance(acceptor, Acceptor)
    assert len(acceptor.accepted) == 2
    assert all(step.node not in (at[node] for node in off) for step in successors(system, trace.final))


def known(undecided: int, *made: tuple[int, int]) -> Changes:
    return Changes(undecided, frozenset(made))


@pytest.mark.parametrize(
    ("knowledge", "when_known", "when_decided"),
    [
        ([known(1)], (), ()),
        ([known(2, (1, 1))], (), (0,)),
        ([known(3, (1, 1))], (0,), (0,)),
        ([known(4, (1, 2), (3, 1))], (0,), (0,)),
        # of three acceptors one may fail, so two replicas must know
        ([known(5, (1, 2), (3, 1))], (0,), (0,)),
        ([known(5, (1, 2), (3, 1)), known(4, (1, 2), (3, 1))], (0,), (0, 2)),
        ([known(5, (1, 2), (3, 1)), known(6, (1, 2), (3, 1))], (0, 2), (0, 2)),
    ],
)
def test_what_is_needed_no_more(
    knowledge: list[Changes], when_known: tuple[int, ...], when_decided: tuple[int, ...]
) -> None:
    system = read(GOOD)
    deployment = system.setting.deployment
    seen = {Node("replica", i): one for i, one in enumerate(knowledge)}
    found = [replaced(deployment, WHEN[when](deployment.window), seen) for when in ("known", "decided")]
    assert found == [when_known, when_decided]
    # the property says so of its own accord
    claim = read(f"{GOOD}properties: [RC-8]\n{SHUT}".replace("replicas: 1", "replicas: 2")).properties[0]
    judged = read(GOOD.replace("replicas: 1", "replicas: 2") + SHUT)
    at = judged.positions[OPERATOR]
    before = Operator(frozenset(seen.items()))
    for number in range(3):
        after = Operator(before.seen, frozenset({number}))
        assert (judge_step(judged, claim, at, before, after) is None) == (number in when_known)


@pytest.mark.parametrize(("slot_out", "takes"), [(3, True), (2, False)])
def test_a_reconfiguration_that_is_decided_twice_takes_effect_once(slot_out: int, takes: bool) -> None:
    decisions = ", ".join(f"{slot}: reconfigure 1" for slot in range(1, slot_out))
    begun = f"initial: {{replica 0: {{slot_in: 3, slot_out: {slot_out}, decisions: {{{decisions}}}}}}}\n"
    system = read(f"{GOOD}{begun}properties: [RC-7]\nfair: [deliveries]\n")
    (claim,) = system.properties
    waits = claim.trigger()
    assert waits is not None
    assert bool(judge_state(system, claim, initial_state(system))) == takes
    assert bool(judge_state(system, waits, initial_state(system))) != takes


TOO_FEW = (
    "of 3 acceptors of configuration 2 f = 1 may fail: f + 1 replicas must know its decisions, and this "
    "model has 1"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            GOOD + "faults: {shutdown: soon}\n",
            ["7:20: unknown time 'soon'; allowed: known, decided"],
        ),
        (
            GOOD + "faults: {shutdown: known}\n",
            [f"7:20: {TOO_FEW}"],
        ),
        (
            GOOD.replace(", {leaders: 1, acceptors: 1}, {leaders: 1, acceptors: 3}", "").replace(
                "reconfigure 1", "put k v"
            )
            + "faults: {shutdown: known}\n",
            ["7:20: nothing is shut down: there are no 'configurations' to replace it"],
        ),
        (
            GOOD + "properties: [RC-8]\n",
            ["7:14: 'RC-8' reads the role operator, and no operator takes part"],
        ),
        (
            GOOD + "sometimes: [operator 0: {off: [0]}]\n",
            ["7:13: no operator 0 to speak of here: goals may, if 'faults' makes one"],
        ),
        (
            GOOD.replace("replicas: 1", "replicas: 2") + SHUT + "sometimes: [operator 0: {off: [old]}]\n",
            ["9:32: expected a whole number from 0 to 1,000, not 'old'"],
        ),
    ],
)
def test_what_cannot_be_is_refused(text: str, said: list[str]) -> None:
    with pytest.raises(Faults) as caught:
        read(text)
    assert [str(fault).removeprefix("m.yaml:") for fault in caught.value.faults] == said
