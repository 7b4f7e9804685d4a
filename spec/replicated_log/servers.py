"""Servers: what a process does, within the bounds of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from checker.model.environment.crashes import Crash
from checker.model.outside import Unbegun
from checker.model.vocabulary import Down, Member, Message, Role, Rule, Sends, Step, Wake
from pmmc.values import Node
from spec.replicated_log.values import Here, Request, Server, Setting, Shown

if TYPE_CHECKING:
    from checker.implementations.implementation import Implementation

#: The name of the role.
ROLE = "server"


@dataclass(frozen=True, slots=True)
class Bounded:
    """Servers played by a process, each of whose `timers` goes off so many times, with logs so long."""

    process: Implementation
    timers: Sequence[str]
    times: Mapping[Node, int]
    slots: int | None

    def member(self, node: Node, setting: Setting, types: Sequence[type], *, mortal: bool) -> Member:
        """A server; it crashes as its process says if it is `mortal`."""
        rules: dict[type, Rule] = dict.fromkeys(
            (Request, *types), partial(self._on_message, self.process.rule(node))
        )
        if mortal:
            rules[Crash] = partial(_crash, self.process.crash(node))
        wakes = {
            timer: partial(self._wake, node, timer, self.process.wake(node, timer)) for timer in self.timers
        }
        role = Role(
            ROLE,
            MappingProxyType(rules),
            MappingProxyType(wakes),
            cut=partial(self._cut, node),
            senders=True,
            begin=partial(_begin, self.process.begin(node)),
        )
        return Member(node, role, Here(node, setting), Unbegun(Server(Shown())))

    def recover(self, context: Here, saved: Server) -> Step:
        """How a server begins again after a crash; how often its timers have gone off is not forgotten."""
        shown, sends = self.process.recover(context, context.me, saved.shown)
        return Step(replace(saved, shown=shown, down=False), sends)

    def _on_message(self, rule: Rule, context: Here, local: Server, message: Message) -> tuple[Step, ...]:
        if self._is_beyond(local):
            return ()
        steps = rule(context, local.shown, message)
        return tuple(Step(replace(local, shown=shown), sends) for shown, sends in steps)

    def _wake(self, node: Node, timer: str, wake: Wake, context: Here, local: Server) -> tuple[Step, ...]:
        if local.times(timer) >= self.times.get(node, 0) or self._is_beyond(local):
            return ()
        fired = tuple(sorted({**dict(local.fired), timer: local.times(timer) + 1}.items()))
        steps = wake(context, local.shown)
        return tuple(Step(replace(local, shown=shown, fired=fired), sends) for shown, sends in steps)

    def _is_beyond(self, local: Server) -> bool:
        """Whether the log is longer than the model allows: such a server does nothing any more."""
        log = local.shown.log
        return self.slots is not None and bool(log) and log[-1].slot > self.slots

    def _cut(self, node: Node, context: Here, local: Server) -> str | None:
        """The bound that keeps a server from going on."""
        if self._is_beyond(local):
            return "slots"
        spent = any(local.times(timer) >= self.times.get(node, 0) for timer in self.timers)
        return "timers" if spent else None


def _begin(begin: Any, context: Here, local: Server) -> tuple[Server, Sends]:
    shown, sends = begin(context, Shown())
    return Step(Server(shown), sends)


def _crash(crash: Rule, context: Here, local: Server, message: Crash) -> tuple[Step, ...]:
    """Go down: the process says what its disk holds, and what was shown last is shown still."""
    ((down, _),) = crash(context, local.shown, message)
    assert isinstance(down, Down)
    saved = replace(down.saved, log=local.shown.log, performed=local.shown.performed)
    return (Step(Down(replace(local, shown=saved, down=True))),)
