"""The rules for a run without end, and that their models notice what would be wrong with them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checker import load_text, verify
from pmmc import following, snapshots
from pmmc.collection import CollectingAcceptor
from pmmc.messages import P2a, Propose
from pmmc.replica import execute
from pmmc.snapshots import Snapshot, Snapshotting
from pmmc.values import NOBODY, Context, Deployment, Node, PValue, Step, filler
from spec.protocol import derive
from spec.variants.collection import collecting_voter, taking, voting
from spec.variants.longrun import long_run, recorded, replica_rules

MODEL = """
protocol: wrong
name: wrong
about: A rule for a run without end that is wrong on purpose.
nodes: {{acceptors: 1, leaders: 1, replicas: 2}}
commands: [put k1 v1, put k2 v2]
bounds: {{slots: 2, rounds: 1}}
network: lossy
rules: {{long-run: {name}}}
properties: [{claim}]
"""


def wrong(**rules: Any) -> Any:
    """A protocol with a variant that has these rules of replicas, or another way to accept."""
    histories = {"acceptor": ("votes",), "replica": ("learned", "checkpoint")}
    accept = rules.pop("accept", following.on_p2a)
    performing = {**replica_rules(), **rules.pop("replica", {})}
    variant = long_run(
        "wrong",
        "Wrong on purpose.",
        collecting_voter,
        voting(accept),
        recorded,
        performing,
        histories,
        gives_up=("A3",),
    )
    return derive("wrong", about="Wrong on purpose.", models=Path(), variants=(variant,))


def without_replies(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule for snapshots that takes over no results."""

    def take(context: Context, replica: Any, message: Snapshot) -> Any:
        return rule(context, replica, replace(message, replies=frozenset()))

    return take


def test_a_snapshot_without_replies_has_a_command_performed_twice() -> None:
    rule = taking(without_replies(snapshots.rules(execute)[Snapshot]))
    protocols = {"wrong": wrong(replica={Snapshot: rule})}
    text = MODEL.format(name="wrong", claim="exactly-once")
    judged = load_text(text, "m.yaml", protocols=protocols).system
    assert [claim.id for claim in verify(judged).violated()] == ["exactly-once"]


DEPLOYMENT = Deployment(
    tuple(Node("acceptor", i) for i in range(3)),
    (Node("leader", 0),),
    tuple(Node("replica", i) for i in range(3)),
    (NOBODY,),
)


def test_a_proposal_for_a_collected_slot_is_answered_with_that() -> None:
    context = Context(Node("leader", 0), DEPLOYMENT)
    leader = following.Follower(DEPLOYMENT.ballots.first(0), watermark=3)
    ((after, sends),) = following.on_propose(context, leader, Propose(2, filler(2)))
    assert after == leader
    assert [str(to) for to, _ in sends] == ["replica 0", "replica 1", "replica 2"]


def test_of_each_slot_the_last_pvalue_is_kept_and_none_below_the_watermark() -> None:
    context = Context(Node("acceptor", 0), DEPLOYMENT)
    ballots = DEPLOYMENT.ballots
    first, second = ballots.ballot(0, 0), ballots.ballot(1, 0)
    old, new = PValue(first, 4, filler(1)), PValue(second, 4, filler(2))
    acceptor = CollectingAcceptor(second, frozenset({old}), watermark=3)
    (step,) = following.on_p2a(context, acceptor, P2a(Node("leader", 0), new))
    assert step.state.accepted == {new}
    (step,) = following.on_p2a(context, acceptor, P2a(Node("leader", 0), PValue(second, 2, filler(2))))
    assert step.state.accepted == {old}


@pytest.mark.parametrize("many", [1, 3])
def test_a_replica_asks_all_others_or_nobody(many: int) -> None:
    deployment = replace(DEPLOYMENT, replicas=DEPLOYMENT.replicas[:many], configurations=())
    steps = snapshots.ask_others(Context(Node("replica", 0), deployment), Snapshotting(slot_out=4))
    assert [to.index for step in steps for to, _ in step.sends] == [1, 2][: many - 1]
    assert all(isinstance(step, Step) for step in steps)
