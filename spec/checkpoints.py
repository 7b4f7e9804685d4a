"""A state of the application that a replica was given, with what was performed for it."""

from dataclasses import dataclass

from pmmc import kv
from pmmc.values import Command


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state of the application: after all slots below `slot`, with what was performed for it."""

    slot: int = 1
    store: kv.Store = kv.EMPTY
    performed: tuple[Command, ...] = ()


#: The state before any slot.
BEGINNING = Checkpoint()
