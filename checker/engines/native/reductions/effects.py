"""What local steps do, in a form in which those of one local state can be compared with others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from checker.engines.native.arrays import Memo
from checker.engines.native.numbering import Numbering, Parcel
from checker.engines.native.steps import LocalStep
from checker.model.semantics import ModelError, addressed, local_steps, wake_steps
from checker.model.shift import Levels
from checker.model.vocabulary import action_name, kind_of

#: What tells a step of a node from others: action, next local state, what is sent to whom.
Effect = tuple[str, Any, Any]


class Effects:
    """The effects of rules on values, and of steps that are known with their levels moved up."""

    def __init__(self, numbering: Numbering, levels: Levels) -> None:
        self._numbering = numbering
        self._system = numbering.system
        self._levels = levels
        #: (amount, parcel) → what is sent, its levels moved up
        self._parcels: Memo[tuple[int, Parcel], Any] = Memo(self._parcel_moved)

    def of_steps(self, node: int, steps: tuple[LocalStep, ...], by: int) -> set[Effect]:
        """What steps do, their levels moved up."""
        values, moved = self._numbering.locals[node], self._levels.moved
        return {(s.action, moved(values[s.local], by), self._parcels[by, s.parcel]) for s in steps}

    def of_rule(self, node: int, value: Any, message: Any | None) -> set[Effect] | None:
        """What a rule does to a message, or the wakes of a node do; None if it raises."""
        system = self._system
        role = system.members[node].role.name
        try:
            if message is None:
                found = [*wake_steps(system, node, value, known=True)]
            else:
                steps = local_steps(system, node, value, message, once=True)
                found = [(action_name(kind_of(message)), steps)]
        except ModelError:
            return None
        return {
            (f"{role}.{action}", after, self._form(addressed(system, sends)))
            for action, those in found
            for after, sends in those
        }

    def _parcel_moved(self, what: tuple[int, Parcel]) -> Any:
        by, parcel = what
        messages, moved = self._numbering.messages, self._levels.moved
        return self._form((to, [moved(messages[m], by) for m in sent]) for to, sent in parcel)

    def _form(self, sends: Iterable[tuple[int, Sequence[Any]]]) -> Any:
        """What is sent, in the one form it has: what a node handles at once, and the rest as an inbox."""
        network, form = self._system.network, []
        for to, messages in sends:
            immediate = self._system.members[to].role.immediate
            at_once = tuple(m for m in messages if kind_of(m) in immediate)
            others = [m for m in messages if kind_of(m) not in immediate]
            form.append((to, at_once, network.post(network.empty, None, others)))
        return tuple(sorted(form, key=lambda entry: entry[0]))
