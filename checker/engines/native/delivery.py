"""Delivery: the cell that arriving messages make of a cell, in its normal form."""

from __future__ import annotations

from typing import Any

from checker.engines.native.numbering import Numbering, Vector
from checker.engines.native.reductions.none import NoSettling
from checker.engines.native.steps import Steps
from checker.model.semantics import first_messages


class Delivery:
    """Puts messages into inboxes, lets nodes handle at once what is immediate, and settles the rest."""

    def __init__(self, numbering: Numbering, steps: Steps, settling: NoSettling) -> None:
        self._numbering = numbering
        self._steps = steps
        self._network = numbering.network
        self._settling = settling
        #: (node, local, inbox) → the inbox in its normal form
        self.normal = settling.normal
        self._handles = [bool(member.role.immediate) for member in numbering.system.members]

    def cell(self, node: int, local: int, inbox: Any) -> int:
        """The number of a cell, brought to its normal form first. Raises CapacityError."""
        return self._numbering.cell(node, local, self.normal(node, local, inbox))

    def post(self, node: int, local: int, inbox: Any, sender: Any, numbers: tuple[int, ...]) -> int:
        """The cell that messages make of (local, inbox); those that are immediate are handled at once.

        Raises ModelError and CapacityError.
        """
        if self._handles[node]:
            is_immediate = self._numbering.is_immediate
            for number in numbers:
                if is_immediate(node, number):
                    local = self._steps.at_once(node, local, number)
            numbers = tuple(m for m in numbers if not is_immediate(node, m))
        self._settling.arrive(node, local, numbers)
        return self.cell(node, local, self._network.post(inbox, sender, numbers) if numbers else inbox)

    def initial(self) -> Vector:
        """The initial state, as a cell number for each node."""
        state = []
        for node, member in enumerate(self._numbering.system.members):
            local = self._numbering.local(node, member.local)
            inbox, numbers = self._network.empty, []
            for sender, message in first_messages(member):
                numbers.append(self._numbering.message(message))
                inbox = self._network.post(inbox, sender, numbers[-1:])
            self._settling.arrive(node, local, tuple(numbers))
            state.append(self.cell(node, local, inbox))
        return tuple(state)
