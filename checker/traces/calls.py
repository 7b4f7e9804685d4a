"""What clients asked and were answered along a trace, and which order of their calls explains the answers.

Where no order explains all of them, two things are found. The *order* is one that explains as many answers
as can be explained together; the answers of those that are left fit nowhere. The *conflict* are answered
calls that cannot be ordered together, though all but any one of them can. In both, an answer that is left
out counts as one that was never given: the call is pending, like those that nobody answered, and may have
taken effect or not (Herlihy and Wing 1990, section 2). So what others saw of it stays explained.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from types import MappingProxyType
from typing import Any

from checker.model.behaviour import Trace
from checker.model.consistency import LINEARIZABLE, SEQUENTIALLY_CONSISTENT
from checker.model.linearizability import (
    Called,
    Invocation,
    Precedes,
    Response,
    SequentialObject,
    ordered,
    precedes,
    precedes_at_client,
)
from checker.model.values import canonical
from checker.model.vocabulary import NodeName
from checker.model.wording import keeps_calls

#: Property → which calls must come before which in the orders that it allows.
PRECEDES: Mapping[str, Precedes] = MappingProxyType(
    {LINEARIZABLE.id: precedes, SEQUENTIALLY_CONSISTENT.id: precedes_at_client}
)
#: Choices of answers to be left out that are tried, until of each conflict the answer given last is.
TRIES = 200


@dataclass(frozen=True, slots=True)
class History:
    """All calls along a trace, in the order in which they were asked, and the object that they are about.

    They are invoked and answered in steps, from 1; 0: before the first. `clients` are those who made them,
    in the order of the nodes; `end` is the number of steps. Where a step has several events `places` tells
    which came first: call → its places among all events.
    """

    thing: SequentialObject
    calls: tuple[Called, ...]
    clients: tuple[NodeName, ...]
    end: int
    places: Mapping[Hashable, tuple[int, int | None]] = field(default_factory=dict)

    def before(self, claim: str) -> Precedes:
        """Which of its calls must come before which in the orders that a property of `PRECEDES` allows."""
        relation = PRECEDES[claim]
        return lambda one, other: relation(self._placed(one), self._placed(other))

    def _placed(self, call: Called) -> Called:
        """The call, invoked and answered at places instead of in steps."""
        invoked, answered = self.places.get(call.call, (call.invoked, call.answered))
        return replace(call, invoked=invoked, answered=None if call.answered is None else answered)

    @property
    def answered(self) -> list[Called]:
        """The calls that were answered, in the order of their answers."""
        done = (call for call in self.calls if call.answered is not None)
        return sorted(done, key=lambda call: call.answered or 0)


def history_of(trace: Trace) -> History | None:
    """The history of a trace; None if nobody keeps one in this model.

    It is read from what observers begin with and are told; some are told the same, in the same step.
    """
    system = trace.system
    keeping = [member for member in system.observers if keeps_calls(member)]
    if not keeping:
        return None
    alike = (member for member in keeping if member.role.name == keeping[0].role.name)
    waiting = {event for member in alike for event in member.local.waiting}
    told = [(0, event) for event in sorted(waiting, key=canonical)]
    names = {member.name for member in keeping}
    for number, step in enumerate(trace.steps, start=1):
        told += [(number, event) for to, event in step.transition.sends if to in names]
    calls: dict[Hashable, Called] = {}
    places: dict[Hashable, tuple[int, int | None]] = {}
    for place, (number, event) in enumerate(told):
        if isinstance(event, Invocation) and event.call not in calls:
            calls[event.call] = Called(event.client, event.call, event.operation, number)
            places[event.call] = place, None
        elif isinstance(event, Response) and calls[event.call].answered is None:
            calls[event.call] = replace(calls[event.call], answered=number, result=event.result)
            places[event.call] = places[event.call][0], place
    at = system.positions
    clients = sorted({call.client for call in calls.values()}, key=lambda name: at.get(name, len(at)))
    thing = keeping[0].context.object
    return History(thing, tuple(calls.values()), tuple(clients), len(trace.steps), places)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How far one order of the calls explains the answers.

    `order` are the calls as they take effect one after the other, those that nobody answered only if
    somebody saw their effect. The answers of `nowhere` do not fit into it; if others saw the effect of such
    a call, it is in the order all the same. `conflict` cannot be ordered together; it is empty if, and only
    if, all is explained. `claim` is the property, one of `PRECEDES`, that says what is to be respected.
    """

    history: History
    claim: str
    order: tuple[Called, ...]
    nowhere: tuple[Called, ...]
    conflict: tuple[Called, ...]

    def instead(self, call: Called) -> list[tuple[Called, Any]]:
        """Why the answer of a call fits nowhere: wherever the call may stand in the order, which call gets
        which answer instead of its own; each once.
        """
        before = self.history.before(self.claim)
        rest = [other for other in self.order if other != call]
        begin = max((n for n, other in enumerate(rest, 1) if before(other, call)), default=0)
        end = min((n for n, other in enumerate(rest) if before(call, other)), default=len(rest))
        found: list[tuple[Called, Any]] = []
        for place in range(begin, end + 1):
            wrong = self._first_wrong([*rest[:place], call, *rest[place:]], call)
            if wrong is not None and wrong not in found:
                found.append(wrong)
        return found

    def _first_wrong(self, order: Iterable[Called], call: Called) -> tuple[Called, Any] | None:
        """The first call of an order whose answer is another one then, `call` before all others."""
        others = [one for one in self.nowhere if one != call]
        given = _performed(self.history.thing, order)
        wrong = [(one, result) for one, result in given if not (one in others or _fits(one, result))]
        return min(wrong, key=lambda pair: pair[0] != call, default=None)


def explain(history: History, claim: str = LINEARIZABLE.id) -> Explanation:
    """The order of calls that explains most, and what fits nowhere; `claim` is one of `PRECEDES`.

    As many answers as can be are explained, unless that takes more than `TRIES` to find out. Of several
    choices rather those that were given first.
    """
    before = history.before(claim)
    nowhere = _left_out(history, before)
    order = _order(history, before, nowhere)
    assert order is not None
    known = {call.call: call for call in history.calls}
    shown = tuple(known[call.call] for call in _trimmed(history.thing, order))
    return Explanation(history, claim, shown, nowhere, _conflict(history, before))


def _left_out(history: History, before: Precedes) -> tuple[Called, ...]:
    """The calls whose answers are to be left out so that the rest can be explained: as few as there can be.

    Of each conflict one must be left out. So each choice of one is tried, those of fewer calls first
    (Reiter, A theory of diagnosis from first principles, Artificial Intelligence 1987).
    """
    choices: list[frozenset[Called]] = [frozenset()]
    for left in islice(choices, TRIES):
        conflict = _conflict(history, before, left)
        if not conflict:
            break
        more = (left | {call} for call in reversed(conflict))
        choices += [one for one in more if one not in choices]
    else:
        left = frozenset()
        while conflict := _conflict(history, before, left):
            left |= {conflict[-1]}
    return tuple(call for call in history.answered if call in left)


def _conflict(history: History, before: Precedes, left: Collection[Called] = ()) -> tuple[Called, ...]:
    """Answered calls that cannot be ordered together, though all but any one of them can; none if all can.

    Those whose answers are `left` out are not among them. There may be a smaller such set: one call after
    the other is left out too, if it can be, those answered first before others.
    """
    out = [*left]
    if _order(history, before, out) is not None:
        return ()
    for call in history.answered:
        if call not in left and _order(history, before, [*out, call]) is None:
            out.append(call)
    return tuple(call for call in history.answered if call not in out)


def _order(history: History, before: Precedes, left: Collection[Called]) -> tuple[Called, ...] | None:
    """An order that explains all answers but those that are left out; None if there is none."""
    return ordered(history.thing, without_answers(history.calls, left), before)


def without_answers(calls: Iterable[Called], left: Collection[Called]) -> list[Called]:
    """Calls, some of them as ones that were never answered."""
    return [replace(call, answered=None, result=None) if call in left else call for call in calls]


def _trimmed(thing: SequentialObject, order: Sequence[Called]) -> Sequence[Called]:
    """An order without those that nobody answered and whose effect nobody saw."""
    for call in order:
        without = [other for other in order if other != call]
        if call.answered is None and all(_fits(*pair) for pair in _performed(thing, without)):
            return _trimmed(thing, without)
    return order


def _performed(thing: SequentialObject, order: Iterable[Called]) -> Iterator[tuple[Called, Any]]:
    """Calls one after the other, each with its result."""
    state = thing.initial
    for call in order:
        state, result = thing.apply(state, call.operation)
        yield call, result


def _fits(call: Called, result: Any) -> bool:
    """Whether a result is what a call was answered, if it was."""
    return call.answered is None or result == call.result
