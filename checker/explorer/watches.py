"""Watches: expressions over a state, told for every moment of a path.

A watch is a node or process with what is looked at of it: a field (`acceptor 0.ballot`), a field of a
field (`leader 0.scout.heard`), a view that properties read (`leader 0 active`), or `inbox`; a node alone is
all that it knows. What is written with a colon is a condition, as under `sometimes`, which holds or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from checker.explorer.walk import Moment
from checker.model.judging import judge_state
from checker.model.modelcode import CodeError
from checker.model.processes import Process
from checker.model.properties import Property
from checker.model.semantics import Cell, State
from checker.model.system import System
from checker.model.values import Hosted, show
from checker.model.vocabulary import Down, View
from checker.modelfiles.complaints import Faults, unknown

#: What a watch shows of a state.
Shows = Callable[[State], str]
#: What is told of a field that is not there in some state.
ABSENT = "–"


class WatchFault(Exception):  # noqa: N818 - a fault of a text, not of the program
    """A text is no watch of this system; the message says why."""


def watch(
    system: System, text: str, known: Iterable[Property], condition: Callable[[str], Property] | None
) -> Shows:
    """What a text asks to be shown of states. `known` are properties whose views may be named.

    Raises WatchFault.
    """
    if ":" in text:
        return _condition(system, text, condition)
    process, rest = _process(system, text)
    if not rest:
        return lambda state: show(process.local(state[process.node].local))
    first, *inner = rest.split(".")
    if rest == "inbox":
        return lambda state: _waiting(system, process, state[process.node])
    local = process.local(system.members[process.node].local)
    own = _fields_of(local.saved if isinstance(local, Down) else local)
    views = {v.name: v for v in _views((*system.properties, *known)) if v.role == process.role}
    if rest in views and first not in own:
        return lambda state: _viewed(views[rest], process, state)
    if first not in own:
        raise WatchFault(unknown(f"field or view of {show(process.name)}", first, [*own, "inbox", *views]))
    return lambda state: _field(process.local(state[process.node].local), (first, *inner))


def values(shows: Shows, moments: Iterable[Moment]) -> Iterator[str]:
    """What a watch shows at each of these moments; that the model's code goes wrong is told too."""
    for moment in moments:
        try:
            yield shows(moment.state)
        except CodeError as error:
            yield str(error)


def _condition(system: System, text: str, read: Callable[[str], Property] | None) -> Shows:
    if read is None:
        raise WatchFault("this model has no file that says how conditions are written")
    try:
        claim = read(text)
    except Faults as faults:
        raise WatchFault("; ".join(str(fault.message) for fault in faults.faults)) from None
    return lambda state: show(bool(judge_state(system, claim, state)))


def _process(system: System, text: str) -> tuple[Process, str]:
    """The node or process that a text begins with, and the rest."""
    named = {show(process.name): process for node in system.processes for process in node}
    text = " ".join(text.split())
    for name in sorted(named, key=len, reverse=True):
        if text == name or text.startswith((f"{name} ", f"{name}.")):
            return named[name], text[len(name) :].strip(" .")
    raise WatchFault(unknown("node", text.partition(".")[0], list(named)))


def _views(claims: Iterable[Property]) -> Iterator[View]:
    for claim in claims:
        for views in claim.readings():
            yield from views


def _fields_of(local: Any) -> list[str]:
    if isinstance(local, Hosted):
        return [show(name) for name, _ in local.processes]
    return [f.name for f in fields(local)] if is_dataclass(local) else []


def _viewed(view: View, process: Process, state: State) -> str:
    cell = state[process.node]
    return show(view(process.local(cell.local)))


def _waiting(system: System, process: Process, cell: Cell) -> str:
    return ", ".join(map(show, process.waiting(system.network.held(cell.inbox)))) or "none"


def _field(value: Any, path: tuple[str, ...]) -> str:
    """A field of a field of a local state; what the node will begin with if it is down."""
    down = isinstance(value, Down)
    value = value.saved if down else value
    for name in path:
        if isinstance(value, Hosted):
            inner: Mapping[str, Any] = {show(who): own for who, own in value.processes}
            value = inner.get(name)
        else:
            value = getattr(value, name, None) if name in _fields_of(value) else None
        if value is None:
            break
    text = ABSENT if value is None else show(value)
    return f"{text} (down)" if down else text
