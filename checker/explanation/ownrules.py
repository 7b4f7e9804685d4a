"""The first step at which the protocol's own rule would have done something else, and what.

Where a model file, a mutant or a package puts rules in the place of the protocol's own, each step of a
trace is compared with what the protocol's own rule does: at the same node, in the same local state, with
the same message. What only the rules in its place know of a state (fields that they add) is left out of
the comparison. Where no step differs, the protocol's own rules may go on where the others do nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from checker.model.behaviour import Trace, TraceStep
from checker.model.modelcode import CodeError
from checker.model.semantics import (
    Cell,
    LocalSteps,
    ModelError,
    State,
    Transition,
    deliver,
    initial_state,
    local_steps,
    moves,
    wake_steps,
)
from checker.model.system import System
from checker.model.values import Hosted, show
from checker.model.vocabulary import Down, NodeName, Sends, kind_of
from checker.model.wording import group, step_differences
from checker.modelfiles.complaints import Objections

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel
    from checker.modelfiles.protocol import Protocol, Variant
    from checker.modelfiles.schema import ModelFile

#: States after the end of a trace that are looked at for what the protocol's own rules would do there.
MOST_AHEAD = 500


@dataclass(frozen=True, slots=True)
class Own:
    """A model with the protocol's own rules, and what stands in for them in the model itself.

    `replaced` says for people what does: `acceptor: accept-any-ballot`, or the name of a protocol that is
    derived from it. `standing_for` says of each in whose place it is, another variant's or the protocol's
    own (""); where the model lacks a variant, it is `replaced` that is empty. `about` is what the variant,
    or the derived protocol, says of itself.
    """

    system: System
    replaced: tuple[str, ...]
    standing_for: tuple[str, ...]
    about: tuple[str, ...]


class How(Enum):
    """In which way a step is not the protocol's own."""

    #: the protocol's own rule takes another step
    OTHERWISE = "does something else"
    #: it ignores the message, or does not move of its own accord
    NOT_AT_ALL = "does nothing"
    #: there is no such rule, as for a wake that only a variant has
    NO_SUCH_STEP = "has no such step"
    #: it raises in this local state
    RAISES = "cannot be asked"
    #: it goes on where the trace ends
    GOES_ON = "goes on"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step does, for people: what changes, field by field, and what is sent to whom."""

    changes: tuple[str, ...]
    sends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Departure:
    """A step (from 1) of a trace that the protocol's own rules would not have taken.

    `action` is role.action, `message` what it takes. `taken` is what it did and `own` what the protocol's
    own rule would have done: nothing if it ignores the message, several if it may choose. With
    `How.GOES_ON` the step comes after the last of the trace, and after the steps `ahead` that both may take
    from there; nothing was `taken`. `reason` is the exception's text with `How.RAISES`.
    """

    step: int
    node: int
    action: str
    how: How
    taken: Effect | None
    own: tuple[Effect, ...] = ()
    message: str = ""
    reason: str = ""
    ahead: tuple[Transition, ...] = ()


def own_of(loaded: LoadedModel) -> Own | None:
    """The model with the protocol's own rules; None if no others stand in for them, or it cannot be built.

    Where mutants have put something under `rules`, that alone is put aside, and what their models have in
    its place is taken for the protocol's own. Otherwise all is put aside that replaces rules.
    """
    protocol, model = loaded.protocol, loaded.model
    rules = _without_mutants(protocol, model)
    origin = None if rules != model.rules else protocol.derived_from
    if rules == model.rules:
        rules = {p: name for p, name in rules.items() if not _replaces(_variants(protocol, p, name))}
    changed = [part for part in {**model.rules, **rules} if rules.get(part) != model.rules.get(part)]
    if not changed and origin is None:
        return None
    known = (origin or protocol).properties
    claims = model.properties and [claim for claim in model.properties if claim in known]
    update = {"rules": rules, "properties": claims, "expect": None}
    try:
        system = (origin or protocol).build(model.model_copy(update=update))
    except (Objections, CodeError):
        return None
    there = [
        _variants(protocol, part, (model.rules if part in model.rules else rules)[part]) for part in changed
    ]
    package = () if origin is None else (protocol,)
    return Own(
        system,
        (*(_entry(part, model.rules) for part in changed), *(one.name for one in package)),
        (*(_entry(part, rules) for part in changed), *("" for _ in package)),
        (*(variants[0].about for variants in there), *(one.about for one in package)),
    )


def _entry(part: str, rules: Mapping[str, str]) -> str:
    return f"{part}: {rules[part]}" if part in rules else ""


def _replaces(variants: Iterable[Variant]) -> bool:
    return any(variant.rules or variant.wakes for variant in variants)


def _variants(protocol: Protocol, part: str, name: str) -> tuple[Variant, ...]:
    """A variant that a file names, and those that are chosen with it."""
    named = next(v for v in protocol.variants if (v.part, v.name) == (part, name))
    return (named, *named.also)


def _without_mutants(protocol: Protocol, model: ModelFile) -> dict[str, str]:
    """The rules of a model as they are without what is wrong on purpose.

    That is what a mutant with just these rules changes in its model, the one of that name if there is one;
    or else each variant that some mutant puts into its model.
    """
    rules = dict(model.rules)
    changes = [(m, m.original().get("rules", {}), m.mutated().get("rules", {})) for m in protocol.mutants]
    same = [(m, before) for m, before, after in changes if after == rules != before]
    named = [before for mutant, before in same if mutant.name == model.name]
    if named or (same and rules):
        return dict(named[0] if named else same[0][1])
    for mutant, before, _ in changes:
        for variant in mutant.variants:
            if model.rules.get(variant.part) == variant.name == rules.get(variant.part):
                del rules[variant.part]
                rules |= {part: name for part, name in before.items() if part == variant.part}
    return rules


def departures(trace: Trace, own: Own) -> Iterator[Departure]:
    """The steps that the protocol's own rules would not have taken, in order.

    If there are none: what the protocol's own rules would do where the trace ends, or as soon after that as
    may be, and the others do not, should that be found in the first MOST_AHEAD states. If that is nothing
    either, the steps at which the protocol's own rule raises: it may need what the others do not keep.
    """
    there = replace(own.system, network=trace.system.network)  # which may be another than the file says
    asked, raising, none = _Asked(trace.system, there), [], True
    for number, step in enumerate(trace.steps, start=1):
        departure = asked.departure(number, step)
        if departure is not None and departure.how is How.RAISES:
            raising.append(departure)
        elif departure is not None:
            none = False
            yield departure
    for departure in asked.ahead(trace) if none else ():
        none = False
        yield departure
    yield from raising if none else ()


class _Asked:
    """The protocol's own rules, asked in the states of a system with others."""

    def __init__(self, system: System, own: System) -> None:
        self._system = system
        self._own = own
        self._begun = initial_state(own)
        self._observing = {member.name for member in (*system.observers, *own.observers)}
        #: nodes that are in both: their places in the system, and in the protocol's own
        self._both = [
            (system.positions[name], place)
            for name, place in own.positions.items()
            if name in system.positions and name not in self._observing
        ]

    def departure(self, number: int, step: TraceStep) -> Departure | None:
        """What the protocol's own rules make of a step; None if they may take it as well."""
        taken = step.transition
        node = dict(self._both).get(taken.node)
        if node is None or taken.lost:
            return None
        member = self._own.members[node]
        action = f"{member.role.name}.{taken.action}"
        did = self._effect(self._system, step)
        told = "" if taken.message is None else show(taken.message)
        try:
            steps = self._steps(node, step)
        except ModelError as error:
            return Departure(number, taken.node, action, How.RAISES, did, (), told, error.fault)
        if steps is None:
            return Departure(number, taken.node, action, How.NO_SUCH_STEP, did, (), told)
        if any(self._alike(taken.state, after.state) for after in steps):
            return None
        before = self._moved(step.before)
        own = dict.fromkeys(
            self._effect(self._own, TraceStep(0, after, before)) for after in steps if after.state != before
        )
        if not any(effect.changes or effect.sends for effect in own):
            return Departure(number, taken.node, action, How.NOT_AT_ALL, did, (), told)
        return Departure(number, taken.node, action, How.OTHERWISE, did, tuple(own), told)

    def ahead(self, trace: Trace) -> Iterator[Departure]:
        """What the protocol's own rules would do after a trace, and those of the system do not."""
        todo: list[tuple[Transition, ...]] = [()]
        seen = {trace.final}
        for steps in todo:
            state = steps[-1].state if steps else trace.final
            found = list(self._going_on(len(trace.steps) + 1, state, steps))
            if found:
                yield from found
                return
            for node in range(len(state)):
                for _, step in self._moves(self._system, node, state):
                    if step.state not in seen and len(seen) < MOST_AHEAD:
                        seen.add(step.state)
                        todo.append((*steps, step))

    def _going_on(self, number: int, state: State, steps: tuple[Transition, ...]) -> Iterator[Departure]:
        before = self._moved(state)
        for place, node in self._both:
            there = [after for _, after in self._moves(self._system, place, state)]
            member, own = self._own.members[node], dict[tuple[str, str], dict[Effect, None]]()
            for move, after in self._moves(self._own, node, before):
                if after.state != before and not any(self._alike(one.state, after.state) for one in there):
                    told = "" if move.message is None else show(move.message)
                    effect = self._effect(self._own, TraceStep(0, after, before))
                    own.setdefault((f"{member.role.name}.{move.action}", told), {})[effect] = None
            for (action, told), effects in own.items():
                yield Departure(
                    number + len(steps), place, action, How.GOES_ON, None, tuple(effects), told, ahead=steps
                )

    def _moves(self, system: System, node: int, state: State) -> Iterator[tuple[Any, Transition]]:
        """What a node may do in a state, as far as its rules can be asked."""
        try:
            for move in moves(system, node, state[node]):
                if not move.lost:
                    after = deliver(system, state, node, move.after, self._to_nodes(move.sends))
                    yield move, Transition(node, move.action, move.message, move.sends, after)
        except ModelError:
            return

    def _to_nodes(self, sends: Sends) -> Sends:
        """What is sent, without what observers are told."""
        return tuple((to, message) for to, message in sends if to not in self._observing)

    def _moved(self, state: State) -> State:
        """A state as one of the protocol's own system; nodes that are not there are as they begin."""
        cells = list(self._begun)
        for place, node in self._both:
            cells[node] = state[place]
        return tuple(cells)

    def _steps(self, node: int, step: TraceStep) -> list[Transition] | None:
        """What the protocol's own rule does instead of a step; None if there is none. Raises ModelError."""
        taken, before = step.transition, self._moved(step.before)
        role, cell = self._own.members[node].role, before[node]
        found: LocalSteps
        if taken.message is None:
            if taken.action not in role.wakes:
                return None
            found = next(
                steps for name, steps in wake_steps(self._own, node, cell.local) if name == taken.action
            )
        else:
            if kind_of(taken.message) not in role.rules:
                return None
            found = local_steps(self._own, node, cell.local, taken.message)
        # what is ignored waits on, unless the network throws it away
        is_gone = found or (taken.message is not None and self._own.network.discards)
        inbox = self._left(cell, taken) if is_gone else cell.inbox
        steps = []
        for local, sends in found or [(cell.local, ())]:
            left = Cell(local, inbox)
            after = deliver(self._own, before, node, left, self._to_nodes(sends))
            steps.append(Transition(node, taken.action, taken.message, sends, after))
        return steps

    def _left(self, cell: Cell, taken: Transition) -> Any:
        """What waits for a node after it has taken what it takes in a step."""
        if taken.message is None:
            return cell.inbox
        return next(
            choice.after
            for choice in self._own.network.choices(cell.inbox)
            if (choice.message, choice.lost, choice.sender) == (taken.message, False, taken.sender)
        )

    def _alike(self, state: State, own: State) -> bool:
        """Whether a state is one of the protocol's own, but for what only the rules in its place know."""
        return all(
            state[place].inbox == own[node].inbox
            and _known(state[place].local, self._begun[node].local)
            == _known(own[node].local, self._begun[node].local)
            for place, node in self._both
        )

    def _effect(self, system: System, step: TraceStep) -> Effect:
        return Effect(
            tuple(step_differences(system, step)), tuple(_told(self._to_nodes(step.transition.sends)))
        )


def _told(sends: Sends) -> Iterator[str]:
    """What is sent, with its receivers: each message once."""
    receivers: dict[Any, list[NodeName]] = {}
    for to, message in sends:
        receivers.setdefault(message, []).append(to)
    return (f"{show(message)} to {group(names)}" for message, names in receivers.items())


def _known(value: Any, begun: Any) -> Any:
    """What a local state holds of what one of the class that the protocol's own begins with would hold."""
    if isinstance(value, Down):
        return Down, _known(value.saved, begun.saved if isinstance(begun, Down) else begun)
    if isinstance(begun, Down):
        return _known(value, begun.saved)
    if isinstance(value, Hosted) and isinstance(begun, Hosted):
        pairs = zip(value.processes, begun.processes, strict=True)
        return tuple((name, _known(local, first)) for (name, local), (_, first) in pairs)
    if is_dataclass(begun) and isinstance(value, type(begun)):
        return tuple(getattr(value, f.name) for f in fields(begun))
    return value
