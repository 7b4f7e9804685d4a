"""Our acceptor: by example, and against the spec."""

from acme_paxos.acceptor import on_p2a

from checker import assert_verified
from pmmc import kv
from pmmc.acceptor import Acceptor
from pmmc.messages import P2a
from pmmc.values import Ballot, Command, Context, Deployment, Node, PValue

ACCEPTOR, LEADER = Node("acceptor", 0), Node("leader", 0)
CONTEXT = Context(ACCEPTOR, Deployment((ACCEPTOR,), (LEADER,), ()))
COMMAND = Command(Node("client", 0), 1, kv.Put("k", "v"))

ONE_LEADER = """
name: acme-one-leader
protocol: acme-paxos
nodes: {acceptors: 3, leaders: 1, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
sometimes: [all-performed]
"""


def test_accepts_in_a_higher_ballot_and_adopts_it():
    pvalue = PValue(Ballot(1, 0), 1, COMMAND)
    (step,) = on_p2a(CONTEXT, Acceptor(Ballot(0, 0)), P2a(LEADER, pvalue))
    assert step.state == Acceptor(Ballot(1, 0), frozenset({pvalue}))


def test_one_leader_gets_its_command_performed():
    assert_verified(ONE_LEADER)


def test_the_same_with_the_options_of_the_run(pmmc_check):
    assert pmmc_check(ONE_LEADER).found.complete
