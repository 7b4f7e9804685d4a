"""Variants and mutants: each does what it says, touches nothing else, and conflicts are refused."""

from dataclasses import replace

import pytest

from checker.model.vocabulary import action_name
from checker.modelfiles.complaints import Objections
from checker.modelfiles.loading import load_text
from checker.modelfiles.protocol import Variant
from checker.modelfiles.selection import select_variants, vary
from pmmc import election, kv, leader
from pmmc.acceptor import Acceptor
from pmmc.ballots import Ballot, PairBallots
from pmmc.leader import Commander, Leader
from pmmc.messages import Decision, P1a, P2a, P2b, Propose, Request
from pmmc.replica import Replica
from pmmc.values import Command, Configuration, Context, Deployment, Node, Proposal, PValue
from spec import roles, views
from spec.clocks import TICK
from spec.mutants import MUTANTS
from spec.mutants.acceptors import on_p2a_any_ballot
from spec.protocol import PMMC
from spec.schema import PmmcModel
from spec.system import build
from spec.variants.rules import VARIANTS, on_decision_any, on_p2b_as_printed, on_request_any

A, B, C = (Command(Node("client", i), 1, kv.Put("k", v)) for i, v in enumerate("ABC"))
LEADER, REPLICA, ACCEPTOR = Node("leader", 0), Node("replica", 0), Node("acceptor", 0)
DEPLOYMENT = Deployment(
    tuple(Node("acceptor", i) for i in range(3)), (LEADER,), (REPLICA,), slots=3, ballots=PairBallots(2)
)
PVALUE = PValue(Ballot(1, 0), 1, A)


def p2b(current: Ballot) -> P2b:
    return P2b(ACCEPTOR, PVALUE.ballot, 1, current)


class TestCommanderAsPrinted:
    context = Context(LEADER, DEPLOYMENT)
    state = Leader(PVALUE.ballot, active=True, scout=None, commanders=frozenset({Commander(PVALUE)}))

    def test_a_lower_ballot_ends_the_commander_and_nothing_else(self):
        (step,) = on_p2b_as_printed(self.context, self.state, p2b(Ballot(0, 0)))
        assert step.state == replace(self.state, commanders=frozenset())
        assert step.sends == ()

    def test_the_corrected_commander_ignores_it(self):
        assert leader.on_p2b(self.context, self.state, p2b(Ballot(0, 0))) == ()

    @pytest.mark.parametrize("ballot", [Ballot(1, 0), Ballot(1, 1)])
    def test_otherwise_they_agree(self, ballot):
        message = p2b(ballot)
        assert on_p2b_as_printed(self.context, self.state, message) == leader.on_p2b(
            self.context, self.state, message
        )

    def test_no_commander(self):
        nobody = replace(self.state, commanders=frozenset())
        assert on_p2b_as_printed(self.context, nobody, p2b(Ballot(0, 0))) == ()


class TestElectionByPing:
    context = Context(LEADER, DEPLOYMENT)
    retired = election.watcher(Leader(Ballot(1, 0), scout=None))
    waiting = replace(retired, watching=Node("leader", 1))

    def test_who_waits_for_another_leader_is_stopped_by_no_bound(self):
        assert roles.leader_cut(self.context, self.waiting) is None
        assert roles.leader_cut(self.context, self.retired) == "rounds"

    def test_it_is_seen_as_one_that_will_go_on(self):
        assert views.PHASE(self.waiting) == (Ballot(1, 0), False, True)
        assert views.PHASE(self.retired) == (Ballot(1, 0), False, False)

    def test_a_leader_that_watches_nobody_has_patience_without_end(self):
        assert election.suspect(self.context, Leader(Ballot(0, 0), scout=None)) == ()
        assert election.suspect(self.context, self.retired) == ()


class TestAnyRequest:
    context = Context(REPLICA, replace(DEPLOYMENT, window=1))

    def test_each_waiting_request_may_be_next(self):
        state = Replica(slot_in=2, requests=(B, C), proposals=frozenset({Proposal(1, A)}))
        steps = on_decision_any(self.context, state, Decision(1, A))
        assert {s.sends for s in steps} == {((LEADER, Propose(2, c)),) for c in (B, C)}
        assert len(steps) == len(set(steps)) == 2

    def test_a_displaced_proposal_may_be_next_too(self):
        state = Replica(slot_in=2, requests=(B,), proposals=frozenset({Proposal(1, A)}))
        steps = on_decision_any(self.context, state, Decision(1, C))
        assert {s.sends[0][1].command for s in steps} == {A, B}

    def test_requests_are_a_set(self):
        full = Replica(slot_in=2, proposals=frozenset({Proposal(1, A)}))
        (first,) = on_request_any(self.context, full, Request(C))
        (second,) = on_request_any(self.context, first.state, Request(B))
        assert second.state.requests == (B, C)

    def test_several_open_slots_give_every_order_once(self):
        wide = Context(REPLICA, replace(DEPLOYMENT, window=3))
        blocked = Replica(slot_in=2, requests=(B, C), proposals=frozenset({Proposal(1, A)}))
        steps = on_decision_any(wide, blocked, Decision(1, A))
        assert {tuple(m.command for _, m in s.sends) for s in steps} == {(B, C), (C, B)}

    def test_what_is_held_is_ignored(self):
        state = Replica(requests=(A,), decisions=frozenset({Proposal(2, B)}))
        assert on_request_any(self.context, state, Request(A)) == ()
        assert on_request_any(self.context, state, Request(B)) == ()
        assert on_decision_any(self.context, state, Decision(2, B)) == ()


class TestAcceptAnyBallot:
    @pytest.mark.parametrize("adopted", [Ballot(0, 0), Ballot(1, 0), Ballot(1, 1)])
    def test_accepts_and_says_so(self, adopted):
        state = Acceptor(adopted)
        (step,) = on_p2a_any_ballot(Context(ACCEPTOR, DEPLOYMENT), state, P2a(LEADER, PVALUE))
        assert step.state == Acceptor(adopted, frozenset({PVALUE}))
        assert step.sends == ((LEADER, P2b(ACCEPTOR, PVALUE.ballot, 1, PVALUE.ballot)),)


@pytest.mark.parametrize("variant", [*VARIANTS, *MUTANTS], ids=lambda v: f"{v.part}-{v.name}")
class TestAll:
    def test_belongs_to_a_role(self, variant):
        role = next(r for r in roles.ALL if r.name == variant.role)
        varied = vary(role, [variant])
        assert set(varied.actions()) >= set(role.actions())
        assert all(varied.rules[m] is rule for m, rule in variant.rules.items())
        assert all(varied.rules[m] is role.rules[m] for m in role.rules if m not in variant.rules)

    def test_is_explained(self, variant):
        assert variant.about.endswith(".")
        assert variant.source

    def test_can_be_chosen(self, variant):
        looks = any(action_name(kind) == TICK for kind in variant.rules)
        text = (
            "name: x\nnodes: {acceptors: 1, leaders: 1, replicas: 1, clients: 1}\n"
            "bounds: {slots: 1, rounds: 1}\n"
            f"rules: {{{variant.part}: {variant.name}}}\n{'clocks: {lease: 1}' if looks else ''}\n"
        )
        system = load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system
        role = next(m.role for m in system.members if m.role.name == variant.role)
        assert all(role.rules[m] is rule or action_name(m) == TICK for m, rule in variant.rules.items())


def test_names_are_unique():
    names = [(v.part, v.name) for v in PMMC.variants]
    assert len(names) == len(set(names))


def model(**rules: str) -> PmmcModel:
    return PmmcModel.model_validate(
        {
            "name": "x",
            "nodes": {"acceptors": 1, "leaders": 1, "replicas": 1},
            "bounds": {"slots": 1, "rounds": 1},
            "rules": rules,
        }
    )


def test_two_variants_of_one_rule_are_in_conflict():
    other = Variant("leader", "deaf", "leader", "Hears nothing.", "test", {P2b: lambda *_: ()})
    wrong = []
    select_variants(model(commander="as-printed", leader="deaf"), (*VARIANTS, other), wrong)
    assert [(o.path, o.message) for o in wrong] == [
        (("rules", "leader"), "'leader: deaf' and 'commander: as-printed' both replace leader.p2b")
    ]


def test_two_variants_of_different_rules_go_together():
    wrong = []
    chosen = select_variants(model(commander="as-printed", replica="any-request"), VARIANTS, wrong)
    assert (len(chosen), wrong) == (2, [])


def test_a_variant_brings_those_of_other_roles_with_it():
    deaf = Variant("acceptor", "deaf", "acceptor", "Hears nothing.", "test", {P1a: lambda *_: ()})
    both = Variant("silence", "all", "leader", "Nobody hears.", "test", {P2b: lambda *_: ()}, also=(deaf,))
    wrong = []
    assert select_variants(model(silence="all"), (both,), wrong) == [both, deaf]
    assert wrong == []
    select_variants(model(acceptor="deaf", silence="all"), (both, deaf), wrong)
    assert [(o.path, o.message) for o in wrong] == [
        (("rules", "silence"), "'silence: all' and 'acceptor: deaf' both replace acceptor.p1a")
    ]


def test_a_free_choice_goes_to_the_leaders_of_the_configuration_too():
    leaders, acceptors = (tuple(Node(role, i) for i in range(2)) for role in ("leader", "acceptor"))
    two = tuple(Configuration((x,), (a,)) for x, a in zip(leaders, acceptors, strict=True))
    here = Node("replica", 0)
    context = Context(here, Deployment(acceptors, leaders, (here,), window=1, configurations=two))
    move, put = (Command(Node("client", i), 1, op) for i, op in enumerate((kv.Reconfigure(1), kv.NoOp())))
    busy = Replica(slot_in=2, requests=(put,))
    (then,) = on_decision_any(context, busy, Decision(1, move))
    assert then.state.configuration == 1
    assert then.sends == ((leaders[1], Propose(2, put)),)


def test_build_without_a_file_says_what_is_wrong():
    with pytest.raises(Objections, match="unknown part 'lieder'"):
        build(model(lieder="x"))
