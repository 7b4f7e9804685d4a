"""The first step at which the protocol's own rule would have done something else, and what.

Where a model file, a mutant or a package of its own puts rules in the place of the protocol's, a step of a
trace is compared with what the protocol's own rule does at the same node, in the same local state, with
the same message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checker.model.behaviour import Trace
    from checker.model.system import System
    from checker.modelfiles.loading import LoadedModel


@dataclass(frozen=True, slots=True)
class Own:
    """A model as it is with the protocol's own rules, and what stands in for them.

    `replaced` says for people what does: `acceptor: accept-any-ballot`, or a package. `about` is what these
    variants say of themselves. `settings` are those among `rules` of the model file that replace no rule.
    """

    system: System
    replaced: tuple[str, ...]
    about: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


class How(Enum):
    """In which way a step is not the protocol's own."""

    #: the protocol's own rule takes another step
    OTHERWISE = "does something else"
    #: it ignores the message
    IGNORES = "ignores the message"
    #: it has no such step at all, as of a wake that only a variant has
    NO_SUCH_STEP = "has no such step"
    #: it raises in this local state
    RAISES = "cannot be asked"
    #: it goes on where the trace ends
    GOES_ON = "goes on"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step does, for people: what changes (field by field) and what is sent (with receivers)."""

    changes: tuple[str, ...]
    sends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Departure:
    """A step (from 1) of a trace that the protocol's own rules would not have taken.

    `action` is role.action. `taken` is what it did and `own` what the protocol's own rule would have done:
    none if it ignores the message, several if it may choose. With `How.GOES_ON` the step is one after the
    last. `reason` is the exception's text with `How.RAISES`.
    """

    step: int
    node: int
    action: str
    how: How
    taken: Effect | None
    own: tuple[Effect, ...]
    reason: str = ""


def own_of(loaded: LoadedModel) -> Own | None:
    """The model with the protocol's own rules; None if no other rules stand in for them."""
    raise NotImplementedError


def departures(trace: Trace, own: Own) -> Iterator[Departure]:
    """The steps that the protocol's own rules would not have taken, in order."""
    raise NotImplementedError
