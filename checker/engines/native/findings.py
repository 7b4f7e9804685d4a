"""Findings: what properties of one node, and of one step of a node, find in local states and local steps.

Each is judged once: a local state when it gets its number, a step when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from checker.engines.native.arrays import Memo
from checker.engines.native.numbering import Numbering
from checker.model.judging import Finding, judge_node, judge_step
from checker.model.properties import On

#: A local state, (node, local), or a local step, (node, local, next local), in which something was found.
Key = tuple[int, ...]
#: A step of a node: (node, local state before, local state after).
Made = tuple[int, int, int]


class Findings:
    """What was found so far."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._system = system = numbering.system
        self._node_claims = [p for p in system.properties if p.kind.on is On.NODE]
        self._step_claims = [p for p in system.properties if p.kind.on is On.STEP]
        self.at: dict[Key, list[Finding]] = {}
        self._judged: set[Made] = set()
        #: a whole step of a node, all messages handled that are immediate → the keys of `at` for what is
        #: found there
        self.between: Memo[Made, list[Key]] = Memo(self._between)
        #: who is told of whole steps, if properties are judged on steps
        self.watchers: list[Callable[[int, int, int], None]] = []
        numbering.of_locals.append(self._judge)

    def _judge(self, node: int, local: int) -> None:
        value = self._numbering.locals[node][local]
        reasons = ((p, judge_node(self._system, p, node, value)) for p in self._node_claims)
        found = [(p, reason) for p, reason in reasons if reason is not None]
        if found:
            self.at[node, local] = found

    def of_step(self, node: int, before: int, after: int) -> list[Finding]:
        """What properties of one step find in such a step; judged once."""
        key = (node, before, after)
        if key not in self._judged:
            self._judged.add(key)
            locals_ = self._numbering.locals[node]
            old, new = locals_[before], locals_[after]
            reasons = ((p, judge_step(self._system, p, node, old, new)) for p in self._step_claims)
            found = [(p, reason) for p, reason in reasons if reason is not None]
            if found:
                self.at[key] = found
        return self.at.get(key, [])

    def of_keys(self, keys: Iterable[Key]) -> Iterator[Finding]:
        """What was found in these places."""
        for key in keys:
            yield from self.at[key]

    def _between(self, step: Made) -> list[Key]:
        node, before, after = step
        if before == after:
            return []
        self.of_step(*step)
        for tell in self.watchers if self._step_claims else ():
            tell(*step)
        keys: tuple[Key, ...] = ((node, after), step)
        return [key for key in keys if key in self.at]
