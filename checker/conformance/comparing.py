"""Answers compared with answers: which fields of a local state differ, and what is sent and what is not.

Both are read as the values of the model, so sets are compared as sets, whatever their order in JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from checker.model.values import canonical, differences, show
from checker.model.vocabulary import Local, Message, NodeName
from checker.model.wire import Json, Misfit, Wire, WireFault, quoted


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


@dataclass(frozen=True, slots=True)
class Answered:
    """A step that was answered: the next local state, and what is sent."""

    state: Local
    sends: tuple[tuple[NodeName, Message], ...]

    def __str__(self) -> str:
        sent = ", ".join(_sent(to, message) for to, message in self.sends)
        return f"{show(self.state)}, sends {sent or 'nothing'}"


def _sent(to: NodeName, message: Message) -> str:
    return f"{show(message)} → {show(to)}"


@dataclass(frozen=True, slots=True)
class Comparing:
    """Compares answers of one model; in an `ordered` network it matters in which order one node is sent."""

    wire: Wire
    ordered: bool = False

    def differences(self, expected: Json, came: Json, like: Local) -> tuple[Difference, ...]:
        """What an answer has otherwise than it should, of a node that may be in the state `like`.

        Raises WrongShape if it is no answer.
        """
        wanted, got = self._steps(expected, like), self._steps(came, like)
        if len(wanted) == len(got) == 1:
            return tuple(self._of_step(wanted[0], got[0]))
        return tuple(self._of_choices(wanted, got))

    def _steps(self, answer: Json, like: Local) -> list[Answered]:
        if not isinstance(answer, dict):
            raise WrongShape(f"expected an object with 'steps', not {quoted(answer)}")
        if "error" in answer:
            said = answer["error"]
            raise WrongShape(
                f"it answered with an error: {said if isinstance(said, str) else quoted(said)}"
            )
        steps = answer.get("steps")
        if not isinstance(steps, list):
            raise WrongShape(f"expected an array 'steps', not {quoted(steps)}")
        misfits: list[Misfit] = []
        found = [self._step(("steps", i), step, like, misfits) for i, step in enumerate(steps)]
        if misfits:
            raise WrongShape(str(WireFault(misfits)))
        return found

    def _step(self, path: tuple[str | int, ...], step: Json, like: Local, wrong: list[Misfit]) -> Answered:
        nothing = Answered(like, ())
        if not isinstance(step, dict) or "state" not in step:
            wrong.append(Misfit(path, "expected an object with 'state' and 'sends'", step))
            return nothing
        wrong.extend(
            Misfit((*path, name), "expected 'state', 'sends' or 'view' only", step[name])
            for name in sorted(step.keys() - {"state", "sends", "view"})
        )
        state = self._read((*path, "state"), wrong, lambda: self.wire.read_state(step["state"], like))
        if step.get("view") is not None and step["view"] != step["state"]:
            expected = "expected the state itself: of vectors it is what is compared"
            wrong.append(Misfit((*path, "view"), expected, step["view"]))
        sends, given = [], step.get("sends")
        if given is not None and not isinstance(given, list):
            wrong.append(Misfit((*path, "sends"), "expected an array", given))
            given = None
        for i, send in enumerate(given or ()):
            at = (*path, "sends", i)
            if not isinstance(send, dict) or send.keys() != {"to", "message"}:
                wrong.append(Misfit(at, "expected an object with 'to' and 'message'", send))
                continue
            to = self._read((*at, "to"), wrong, lambda send=send: self.wire.read_node(send["to"]))
            message = self._read(
                (*at, "message"), wrong, lambda send=send: self.wire.read_message(send["message"])
            )
            sends.append((to, message))
        return Answered(state, tuple(sends))

    def _read(self, path: tuple[str | int, ...], wrong: list[Misfit], read: Any) -> Any:
        try:
            return read()
        except WireFault as fault:
            wrong.extend(misfit._replace(path=(*path, *misfit.path)) for misfit in fault.misfits)
            return None

    def _of_step(self, wanted: Answered, got: Answered) -> Iterator[Difference]:
        if wanted.state != got.state:
            for field in differences(wanted.state, got.state):
                where = f"state.{field.name}" if field.name else "state"
                yield from _of_values(where, field.before, field.after)
        yield from self._of_sends(wanted, got)

    def _of_sends(self, wanted: Answered, got: Answered) -> Iterator[Difference]:
        expected, came = Counter(wanted.sends), Counter(got.sends)
        for to, message in _ordered((expected - came).elements()):
            yield Difference("sends", _sent(to, message), None)
        for to, message in _ordered((came - expected).elements()):
            yield Difference("sends", None, _sent(to, message))
        if self.ordered and expected == came:
            for to in dict.fromkeys(to for to, _ in wanted.sends):
                one = [show(message) for node, message in wanted.sends if node == to]
                other = [show(message) for node, message in got.sends if node == to]
                if one != other:
                    yield Difference(f"order of what {show(to)} is sent", ", ".join(one), ", ".join(other))

    def _of_choices(self, wanted: list[Answered], got: list[Answered]) -> Iterator[Difference]:
        """Of several steps, or none, those that are missing, and those that are too many."""
        missing = [one for one in wanted if all(any(self._of_step(one, other)) for other in got)]
        too_many = [one for one in got if all(any(self._of_step(other, one)) for other in wanted)]
        if not wanted and too_many:
            yield Difference("steps", "none: it is ignored", f"a step to {too_many[0]}")
        elif not got and missing:
            yield Difference("steps", f"a step to {missing[0]}", "none: it was ignored")
        else:
            yield from (Difference("steps", f"a step to {one}", None) for one in missing)
            yield from (Difference("steps", None, f"a step to {one}") for one in too_many)
            if not missing and not too_many and len(wanted) != len(got):
                yield Difference("steps", f"{len(wanted)} of them", f"{len(got)}, one of them twice")


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
