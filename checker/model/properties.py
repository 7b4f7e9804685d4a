"""Properties: what is claimed of a system, and how a claim is judged on states and steps.

A property reads *views*, functions of local states, never inboxes; so it is judged once for each
distinct combination of what it reads. `judge` returns a sentence: for a claim that must hold it
says what is wrong, with witnesses, and for `sometimes` it says what was found; None otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from checker.model.modelcode import PASSED_ON, CodeError, told, written_at
from checker.model.values import show
from checker.model.vocabulary import View


class Kind(Enum):
    """When a property is judged, and what its `judge` is called with."""

    #: in every state, on one node at a time: judge(context, view of the node)
    NODE = "node invariant"
    #: in every state, on all nodes of the roles it reads: judge(setting, {node: view} for each view)
    STATE = "invariant"
    #: on every step, on the node that takes it: judge(context, view before, view after)
    ACTION = "action property"
    #: as STATE, in states from which nothing leads on, unless a bound stopped a node there
    TERMINAL = "terminal property"
    #: as STATE, but one reachable state that answers is what is asked for
    SOMETIMES = "sometimes"


@dataclass(frozen=True, slots=True)
class Property:
    """A named claim with its meaning in one sentence and its source.

    NODE and ACTION properties read exactly one view. `note` explains a statement that looks true
    and is not. `default`: whether it is checked in a model that names no properties (of those that are
    no goals). Raises TypeError or ValueError for what no property can be made of.
    """

    id: str
    kind: Kind
    meaning: str
    source: str
    views: tuple[View, ...]
    judge: Callable[..., str | None]
    note: str = ""
    slices: tuple[tuple[View, ...], ...] = ()
    default: bool = True

    def __post_init__(self) -> None:
        kind: object = self.kind
        views: object = self.views
        if not isinstance(kind, Kind):
            raise TypeError(f"property {self.id}: its kind is {kind!r}, which is no Kind")
        if not isinstance(views, tuple) or not all(isinstance(view, View) for view in views):
            raise TypeError(f"property {self.id}: its views are {views!r}, which is no tuple of Views")
        if self.kind in (Kind.NODE, Kind.ACTION) and len(self.views) != 1:
            count = f"it reads {len(self.views)} views"
            raise ValueError(f"property {self.id}: a {self.kind.value} reads one view; {count}")
        if not callable(self.judge):
            raise TypeError(f"property {self.id}: its judge is {self.judge!r}, which cannot be called")

    def says(self, *arguments: Any) -> str | None:
        """What `judge` says of these arguments. Raises CodeError, also if it is neither text nor None."""
        try:
            said: object = self.judge(*arguments)
        except PASSED_ON:
            raise
        except BaseException as error:
            fault = f"raised {told(error, self.judge)}"
            raise CodeError(f"property {self.id}: judge({_shown(arguments)}) {fault}") from error
        if said is None or (isinstance(said, str) and said):
            return said
        answer = f"returned {said!r}; it returns a sentence, or None if it has nothing to say"
        raise CodeError(
            f"property {self.id}: judge({_shown(arguments)}) {answer} ({written_at(self.judge)})"
        )

    def sliced(self, slices: tuple[tuple[View, ...], ...]) -> Property:
        """The same claim, judged on each of these tuples of views by itself.

        For a claim about all slots that says nothing across slots: then each slot has few combinations
        of views, where all together would have the product of them.
        """
        return replace(self, slices=slices)

    def readings(self) -> tuple[tuple[View, ...], ...]:
        """The tuples of views that `judge` is called on, one call each."""
        return self.slices or (self.views,)


def _shown(arguments: tuple[Any, ...]) -> str:
    """What a judge is asked about, without the setting or context that it is told first."""
    return ", ".join(map(show, arguments[1:]))
