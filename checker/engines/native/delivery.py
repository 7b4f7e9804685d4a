"""Delivery: the cell that arriving messages make of a cell, in its normal form."""

from __future__ import annotations

from typing import Any

from checker.engines.native.numbering import Numbering, Vector
from checker.engines.native.reductions.none import NoSettling
from checker.engines.native.steps import Steps
from checker.model.semantics import initial_state


class Delivery:
    """Puts messages into inboxes, lets nodes handle at once what is immediate, and settles the rest."""

    def __init__(self, numbering: Numbering, steps: Steps, settling: NoSettling) -> None:
        self._numbering = numbering
        self._steps = steps
        self._network = numbering.network
        self._settling = settling
        #: (node, local, inbox) → the inbox in its normal form; node → whether it has another at all
        self.normal, self.settles = settling.normal, settling.settles
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
        numbering, network = self._numbering, self._network
        state = []
        for node, cell in enumerate(initial_state(numbering.system)):
            local, numbers = (
                numbering.local(node, cell.local),
                map(numbering.message, network.held(cell.inbox)),
            )
            self._settling.arrive(node, local, tuple(numbers))
            inbox = network.mapped(cell.inbox, numbering.message, lambda sender: sender)
            state.append(self.cell(node, local, inbox))
        return tuple(state)
