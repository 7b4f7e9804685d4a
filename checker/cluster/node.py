"""One node in a process: its state, its timers, and its event log. It knows of no network and no disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Any

from checker.cluster.eventlog import EventLog, json_text
from checker.model.deployed import Played
from checker.model.vocabulary import Envelope, Local, Message, NodeName, Sends
from checker.model.wire import Wire

#: What a node has sent: to whom, the message, and its text.
Sent = tuple[NodeName, Message, str]


@lru_cache(maxsize=4096)
def quoted(name: NodeName) -> str:
    """The name of a node as JSON."""
    return json_text(str(name))


class RunningNode:
    """A node that runs. Each call returns what it sends; what is logged waits in `log`."""

    def __init__(
        self, played: Played, wire: Wire, log: EventLog | None, random: Random, every: int
    ) -> None:
        self.played, self.log = played, log
        self.state: Local = played.begin
        self.name = str(played.name)
        self.steps = 0
        self._wire, self._random, self._every = wire, random, every
        self._eager = [wake for wake, timer in played.timers.items() if timer.first == 0]
        #: called with the states before and after each step
        self.watch: Callable[[Local, Local], None] | None = None

    def begin(self, fields: dict[str, Any] | None, config: Any) -> list[Sent]:
        """Start, or begin again after a crash with the fields that were stored."""
        if fields is None:
            sends: Sends = self.played.sends
            if self.log is not None:
                state = json_text(self._wire.write_state(self.state))
                self.log.add("start", format="1", config=json_text(config), state=state)
        else:
            self.state, sends = self.played.recover(replace(self.played.begin, **fields))
            if self.log is not None:
                self.log.add("recover", state=json_text(self._wire.write_state(self.state)))
        return [*self._sent(sends), *self._eagerly()]

    def take(self, sender: NodeName, message: Message, text: str) -> list[Sent]:
        """Take a message; one that no rule takes, or that is ignored, is gone."""
        if self.log is not None:
            self.log.add("receive", **{"from": quoted(sender), "message": text})
        rule = self.played.role.rules.get(type(message))
        if rule is None:
            return []
        told = Envelope(sender, message) if self.played.role.senders else message
        return self._step(rule(self.played.context, self.state, told)) or []

    def wake(self, name: str) -> list[Sent] | None:
        """Do something of its own accord; None if there is nothing to be done."""
        steps = tuple(self.played.role.wakes[name](self.played.context, self.state))
        if steps and self.log is not None:
            self.log.add("wake", name=quoted(name))
        return self._step(steps)

    def tell_state(self) -> None:
        """Log the whole state."""
        if self.log is not None:
            self.log.add("state", state=json_text(self._wire.write_state(self.state)))

    def _step(self, steps: Iterable[tuple[Local, Sends]]) -> list[Sent] | None:
        choices = tuple(steps)
        if not choices:
            return None
        after, sends = choices[0] if len(choices) == 1 else self._random.choice(choices)
        before, self.state = self.state, after
        sent = list(self._sent(sends))
        self.steps += 1
        if self._every and self.steps % self._every == 0:
            self.tell_state()
        if self.watch is not None:
            self.watch(before, after)
        return [*sent, *self._eagerly()] if self._eager else sent

    def _eagerly(self) -> list[Sent]:
        """What it does of its own accord, at once, after a step."""
        for name in self._eager:
            sent = self.wake(name)
            if sent is not None:
                return sent
        return []

    def _sent(self, sends: Sends) -> Iterator[Sent]:
        last, text = None, ""
        for to, message in sends:
            if message is not last:
                last, text = message, json_text(self._wire.write_message(message))
            if self.log is not None:
                self.log.add("send", to=quoted(to), message=text)
            yield to, message, text
