"""Why a trace shows what it shows: all that is known of it, as one value.

What can be told of the trace alone comes first, then what has to be searched for. If the search is
interrupted, what was known before is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from checker.engines.choose import Means, Reporter
from checker.engines.contract import Limits
from checker.explanation.alternatives import Alternatives, alternatives
from checker.explanation.different import LIMITS, Different, different
from checker.explanation.fates import Fates, fates
from checker.explanation.ownrules import Departure, Own, departures
from checker.explanation.story import Story, story_of
from checker.model.behaviour import Trace
from checker.model.claims import UnsoundClaim
from checker.model.modelcode import CodeError
from checker.model.properties import On

#: Different counterexamples that are told if nothing else is asked for.
MOST = 3

T = TypeVar("T")


@dataclass(slots=True)
class Why:
    """What explains a trace. What was not found out is None, and `unanswered` says why, by the field.

    `own` is the model with the protocol's own rules, None if these are its rules; `departure` is the first
    step that those would not have taken, None if there is none.
    """

    trace: Trace
    story: Story
    own: Own | None = None
    departure: Departure | None = None
    alternatives: Alternatives | None = None
    fates: Fates | None = None
    different: Different | None = None
    unanswered: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def stopped(self) -> str | None:
        """The limit for which it is not known which steps exclude what is shown; None if there is none."""
        return None if self.fates is None or self.fates.known else self.fates.reaching.stopped


def why(
    trace: Trace,
    means: Means = Means(),
    limits: Limits = Limits(),
    *,
    most: int = MOST,
    own: Own | None = None,
    report: Reporter | None = None,
    counted: Callable[[int, int], None] | None = None,
) -> Why:
    """Explain a trace, such as one of `CheckResult.traces`: how it comes about, and what would exclude it.

    `means` and `limits` are those of the search for what can still be reached, `most` the number of
    different counterexamples to be told; of a model with other rules than the protocol's, `own` is it with
    those. `report` is told how far the search is, `counted` how many states were looked at for different
    counterexamples, and how many of these there are. Ctrl-C ends it with what is known by then.
    """
    answer = Why(trace, story_of(trace), own)
    if own is not None:
        _ask(answer, "departure", lambda: next(departures(trace, own), None))
    _ask(answer, "alternatives", partial(alternatives, trace, answer.story.slice))
    not_asked = _not_asked(trace)
    if not_asked:
        answer.unanswered |= not_asked
        return answer
    _ask(answer, "fates", partial(fates, trace, means, limits, report))
    answer.interrupted |= answer.fates is not None and answer.fates.reaching.interrupted
    most_states, timeout = limits.max_states or LIMITS.max_states, limits.timeout or LIMITS.timeout
    bounded = replace(limits, max_states=most_states, max_depth=None, timeout=timeout)
    _ask(answer, "different", partial(different, trace, most, bounded, counted))
    answer.interrupted |= answer.different is not None and answer.different.interrupted
    return answer


def _not_asked(trace: Trace) -> dict[str, str]:
    """What is not asked of a trace that shows nothing that a state could show, and why."""
    claim = trace.claim
    if claim is None:
        why_not = "not asked: this trace ends where the model's code raises, and shows no property"
        return {"fates": why_not, "different": why_not}
    if claim.kind.on is not On.RUN:
        return {}
    return {
        "fates": f"not asked: {claim.id} is violated by a run, and by no state that one step could exclude",
        "different": "not counted: there are no fewest steps of what never ends",
    }


def _ask(answer: Why, part: str, ask: Callable[[], T]) -> None:
    """Find a part out, unless that was interrupted; what goes wrong there takes no other part with it."""
    if answer.interrupted:
        answer.unanswered[part] = "not known: interrupted"
        return
    try:
        setattr(answer, part, ask())
    except KeyboardInterrupt:
        answer.interrupted = True
        answer.unanswered[part] = "not known: interrupted"
    except (CodeError, UnsoundClaim, ValueError) as error:
        answer.unanswered[part] = f"not known: {str(error) or type(error).__name__}"
