"""The moments of a counterexample as a page has them: what each node is, what each step changed.

As data for the script that walks, in which what stays the same stands once, and as tables for a reader
without scripts.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from checker.drawings.pictures import tables
from checker.model.behaviour import Trace, TraceStep
from checker.model.semantics import Cell, State
from checker.model.system import System
from checker.model.values import show
from checker.model.wording import action_of, became, changed_at, fields_of, keeps_calls
from checker.text.markup import escape
from checker.traces.causality import Causality
from checker.traces.colours import colours_of

#: (field, text) of all there is of one node, the inbox last.
Fields = list[tuple[str, str]]
#: What became of a field, in lines: what it lost (−) and gained (+), or old → new.
Edits = list[str]
#: The place of a node, and its fields that changed.
Changed = tuple[int, list[tuple[str, Edits]]]

#: What is shown of a field that is empty, and of one that has no name.
NOTHING, WHOLE = "nothing", "state"
LOST, GAINED = "−", "+"


def titles(trace: Trace) -> list[str]:
    """What happens at each moment: who does what."""
    names = [show(member.name) for member in trace.system.members]
    told = [f"{names[s.transition.node]}  {action_of(s.transition)}" for s in trace.steps]
    return ["initial state", *told]


def fields(system: System, cell: Cell) -> Fields:
    """The fields of one node as they are shown."""
    empty = [] if system.network.held(cell.inbox) else [("inbox", "")]  # every node has a row for it
    return [(name or WHOLE, text or NOTHING) for name, text in fields_of(system, cell) + empty]


def changes(system: System, step: TraceStep) -> list[Changed]:
    """What a step changed, its own node first; of observers of calls what they are told says it."""
    own, held = step.transition.node, system.network.held
    found = []
    for node, (old, new) in enumerate(zip(step.before, step.after, strict=True)):
        if old == new or keeps_calls(system.members[node]):
            continue
        happened, changed = changed_at(old.local, new.local)
        rows = [(WHOLE, [happened])] if happened else []
        rows += [(f.name or WHOLE, became(f.before, f.after).split("  ")) for f in changed]
        before, after = Counter(held(old.inbox)), Counter(held(new.inbox))
        signed = ((LOST, before - after), (GAINED, after - before))
        arrived = [f"{sign} {show(message)}" for sign, those in signed for message in those.elements()]
        found.append((node, [*rows, *([("inbox", arrived)] if arrived else [])]))
    return sorted(found, key=lambda change: change[0] != own)


#: Where the text of a picture is cut into pieces, many of which it shares with that of another moment.
_PIECES = re.compile("(?=<t[rd]>)")


def pictures(trace: Trace) -> list[str]:
    """What the protocol draws, at each moment, one table after the other."""
    colours, states = colours_of(Causality(trace)), trace.states
    return ["".join(tables(trace.system, states[: n + 1], colours)) for n in range(len(states))]


def moments_json(trace: Trace, drawn: list[str]) -> str:
    """All that the script needs to show any moment, for an element that holds JSON.

    `cells` and `pieces` are what occurs; `states` and `pictures` name them by place, for each moment.
    """
    system, states = trace.system, trace.states
    cells, pieces = _Pool(), _Pool()
    data = {
        "nodes": [show(member.name) for member in system.members],
        "steps": titles(trace),
        "states": [[cells.place(fields(system, cell)) for cell in state] for state in states],
        "cells": cells.values,
        "changes": [[], *(changes(system, step) for step in trace.steps)],
        "pictures": [[pieces.place(piece) for piece in _PIECES.split(picture)] for picture in drawn],
        "pieces": pieces.values,
        "loop": trace.loop,
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


class _Pool:
    """Values, each once, by the order in which they first came."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def place(self, value: Any) -> int:
        key = repr(value)
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]


def state_tables(system: System, state: State) -> Iterator[str]:
    """A state, a table for each node."""
    for member, cell in zip(system.members, state, strict=True):
        rows = "".join(
            f"<tr><th scope=row>{escape(name)}</th><td>{escape(text)}</td></tr>"
            for name, text in fields(system, cell)
        )
        yield f"<table><caption>{escape(show(member.name))}</caption><tbody>{rows}</tbody></table>"


def change_tables(trace: Trace) -> Iterator[str]:
    """What the last step changed, a table for each node."""
    for node, changed in changes(trace.system, trace.steps[-1]) if trace.steps else ():
        rows = "".join(
            f"<tr><th scope=row>{escape(name)}</th><td>{''.join(map(_edit, edits))}</td></tr>"
            for name, edits in changed
        )
        name = show(trace.system.members[node].name)
        yield f"<table><caption>{escape(name)}</caption><tbody>{rows}</tbody></table>"


def _edit(edit: str) -> str:
    element = "del" if edit.startswith(LOST) else "ins"
    return f"<{element}>{escape(edit)}</{element}>"
