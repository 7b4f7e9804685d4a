"""Steps put together as they are told: exchanges of one node with others, and messages that go one way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checker.model.behaviour import Trace
from checker.model.semantics import Transition
from checker.model.vocabulary import NodeName
from checker.model.wording import label_of
from checker.traces.causality import Causality


@dataclass(frozen=True, slots=True)
class Turn:
    """A step (numbers are from 1) and, if it is answered, the step that takes the answer."""

    step: int
    answer: int | None = None

    @property
    def steps(self) -> tuple[int, ...]:
        """One step or two."""
        return (self.step,) if self.answer is None else (self.step, self.answer)


#: Turns that are told together.
Turns = tuple[Turn, ...]


class Steps:
    """What there is to know of the steps of a trace by their numbers: who takes which, and from whom."""

    def __init__(self, trace: Trace, known: Causality) -> None:
        self.trace, self.known = trace, known
        parcels = (parcel for parcel in known.parcels if not parcel.at_once)
        self.senders = {step: parcel.sender for parcel in parcels for step in parcel.taken}

    def taken(self, step: int) -> Transition:
        """What is done in a step."""
        return self.trace.steps[step - 1].transition

    def node(self, step: int) -> int:
        """Whose step it is."""
        return self.taken(step).node

    def name(self, step: int) -> NodeName:
        """The name of the node whose step it is."""
        return self.trace.system.members[self.node(step)].name

    def sender(self, step: int) -> NodeName | None:
        """Who sent what a step takes; None if it takes nothing."""
        return None if self.known.origins[step - 1] is None else self.senders[step]

    def turns(self, steps: Sequence[int]) -> Iterator[Turns]:
        """Steps in turns, in their order; those in a row that differ by who answers only are together."""
        together: list[Turn] = []
        for turn in self._single(steps):
            if together and self._kind(turn) != self._kind(together[0]):
                yield tuple(together)
                together = []
            together.append(turn)
        if together:
            yield tuple(together)

    def goes_on(self, turns: Turns, following: Turns) -> bool:
        """Whether the receiver of a message that goes one way then sends one, one way too."""
        first, then = turns[0], following[0]
        one_way = len(turns) == len(following) == 1 and first.answer is None and then.answer is None
        return one_way and self.sender(first.step) is not None and self._origin(then.step) == first.step

    def _single(self, steps: Sequence[int]) -> Iterator[Turn]:
        """A step is answered if the next one takes what it sent, at the node that had sent to it."""
        waiting = list(steps)
        while waiting:
            step = waiting.pop(0)
            answer = waiting[0] if waiting and self._origin(waiting[0]) == step else None
            if answer is None or self.name(answer) != self.sender(step):
                yield Turn(step)
            else:
                yield Turn(step, waiting.pop(0))

    def _origin(self, step: int) -> int | None:
        return self.known.origins[step - 1]

    def _kind(self, turn: Turn) -> object:
        """What turns that are told together have in common; a turn without a message has it with none."""
        sender = self.sender(turn.step)
        if sender is None:
            return turn
        role = self.trace.system.members[self.node(turn.step)].role.name
        names = tuple(label_of(self.taken(n)).name for n in turn.steps)
        return sender, role, names, bool(self._origin(turn.step)), turn.answer is None
