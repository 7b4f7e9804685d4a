"""Two-phase commit as the checker meets it: roles, views, properties, model files, the system."""

from pathlib import Path
from typing import Annotated

from checker import (
    Kind,
    Member,
    ModelFile,
    Property,
    Protocol,
    Role,
    Symmetry,
    System,
    Variant,
    View,
    Whole,
    system_of,
)
from two_phase_commit import rules
from two_phase_commit.rules import ABORT, COMMIT, Context, Decide, Prepare, Vote


def settle_coordinator(context, state, message):
    """After the decision no vote matters, nor a yes that was counted."""
    counted = message.yes and message.participant in state.yes
    return None if state.outcome is not None or counted else message


def settle_participant(context, state, message):
    """Who has voted needs no second question; who knows the outcome needs not hear it again."""
    if isinstance(message, Prepare):
        return None if state.vote is not None else message
    return None if state.outcome is not None else message


COORDINATOR = Role(
    "coordinator", {Vote: rules.on_vote}, {"timeOut": rules.time_out}, settle=settle_coordinator
)
PARTICIPANT = Role(
    "participant",
    {Prepare: rules.on_prepare, Decide: rules.on_decide},
    {"giveUp": rules.give_up},
    settle=settle_participant,
)

OUTCOME = View("outcome", "participant", lambda p: p.outcome)
VOTE = View("vote", "participant", lambda p: (p.vote, p.outcome))
CRASHED = View("crashed", "coordinator", lambda c: c.crashed)


def _agreement(setting, outcomes):
    committed = [p for p, outcome in outcomes.items() if outcome == COMMIT]
    aborted = [p for p, outcome in outcomes.items() if outcome == ABORT]
    return f"{committed[0]} has committed and {aborted[0]} has aborted" if committed and aborted else None


def _validity(setting, votes):
    committed = [p for p, (_, outcome) in votes.items() if outcome == COMMIT]
    missing = [p for p, (vote, _) in votes.items() if vote is not True]
    return f"{committed[0]} has committed without a yes of {missing[0]}" if committed and missing else None


def _final(context, before, after):
    return f"{context.me} goes from {before} to {after}" if before not in (None, after) else None


def _not_blocked(setting, votes):
    waiting = [p for p, (vote, outcome) in votes.items() if vote and outcome is None]
    return f"{waiting[0]} has voted yes and waits for ever" if waiting else None


def _all(wanted):
    return lambda setting, outcomes: f"all {wanted}" if set(outcomes.values()) == {wanted} else None


_SOURCE = (
    "Bernstein, Hadzilacos, Goodman, Concurrency Control and Recovery in Database Systems, section 7.3"
)

PROPERTIES = {
    p.id: p
    for p in (
        Property("agreement", Kind.STATE, "No two differ in outcome.", _SOURCE, (OUTCOME,), _agreement),
        Property("validity", Kind.STATE, "Commit needs a yes of all.", _SOURCE, (VOTE,), _validity),
        Property("finality", Kind.ACTION, "An outcome is never revised.", _SOURCE, (OUTCOME,), _final),
        Property("not-blocked", Kind.TERMINAL, "Nobody waits for ever.", _SOURCE, (VOTE,), _not_blocked),
        Property("all-commit", Kind.SOMETIMES, "All commit.", _SOURCE, (OUTCOME,), _all(COMMIT)),
        Property("all-abort", Kind.SOMETIMES, "All abort.", _SOURCE, (OUTCOME,), _all(ABORT)),
    )
}

VARIANTS = (
    Variant(
        part="coordinator",
        name="may-crash",
        role="coordinator",
        about="The coordinator may stop, and then nobody who has voted yes can go on.",
        source=_SOURCE,
        rules={},
        wakes={"crash": rules.crash},
    ),
    Variant(
        part="coordinator",
        name="impatient",
        role="coordinator",
        about="Wrong on purpose: commits when more than half have voted yes.",
        source=f"against {_SOURCE}",
        rules={Vote: rules.on_vote_impatient},
    ),
)


class TwoPhaseModel(ModelFile):
    """A model of two-phase commit."""

    participants: Annotated[int, Whole(1, 50)]
    """How many participants there are; they are named `participant 0`, `participant 1`, …"""


def build(model: TwoPhaseModel) -> System:
    """The system that a model file describes."""
    names = tuple(f"participant {i}" for i in range(model.participants))
    coordinator = Member(
        "coordinator", COORDINATOR, Context("coordinator", "coordinator", names), rules.Coordinator()
    )
    participants = (
        Member(
            name,
            PARTICIPANT,
            Context(name, "coordinator", names),
            rules.Participant(),
            [("coordinator", Prepare())],
        )
        for name in names
    )
    turned = dict(zip(names, (*names[1:], names[0]), strict=True))
    swapped = {names[0]: names[-1], names[-1]: names[0]}
    return system_of(
        model,
        (coordinator, *participants),
        PROPERTIES,
        variants=VARIANTS,
        default=("agreement", "validity", "finality"),
        bounds={"participants": model.participants},
        symmetries=[Symmetry("participants", (swapped, turned))] if len(names) > 1 else [],
    )


TWO_PHASE_COMMIT = Protocol(
    name="two-phase-commit",
    about="Two-phase commit: a coordinator asks, participants vote, all commit or all abort.",
    schema=TwoPhaseModel,
    build=build,
    properties=PROPERTIES,
    variants=VARIANTS,
    models=Path(__file__).parent / "models",
    template="name: first\nprotocol: two-phase-commit\nparticipants: 2\n",
)
