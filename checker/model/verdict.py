"""Verdicts and exit codes: defined once, rendered by every output."""

from __future__ import annotations

from enum import Enum, IntEnum


class Verdict(Enum):
    """The outcome of a check for a property, or for all properties of a model."""

    #: established over every reachable state of the bounded model
    VERIFIED = "verified"
    #: a counterexample exists, or the whole bounded model was explored and a `sometimes` never held
    VIOLATED = "violated"
    #: a limit was hit, the model's code raised, the check failed, or nothing was checked: nothing is known
    INCONCLUSIVE = "inconclusive"


class ExitCode(IntEnum):
    """Exit codes of the command line, after TLC's family; with several findings the least of 11 to 14."""

    OK = 0
    #: wrong usage, a faulty model, a claim that is none, a file that cannot be written
    USAGE = 2
    #: a `sometimes` not reached, an action that never fired, nothing checked, an `expect` not met
    UNMET = 10
    #: a terminal property, or one about what can still be reached, violated: the system got stuck
    DEADLOCK = 11
    #: an invariant or action property violated
    SAFETY = 12
    #: a run violates what is claimed of all fair ones: it goes on, or stops, without ever coming to it
    LIVENESS = 13
    #: the model's own code raised while it was explored, or answered what is no answer
    MODEL_RAISED = 14
    #: a limit was hit and nothing was found
    INCONCLUSIVE = 20
    #: an internal error of the checker, a counterexample that does not replay among them
    INTERNAL = 70
    INTERRUPTED = 130
