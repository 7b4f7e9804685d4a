"""Answers compared with answers: which fields of a local state differ, and what is sent and what is not.

Both are read as the values of the model, so sets are compared as sets, whatever their order in JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from checker.implementations.answers import Reading
from checker.implementations.opaque import held
from checker.implementations.pool import Fault
from checker.model.values import canonical, differences, show
from checker.model.vocabulary import Local, Message, NodeName, Sends
from checker.model.wire import Json, Wire


class Difference(NamedTuple):
    """One thing that is not as it should be: where, what was expected, and what came.

    Of sets it is what is missing and what is too much; None: nothing.
    """

    where: str
    expected: str | None
    came: str | None

    def __str__(self) -> str:
        if self.came is None:
            return f"{self.where}: missing {self.expected}"
        if self.expected is None:
            return f"{self.where}: {self.came} is too much"
        return f"{self.where}: expected {self.expected}, came {self.came}"


class WrongShape(Exception):  # noqa: N818 - a fault of an answer, not of the program
    """An answer is none; the message says what is wrong with it."""


#: A step that was answered: the next local state, and what is sent.
Answered = tuple[Local, Sends]


@dataclass(frozen=True, slots=True)
class Comparing:
    """Compares answers of one model; in an `ordered` network it matters in which order one node is sent."""

    wire: Wire
    ordered: bool = False

    def differences(self, do: str, expected: Json, came: Json, like: Local) -> tuple[Difference, ...]:
        """What an answer to such a request has otherwise, of a node that may be in the state `like`.

        Raises WrongShape if it is no answer.
        """
        wanted, got = self._steps(do, expected, like), self._steps(do, came, like)
        if len(wanted) == len(got) == 1:
            return tuple(self._of_step(wanted[0], got[0]))
        return tuple(self._of_choices(wanted, got))

    def _steps(self, do: str, answer: Json, like: Local) -> Sequence[Answered]:
        bare = {name: value for name, value in answer.items() if name != "id"}
        found = Reading(self.wire, like).steps(do, bare)
        if isinstance(found, Fault):
            raise WrongShape(f"it {found.text}")
        if any(held(state) is not None for state, _ in found):
            raise WrongShape(
                "it answered with a 'view': its local states have a form of their own, and vectors are of "
                "states in the wire form; put it into the model instead"
            )
        return found

    def _of_step(self, wanted: Answered, got: Answered) -> Iterator[Difference]:
        if wanted[0] != got[0]:
            for field in differences(wanted[0], got[0]):
                where = f"state.{field.name}" if field.name else "state"
                yield from _of_values(where, field.before, field.after)
        yield from self._of_sends(wanted, got)

    def _of_sends(self, wanted: Answered, got: Answered) -> Iterator[Difference]:
        expected, came = Counter(wanted[1]), Counter(got[1])
        for to, message in _ordered((expected - came).elements()):
            yield Difference("sends", _sent(to, message), None)
        for to, message in _ordered((came - expected).elements()):
            yield Difference("sends", None, _sent(to, message))
        if self.ordered and expected == came:
            for to in dict.fromkeys(to for to, _ in wanted[1]):
                one = [show(message) for node, message in wanted[1] if node == to]
                other = [show(message) for node, message in got[1] if node == to]
                if one != other:
                    yield Difference(f"order of what {show(to)} is sent", ", ".join(one), ", ".join(other))

    def _of_choices(self, wanted: Sequence[Answered], got: Sequence[Answered]) -> Iterator[Difference]:
        """Of several steps, or none, those that are missing, and those that are too many."""
        missing = [one for one in wanted if all(any(self._of_step(one, other)) for other in got)]
        too_many = [one for one in got if all(any(self._of_step(other, one)) for other in wanted)]
        if not wanted and too_many:
            yield Difference("steps", "none: it is ignored", f"a step to {_shown(too_many[0])}")
        elif not got and missing:
            yield Difference("steps", f"a step to {_shown(missing[0])}", "none: it was ignored")
        else:
            yield from (Difference("steps", f"a step to {_shown(one)}", None) for one in missing)
            yield from (Difference("steps", None, f"a step to {_shown(one)}") for one in too_many)
            if not missing and not too_many and len(wanted) != len(got):
                yield Difference("steps", f"{len(wanted)} of them", f"{len(got)}, one of them twice")


def _shown(step: Answered) -> str:
    sent = ", ".join(_sent(to, message) for to, message in step[1])
    return f"{show(step[0])}, sends {sent or 'nothing'}"


def _sent(to: NodeName, message: Message) -> str:
    return f"{show(message)} → {show(to)}"


def _of_values(where: str, expected: Any, came: Any) -> Iterator[Difference]:
    if isinstance(expected, frozenset) and isinstance(came, frozenset):
        for value in sorted(expected - came, key=canonical):
            yield Difference(where, show(value), None)
        for value in sorted(came - expected, key=canonical):
            yield Difference(where, None, show(value))
    else:
        yield Difference(where, show(expected), show(came))


def _ordered(sends: Iterable[tuple[NodeName, Message]]) -> list[tuple[NodeName, Message]]:
    return sorted(sends, key=canonical)
