"""What the processes of a role have known so far: the moments in which that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from checker.model.processes import Process
from checker.model.semantics import State
from checker.model.vocabulary import Down
from pmmc.values import Command

#: What holds the words of a command together.
NO_BREAK = "\N{NO-BREAK SPACE}"


class Moment(NamedTuple):
    """A process begins (step 0, `before` is None), or what it knows changes; by a `crash`, or the restart.

    What one that is down knows is what it will begin with.
    """

    step: int
    before: Any
    after: Any
    crash: bool


def moments(process: Process, states: Sequence[State]) -> Iterator[Moment]:
    """The beginning of a process, and every step in which what it knows changes."""
    known, was_down = None, False
    for step, state in enumerate(states):
        local = process.local(state[process.node].local)
        down, after = isinstance(local, Down), opened(local)
        if after is not known and after != known:
            yield Moment(step, known, after, down or was_down)
        known, was_down = after, down


def opened(local: Any) -> Any:
    """What a process knows or, if it is down, will begin with."""
    return local.saved if isinstance(local, Down) else local


def is_down(process: Process, state: State) -> bool:
    """Whether a process is down."""
    return isinstance(process.local(state[process.node].local), Down)


def together(*words: object) -> str:
    """Words that stand in one line."""
    return " ".join(map(str, words)).replace(" ", NO_BREAK)


def for_slot(slot: int, command: Command) -> str:
    """A slot and a command for it, to be parted between them at most."""
    return f"{together('slot', slot)}: {together(command)}"
