"""What a replica has learned, and the state that it was given: its history, where it does not keep all."""

from dataclasses import dataclass

from pmmc import kv
from pmmc.replica import Replica
from pmmc.values import Command, Proposal


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state of the application: after all slots below `slot`, with what was performed for it."""

    slot: int = 1
    store: kv.Store = kv.EMPTY
    performed: tuple[Command, ...] = ()


#: The state before any slot.
BEGINNING = Checkpoint()


def learned_by(replica: Replica) -> frozenset[Proposal]:
    """All decisions a replica ever got: its history if it has one, else what it holds."""
    learned: frozenset[Proposal] = getattr(replica, "learned", replica.decisions)
    return learned


def checkpoint_of(replica: Replica) -> Checkpoint:
    """The state a replica began with or was given: it has no decisions from before that."""
    checkpoint: Checkpoint = getattr(replica, "checkpoint", BEGINNING)
    return checkpoint
