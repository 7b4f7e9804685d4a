"""What a step changed and whether that matters for what follows, by trying.

A field that a step changed does not matter if its node, had the field stayed as it was, would have gone on
to send the same in the same steps, and would look the same to the claim in the end; of a claim about what
follows, if it might also do the same then. Going down and coming up always matters. That is what the rules
do, asked by the reference semantics; a rule that cannot be asked about such a state makes the field matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from checker.model.behaviour import Trace
from checker.model.modelcode import CodeError
from checker.model.properties import On
from checker.model.semantics import Cell, Transition, at_once, local_steps, moved, moves, wake_steps
from checker.model.values import Field, Hosted, differences, has_text, show
from checker.model.vocabulary import Down, Local, Sends, kind_of


def changes_that_matter(trace: Trace, number: int) -> Iterator[tuple[int, Field]]:
    """(node, field) of what a step (from 1) of a trace changed and what matters for the steps after it."""
    step = trace.steps[number - 1]
    for node, before, after in moved(step.before, step.after):
        for field in differences(before, after):
            turned = isinstance(after, Down) is not isinstance(before, Down)
            if turned or _matters(trace, number, node, _without(after, before, field.name), after):
                yield node, field


def _matters(trace: Trace, number: int, node: int, other: Local, local: Local) -> bool:
    """Whether it makes a difference that a node knows `local` after a step, and not `other`."""
    for step in trace.steps[number:]:
        if other == local:
            return False
        if (
            step is trace.steps[-1]
            and _about_steps(trace)
            and _seen(trace, node, other) != _seen(trace, node, local)
        ):
            return True
        following = step.after[node].local
        told = _told(trace, step.transition, node)
        if step.transition.node == node or told:
            try:
                outcomes = [
                    then
                    for then, sends in _outcomes(trace, step.transition, node, other, told)
                    if sends is None or _posted(trace, sends) == _posted(trace, step.transition.sends)
                ]
            except CodeError:
                return True
            if not outcomes:
                return True
            other = min(outcomes, key=lambda then: _apart(then, following))
        local = following
    return other != local and _seen(trace, node, other) != _seen(trace, node, local)


def _posted(trace: Trace, sends: Sends) -> Sends:
    """What is sent to nodes that take part; what observers are told is not."""
    watching = {member.name for member in trace.system.observers}
    return tuple(send for send in sends if send[0] not in watching)


def _about_steps(trace: Trace) -> bool:
    """Whether the claim is judged on the last step, and so on what was known before it too."""
    return trace.claim is not None and trace.claim.kind.on is On.STEP


def _told(trace: Trace, step: Transition, node: int) -> list[Any]:
    """What a node handles within the step of another one."""
    member = trace.system.members[node]
    if step.node == node or not member.role.immediate:
        return []
    return [m for to, m in step.sends if to == member.name and kind_of(m) in member.role.immediate]


def _outcomes(
    trace: Trace, step: Transition, node: int, local: Local, told: list[Any]
) -> Iterator[tuple[Local, Sends | None]]:
    """What a node can do in a step if this is what it knows; no sends are asked for where it is told."""
    system = trace.system
    if step.node != node:
        for message in told:
            local = at_once(system, node, local, message)
        yield local, None
    elif step.lost:
        yield local, ()
    elif step.message is not None:
        steps = local_steps(system, node, local, step.message, once=True)
        yield from steps or ([(local, ())] if system.network.discards else [])
    else:
        wakes = wake_steps(system, node, local)
        yield from (one for name, steps in wakes for one in steps if name == step.action)


def _apart(one: Local, other: Local) -> int:
    return sum(1 for _ in differences(one, other))


def _seen(trace: Trace, node: int, local: Local) -> list[Any]:
    """What the claim reads of a node that knows this and, if it is about what follows, what that may do."""
    claim, system = trace.claim, trace.system
    if claim is None:
        return [local]
    views = {view for views in (claim.views, *claim.readings()) for view in views if not view.inbox}
    try:
        shown = [
            (view.name, process.name, view(process.local(local)))
            for process in system.processes[node]
            for view in sorted(views, key=lambda view: view.name)
            if view.role == process.role
        ]
        if claim.kind.on not in (On.END, On.FUTURE, On.RUN):
            return shown
        cell = Cell(local, trace.final[node].inbox)
        return [*shown, *((m.action, m.message, m.lost, m.sends) for m in moves(system, node, cell))]
    except CodeError:
        return [local]


def _without(after: Any, before: Any, name: str, prefix: str = "") -> Any:
    """What was known after a step, with the field of a dotted name as it was before."""
    if name == prefix:
        return before
    if isinstance(before, Hosted) and isinstance(after, Hosted):
        pairs = zip(after.processes, before.processes, strict=True)
        return Hosted(
            tuple(
                (who, _without(new, old, name, f"{prefix}.{show(who)}".lstrip(".")))
                for (who, new), (_, old) in pairs
            )
        )
    if type(before) is type(after) and is_dataclass(after) and not has_text(after):
        known: Any = after
        for f in fields(known):
            inner = f"{prefix}.{f.name}".lstrip(".")
            if name == inner or name.startswith(f"{inner}."):
                old, new = getattr(before, f.name), getattr(known, f.name)
                return replace(known, **{f.name: _without(new, old, name, inner)})
    return after
