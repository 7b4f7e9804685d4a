"""The steps of a trace taken again: in an order that reads better, or only some of them.

A step is known by its node, action, message, sends and result, not by its index: the index depends on
what else is possible. Every state on the way is computed anew by the reference semantics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from checker.model.behaviour import Trace, TraceStep, shown_by
from checker.model.network import merges
from checker.model.semantics import ModelError, State, Transition, successors
from checker.traces.causality import Causality, Inboxes, Why
from checker.traces.lamps import beginnings

#: Steps of a trace that is put into another order; beyond that finding one takes too long.
LONGEST = 300


def retrace(known: Causality, numbers: Iterable[int]) -> Trace | None:
    """The behaviour that takes these steps of a trace in this order; None if one of them is not possible.

    It ends where they do, also if those of the trace repeat. The claim and the reason are not judged anew;
    see `readable` and `checker.traces.slicing`.
    """
    trace = known.trace
    system, state, inboxes = trace.system, trace.initial, Inboxes(trace.system)
    steps: list[TraceStep] = []
    for number in numbers:
        wanted, origin = trace.steps[number - 1].transition, known.origins[number - 1]
        found = (
            (index, step)
            for index, step in _possible(trace, state)
            if _same(step, wanted) and (merges(system.network) or _origin(inboxes, number, step) == origin)
        )
        index, step = next(found, (None, None))
        if index is None or step is None:
            return None
        inboxes.move(number, step)
        steps.append(TraceStep(index, step, state))
        state = step.state
    return replace(trace, steps=tuple(steps), loop=None)


def _possible(trace: Trace, state: State) -> Iterator[tuple[int, Transition]]:
    """The steps of a state with their indices, up to where the model's code raises."""
    try:
        yield from enumerate(successors(trace.system, state))
    except ModelError:
        return


def _same(step: Transition, wanted: Transition) -> bool:
    """Whether a step is the wanted one, whatever the other nodes look like."""
    return (
        step.node == wanted.node
        and step.action == wanted.action
        and step.message == wanted.message
        and step.lost == wanted.lost
        and step.sends == wanted.sends
        and step.state[step.node].local == wanted.state[wanted.node].local
    )


def _origin(inboxes: Inboxes, number: int, step: Transition) -> int | None:
    tag = inboxes.tag(number, step)
    return None if tag is None else tag.step


def readable(trace: Trace) -> Trace:
    """The same steps, ordered so that a message is taken soon after it was sent, as far as steps commute.

    Leads to the same state, shows the same, and shows it at its end only. Where that cannot be had, or
    nothing is gained, the trace itself; so is one that repeats, whose cycle must stay what it is.
    """
    if len(trace.steps) > LONGEST or trace.loop is not None:
        return trace
    known = Causality(trace)
    as_found = list(range(1, len(trace.steps) + 1))
    rests_on = _rests_on(known)
    orders = (as_found, _from_the_start(known, rests_on), _towards_the_end(rests_on))
    for order in sorted(orders, key=lambda order: _stretch(known, order)):
        if order == as_found:
            break
        ordered = retrace(known, order)
        if ordered is not None and _shows_the_same(ordered, trace):
            return ordered
    return trace


def _shows_the_same(ordered: Trace, trace: Trace) -> bool:
    """Whether a trace ends as the other one does, and shows its claim there and nowhere before."""
    if ordered.final != trace.final or shown_by(ordered) != trace.reason:
        return False
    return trace.claim is None or not any(shown_by(part) for part in beginnings(ordered))


def _stretch(known: Causality, order: Sequence[int]) -> int:
    """How far apart sending and taking are, summed over all messages that are taken."""
    place = {number: i for i, number in enumerate(order)}
    return sum(place[link.after] - place[link.before] for link in known.links() if link.why is Why.MESSAGE)


def _rests_on(known: Causality) -> list[set[int]]:
    """For each step (from 0) those that must come before it; the last one comes after all."""
    count = len(known.trace.steps)
    rests_on = [{link.before for link in known.links_to(n)} for n in range(1, count + 1)]
    for before, after in _rivals(known):
        rests_on[after - 1].add(before)
    if rests_on:
        rests_on[-1] |= set(range(1, count))
    return rests_on


def _from_the_start(known: Causality, rests_on: Sequence[set[int]]) -> list[int]:
    """All steps, next always one that takes the message sent last; without one, the first as found."""
    place: dict[int, int] = {}
    waiting = list(range(1, len(rests_on) + 1))
    while waiting:
        ready = [n for n in waiting if rests_on[n - 1] <= place.keys()]
        following = max(ready, key=lambda n: (place.get(known.origins[n - 1] or 0, -1), -n))
        place[following] = len(place)
        waiting.remove(following)
    return list(place)


def _towards_the_end(rests_on: Sequence[set[int]]) -> list[int]:
    """All steps, each as late as those that rest on it allow: a story told backwards, then turned round."""
    count = len(rests_on)
    needing = {n: {m for m in range(1, count + 1) if n in rests_on[m - 1]} for n in range(1, count + 1)}
    place: dict[int, int] = {}
    while needing:
        free = [n for n, afters in needing.items() if afters <= place.keys()]
        latest = max(free, key=lambda n: (max((place[m] for m in needing[n]), default=-1), n))
        place[latest] = len(place)
        del needing[latest]
    return list(place)[::-1]


def _rivals(known: Causality) -> Iterator[tuple[int, int]]:
    """Pairs of steps that must keep their order although neither rests on the other.

    Where a message that was taken is gone, sending it again before or after that is not the same.
    """
    system = known.trace.system
    if system.network.keeps:
        return
    sending: dict[tuple[int, object], list[int]] = {}
    for parcel in known.parcels:
        sending.setdefault((parcel.receiver, parcel.message), []).append(parcel.sent)
    for number, step in enumerate(known.trace.steps, start=1):
        if step.transition.message is not None:
            for sent in sending[step.transition.node, step.transition.message]:
                if sent and sent != number:
                    yield min(sent, number), max(sent, number)
