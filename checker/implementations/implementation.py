"""A command in the place of a role: its rules as functions, each question asked once, every answer tested.

What is assumed of a rule, that it is a function of what it is given and of nothing else, is tested of a
process: every question is asked once more, in another order and of another process (`ask_again`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import Any, NamedTuple

from checker.implementations import lines
from checker.implementations.answers import Reading, Steps
from checker.implementations.command import Command
from checker.implementations.opaque import held
from checker.implementations.pool import VERSION, Fault, Pool
from checker.model.modelcode import Awaited, OutsideError
from checker.model.outside import Unbegun
from checker.model.values import show
from checker.model.vocabulary import Down, Envelope, Local, Message, NodeName, Rule, Step, Wake
from checker.model.wire import Wire

#: So many questions are asked once more together; as many wait at most while others are asked.
AGAIN = 4096


class Call(NamedTuple):
    """A question: what node is to do what, in which local state, with which message or timer."""

    do: str
    node: NodeName
    state: Local = None
    message: Message | None = None
    timer: str | None = None

    def __str__(self) -> str:
        what = self.timer or (self.do if self.message is None else f"{self.do} on {show(self.message)}")
        at = "" if self.do == "init" else f" in state {show(self.state)}"
        return f"{show(self.node)}: {what}{at}"


class Implementation:
    """What a command does in the place of some nodes.

    `wire` is how their messages and local states are written, asked for when the first process is; `like` a
    local state of each node that it plays, for its class. With `opaque` local states are kept as they are
    beside what is read of them, whether or not a `view` is given.
    """

    def __init__(
        self,
        command: Command,
        wire: Callable[[], Wire],
        like: dict[NodeName, Local],
        *,
        opaque: bool = False,
    ) -> None:
        self.command = command
        self.nodes = frozenset(like)
        self._wire_of, self._like, self._opaque = wire, like, opaque
        self._wire: Wire | None = None
        self._pool: Pool | None = None
        self._lock = RLock()
        self._known: dict[Call, Steps | Fault] = {}
        #: what was asked once, and of which process; and what is to be asked with others
        self._once: list[tuple[Call, int]] = []
        self._noted: dict[Call, None] = {}
        self._is_waiting = False
        #: canonical text of local states and of messages
        self._texts: dict[Any, str] = {}

    # What is put into a role ------------------------------------------------------------------------------

    def rule(self, node: NodeName) -> Rule:
        """The rule of a node for messages of any type. Raises OutsideError."""
        return partial(self._on_message, node)

    def wake(self, node: NodeName, timer: str) -> Wake:
        """The wake of a node by that timer. Raises OutsideError."""
        return partial(self._on_wake, node, timer)

    def begin(self, node: NodeName) -> Callable[[Any, Local], Step]:
        """How a node begins, for `Role.begin`. Raises OutsideError."""
        return partial(self._begin, node)

    def crash(self, node: NodeName) -> Rule:
        """The rule for crashes: the node goes down with what its disk holds. Raises OutsideError."""
        return partial(self._crash, node)

    def recover(self, context: Any, node: NodeName, saved: Local) -> Step:
        """How a node begins again with what its disk holds. Raises OutsideError."""
        ((local, sends),) = self.steps(Call("restart", node, saved))
        return Step(local, sends)

    def _on_message(self, node: NodeName, context: Any, local: Local, message: Message) -> Steps:
        return self.steps(Call("step", node, local, message))

    def _on_wake(self, node: NodeName, timer: str, context: Any, local: Local) -> Steps:
        return self.steps(Call("wake", node, local, timer=timer))

    def _begin(self, node: NodeName, context: Any, local: Local) -> Step:
        ((first, sends),) = self.steps(Call("init", node))
        if not isinstance(local, Down):
            return Step(first, sends)
        ((down, _),) = self._crash(node, context, first, None)
        return Step(down)

    def _crash(self, node: NodeName, context: Any, local: Local, message: Any) -> tuple[Step, ...]:
        if isinstance(local, Unbegun):  # down from the start: it is asked as it begins
            return (Step(Down(local)),)
        ((saved, sends),) = self.steps(Call("crash", node, local))
        if sends:
            raise OutsideError(f"'{self.command}' sends to {show(sends[0][0])} as it crashes")
        return (Step(Down(saved)),)

    # Asking -----------------------------------------------------------------------------------------------

    def steps(self, call: Call) -> Steps:
        """What the node does. Raises OutsideError, and while that is so (`waiting`) Awaited."""
        with self._lock:
            found = self._known.get(call)
            if found is None:
                self._noted[call] = None
                if self._is_waiting:
                    raise Awaited
                self.ask()
                found = self._known[call]
        if isinstance(found, Fault):
            raise OutsideError(found.text)
        return found

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While this lasts, what is not known is not asked but noted, and Awaited raised."""
        with self._lock:
            self._is_waiting = True
            try:
                yield
            finally:
                self._is_waiting = False

    def ask(self) -> None:
        """Ask for all that was noted."""
        with self._lock:
            noted, self._noted = list(self._noted), {}
            if not noted:
                return
            slots = self.pool.slots_for(len(noted))
            answers = self.pool.ask([self._request(call) for call in noted], slots)
            for call, slot, answer in zip(noted, slots, answers, strict=True):
                self._known[call] = found = self._read(call, answer)
                if not isinstance(found, Fault):  # who went wrong once may do so again, and take its time
                    self._once.append((call, slot))

    def ask_again(self, most: int = 0) -> None:
        """Ask once more, in another order and of another process, what was asked once, if it is more than
        `most`. Raises OutsideError for a difference.
        """
        with self._lock:
            if len(self._once) <= most:
                return
            while self._once:
                again = self._once[-AGAIN:]
                again.reverse()
                if self.command.most == 1:
                    self.pool.close()
                slots = [(slot + 1) % self.command.most for _, slot in again]
                answers = self.pool.ask([self._request(call) for call, _ in again], slots)
                for (call, _), answer in zip(again, answers, strict=True):
                    self._compare(call, self._read(call, answer))
                del self._once[-AGAIN:]

    def _compare(self, call: Call, second: Steps | Fault) -> None:
        first = self._known[call]
        if first == second or (isinstance(first, Fault) and isinstance(second, Fault)):
            return
        raise OutsideError(
            f"{call}: '{self.command}' is no function of what it is asked: it {_told(first)}, and asked "
            f"again, in another order and another process, it {_told(second)}"
        )

    def _read(self, call: Call, answer: Any) -> Steps | Fault:
        if isinstance(answer, Fault):
            return answer
        reading = Reading(self.wire, self._like[call.node], self._opaque)
        found = reading.steps(call.do, answer)
        return Fault(f"'{self.command}' {found.text}") if isinstance(found, Fault) else found

    def close(self) -> None:
        """End the processes. Should somebody ask after that, they are started anew."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()

    # On the wire ------------------------------------------------------------------------------------------

    @property
    def wire(self) -> Wire:
        """How messages and local states are written."""
        if self._wire is None:
            self._wire = self._wire_of()
        return self._wire

    @property
    def pool(self) -> Pool:
        """The processes."""
        if self._pool is None:
            hello = f'"do":"hello","protocol":{VERSION},"config":{lines.written(self.wire.config())}'
            self._pool = Pool(self.command, hello)
        return self._pool

    def _request(self, call: Call) -> str:
        """What is written of a question."""
        node = lines.written(self.wire.write_node(call.node))
        parts = [f'"do":"{call.do}","node":{node}']
        if call.do != "init":
            parts.append(f'"state":{self._text(call.state, self._written)}')
        if isinstance(call.message, Envelope):
            sender = lines.written(self.wire.write_node(call.message.sender))
            parts.append(f'"from":{sender},"message":{self._text(call.message.message, self._said)}')
        elif call.message is not None:
            parts.append(f'"message":{self._text(call.message, self._said)}')
        if call.timer is not None:
            parts.append(f'"timer":{lines.written(call.timer)}')
        return ",".join(parts)

    def _text(self, value: Any, write: Callable[[Any], str]) -> str:
        text = self._texts.get(value)
        if text is None:
            text = self._texts[value] = write(value)
        return text

    def _written(self, local: Local) -> str:
        own = held(local)
        return lines.written(self.wire.write_state(local)) if own is None else own

    def _said(self, message: Message) -> str:
        return lines.written(self.wire.write_message(message))


def _told(answer: Steps | Fault) -> str:
    """What was answered, in words."""
    if isinstance(answer, Fault):
        return f"went wrong ({answer.text})"
    return f"answered {show(answer)}" if answer else "answered no steps"
