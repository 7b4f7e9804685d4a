"""Replicas that take another configuration at other times than ours, or propose to others.

The variant here is the paper's own text: a reconfiguration that is decided twice is applied twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from checker.modelfiles.protocol import Variant
from pmmc import replica
from pmmc.kv import Reconfigure
from pmmc.messages import Decision, Request
from pmmc.replica import Replica
from pmmc.values import Command, Context, Proposal, Rule, Sends, Step, slots_of

Propose = Callable[[Context, Replica], Step]


def proposing(
    may_propose: Callable[[Context, Replica], bool] = replica.may_propose,
    reconfigured: Callable[[Context, Replica], Replica] = replica.reconfigured,
    propose_one: Callable[[Context, Replica, Command], tuple[Replica, Sends]] = replica.propose_one,
) -> Propose:
    """The function `propose` of replicas with something else in the place of one of its parts."""

    def propose(context: Context, state: Replica) -> Step:
        sends: Sends = ()
        while may_propose(context, state):
            state = reconfigured(context, state)
            if state.slot_in not in slots_of(state.decisions):
                state, proposed = propose_one(context, state, state.requests[0])
                sends += proposed
            state = replace(state, slot_in=state.slot_in + 1)
        return Step(state, sends)

    return propose


def rules_with(propose: Propose) -> Mapping[type, Rule[Replica]]:
    """The rules of replicas with another function `propose`."""

    def on_request(context: Context, state: Replica, message: Request) -> tuple[Step, ...]:
        if replica.holds(state, message.command):
            return ()
        return (propose(context, replace(state, requests=(*state.requests, message.command))),)

    def on_decision(context: Context, state: Replica, message: Decision) -> tuple[Step, ...]:
        decision = Proposal(message.slot, message.command)
        if decision in state.decisions:
            return ()
        informed = replace(state, decisions=state.decisions | {decision})
        return tuple(
            Step(proposed.state, responses + proposed.sends)
            for performed, responses in replica.perform_all(context, informed)
            for proposed in (propose(context, performed),)
        )

    return {Request: on_request, Decision: on_decision}


def applied_again(context: Context, state: Replica) -> Replica:
    """As `pmmc.replica.reconfigured`, of a reconfiguration also that an earlier slot has had already."""
    for command in replica.decided_for(state, state.slot_in - context.deployment.window):
        if isinstance(command.op, Reconfigure):
            state = replace(state, configuration=command.op.configuration)
    return state


RECONFIGURATION_VARIANTS = (
    Variant(
        part="reconfiguration",
        name="applied-again",
        role="replica",
        about="A reconfiguration that is decided for two slots is applied twice, and the second time takes "
        "the place of one that was decided in between.",
        source="paper, section 2.1, function propose, as printed: perform tells duplicates, propose does "
        "not",
        rules=rules_with(proposing(reconfigured=applied_again)),
    ),
)
