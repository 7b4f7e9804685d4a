"""Properties: what is claimed of a system, and how a claim is judged on states and steps.

A property reads *views*, functions of local states or, where it must, of what is under way to a node; it
is judged once for each distinct combination of what it reads. `judge` returns a sentence: for a claim that
must hold it says what is wrong, with witnesses, and for `sometimes`, `can-still` and temporal properties it
says what was found; None otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Any, NamedTuple, Self

from checker.model.modelcode import PASSED_ON, CodeError, told, written_at
from checker.model.values import show
from checker.model.verdict import ExitCode
from checker.model.vocabulary import View


class On(Enum):
    """What a property is judged on, and what its `judge` is called with."""

    #: in every state, one node at a time: judge(context, view of the node)
    NODE = "node"
    #: in every state, all nodes of the roles it reads: judge(setting, {node: view} for each view)
    STATE = "state"
    #: every step, the node that takes it: judge(context, view before, view after)
    STEP = "step"
    #: as STATE, in states from which nothing leads on, unless a bound stopped a node there
    END = "end"
    #: as STATE; it says of which states one must be reachable from every state, see `checker.model.future`
    FUTURE = "future"
    #: as STATE; it says to which states every fair run must come, see `checker.model.runs`
    RUN = "run"


class Asks(Enum):
    """In which states a temporal property begins to ask for what must come."""

    #: in the initial state
    FIRST = "first"
    #: in every state
    ALWAYS = "always"
    #: in those of which `Property.when` has something to say
    WHEN = "when"


class _Row(NamedTuple):
    """What is known of a kind of properties; see `Kind`."""

    name: str
    on: On
    code: ExitCode
    failure: str
    goal: bool = False
    unfused: str = ""
    asks: Asks | None = None


#: What rows of temporal properties have in common, from `on` to `unfused`.
_OF_RUNS = (On.RUN, ExitCode.LIVENESS, "LivenessViolated", False, "runs without end")


class Kind(Enum):
    """The kinds of properties, a row each: all that is to be known of a kind but how it is judged.

    `value` is how it is called. What is found is what was asked for if the kind is a `goal`, else a
    violation. `code` is the exit code of a violated one and `failure` its type in reports of tests.
    `unfused` is what such a property is about and fusion does not preserve; empty if there is no such.
    `asks` says where one of runs begins to ask for something.
    """

    NODE = _Row("node invariant", On.NODE, ExitCode.SAFETY, "InvariantViolated")
    STATE = _Row("invariant", On.STATE, ExitCode.SAFETY, "InvariantViolated")
    ACTION = _Row("action property", On.STEP, ExitCode.SAFETY, "ActionPropertyViolated")
    TERMINAL = _Row(
        "terminal property",
        On.END,
        ExitCode.DEADLOCK,
        "TerminalPropertyViolated",
        unfused="terminal states",
    )
    #: one reachable state that answers is what is asked for
    SOMETIMES = _Row("sometimes", On.STATE, ExitCode.UNMET, "NeverReached", goal=True)
    #: from every reachable state one can be reached that answers (AG EF in temporal logic)
    CAN_STILL = _Row(
        "can-still", On.FUTURE, ExitCode.DEADLOCK, "NoReturn", unfused="what can still be reached"
    )
    #: every fair run comes to a state that answers (◇P in temporal logic)
    EVENTUALLY = _Row("eventually", *_OF_RUNS, asks=Asks.FIRST)
    #: every fair run comes to such a state again and again (□◇P)
    ALWAYS_EVENTUALLY = _Row("always eventually", *_OF_RUNS, asks=Asks.ALWAYS)
    #: after every state in which `Property.when` answers comes one that answers (□(P ⇒ ◇Q))
    LEADS_TO = _Row("leads to", *_OF_RUNS, asks=Asks.WHEN)

    _value_: str
    on: On
    code: ExitCode
    failure: str
    goal: bool
    unfused: str
    asks: Asks | None

    def __new__(cls, *columns: Any) -> Self:
        """A row of the table."""
        row = object.__new__(cls)
        row._value_, row.on, row.code, row.failure, row.goal, row.unfused, row.asks = _Row(*columns)
        return row

    @property
    def found(self) -> str:
        """What a property of this kind is, in a word, if an example was found."""
        return "reached" if self.goal else "violated"


@dataclass(frozen=True, slots=True)
class Property:
    """A named claim with its meaning in one sentence and its source.

    NODE and ACTION properties read exactly one view, and that of a local state. `note` explains a
    statement that looks true and is not. `default`: whether it is checked in a model that names no
    properties (of those that are no goals). `when`, of LEADS_TO only, is called like `judge` and answers
    in states after which, or in which, that must come which `judge` looks for. Raises TypeError or
    ValueError for what no property can be made of.
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
    when: Callable[..., str | None] | None = None

    def __post_init__(self) -> None:
        kind: object = self.kind
        views: object = self.views
        if not isinstance(kind, Kind):
            raise TypeError(f"property {self.id}: its kind is {kind!r}, which is no Kind")
        if not isinstance(views, tuple) or not all(isinstance(view, View) for view in views):
            raise TypeError(f"property {self.id}: its views are {views!r}, which is no tuple of Views")
        if self.kind.on in (On.NODE, On.STEP) and len(self.views) != 1:
            count = f"it reads {len(self.views)} views"
            raise ValueError(f"property {self.id}: a {self.kind.value} reads one view; {count}")
        if self.kind.on in (On.NODE, On.STEP) and self.views[0].inbox:
            reads = f"view {self.views[0].name} reads inboxes"
            raise ValueError(f"property {self.id}: a {self.kind.value} reads local states; {reads}")
        if not callable(self.judge):
            raise TypeError(f"property {self.id}: its judge is {self.judge!r}, which cannot be called")
        if (self.kind.asks is Asks.WHEN) is not callable(self.when):
            wanted = "needs" if self.when is None else "has no"
            raise TypeError(f"property {self.id}: a property of kind {self.kind.value} {wanted} 'when'")
        if self.kind.on is On.RUN and self.slices:
            raise ValueError(f"property {self.id}: what is said of runs is said of all slices together")

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

    def trigger(self) -> Property | None:
        """Of LEADS_TO the property that says what leads to something; else None."""
        if self.when is None:
            return None
        return replace(self, id=f"{self.id}, when", kind=Kind.SOMETIMES, judge=self.when, when=None)

    def sliced(self, slices: tuple[tuple[View, ...], ...]) -> Property:
        """The same claim, judged on each of these tuples of views by itself.

        For a claim about all slots that says nothing across slots: then each slot has few combinations
        of views, where all together would have the product of them.
        """
        return replace(self, slices=slices)

    def readings(self) -> tuple[tuple[View, ...], ...]:
        """The tuples of views that `judge` is called on, one call each."""
        return self.slices or (self.views,)


def still(goal: Property) -> Property:
    """The claim that a goal can still be reached, whatever has happened. Raises ValueError for no goal."""
    if not goal.kind.goal:
        raise ValueError(f"property {goal.id}: a {goal.kind.value} is no goal that can still be reached")
    meaning = f"Whatever has happened, this can still be reached: {goal.meaning}"
    return replace(goal, id=still_id(goal.id), kind=Kind.CAN_STILL, meaning=meaning)


def still_id(goal: str) -> str:
    """The id of the claim that a goal can still be reached."""
    return f"{Kind.CAN_STILL.value} {goal}"


#: Keys of model files that claim something of goals; the id of the claim is the goal's, led by the key or,
#: for the last, by another goal.
ABOUT_GOALS = ("can-still", "eventually", "always-eventually", "leads-to")


def eventually(goal: Property) -> Property:
    """The claim that every fair run comes to a goal. Raises ValueError for no goal."""
    meaning = f"Every fair run comes to this: {goal.meaning}"
    return _of_runs(goal, Kind.EVENTUALLY, f"eventually {goal.id}", meaning)


def always_eventually(goal: Property) -> Property:
    """The claim that every fair run comes to a goal again and again. Raises ValueError for no goal."""
    meaning = f"Every fair run comes to this again and again: {goal.meaning}"
    return _of_runs(goal, Kind.ALWAYS_EVENTUALLY, f"always-eventually {goal.id}", meaning)


def leads_to(cause: Property, goal: Property) -> Property:
    """The claim that a fair run comes to a goal after each state that shows another one, or in it.

    Raises ValueError for what is no goal.
    """
    views = tuple(dict.fromkeys((*cause.views, *goal.views)))
    of = [tuple(views.index(view) for view in claim.views) for claim in (cause, goal)]
    meaning = f"After “{cause.meaning}” every fair run comes to “{goal.meaning}”"
    claim = replace(goal, views=views, judge=partial(_of_some, goal, of[1]))
    when = partial(_of_some, _a_goal(cause), of[0])
    return _of_runs(claim, Kind.LEADS_TO, f"{cause.id} leads to {goal.id}", meaning, when)


def _of_some(claim: Property, places: tuple[int, ...], setting: Any, *groups: Any) -> str | None:
    """What a property says that reads only some of the views, by their places."""
    return claim.judge(setting, *(groups[place] for place in places))


def _of_runs(
    goal: Property, kind: Kind, name: str, meaning: str, when: Callable[..., str | None] | None = None
) -> Property:
    claim = replace(_a_goal(goal), id=name, kind=kind, meaning=meaning, when=when, slices=())
    return replace(claim, default=False)  # it rests on what a model assumes


def _a_goal(goal: Property) -> Property:
    if not goal.kind.goal:
        raise ValueError(f"property {goal.id}: a {goal.kind.value} is no goal that runs come to")
    return goal


def _shown(arguments: tuple[Any, ...]) -> str:
    """What a judge is asked about, without the setting or context that it is told first."""
    return ", ".join(map(show, arguments[1:]))
