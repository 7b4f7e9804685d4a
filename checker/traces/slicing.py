"""The slice of a trace: the steps that what it shows needs, and no others.

A set of steps that holds, with each step, all that it rests on can be taken by itself. The slice is such
a set that still shows the claim, judged anew by the reference semantics, and from which no step on which
no other one rests can be left out without losing that.
"""

from __future__ import annotations

from dataclasses import replace

from checker.model.behaviour import Trace, shown_by
from checker.model.judging import whether_inboxes_are_read
from checker.model.properties import On
from checker.traces.causality import Causality
from checker.traces.retrace import retrace


def slice_of(trace: Trace, known: Causality | None = None) -> tuple[int, ...]:
    """The numbers of the steps in the slice, ascending; all if the trace shows nothing, or repeats."""
    if trace.loop is not None:
        return tuple(range(1, len(trace.steps) + 1))
    known = known or Causality(trace)
    kept = _candidates(known)
    if without(known, kept) is None:
        kept = frozenset(range(1, len(trace.steps) + 1))
        if without(known, kept) is None:
            return tuple(sorted(kept))
    while True:
        for number in sorted(latest(known, kept), reverse=True):
            if without(known, kept - {number}) is not None:
                kept -= {number}
                break
        else:
            return tuple(sorted(kept))


def sliced(trace: Trace) -> Trace:
    """The behaviour that takes only the steps of the slice; its reason may name other witnesses."""
    if trace.loop is not None:
        return trace
    known = Causality(trace)
    return without(known, frozenset(slice_of(trace, known))) or trace


def without(known: Causality, kept: frozenset[int]) -> Trace | None:
    """The behaviour of these steps alone if it still shows the claim, else None."""
    if known.trace.claim is None and not known.trace.reason:
        return None
    only = retrace(known, sorted(kept))
    reason = None if only is None else shown_by(only)
    return None if only is None or reason is None else replace(only, reason=reason)


def latest(known: Causality, kept: frozenset[int]) -> frozenset[int]:
    """Those of some steps on which no other of them rests."""
    return kept - {link.before for number in kept for link in known.links_to(number)}


def _candidates(known: Causality) -> frozenset[int]:
    """All that the claim can depend on: what came before the last steps of the nodes it reads."""
    trace = known.trace
    count = len(trace.steps)
    claim = trace.claim
    if claim is None or claim.kind.on in (On.END, On.FUTURE, On.RUN) or whether_inboxes_are_read((claim,)):
        return frozenset(range(1, count + 1))
    if claim.kind.on is On.STEP:
        return known.past({count} if count else ())
    roles = {view.role for view in claim.views}
    nodes = enumerate(trace.system.processes)
    lasts = (known.last_at(node) for node, those in nodes if any(p.role in roles for p in those))
    return known.past(n for n in lasts if n is not None)
