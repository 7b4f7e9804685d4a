"""Where things stand: a property in its model file, a step in the Python code of its rule."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from checker.model.modelcode import relative
from checker.model.processes import receiver
from checker.model.properties import ABOUT_GOALS
from checker.model.semantics import Transition
from checker.model.system import System
from checker.model.vocabulary import kind_of

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel

#: The key of `places` for the expectation of the whole model.
WHOLE = ""


class Place(NamedTuple):
    """A line of a file, and a column; both from 1."""

    file: str
    line: int
    column: int = 1


def places(loaded: LoadedModel) -> dict[str, Place]:
    """Property → where the model file names it, or else the key that it is due to; WHOLE → `expect`."""
    document, data = loaded.document, loaded.document.data
    named: dict[str, tuple[str, int]] = {}
    patterns: list[tuple[str, int]] = []
    for key in ("properties", "sometimes", *ABOUT_GOALS):
        for i, entry in enumerate(data.get(key) or ()):
            if isinstance(entry, str):
                named[f"{key} {entry}" if key in ABOUT_GOALS else entry] = (key, i)
            else:
                patterns.append((key, i))
    found = {}
    for claim in loaded.system.properties:
        path: tuple[str | int, ...] = named.get(claim.id, ("name",))
        if claim.id not in named and claim.id not in loaded.protocol.properties and patterns:
            path = patterns.pop(0)
        found[claim.id] = Place(loaded.path, *document.place(path))
    whole = ("expect",) if "expect" in data else ("name",)
    found[WHOLE] = Place(loaded.path, *document.place(whole, key=True))
    return found


def of_step(system: System, step: Transition) -> Place | None:
    """Where the rule or wake that took a step is written; None if its source cannot be found."""
    member = system.members[step.node]
    role = member.role
    if step.message is not None and member.parts:  # the rule of the process that it is for
        place, _ = receiver(member.parts, step.message)
        role = member.parts[place].role
    code = role.wakes.get(step.action) if step.message is None else role.rules.get(kind_of(step.message))
    return None if code is None or step.lost else of_code(code)


def of_code(code: Callable[..., Any]) -> Place | None:
    """Where a function or callable object is written; None if its source cannot be found."""
    code = inspect.unwrap(code)
    while isinstance(code, partial):
        code = inspect.unwrap(code.func)
    if not inspect.isroutine(code):
        code = type(code).__call__
    try:
        file = inspect.getsourcefile(code)
        _, line = inspect.getsourcelines(code)
    except (OSError, TypeError):
        return None
    return None if file is None else Place(relative(file), line)
