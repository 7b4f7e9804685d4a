"""Replicas that forget: what they need no more they do not keep.

Then a replica's decisions do not tell any more what it has learned and performed, and what properties say
of that is judged on a history variable: `learned`, which rules write and never read or send.
"""

from dataclasses import dataclass, replace
from typing import Any

from checker.modelfiles.protocol import Variant
from pmmc import forgetting
from pmmc.messages import Decision
from pmmc.replica import Replica
from pmmc.values import Context, Proposal, Rule, Step, with_more
from spec.claims.forgetting import settle_forgetful


@dataclass(frozen=True, slots=True)
class Forgetful(Replica):
    """Keeps the decisions that it needs; `learned` are all that it ever got."""

    learned: frozenset[Proposal] = frozenset()


def forgetful(state: Replica) -> Forgetful:
    """The same replica; it will forget when it performs the next command."""
    return with_more(Forgetful, state, learned=state.decisions)


def learning(rule: Rule[Any]) -> Rule[Any]:
    """A rule for decisions that notes all of them in the history, those also that it ignores."""

    def on_decision(context: Context, state: Any, message: Decision) -> tuple[Step, ...]:
        learned = state.learned | {Proposal(message.slot, message.command)}
        steps = rule(context, state, message)
        if not steps and learned != state.learned:
            steps = (Step(state),)
        return tuple(step._replace(state=replace(step.state, learned=learned)) for step in steps)

    return on_decision


FORGETFUL = Variant(
    part="replica",
    name="forgetful",
    role="replica",
    about="A replica forgets decisions of slots that are performed, but for reconfigurations. What it has "
    "performed it remembers.",
    source="paper, section 4.2",
    rules={**forgetting.RULES, Decision: learning(forgetting.on_decision)},
    begin=forgetful,
    settle=settle_forgetful,
    history=("learned",),
    claims=("GC-7", "GC-8"),
)
