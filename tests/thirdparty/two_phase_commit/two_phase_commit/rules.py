"""The protocol: frozen values and pure functions. Nothing here knows of a checker."""

from dataclasses import dataclass, replace

COMMIT, ABORT = "commit", "abort"


@dataclass(frozen=True, slots=True)
class Context:
    """Who I am, and who takes part."""

    me: str
    coordinator: str
    participants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepare:
    """Coordinator → participants: can you commit?"""


@dataclass(frozen=True, slots=True)
class Vote:
    """Participant → coordinator: I can, and will wait for you; or I cannot, and have aborted."""

    participant: str
    yes: bool


@dataclass(frozen=True, slots=True)
class Decide:
    """Coordinator → participants: this is the outcome."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Coordinator:
    """Who has voted yes, and what was decided."""

    yes: frozenset[str] = frozenset()
    outcome: str | None = None
    crashed: bool = False


@dataclass(frozen=True, slots=True)
class Participant:
    """How it voted, and its outcome."""

    vote: bool | None = None
    outcome: str | None = None


def on_vote(context, state, message):
    """Commit when all have voted yes; abort with the first no."""
    if state.outcome is not None or state.crashed:
        return ()
    if not message.yes:
        return (decide(context, state, ABORT),)
    state = replace(state, yes=state.yes | {message.participant})
    return (decide(context, state, COMMIT) if len(state.yes) == len(context.participants) else (state, ()),)


def time_out(context, state):
    """Wait no longer for votes."""
    return () if state.outcome is not None or state.crashed else (decide(context, state, ABORT),)


def decide(context, state, outcome):
    """Decide, and tell everybody."""
    sends = tuple((participant, Decide(outcome)) for participant in context.participants)
    return replace(state, outcome=outcome), sends


def on_prepare(context, state, message):
    """Vote. A participant that has not aborted yet may vote either way."""
    if state.vote is not None:
        return ()
    no = replace(state, vote=False, outcome=ABORT), ((context.coordinator, Vote(context.me, yes=False)),)
    yes = replace(state, vote=True), ((context.coordinator, Vote(context.me, yes=True)),)
    return (no,) if state.outcome == ABORT else (yes, no)


def on_decide(context, state, message):
    """Do as was decided."""
    return () if state.outcome is not None else ((replace(state, outcome=message.outcome), ()),)


def give_up(context, state):
    """Abort alone, as long as no vote was given."""
    return (
        ()
        if state.vote is not None or state.outcome is not None
        else ((replace(state, outcome=ABORT), ()),)
    )


def crash(context, state):
    """The coordinator stops for good."""
    return () if state.crashed else ((replace(state, crashed=True), ()),)


def on_vote_impatient(context, state, message):
    """Wrong on purpose: commits when more than half have voted yes."""
    if state.outcome is not None or not message.yes:
        return on_vote(context, state, message)
    state = replace(state, yes=state.yes | {message.participant})
    enough = 2 * len(state.yes) > len(context.participants)
    return (decide(context, state, COMMIT) if enough else (state, ()),)
