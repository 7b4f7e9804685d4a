"""A condition beside a model file: read as one of those under `sometimes` would be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.model.modelcode import CodeError
from checker.model.properties import ABOUT_GOALS, Property
from checker.modelfiles import document as yamlmarks
from checker.modelfiles.complaints import Fault, Faults
from checker.modelfiles.loading import LoadedModel, understand
from checker.modelfiles.runs import ASSUMED

#: What faults call the text of a condition, which is no file.
NAME = "condition"
#: Keys of a file that say nothing about one more goal, or rest on the goals that it has.
ASIDE = (
    "sometimes",
    "expect",
    "symmetry",
    *ABOUT_GOALS,
    *(key.replace("_", "-") for key in ASSUMED),
)


def read_condition(loaded: LoadedModel, text: str) -> Property:
    """The goal that a text stands for: `leader 1: {active: true}`, or the name of one.

    In one line several nodes may stand, with commas, and no braces around them. Raises Faults, as a model
    file with this under `sometimes`.
    """
    if not text.strip():
        message = "expected the name of a goal, or node: fields, such as leader 0: {active: true}"
        raise Faults([Fault(NAME, 1, 1, message)])
    bare = ":" in text and "\n" not in text and not text.lstrip().startswith(("{", "["))
    document = yamlmarks.read(f"{{{text}}}" if bare else text, NAME)
    rest: Mapping[str | int, Any] = loaded.document.data
    data = {key: value for key, value in rest.items() if key not in ASIDE}
    try:
        _, system, wrong = understand(
            {**data, "sometimes": [document.data]}, loaded.protocol, loaded.model.folder
        )
    except CodeError as error:
        raise Faults([Fault(NAME, 1, 1, str(error))]) from error
    faults = [*document.faults, *(document.fault(o.path[2:], o.message, key=o.key) for o in wrong)]
    if faults or system is None:
        raise Faults(faults)
    return next(p for p in system.properties if p.kind.goal)
