"""What is raised when a claim that a reduction rests on does not hold."""

from __future__ import annotations


class UnsoundClaim(Exception):  # noqa: N818 - what is wrong is a claim of the model's
    """A model claims something that would make a reduction sound, and it is not so.

    The message says what was claimed, where it fails, and how to do without.
    """


class ShiftError(UnsoundClaim):
    """A shift that is none: something looks at the levels themselves."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the declared shift ({name}) is none: {reason}; a bound on {name} does without")
