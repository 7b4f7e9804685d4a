"""What may be claimed of the answers that clients get, of any protocol whose calls are observed.

The observers are those of `checker.model.environment.histories` and `sequential_consistency` there; a
system that has none has no such property.
"""

from __future__ import annotations

from typing import Any

from checker.model.properties import Kind, Property
from checker.model.vocabulary import View


def _says(context: Any, refuted: Any) -> str | None:
    """What an observer has come to: None as long as there is an order of all calls."""
    return None if refuted is None else str(refuted)


def _judged_by(role: str, name: str, meaning: str, source: str) -> Property:
    view = View("refuted", role, lambda orders: orders.refuted)
    return Property(name, Kind.NODE, meaning, source, (view,), _says, default=False)


LINEARIZABLE = _judged_by(
    "linearization",
    "linearizable",
    "The calls of all clients can be put in one order that respects which was answered before another was "
    "asked for, and in which each has the result that it got.",
    "Herlihy and Wing, Linearizability, TOPLAS 1990",
)
SEQUENTIALLY_CONSISTENT = _judged_by(
    "program-order",
    "sequentially-consistent",
    "The calls of all clients can be put in one order that has those of each client in the order in which "
    "it asked, and in which each has the result that it got.",
    "Lamport, How to make a multiprocessor computer that correctly executes multiprocess programs, IEEE "
    "Transactions on Computers 1979",
)
