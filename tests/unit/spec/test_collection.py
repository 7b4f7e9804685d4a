"""Garbage collection in model files: what may be said of it, what is refused, and what is alike then."""

import pytest

from checker.checking.check import check
from checker.checking.question import Options
from checker.checking.result import CheckResult
from checker.model.system import System
from checker.model.verdict import Verdict
from checker.modelfiles.loading import Faults, load_text
from pmmc.ballots import Ballot
from pmmc.collection import P1b
from pmmc.kv import Put
from pmmc.messages import Decision, P2a
from pmmc.replica import Replica
from pmmc.transfer import Report
from pmmc.values import Command, Context, Deployment, Node, Proposal, PValue
from spec import roles, views
from spec.protocol import PMMC
from spec.variants.collection import COLLECTION_VARIANTS, CollectingVoter
from spec.variants.replicas import FORGETFUL, forgetful

ON = """\
name: good
nodes: {acceptors: 1, leaders: 1, replicas: 2}
commands: [put k a]
bounds: {slots: 1, rounds: 1}
network: at-most-once
rules: {collection: f-plus-one}
"""
NAMED = """\
name: named
nodes: {replicas: 3}
configurations: [{leaders: 1, acceptors: 3, replicas: [replica 0, replica 2]}]
commands: [put k a]
bounds: {slots: 1, rounds: 1}
rules: {collection: all-of-configuration}
"""
A = Command(Node("client", 0), 1, Put("k", "a"))
B = Command(Node("client", 1), 1, Put("k", "b"))
LOW = Ballot(0, 0)
VOTE = PValue(LOW, 1, A)


def read(text: str) -> System:
    return load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system


def checked(text: str) -> CheckResult:
    return check(load_text(text, "m.yaml", protocols={"pmmc": PMMC}), Options())


def faults(text: str) -> list[str]:
    with pytest.raises(Faults) as caught:
        read(text)
    return [str(fault).removeprefix("m.yaml:") for fault in caught.value.faults]


def without(text: str) -> str:
    return text.replace("rules: {collection: f-plus-one}\n", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            NAMED.replace("replica 0, replica 2", "replica 0, replica 7, replica 0"),
            [
                (
                    "3:67: unknown replica 'replica 7'; did you mean 'replica 0'? "
                    "allowed: replica 0, replica 1, replica 2"
                ),
                "3:78: 'replica 0' is listed twice",
            ],
        ),
        (
            NAMED.replace(", replica 2]", "]"),
            ["3:55: 3 acceptors: name 2 replicas (f + 1) at least"],
        ),
        (
            NAMED.replace("all-of-configuration", "all"),
            ["3:45: only 'collection: all-of-configuration' waits for the replicas of a configuration"],
        ),
        (
            ON.replace("f-plus-one}", "all, acceptor: keep-highest}"),
            ["6:36: 'acceptor: keep-highest' and 'collection: all' both replace acceptor.p2a"],
        ),
        (
            ON.replace("f-plus-one}", "all, replica: forgetful}"),
            ["6:35: 'replica: forgetful' and 'collection: all' both replace replica.request"],
        ),
        (
            ON.replace("f-plus-one}", "all, election: by-ping}"),
            ["6:36: 'election: by-ping' and 'collection: all' both replace leader.p1b"],
        ),
        (  # and what the other one would keep in stable storage is no fault
            ON.replace("collection: f-plus-one", "collection: all, election: by-ping")
            + "faults: {crashes: 1}\n",
            ["6:36: 'election: by-ping' and 'collection: all' both replace leader.p1b"],
        ),
        (
            without(ON) + "sometimes: [leader 0: {watermark: 2}]\n",
            [
                (
                    "6:24: unknown field of leaders 'watermark'; allowed: ballot, active, proposals, "
                    "scout, commanders"
                ),
            ],
        ),
        (
            ON + "initial: {acceptor 0: {watermark: 2}}\n",
            ["7:24: unknown field of acceptors 'watermark'; allowed: ballot, accepted"],
        ),
        (
            without(ON) + "faults: {crashes: 1}\nstable: {acceptor: [ballot, watermark]}\n",
            ["7:29: acceptors have no 'watermark' here: 'rules' chooses nothing that adds it"],
        ),
        (
            without(ON) + "faults: {links: [{messages: report}]}\n",
            ["6:29: no report is ever sent: 'rules' chooses nothing that sends it"],
        ),
        (
            ON + "faults: {links: [{from: leaders, messages: report}]}\n",
            ["7:44: no report goes there, but from replicas to leaders and acceptors"],
        ),
        (
            ON + 'initial: {leader 0: {inbox: ["p1b(acceptor 0, 0.0, 0.0, {})"]}}\n',
            [
                (
                    "7:30: expected p1b(acceptor, ballot, current, accepted, watermark), not "
                    "'p1b(acceptor 0, 0.0, 0.0, {})'"
                ),
            ],
        ),
    ],
)
def test_what_cannot_be_is_refused(text: str, said: list[str]) -> None:
    assert faults(text) == said


def test_a_configuration_names_the_replicas_that_must_have_performed() -> None:
    (one,) = read(NAMED).members[0].context.deployment.configurations
    assert one.replicas == (Node("replica", 0), Node("replica", 2))


def test_those_that_are_named_are_interchangeable_with_each_other_only() -> None:
    (_, replicas) = read(NAMED).symmetries
    assert replicas.name == "replicas"
    (swap,) = replicas.generators
    assert swap[Node("replica", 0)] == Node("replica", 2)
    assert swap[Node("replica", 1)] == Node("replica", 1)


def test_what_waits_may_be_written_as_reports_show_it() -> None:
    inbox = '["p1b(acceptor 0, 0.0, 0.0, {}, 2)", "report(replica 1, 2)"]'
    system = read(f"{ON}initial: {{leader 0: {{inbox: {inbox}}}}}\n")
    (leader,) = (m for m in system.members if m.name == Node("leader", 0))
    told = P1b(Node("acceptor", 0), LOW, LOW, frozenset(), 2)
    assert leader.inbox == (
        (Node("acceptor", 0), told),
        (Node("replica", 1), Report(Node("replica", 1), 2)),
    )


def test_a_link_that_loses_promises_loses_those_with_a_watermark() -> None:
    lost = ON + "faults: {links: [{messages: p1b}]}\nsometimes: [leader 0: {active: true}]\n"
    assert [p.id for p in checked(lost).violated()] == ["leader 0 (active yes)"]


CRASH = ON.replace("replicas: 2", "replicas: 1") + "faults: {crashes: 1, nodes: acceptors}\n"


def test_the_watermark_is_in_stable_storage_unless_the_file_says_otherwise() -> None:
    assert checked(CRASH).verdict is Verdict.VERIFIED
    named = "stable: {acceptor: [ballot, accepted, watermark]}\n"
    assert checked(CRASH + named).verdict is Verdict.VERIFIED
    forgotten = checked(CRASH + named.replace(", watermark", ""))
    assert [p.id for p in forgotten.violated()] == ["GC-2"]


def test_what_is_claimed_where_garbage_is_collected() -> None:
    claimed = {p.id for p in read(ON).properties}
    assert {"GC-1", "GC-2", "GC-2-leaders", "GC-4", "GC-5", "GC-7", "GC-8"} <= claimed
    assert "A3" not in claimed
    assert {"A4", "A5", "C2", "decided-is-chosen", "R2", "R3"} <= claimed
    assert {p.id for p in read(without(ON)).properties if p.id.startswith("GC")} == set()


def test_messages_settle_only_where_no_other_variant_changes_the_role() -> None:
    def settles(text: str) -> dict[str, bool]:
        return {str(m.name): m.role.settle is not None for m in read(text).members}

    assert all(settles(ON).values())
    again = settles(ON.replace("f-plus-one}", "f-plus-one, proposals: sent-again}"))
    assert again == {"acceptor 0": True, "leader 0": True, "replica 0": False, "replica 1": False}


def vote(state: CollectingVoter, message: P2a) -> CollectingVoter:
    (variant,) = (v for v in COLLECTION_VARIANTS if v.name == "f-plus-one")
    context = Context(Node("acceptor", 0), Deployment((Node("acceptor", 0),), (), ()))
    ((state, _),) = variant.rules[P2a](context, state, message)
    return state


def test_votes_are_what_was_accepted_kept_or_not() -> None:
    leader = Node("leader", 0)
    late = vote(CollectingVoter(LOW, watermark=2), P2a(leader, VOTE))
    assert (late.accepted, late.votes) == (frozenset(), {VOTE})
    refused = vote(CollectingVoter(LOW), P2a(leader, PValue(Ballot(0, 1), 1, B)))
    assert (refused.accepted, refused.votes) == (frozenset(), frozenset())
    assert views.votes_of(late) == {VOTE}


def test_what_was_learned_is_noted_also_if_the_rule_ignores_it() -> None:
    context = Context(Node("replica", 0), Deployment((), (), (Node("replica", 0),)))
    on_decision = FORGETFUL.rules[Decision]
    ((first, _),) = on_decision(context, forgetful(Replica()), Decision(1, A))
    assert (first.decisions, first.learned) == (frozenset(), {Proposal(1, A)})
    assert on_decision(context, first, Decision(1, A)) == ()
    ((second, _),) = on_decision(context, first, Decision(1, B))
    assert views.learned_by(second) == {Proposal(1, A), Proposal(1, B)}
    assert second.performed == (A,)


def test_the_roles_are_the_paper_s_where_nothing_is_collected() -> None:
    by_name = {m.role.name: m.role for m in read(without(ON)).members}
    assert by_name["acceptor"] == roles.ACCEPTOR
    assert by_name["replica"] == roles.REPLICA


def test_nobody_misses_what_nobody_has_collected() -> None:
    # fewer replicas than f + 1: nothing is ever collected, and as many as f may be down
    few = ON.replace("acceptors: 1", "acceptors: 3").replace("replicas: 2", "replicas: 1")
    found = checked(f"{few}faults: {{crashes: 1, nodes: replicas}}\nproperties: [GC-6]\n")
    assert found.violated() == []
    assert found.found.fired["environment.crash"] > 0


def test_what_an_acceptor_has_said_may_be_collected_and_not_lost() -> None:
    text = f"{ON.replace('replicas: 2', 'replicas: 1')}properties: [told-is-kept]\n"
    found = checked(text.replace("leaders: 1", "leaders: 2"))
    assert found.violated() == []
    assert found.found.fired["acceptor.report"] > 0
    lost = "faults: {crashes: 1, nodes: acceptors}\nstable: {acceptor: [ballot, watermark]}\n"
    assert [p.claim.id for p in checked(text + lost).violated()] == ["told-is-kept"]
