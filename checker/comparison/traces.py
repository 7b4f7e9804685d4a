"""Two traces beside each other: the past they have in common, where they part, and how their states differ.

What counts of a trace is what caused what, not the order in which steps were listed that have nothing to
do with each other. A set of steps that holds, with each step, all that it rests on is a past; two traces
have a past in common if the steps of the one are those of the other, resting on the same. The steps of one
node follow each other, so the first of its steps in the one trace can only be the first in the other one,
and so on: there is one largest common past, and step by step it is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from checker.comparison.views import Sameness
from checker.model.behaviour import Trace
from checker.model.semantics import State
from checker.model.system import System
from checker.model.values import show
from checker.model.verdict import ExitCode
from checker.model.wording import action_of, fields_of, step_differences
from checker.traces.causality import Causality, Why
from checker.traces.retrace import retrace


@dataclass(frozen=True, slots=True)
class Event:
    """A step as it is compared: who takes it, what it is, and what it does."""

    node: str
    action: str
    sends: tuple[str, ...]
    changes: tuple[str, ...]

    def is_named_as(self, other: Event) -> bool:
        """Whether both are the same action of the same node, whatever it does."""
        return (self.node, self.action) == (other.node, other.action)


@dataclass(frozen=True, slots=True)
class Parting:
    """The first step of a trace that is not in the common past: its number, what it does, what it rests on.

    `elsewhere` is the first step of the other trace that is the same action of the same node, if there is
    one: it does something else, or rests on something else.
    """

    number: int
    event: Event
    rests_on: tuple[int, ...]
    elsewhere: int | None


@dataclass(frozen=True, slots=True)
class FieldsApart:
    """A field of a node, as the one state and as the other has it; None where it has no such field."""

    node: str
    field: str
    values: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class TraceComparison:
    """What two traces have in common, and where they differ.

    `common` are pairs of numbers of steps that are the same, in the order of the first trace. `parting` is
    for each trace its first step that is not among them, if there is one. `start` and `end` say how their
    first and last states differ, `parted` how the states do after the common past and these first steps.
    """

    traces: tuple[Trace, Trace]
    common: tuple[tuple[int, int], ...]
    parting: tuple[Parting | None, Parting | None]
    start: tuple[FieldsApart, ...]
    parted: tuple[FieldsApart, ...]
    end: tuple[FieldsApart, ...]
    repeats_alike: bool

    @property
    def sameness(self) -> Sameness:
        """Equal if the traces have all steps in common and begin and repeat alike."""
        differs = any(self.parting) or self.start or not self.repeats_alike
        return Sameness.DIFFERENT if differs else Sameness.EQUAL

    @property
    def exit_code(self) -> ExitCode:
        """0 equal, 10 different."""
        return self.sameness.exit_code

    @property
    def same_step(self) -> bool:
        """Whether the traces part in the same step of the same node, which does something else."""
        one, other = self.parting
        return one is not None and other is not None and one.event.is_named_as(other.event)


class OtherNodes(ValueError):  # noqa: N818 - not a fault of anybody
    """Two traces cannot be compared: the nodes of their systems are not the same."""


def compare_traces(one: Trace, other: Trace) -> TraceComparison:
    """Compare two traces of systems that have the same nodes. Raises OtherNodes."""
    _require_same_nodes(one.system, other.system)
    known = Causality(one), Causality(other)
    common = _common(*known)
    ways = [*common], [*common.values()]
    parting = _parting(known[0], ways[0], known[1], ways[1]), _parting(known[1], ways[1], known[0], ways[0])
    states = tuple(map(_state_after, known, ways, parting))
    looped = [trace.loop is not None for trace in (one, other)]
    alike = looped[0] == looped[1] and all(
        (a > (one.loop or 0)) == (b > (other.loop or 0)) for a, b in common.items() if looped[0]
    )
    return TraceComparison(
        (one, other),
        tuple(common.items()),
        parting,
        tuple(_apart(one, one.initial, other, other.initial)),
        tuple(_apart(one, states[0], other, states[1])) if any(parting) else (),
        tuple(_apart(one, one.final, other, other.final)),
        alike,
    )


def _require_same_nodes(one: System, other: System) -> None:
    names = [[show(member.name) for member in system.members] for system in (one, other)]
    if sorted(names[0]) != sorted(names[1]):
        only = [sorted(set(names[i]) - set(names[1 - i])) for i in (0, 1)]
        told = [
            f"only the {which} has {', '.join(n)}"
            for which, n in zip(("first", "second"), only, strict=True)
            if n
        ]
        raise OtherNodes(f"the traces are of other nodes: {'; '.join(told)}")


def _common(one: Causality, other: Causality) -> dict[int, int]:
    """Steps of the first trace → the same steps of the other one, of all that they have in common."""
    there = _by_node(other)
    seen: defaultdict[str, int] = defaultdict(int)
    common: dict[int, int] = {}
    for number in range(1, len(one.trace.steps) + 1):
        node = _own(one, number)
        candidates = there.get(node, [])
        twin = candidates[seen[node]] if seen[node] < len(candidates) else None
        if twin is not None and _same(one, number, other, twin, common):
            common[number] = twin
        for name in _nodes(one, number):
            seen[name] += 1
    return common


def _same(one: Causality, number: int, other: Causality, twin: int, common: dict[int, int]) -> bool:
    """Whether two steps do the same and rest on the same."""
    if event_of(one.trace, number) != event_of(other.trace, twin):
        return False
    if _nodes(one, number) != _nodes(other, twin):
        return False
    causes = {(common.get(before), *rest) for before, *rest in _causes(one, number)}
    return causes == {(before, *rest) for before, *rest in _causes(other, twin)}


def _causes(known: Causality, number: int) -> Iterator[tuple[int, Why, str, str]]:
    members = known.trace.system.members
    for link in known.links_to(number):
        message = "" if link.message is None else show(link.message)
        yield link.before, link.why, show(members[link.node].name), message


def _own(known: Causality, number: int) -> str:
    trace = known.trace
    return show(trace.system.members[trace.steps[number - 1].transition.node].name)


def _nodes(known: Causality, number: int) -> frozenset[str]:
    """The nodes that take part in a step."""
    members = known.trace.system.members
    return frozenset(show(members[node].name) for node in known.nodes[number - 1])


def _by_node(known: Causality) -> dict[str, list[int]]:
    """By node the steps that it takes part in, in their order."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number in range(1, len(known.trace.steps) + 1):
        for name in _nodes(known, number):
            found[name].append(number)
    return found


def event_of(trace: Trace, number: int) -> Event:
    """A step as it is compared."""
    step = trace.steps[number - 1]
    transition, members = step.transition, trace.system.members
    sends = tuple(f"{show(message)} → {show(to)}" for to, message in transition.sends)
    changes = tuple(step_differences(trace.system, step))
    return Event(show(members[transition.node].name), action_of(transition), sends, changes)


def _parting(one: Causality, common: list[int], other: Causality, there: list[int]) -> Parting | None:
    """The first step that is not in the common past; all that it rests on is."""
    for number in range(1, len(one.trace.steps) + 1):
        if number not in common:
            event = event_of(one.trace, number)
            rests_on = sorted({link.before for link in one.links_to(number)})
            left = (twin for twin in range(1, len(other.trace.steps) + 1) if twin not in there)
            alike = (twin for twin in left if event_of(other.trace, twin).is_named_as(event))
            return Parting(number, event, tuple(rests_on), next(alike, None))
    return None


def _state_after(known: Causality, common: list[int], parting: Parting | None) -> State:
    """The state after the common past and the step by which a trace leaves it.

    Steps before that one which are not among these count where the others cannot be taken without them.
    """
    wanted = sorted(common) if parting is None else [*sorted(common), parting.number]
    only = retrace(known, wanted)
    if only is not None:
        return only.final
    return known.trace.states[len(known.trace.steps) if parting is None else parting.number]


def _apart(one: Trace, here: State, other: Trace, there: State) -> Iterator[FieldsApart]:
    """The fields in which two states differ, by the order of nodes in the first."""
    places = {show(member.name): place for place, member in enumerate(other.system.members)}
    for member, cell in zip(one.system.members, here, strict=True):
        name = show(member.name)
        known = dict(fields_of(one.system, cell)), dict(fields_of(other.system, there[places[name]]))
        for field in dict.fromkeys((*known[0], *known[1])):
            values = known[0].get(field), known[1].get(field)
            if values[0] != values[1]:
                yield FieldsApart(name, field, values)
