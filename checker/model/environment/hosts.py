"""What a machine does: its processes take what is for them, and talk among themselves at no cost.

A message from one process to another on the same machine, or to itself, is no message of the network: it is
taken within the step that sends it, one after the other in the order of sending, until there is none left.
One that its receiver ignores is dropped. Where rules choose, the machine's step is any of their choices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from checker.model.modelcode import place_of, written_at
from checker.model.processes import Directory, receiver, share_of
from checker.model.values import Hosted, show
from checker.model.vocabulary import Local, Member, Message, NodeName, Sends, Step, kind_of

#: Messages among the processes of a machine within one step. Where there are more there is no end of them.
MOST_WITHIN = 10_000


class _Halfway(NamedTuple):
    """What the processes know, what they have yet to take of each other, and what they have sent."""

    locals: tuple[Local, ...]
    queue: tuple[tuple[int, Message], ...] = ()
    sends: Sends = ()


@dataclass(frozen=True, slots=True, eq=False)
class Host:
    """What a machine is told: its name, its processes, and where all others are. Its rules rest on that."""

    name: NodeName
    processes: tuple[Member, ...]
    directory: Directory

    def take(self, state: Hosted, message: Message) -> tuple[Step, ...]:
        """What comes of a message that arrives, in all steps together."""
        place, opened = receiver(self.processes, message)
        steps = self._asked(place, share_of(state, place), opened)
        if kind_of(opened) in self.processes[place].role.immediate:
            # who sends it sees to it that it sends nothing
            return tuple(Step(self._hosted(_with(_locals(state), place, s)), sends) for s, sends in steps)
        return self._completed(self._sent(_Halfway(_locals(state)), place, steps))

    def wake(self, place: int, name: str, state: Hosted) -> tuple[Step, ...]:
        """What comes of a process doing something of its own accord."""
        process = self.processes[place]
        code = process.role.wakes[name]
        steps = _steps(code, code(process.context, share_of(state, place)))
        return self._completed(self._sent(_Halfway(_locals(state)), place, steps))

    def together(self, ways: Sequence[Iterable[tuple[Local, Sends]]]) -> tuple[Step, ...]:
        """What comes of all processes taking a step at once: for each of them those that it may take."""
        halfway = [_Halfway(tuple(None for _ in self.processes))]
        for place, steps in enumerate(ways):
            known = [*steps]
            halfway = [after for before in halfway for after in self._sent(before, place, known)]
        return self._completed(halfway)

    def begin(self, inside: Iterable[tuple[NodeName, NodeName, Message]]) -> tuple[Step, ...]:
        """Where they begin, once they have taken what was sent among them: (sender, receiver, message)."""
        queue = []
        for sender, to, message in inside:
            place = self.directory.place(to, self.name)
            assert place is not None
            queue.append((place, self.directory.handed(sender, to, message)))
        return self._completed([_Halfway(tuple(p.local for p in self.processes), tuple(queue))])

    def _completed(self, begun: Iterable[_Halfway]) -> tuple[Step, ...]:
        """The steps, when nothing is left to be taken. Raises RecursionError if there is no end of that."""
        done: dict[Step, None] = {}
        halfway, taken = dict.fromkeys(begun), 0
        while halfway:
            following: dict[_Halfway, None] = {}
            for before in halfway:
                if not before.queue:
                    done[Step(self._hosted(before.locals), before.sends)] = None
                    continue
                taken += 1
                if taken > MOST_WITHIN:
                    place, message = before.queue[0]
                    raise RecursionError(
                        f"more than {MOST_WITHIN:,} messages among the processes of {show(self.name)} in "
                        f"one step, the last of them {show(message)} for {show(self.processes[place].name)}"
                    )
                following |= dict.fromkeys(self._next(before))
            halfway = following
        return tuple(done)

    def _next(self, before: _Halfway) -> Iterable[_Halfway]:
        """What comes of the next message being taken; it is dropped if its receiver ignores it."""
        (place, message), *rest = before.queue
        steps = self._asked(place, before.locals[place], message)
        process, left = self.processes[place], before._replace(queue=tuple(rest))
        if kind_of(message) in process.role.immediate and (len(steps) > 1 or any(s for _, s in steps)):
            raise ValueError(
                f"{show(process.name)}: an immediate message has one effect, and sends nothing"
            )
        return self._sent(left, place, steps) if steps else (left,)

    def _sent(
        self, before: _Halfway, place: int, steps: Iterable[tuple[Local, Sends]]
    ) -> Iterable[_Halfway]:
        """What each of a process's steps leads to: what it sends is to be taken here, or leaves."""
        sender = self.processes[place].name
        for after, sends in steps:
            queue, leaving = [*before.queue], [*before.sends]
            for to, message in sends:
                here = self.directory.place(to, self.name)
                if here is None:
                    leaving.append(self.directory.sent(sender, to, message))
                else:
                    queue.append((here, self.directory.handed(sender, to, message)))
            yield _Halfway(_with(before.locals, place, after), tuple(queue), tuple(leaving))

    def _asked(self, place: int, local: Local, message: Message) -> list[tuple[Local, Sends]]:
        process, kind = self.processes[place], kind_of(message)
        rule = process.role.rules.get(kind)
        if rule is None:
            raise LookupError(
                f"role {process.role.name} of {show(process.name)} has no rule for {kind.__name__}"
            )
        return _steps(rule, rule(process.context, local, message))

    def _hosted(self, locals_: Sequence[Local]) -> Hosted:
        return Hosted(tuple((p.name, local) for p, local in zip(self.processes, locals_, strict=True)))


def _locals(state: Hosted) -> tuple[Local, ...]:
    return tuple(local for _, local in state.processes)


def _with(locals_: tuple[Local, ...], place: int, after: Local) -> tuple[Local, ...]:
    return (*locals_[:place], after, *locals_[place + 1 :])


def _steps(code: Callable[..., Any], given: Any) -> list[tuple[Local, Sends]]:
    """What a rule or wake returned, as steps. Raises TypeError, which says what it is, if it is none."""
    try:
        return [(after, tuple(sends)) for after, sends in given]
    except (TypeError, ValueError) as error:
        if place_of(error) is not None:
            raise
        raise TypeError(f"{written_at(code)} returned {show(given)}, which is no steps") from error
