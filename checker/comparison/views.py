"""Do two models reach the same? Compared is what properties see: the sets of reachable views.

A *question* is a tuple of views. A state answers it with a combination: for each node of the roles
concerned what the views show of it. Both models are explored to the end, with nothing judged, and the
combinations that their states show are collected. Values are compared by their canonical texts, so
the two models may have local states of different types.

Reductions are on as far as they keep the set of reachable views: fusion and settling do; symmetry does
not, it keeps one of all renamed combinations. A difference is shown by a path to a first state that
has a combination which the other model never has, and reported only after that path was replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from checker.checking.confirm import confirm
from checker.engines.choose import Means, Reporter, choose_engine
from checker.engines.contract import Exploration, Limits
from checker.model.behaviour import Trace
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.values import canonical, show
from checker.model.verdict import ExitCode
from checker.model.vocabulary import NodeName, View

#: A shortest witness is looked for without fusion among this many states; beyond, with fusion.
STATES_FOR_SHORTEST = 3_000_000


class Sameness(Enum):
    """What is known of two models after a comparison."""

    EQUAL = "equal"
    DIFFERENT = "different"
    #: a limit was hit, or a model's own code raised, and no difference was found
    INCONCLUSIVE = "inconclusive"

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a comparison that ends so."""
        codes = {Sameness.EQUAL: ExitCode.OK, Sameness.DIFFERENT: ExitCode.UNMET}
        return codes.get(self, ExitCode.INCONCLUSIVE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is looked at in every state; `name` is a property's id, or says what the views are."""

    name: str
    views: tuple[View, ...]


#: What one state shows: numbers of (view, node, value), in ascending order.
Combination = tuple[int, ...]


class Texts:
    """Numbers for what is shown, the same for equal values of both models."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, place: int, node: NodeName, value: Any) -> int:
        """The number of a value that the view at a place in its question shows of a node."""
        text = f"{place} {canonical(node)} {canonical(value)}"
        return self._numbers.setdefault(text, len(self._numbers))


class Collector:
    """A judge that finds nothing wrong and notes every combination it is shown."""

    def __init__(self, texts: Texts) -> None:
        self.seen: set[Combination] = set()
        self._texts = texts
        self._known: dict[tuple[int, NodeName, Any], int] = {}

    def __call__(self, setting: Any, *views: Mapping[NodeName, Any]) -> None:
        """Note what a state shows."""
        self.seen.add(self.combination(views))

    def combination(self, views: Sequence[Mapping[NodeName, Any]]) -> Combination:
        """What a state shows, as numbers."""
        numbers = []
        for place, view in enumerate(views):
            for node, value in view.items():
                key = (place, node, value)
                number = self._known.get(key)
                if number is None:
                    number = self._known[key] = self._texts.number(place, node, value)
                numbers.append(number)
        return tuple(sorted(numbers))


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two models: how it is called, and how it was explored."""

    name: str
    found: Exploration

    @property
    def complete(self) -> bool:
        """Whether every reachable state was seen."""
        return self.found.complete


@dataclass(frozen=True, slots=True)
class Witness:
    """A way, confirmed, to a state that shows what only one model has; `side` says which, 0 or 1."""

    question: str
    side: int
    trace: Trace
    shortest: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """For one question: how many combinations each model has, and how many only that one is known to have.

    What the other does not have is known if the other was explored to the end; None otherwise.
    """

    question: Reading
    distinct: tuple[int, int]
    only: tuple[int | None, int | None]
    witnesses: tuple[Witness, ...] = ()

    @property
    def sameness(self) -> Sameness:
        """What is known of the two models, as far as this question goes."""
        if any(self.only):
            return Sameness.DIFFERENT
        return Sameness.INCONCLUSIVE if None in self.only else Sameness.EQUAL


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models and how they answer some questions."""

    sides: tuple[Side, Side]
    answers: tuple[Answer, ...]

    @property
    def sameness(self) -> Sameness:
        """Different if they are in one answer; equal if they are in all."""
        found = [answer.sameness for answer in self.answers]
        if Sameness.DIFFERENT in found:
            return Sameness.DIFFERENT
        return Sameness.EQUAL if set(found) == {Sameness.EQUAL} else Sameness.INCONCLUSIVE

    @property
    def exit_code(self) -> ExitCode:
        """0 equal, 10 different, 14 a model raised, 20 inconclusive, 130 interrupted."""
        if any(side.found.interrupted for side in self.sides):
            return ExitCode.INTERRUPTED
        if self.sameness is Sameness.INCONCLUSIVE and any(side.found.raised for side in self.sides):
            return ExitCode.MODEL_RAISED
        return self.sameness.exit_code


def compare_views(
    systems: tuple[System, System],
    questions: tuple[Sequence[Reading], Sequence[Reading]],
    *,
    names: tuple[str, str],
    means: Means,
    limits: Limits = Limits(),
    report: Callable[[str], Reporter | None] = lambda _: None,
) -> Comparison:
    """Explore both and compare what they reach.

    `questions` are those of the one and those of the other, in the same order and with the same
    names; they differ only where the two are of different protocols. `report(name)` hears how far
    the exploration of a model is.
    """
    texts = Texts()
    keeping = replace(means, reductions=replace(means.reductions, symmetry=False))
    parties: list[_Party] = []
    for system, asked, name in zip(systems, questions, names, strict=True):
        party = _Party(system, asked, tuple(Collector(texts) for _ in asked))
        if parties and parties[0].found.interrupted:
            party.found = Exploration(engine="none", stopped="interrupted", interrupted=True)
        else:
            party.found = choose_engine(keeping)(party.asking(), limits, report(name))
        parties.append(party)
    sides = (Side(names[0], parties[0].found), Side(names[1], parties[1].found))
    answers = []
    for at, question in enumerate(questions[0]):
        seen = (parties[0].collectors[at].seen, parties[1].collectors[at].seen)
        answer = _answer(question, sides, seen)
        witnesses = [
            _witness(parties[side], at, (side, names[1 - side], seen[1 - side]), keeping, limits)
            for side in (0, 1)
            if answer.only[side]
        ]
        answers.append(replace(answer, witnesses=tuple(w for w in witnesses if w is not None)))
    return Comparison(sides, tuple(answers))


@dataclass(slots=True)
class _Party:
    """One of the models while it is explored."""

    system: System
    questions: Sequence[Reading]
    collectors: tuple[Collector, ...]
    found: Exploration = field(default_factory=lambda: Exploration(engine="none"))

    def asking(self) -> System:
        """The system with nothing claimed; the questions are noted."""
        pairs = zip(self.questions, self.collectors, strict=True)
        return _asking(self.system, [_claim(question, collector) for question, collector in pairs])


def _answer(
    question: Reading, sides: tuple[Side, Side], seen: tuple[set[Combination], set[Combination]]
) -> Answer:
    first = len(seen[0] - seen[1]) if sides[1].complete else None
    second = len(seen[1] - seen[0]) if sides[0].complete else None
    return Answer(question, (len(seen[0]), len(seen[1])), (first, second))


def _claim(question: Reading, judge: Callable[..., str | None]) -> Property:
    meaning = "What is seen is seen in the other model too."
    return Property(question.name, Kind.STATE, meaning, "comparison", question.views, judge)


def _asking(system: System, claims: Sequence[Property]) -> System:
    """The system with these claims and no other, and nothing interchangeable."""
    return replace(system, properties=tuple(claims), symmetries=())


def shown(views: Sequence[View], values: Sequence[Mapping[NodeName, Any]]) -> str:
    """What the views show, node by node, for people."""
    by_node: dict[NodeName, list[str]] = {}
    for view, value in zip(views, values, strict=True):
        for node, shows in value.items():
            by_node.setdefault(node, []).append(f"{view.name} {show(shows)}")
    return "; ".join(f"{show(node)}: {', '.join(texts)}" for node, texts in by_node.items())


class _Missing:
    """Judges whether what a state shows is missing in the other model."""

    def __init__(
        self, question: Reading, collector: Collector, others: set[Combination], name: str
    ) -> None:
        self._views, self._collector, self._others, self._name = question.views, collector, others, name

    def __call__(self, setting: Any, *views: Mapping[NodeName, Any]) -> str | None:
        """What is shown, if no state of the other model shows it."""
        if self._collector.combination(views) in self._others:
            return None
        return f"no state of {self._name} shows {shown(self._views, views)}"


def _witness(
    party: _Party, at: int, lacking: tuple[int, str, set[Combination]], means: Means, limits: Limits
) -> Witness | None:
    """A way to a first state that shows what only this side has; None if a limit comes before it.

    `lacking` is the number of this side, the other's name, and all that the other shows.
    """
    side, other, others = lacking
    question = party.questions[at]
    asking = _asking(
        party.system, [_claim(question, _Missing(question, party.collectors[at], others, other))]
    )
    unfused = replace(means, reductions=replace(means.reductions, fusion=False))
    few = min(STATES_FOR_SHORTEST, limits.max_states or STATES_FOR_SHORTEST)
    for searched_by, within in ((unfused, replace(limits, max_states=few)), (means, limits)):
        found = choose_engine(searched_by)(asking, within, None)
        discovery = found.found(question.name)
        if discovery is not None:
            return Witness(question.name, side, confirm(asking, discovery), shortest=discovery.shortest)
    return None
