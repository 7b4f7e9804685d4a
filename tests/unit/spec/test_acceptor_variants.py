"""State reduction and the rule that adopts while accepting, beside the paper's acceptor."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model.environment.crashes import Crash, Crashes, Stable
from checker.model.system import System
from checker.model.vocabulary import Down, Member
from checker.modelfiles.loading import load_text
from pmmc import acceptor as paper
from pmmc.acceptor import Acceptor
from pmmc.ballots import BOTTOM, Ballot
from pmmc.messages import P1a, P1b, P2a
from pmmc.values import Context, Deployment, Node, PValue, pmax
from spec import views
from spec.protocol import PMMC
from spec.roles import ACCEPTOR
from spec.variants.acceptors import (
    ACCEPTOR_VARIANTS,
    Voter,
    highest,
    on_p2a_adopt,
    on_p2a_adopt_keep,
    on_p2a_forget,
    on_p2a_keep,
    voter,
)

ME, LEADER = Node("acceptor", 0), Node("leader", 0)
CONTEXT = Context(ME, Deployment((ME,), (LEADER,), ()))
MESSAGES = st.lists(
    st.one_of(
        st.builds(P1a, st.just(LEADER), st.from_type(Ballot)),
        st.builds(P2a, st.just(LEADER), st.from_type(PValue)),
    ),
    max_size=12,
)
#: As A4 has it: one command for each ballot and slot.
CONSISTENT = MESSAGES.map(
    lambda found: list(
        {(m.pvalue.ballot, m.pvalue.slot) if isinstance(m, P2a) else m: m for m in found}.values()
    )
)


def run(state, rule, messages):
    """The states and the replies of an acceptor with this rule for p2a."""
    states, replies = [state], []
    for message in messages:
        chosen = rule if isinstance(message, P2a) else paper.on_p1a
        ((after, sends),) = chosen(CONTEXT, states[-1], message)
        states.append(after)
        replies += [reply for _, reply in sends]
    return states, replies


PAIRS = [(paper.on_p2a, on_p2a_keep), (on_p2a_adopt, on_p2a_adopt_keep)]


@pytest.mark.parametrize(("full", "reduced"), PAIRS, ids=["keep-highest", "adopt-higher-keep-highest"])
class TestStateReduction:
    @given(CONSISTENT)
    def test_leaders_cannot_tell(self, full, reduced, messages) -> None:
        _, everything = run(Acceptor(), full, messages)
        _, little = run(voter(Acceptor()), reduced, messages)
        for one, other in zip(everything, little, strict=True):
            if isinstance(one, P1b):
                assert pmax(one.accepted) == pmax(other.accepted)
                other = replace(other, accepted=one.accepted)  # noqa: PLW2901
            assert one == other

    @given(CONSISTENT)
    def test_the_history_is_what_the_paper_keeps(self, full, reduced, messages) -> None:
        all_kept, _ = run(Acceptor(), full, messages)
        states, _ = run(voter(Acceptor()), reduced, messages)
        for before, after in zip(all_kept, states, strict=True):
            assert (after.ballot, after.votes) == (before.ballot, before.accepted)
            assert after.accepted == highest(after.votes)
            assert views.ACCEPTED(after) == views.ACCEPTED(before)
            assert views.VOTES(after) == views.VOTES(before)
            assert len({p.slot for p in after.accepted}) == len(after.accepted)

    @given(CONSISTENT)
    def test_the_history_is_never_sent(self, full, reduced, messages) -> None:
        _, replies = run(voter(Acceptor()), reduced, messages)
        states, _ = run(voter(Acceptor()), reduced, messages)
        for after, reply in zip(states[1:], replies, strict=True):
            if isinstance(reply, P1b):
                assert reply.accepted == after.accepted


@given(CONSISTENT)
def test_without_history_an_acceptor_says_the_same(messages) -> None:
    with_history, replies = run(voter(Acceptor()), on_p2a_keep, messages)
    without, alike = run(Acceptor(), on_p2a_forget, messages)
    assert replies == alike
    assert [(a.ballot, a.accepted) for a in with_history] == [(a.ballot, a.accepted) for a in without]
    assert not any(isinstance(a, Voter) for a in without)


class TestAdoptHigher:
    @given(st.from_type(Ballot), st.from_type(PValue))
    def test_accepts_what_is_not_lower(self, ballot, pvalue) -> None:
        ((after, _),) = on_p2a_adopt(CONTEXT, Acceptor(ballot), P2a(LEADER, pvalue))
        assert (pvalue in after.accepted) == (pvalue.ballot >= ballot)
        assert after.ballot == max(ballot, pvalue.ballot)

    @given(st.from_type(PValue))
    def test_in_the_adopted_ballot_they_agree(self, pvalue) -> None:
        message, state = P2a(LEADER, pvalue), Acceptor(pvalue.ballot)
        assert on_p2a_adopt(CONTEXT, state, message) == paper.on_p2a(CONTEXT, state, message)

    def test_the_papers_acceptor_refuses_before_it_has_promised(self) -> None:
        message = P2a(LEADER, PValue(Ballot(0, 0), 1, None))
        ((refusing, _),) = paper.on_p2a(CONTEXT, Acceptor(), message)
        ((accepting, _),) = on_p2a_adopt(CONTEXT, Acceptor(), message)
        assert refusing.ballot == BOTTOM
        assert (accepting.ballot, len(accepting.accepted)) == (Ballot(0, 0), 1)


def test_a_crash_does_not_touch_the_history() -> None:
    pvalue = PValue(Ballot(0, 0), 1, None)
    state = Voter(Ballot(0, 0), frozenset({pvalue}), frozenset({pvalue}))
    (history,) = {v.history for v in ACCEPTOR_VARIANTS if v.begin is voter}
    begun = Member(ME, ACCEPTOR, CONTEXT, voter(Acceptor()))
    role = Crashes(1, (ME,), {"acceptor": Stable(history=history)}).join([begun])[0].role
    ((down, _),) = role.rules[Crash](CONTEXT, state, Crash())
    assert isinstance(down, Down)
    assert down.saved == Voter(votes=frozenset({pvalue}))
    assert views.MEMORY(down) == (frozenset(), frozenset({pvalue}))


def system(more: str) -> System:
    text = (
        "name: x\nnodes: {acceptors: 1, leaders: 2, replicas: 1}\ncommands: [put k a, put k b]\n"
        f"bounds: {{slots: 1, rounds: 2}}\n{more}"
    )
    return load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system


class TestModelFiles:
    def test_a3_is_given_up_for_what_holds_instead(self) -> None:
        usual = {p.id for p in system("").properties}
        reduced = {p.id for p in system("rules: {acceptor: keep-highest}\n").properties}
        assert usual - reduced == {"A3"}
        assert reduced - usual == {
            "kept-ballot-rises",
            "one-kept",
            "kept-is-highest",
            "chosen-command-kept",
        }

    def test_what_a_file_names_is_checked_all_the_same(self) -> None:
        named = system("rules: {acceptor: keep-highest}\nproperties: [A3, R1]\n")
        assert [p.id for p in named.properties] == ["A3", "R1"]

    def test_acceptors_begin_with_their_history(self) -> None:
        found = system(
            "rules: {acceptor: keep-highest}\n"
            "initial: {acceptor 0: {ballot: 1.1, accepted: [[0.0, 1, put k a], [1.1, 1, put k b]]}}\n"
        )
        local = found.members[0].local
        assert isinstance(local, Voter)
        assert {str(p) for p in local.accepted} == {"⟨1.1, 1, put k b⟩"}
        assert len(local.votes) == 2
