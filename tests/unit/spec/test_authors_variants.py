"""What the authors' program does otherwise: what each of these rules changes in a model."""

import pytest

from checker import verify
from checker.modelfiles.loading import load_text
from pmmc.acceptor import Acceptor
from pmmc.ballots import Ballot
from pmmc.kv import Put
from pmmc.messages import P2a, P2b, Propose, Request
from pmmc.replica import Replica
from pmmc.values import Command, Context, Deployment, Node, PValue
from spec.protocol import PMMC
from spec.variants.authors import on_p2a_any, on_request_kept

STUCK = """
name: stuck
nodes: {acceptors: 2, leaders: 1, replicas: 1}
commands: [put k v]
bounds: {slots: 1, rounds: 1}
network: lossy-duplicating
properties: [R1]
can-still: [slot-decided]
"""
RIVALS = """
name: rivals
nodes: {acceptors: 3, leaders: 2, replicas: 1}
commands: [put k A, put k B]
bounds: {slots: 1, rounds: 1}
network: at-most-once
initial:
  leader 0: {proposals: {1: put k A}}
  leader 1: {proposals: {1: put k B}}
  replica 0: {slot_in: 2, requests: [put k A, put k B]}
properties: [PROPERTY]
"""


def checked(text: str, rules: str = "") -> list[str]:
    """The properties that are violated."""
    model = load_text(f"{text}\nrules: {{{rules}}}\n", "model.yaml", protocols={"pmmc": PMMC})
    return [claim.id for claim in verify(model.system).violated()]


@pytest.mark.parametrize(
    "rules",
    ["", "commander: as-printed", "commander: any-other-reply", "scout: any-other-reply"],
)
def test_a_second_copy_of_a_reply_ends_a_commander_or_a_scout_for_good(rules: str) -> None:
    stuck = "any-other" in rules
    assert checked(STUCK, rules) == ["can-still slot-decided"] * stuck


def test_a_scout_that_adopts_with_the_first_of_three_promises_breaks_agreement() -> None:
    text = RIVALS.replace("PROPERTY", "R1")
    assert checked(text) == []
    assert checked(text, "scout: first-reply") == ["R1"]


def test_an_acceptor_that_accepts_in_any_ballot_breaks_a2_and_no_agreement() -> None:
    rules = "acceptor: any-ballot-keep-highest"
    assert checked(RIVALS.replace("PROPERTY", "A2"), rules) == ["A2"]
    assert checked(RIVALS.replace("PROPERTY", "R1"), rules) == []


DEPLOYMENT = Deployment((Node("acceptor", 0),), (Node("leader", 0),), (Node("replica", 0),), window=5)
COMMAND = Command(Node("client", 0), 1, Put("k", "v"))


def test_a_replica_that_keeps_what_it_holds_proposes_it_once_more() -> None:
    context = Context(Node("replica", 0), DEPLOYMENT)
    (once,) = on_request_kept(context, Replica(), Request(COMMAND))
    (again,) = on_request_kept(context, once.state, Request(COMMAND))
    assert [message for _, message in (*once.sends, *again.sends)] == [
        Propose(1, COMMAND),
        Propose(2, COMMAND),
    ]


def test_an_acceptor_keeps_the_highest_and_answers_with_it() -> None:
    context = Context(Node("acceptor", 0), DEPLOYMENT)
    high, low = (PValue(Ballot(number, 0), 1, COMMAND) for number in (2, 1))
    (first,) = on_p2a_any(context, Acceptor(), P2a(Node("leader", 0), high))
    (second,) = on_p2a_any(context, first.state, P2a(Node("leader", 0), low))
    assert second.state == Acceptor(Ballot(2, 0), frozenset({high}))
    assert [message for _, message in second.sends] == [P2b(context.me, Ballot(1, 0), 1, Ballot(2, 0))]
