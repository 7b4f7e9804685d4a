"""Nothing is shown before the reference semantics has confirmed it."""

from __future__ import annotations

from dataclasses import replace

from checker.engines.contract import Discovery, Raised
from checker.model.behaviour import ReplayError, Trace, judged, replay, show_path, shown_by
from checker.model.future import TooFarAhead, no_return
from checker.model.properties import On, Property
from checker.model.system import System


class InternalMismatch(Exception):  # noqa: N818 - the mismatch is what a reader must see
    """An engine's finding that the reference semantics does not confirm: a bug of the checker."""


def confirm(system: System, discovery: Discovery) -> Trace:
    """The trace of a finding, with the property judged anew at its end.

    Raises InternalMismatch if the path does not replay, or its end, or the run that it is, does not show
    what was found.
    """
    claim = next((p for p in system.properties if p.id == discovery.property), None)
    if claim is None:
        raise InternalMismatch(f"a finding of {discovery.property}, which is no property of {system.name}")
    if discovery.path is None:
        raise InternalMismatch(f"{claim.id} was found ({discovery.reason}), but not how to get there")
    try:
        trace = replay(system, discovery.path, discovery.loop)
    except ReplayError as error:
        raise InternalMismatch(f"the path found for {claim.id} does not replay: {error}") from error
    reason = _says(trace, claim)
    if reason is None:
        raise InternalMismatch(
            f"{claim.id} was found ({discovery.reason}), but {_what_shows(claim)} "
            f"{show_path(discovery.path)} does not show it"
        )
    return replace(trace, claim=claim, reason=reason)


def _what_shows(claim: Property) -> str:
    return "the run along the path" if claim.kind.on is On.RUN else "the end of the path"


def _says(trace: Trace, claim: Property) -> str | None:
    """What the end of a trace shows; that too much can be reached from there to be looked at is told."""
    if claim.kind.on is not On.FUTURE:
        return judged(trace, claim)
    try:
        return no_return(trace.system, claim, trace.final)
    except TooFarAhead as more:
        return (
            "out of reach for good, as the search has it: "
            f"{more}, and the first {more.seen:,} that were looked at again do not show it"
        )


def confirm_raised(system: System, raised: Raised) -> Trace:
    """The trace to the state in which the model's code raised; it is made to raise once more.

    Raises InternalMismatch if the path does not replay or nothing raises at its end.
    """
    try:
        trace = replay(system, raised.path or ())
    except ReplayError as error:
        raise InternalMismatch(f"the path to an exception does not replay: {error}") from error
    reason = shown_by(trace)
    if reason is not None:
        return replace(trace, reason=reason)
    raise InternalMismatch(
        f"the model was seen to raise ({raised.reason}), but after the path "
        f"{show_path(trace.path)} nothing raises"
    )
