"""What a PMMC model file says beyond its schema: initial states, patterns, variants, expectations."""

# ruff: noqa: E501, ISC004 - a message is compared in one piece

import pytest

from checker.engines.reference import explore
from checker.model.properties import Kind
from checker.modelfiles.loading import Faults, LoadedModel, load_text
from pmmc import kv
from pmmc.ballots import BOTTOM, Ballot
from pmmc.leader import Commander, Scout
from pmmc.messages import P1a, P2a, Request
from pmmc.values import Command, Node, Proposal, PValue
from spec.protocol import PMMC

GOOD = """\
name: good
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k A, put k B]
bounds: {slots: 2, rounds: 4}
"""
A = Command(Node("client", 0), 1, kv.Put("k", "A"))
B = Command(Node("client", 1), 1, kv.Put("k", "B"))
ACCEPTOR, LEADER_0, LEADER_1, REPLICA = (
    Node("acceptor", 0),
    Node("leader", 0),
    Node("leader", 1),
    Node("replica", 0),
)

PARTS = ", ".join(sorted({v.part for v in PMMC.variants}))


def variants_of(part: str) -> str:
    return ", ".join(sorted(v.name for v in PMMC.variants if v.part == part))


def read(text: str) -> LoadedModel:
    return load_text(text, "m.yaml", protocols={"pmmc": PMMC})


def faults(text: str) -> list[str]:
    with pytest.raises(Faults) as caught:
        read(text)
    return [str(f).removeprefix("m.yaml:") for f in caught.value.faults]


def fault(line: str) -> str:
    (found,) = faults(GOOD + line + "\n")
    return found


def members(text: str) -> dict[Node, object]:
    return {m.name: m for m in read(text).system.members}


class TestUsualBeginning:
    def test_without_clients_all_commands_are_requested_from_every_replica(self):
        found = members(GOOD.replace("replicas: 1", "replicas: 2"))
        for i in (0, 1):
            assert found[Node("replica", i)].inbox == ((A.client, Request(A)), (B.client, Request(B)))
        asked = tuple((n, P1a(n, Ballot(0, n.index))) for n in (LEADER_0, LEADER_1))
        assert found[ACCEPTOR].inbox == asked

    def test_clients_are_dealt_the_commands_in_turn(self):
        text = GOOD.replace("replicas: 1", "replicas: 1, clients: 2").replace("put k B", "put k B, get k")
        found = members(text)
        todo = [(c.client, c.cid, str(c.op)) for c in found[Node("client", 0)].local.todo]
        assert todo == [(Node("client", 0), 1, "put k A"), (Node("client", 0), 2, "get k")]
        assert [c.cid for c in found[Node("client", 1)].local.todo] == [1]
        assert found[REPLICA].inbox == ()

    def test_properties_left_out_are_all_that_apply(self):
        usual = [p.id for p in read(GOOD).system.properties]
        assert usual[:3] == ["A1", "A2", "A3"]
        assert "R5" in usual
        assert "response-integrity" not in usual
        without = [p.id for p in read(GOOD.replace("replicas: 1", "replicas: 0")).system.properties]
        assert without == ["A1", "A2", "A3", "A4", "A5", "C1", "C2", "unique-ballots"]
        with_client = read(GOOD.replace("replicas: 1", "replicas: 1, clients: 1")).system.properties
        assert [p.id for p in with_client[-2:]] == ["response-integrity", "linearizable"]

    def test_no_properties_at_all(self):
        assert read(GOOD + "properties: []\n").system.properties == ()


class TestInitial:
    def test_acceptor(self):
        text = (
            GOOD
            + "initial: {acceptor 0: {ballot: 2.1, accepted: [[2.1, 1, put k A], [1.0, 2, put  k B]]}}\n"
        )
        state = members(text)[ACCEPTOR].local
        assert state.ballot == Ballot(2, 1)
        assert state.accepted == {PValue(Ballot(2, 1), 1, A), PValue(Ballot(1, 0), 2, B)}

    def test_fields_left_out_keep_their_default(self):
        found = members(GOOD + "initial: {acceptor 0: {}, leader 1: {proposals: {2: put k B}}}\n")
        assert found[ACCEPTOR].local.ballot == BOTTOM
        leader = found[LEADER_1].local
        assert leader.ballot == Ballot(0, 1)
        assert leader.scout == Scout()
        assert leader.proposals == {Proposal(2, B)}

    def test_bottom(self):
        assert members(GOOD + "initial: {acceptor 0: {ballot: ⊥}}\n")[ACCEPTOR].local.ballot == BOTTOM

    def test_active_leader_has_no_scout_and_its_commanders_have_sent(self):
        text = GOOD + "initial: {leader 0: {active: true, ballot: 3.0, commanders: [[3.0, 1, put k A]]}}\n"
        found = members(text)
        leader = found[LEADER_0].local
        pvalue = PValue(Ballot(3, 0), 1, A)
        assert (leader.active, leader.scout) == (True, None)
        assert leader.commanders == {Commander(pvalue)}
        sent = ((LEADER_0, P2a(LEADER_0, pvalue)), (LEADER_1, P1a(LEADER_1, Ballot(0, 1))))
        assert found[ACCEPTOR].inbox == sent

    def test_leader_without_scout(self):
        found = members(
            GOOD + "initial: {leader 0: {scout: false}, leader 1: {ballot: 2.1, scout: true}}\n"
        )
        assert found[LEADER_0].local.scout is None
        assert found[ACCEPTOR].inbox == ((LEADER_1, P1a(LEADER_1, Ballot(2, 1))),)

    def test_replica(self):
        text = (
            GOOD + "initial: {replica 0: {slot_in: 2, slot_out: 2, decisions: {1: put k A}, "
            "requests: [put k B], proposals: {2: put k B}}}\n"
        )
        state = members(text)[REPLICA].local
        assert (state.slot_in, state.slot_out, state.requests) == (2, 2, (B,))
        assert state.decisions == {Proposal(1, A)}
        assert state.performed == (A,)
        assert dict(state.store) == {"k": ("A",)}

    def test_decisions_not_yet_performed(self):
        state = members(GOOD + "initial: {replica 0: {decisions: {1: put k A}}}\n")[REPLICA].local
        assert state.performed == ()

    @pytest.mark.parametrize(
        ("written", "message"),
        [
            ("acceptor 1: {}", "5:11: there is no acceptor 1: this model has one acceptor, number 0"),
            ("leader 2: {}", "5:11: there is no leader 2: this model has 2 leaders, numbered from 0"),
            ("client 0: {}", "5:11: clients begin with their commands and nothing else"),
            (
                "acceptr 0: {}",
                "5:11: unknown node 'acceptr 0'; did you mean 'acceptor 0'? "
                "allowed: acceptor 0, leader 0, leader 1, replica 0",
            ),
            ("acceptor 0: 3", "5:23: expected a mapping field: value, not 3"),
            ("acceptor 0:", "5:22: expected a mapping field: value, not nothing"),
            (
                "acceptor 0: {balot: 1.1}",
                "5:24: unknown field of acceptors 'balot'; did you mean 'ballot'? allowed: ballot, accepted",
            ),
            ("acceptor 0: {ballot: 3}", "5:32: expected a ballot written round.leader, such as 2.1, not 3"),
            ("acceptor 0: {ballot: 1.2}", "5:32: ballot 1.2: leaders are numbered from 0 to 1"),
            ("acceptor 0: {ballot: 4.0}", "5:32: ballot 4.0: with 'rounds: 4' the last round is 3"),
            ("acceptor 0: {accepted: 1}", "5:34: expected a list of [ballot, slot, command], not 1"),
            ("acceptor 0: {accepted: [1.0]}", "5:35: expected [ballot, slot, command], not '1.0'"),
            ("acceptor 0: {accepted: [[1.0, 1]]}", "5:35: expected [ballot, slot, command], not a list"),
            ("acceptor 0: {accepted: [[1.0, 3, put k A]]}", "5:41: expected a slot from 1 to 2, not 3"),
            (
                "acceptor 0: {accepted: [[1.0, 1, put k C]]}",
                "5:44: unknown command 'put k C'; did you mean 'put k A'? allowed: put k A, put k B",
            ),
            ("leader 0: {ballot: 1.1}", "5:30: ballot 1.1 belongs to leader 1, not to leader 0"),
            ("leader 0: {ballot: ⊥}", "5:30: ballot ⊥ belongs to nobody, not to leader 0"),
            ("leader 0: {active: yes}", "5:30: expected true or false, not 'yes'"),
            ("leader 0: {active: true, scout: true}", "5:43: an active leader has no scout any more"),
            ("leader 0: {proposals: [put k A]}", "5:33: expected a mapping slot: command, not a list"),
            ("leader 0: {proposals: {0: put k A}}", "5:34: expected a slot from 1 to 2, not 0"),
            ("replica 0: {slot_in: 4}", "5:32: expected a slot, a whole number from 1 to 3, not 4"),
            ("replica 0: {requests: put k A}", "5:33: expected a list of commands, not 'put k A'"),
        ],
    )
    def test_faults(self, written, message):
        assert fault(f"initial: {{{written}}}") == message


class TestPatterns:
    def goal(self, pattern: str, initial: str = ""):
        system = read(GOOD + initial + f"properties: []\nsometimes: [{{{pattern}}}]\n").system
        (goal,) = system.properties
        return goal

    def test_id_and_views(self):
        goal = self.goal("leader 0: {active: true, proposals: {1: put k A}}, acceptor 0: {ballot: 0.0}")
        assert goal.id == "leader 0 (active yes, proposals {⟨1, put k A⟩}), acceptor 0 (ballot 0.0)"
        assert goal.kind is Kind.SOMETIMES
        assert [(v.name, v.role) for v in goal.views] == [
            ("active+proposals", "leader"),
            ("ballot", "acceptor"),
        ]

    def test_views_read_the_named_fields_only(self):
        (view,) = self.goal("leader 0: {scout: true, commanders: []}").views
        leader = members(GOOD)[LEADER_0].local
        assert view(leader) == (True, frozenset())

    def test_judges_all_nodes_named(self):
        goal = self.goal("leader 0: {active: true}, leader 1: {active: false}")
        yes, no = (True,), (False,)
        assert goal.judge(None, {LEADER_0: yes, LEADER_1: yes}, {LEADER_0: yes, LEADER_1: no}) == goal.id
        assert goal.judge(None, {LEADER_0: yes, LEADER_1: yes}, {LEADER_0: yes, LEADER_1: yes}) is None

    def test_is_found(self):
        text = GOOD.replace("replicas: 1", "replicas: 0") + (
            "network: at-most-once\n"
            "initial:\n"
            "  leader 0: {ballot: 3.0, proposals: {1: put k B}}\n"
            "  leader 1: {ballot: 2.1, scout: false}\n"
            "  acceptor 0: {ballot: 2.1, accepted: [[2.1, 1, put k A]]}\n"
            "sometimes:\n"
            "  - leader 0: {active: true, proposals: {1: put k A}}\n"
            "  - leader 0: {active: true, proposals: {1: put k B}}\n"
        )
        found = explore(read(text).system)
        assert [w.property for w in found.witnesses] == ["leader 0 (active yes, proposals {⟨1, put k A⟩})"]
        assert len(found.witnesses[0].path) == 2

    def test_may_be_expected_to_be_out_of_reach(self):
        text = GOOD + (
            "sometimes: [leader 0: {active: true, ballot: 0.0}]\n"
            "expect: {verdict: violated, property: 'leader 0 (active yes, ballot 0.0)'}\n"
        )
        assert read(text).model.expect.property == "leader 0 (active yes, ballot 0.0)"

    @pytest.mark.parametrize(
        ("pattern", "message"),
        [
            ("{}", "5:13: expected at least one node with the fields it must have"),
            ("{leader 0: {}}", "5:24: expected at least one field that leader 0 must have"),
            (
                "{leader 0: {actve: true}}",
                "5:25: unknown field of leaders 'actve'; did you mean 'active'? "
                "allowed: ballot, active, proposals, scout, commanders",
            ),
            (
                "{leader 9: {active: true}}",
                "5:14: there is no leader 9: this model has 2 leaders, numbered from 0",
            ),
            ("{leader 0: {active: 1}}", "5:33: expected true or false, not 1"),
            (
                "{slot-decided: true}",
                "5:14: unknown node 'slot-decided'; allowed: acceptor 0, leader 0, leader 1, replica 0",
            ),
        ],
    )
    def test_faults(self, pattern, message):
        assert fault(f"sometimes: [{pattern}]") == message

    def test_twice(self):
        line = "sometimes: [leader 0: {active: true}, leader 0: {active: true}]"
        assert fault(line) == "5:39: 'leader 0 (active yes)' is listed twice"


class TestSelection:
    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("properties: [R1, A1, R1]", "5:22: 'R1' is listed twice"),
            ("sometimes: [slot-decided, slot-decided]", "5:27: 'slot-decided' is listed twice"),
            (
                "properties: [response-integrity]",
                "5:14: 'response-integrity' reads the role client, and no client takes part",
            ),
            (
                "rules: {comander: as-printed}",
                f"5:9: unknown part 'comander'; did you mean 'commander'? allowed: {PARTS}",
            ),
            (
                "rules: {commander: printed}",
                f"5:20: unknown variant of commander 'printed'; did you mean 'as-printed'? allowed: {variants_of('commander')}",
            ),
            (
                "expect: {verdict: violated, property: C9}",
                "5:39: 'C9' is not among the properties of this model; did you mean 'C1'?",
            ),
            (
                "expect: {verdict: verified, length: 3}",
                "5:29: 'length' says what is violated, but the verdict expected is verified",
            ),
            (
                "expect: {verdict: verified, unfired: [leader.p1a]}",
                "5:39: unknown action 'leader.p1a'; did you mean 'leader.p1b'? allowed: acceptor.p1a, acceptor.p2a, "
                "leader.propose, leader.p1b, leader.p2b, replica.request, replica.decision",
            ),
            (
                "expect: {verdict: verified, unfired: [leader.p1b, leader.p1b]}",
                "5:51: 'leader.p1b' is listed twice",
            ),
        ],
    )
    def test_faults(self, line, message):
        assert fault(line) == message

    def test_no_length_for_what_is_never_reached(self):
        line = "sometimes: [slot-decided]\nexpect: {verdict: violated, property: slot-decided, length: 3}"
        assert (
            fault(line)
            == "6:53: nothing leads to 'slot-decided' when it is never reached: there is no length"
        )

    def test_command_twice(self):
        assert faults(GOOD.replace("put k B", "put  k A")) == [
            "3:21: 'put k A' is listed twice; commands are told apart by their text"
        ]

    def test_roles_without_nodes(self):
        text = GOOD.replace("replicas: 1", "replicas: 0")
        assert faults(text + "properties: [A1, R1]\nsometimes: [slot-decided]\n") == [
            "5:18: 'R1' reads the role replica, and no replica takes part",
            "6:13: 'slot-decided' reads the role replica, and no replica takes part",
        ]

    def test_all_at_once(self):
        line = (
            "rules: {ballots: any}\nproperties: [A1, A1]\nsometimes: [leader 7: {active: true}]\n"
            "initial: {acceptor 0: {ballot: 9.9}, leader 0: {scout: 1}}\nexpect: {verdict: violated, property: R1}"
        )
        assert faults(GOOD + line + "\n") == [
            f"5:18: unknown variant of ballots 'any'; allowed: {variants_of('ballots')}",
            "6:18: 'A1' is listed twice",
            "7:13: there is no leader 7: this model has 2 leaders, numbered from 0",
            "8:32: ballot 9.9: leaders are numbered from 0 to 1",
            "8:56: expected true or false, not 1",
            "9:39: 'R1' is not among the properties of this model; did you mean 'A1'?",
        ]
