"""Fusion: silent steps are taken together with the next step that others can see.

Lipton's reduction (Lipton 1975). A step is *silent* if it sends nothing and changes no view that a
property over several nodes, or a `sometimes`, reads. Others can neither disable it (the network only
adds to an inbox) nor notice it, so in every run it can be moved to the right until just before the
next step of its own node that is not silent. Hence a row need not list silent steps: it lists the
steps that are not silent and can be reached through silent ones.

What a node must be able to do for that: take a silent step before or after a message arrives, with
the same result. Where messages stay, or are told apart, that is so by construction. It need not be so
when a message arrives that is equal to one that still waits (under `at-most-once` and `lossy` the two are
merged), nor when an immediate message, a crash say, changes the node's local state. In these cases
`check_post` compares the two orders, and refuses fusion (`FusionRefused`) if the late one can do more.

Properties of one node are judged on the local states and steps that fusion skips as well. Terminal
properties are not preserved, so a model that has them is explored without fusion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NoReturn

from checker.engines.contract import Applied
from checker.engines.native.arrays import Memo
from checker.engines.native.counts import Counts
from checker.engines.native.delivery import Delivery
from checker.engines.native.findings import Findings
from checker.engines.native.numbering import Numbering
from checker.engines.native.reductions.none import NoFusion
from checker.engines.native.steps import LocalStep, Steps
from checker.engines.native.viewing import Viewing
from checker.model.network import merges
from checker.model.semantics import ModelError
from checker.model.values import show

#: A local state's number and an inbox in normal form: a cell, perhaps one that no state has.
Place = tuple[int, Any]


#: Places that silent steps may lead to from one cell. Where there are more a local state grows, perhaps
#: for ever; without fusion the limits of the search see it grow.
MOST_PLACES = 1 << 12


class FusionRefused(Exception):  # noqa: N818 - not a fault of anybody
    """This model cannot be explored with fusion; the message says why."""


class Fusion(NoFusion):
    """Which steps are silent, and where silent steps lead."""

    shortens = True

    def __init__(
        self,
        numbering: Numbering,
        steps: Steps,
        delivery: Delivery,
        viewing: Viewing,
        findings: Findings,
        counts: Counts,
    ) -> None:
        super().__init__(steps)
        self._numbering = numbering
        self._delivery = delivery
        self._findings = findings
        self._counts = counts
        self._visible = viewing.visible
        #: (node, local before, local after) → whether a step between them is silent
        self._silent: Memo[tuple[int, int, int], bool] = Memo(lambda step: self.is_silent(*step))
        network = numbering.network
        self.refuses = merges(network) and not network.keeps

    def is_silent(self, node: int, before: int, after: int) -> bool:
        """Whether a step that sends nothing, between these local states, goes unseen."""
        return before == after or self._visible((node, before, None)) == self._visible((node, after, None))

    def row_steps(self, node: int, local: int, inbox: Any) -> Iterator[tuple[int, LocalStep, Any, bool]]:
        """Every step from every place that silent steps lead to; those that are not silent are listed.

        Raises FusionRefused if there are too many such places.
        """
        todo: list[Place] = [(local, inbox)]
        seen, silently = {todo[0]}, self._silent
        for before, box in todo:
            for step, after in self._choices(node, before, box):
                silent = not step.parcel and silently[node, before, step.local]
                yield before, step, after, not silent
                if silent:
                    place = (step.local, self._delivery.normal(node, step.local, after))
                    if place not in seen:
                        if len(seen) >= MOST_PLACES:
                            name = show(self._numbering.system.members[node].name)
                            raise FusionRefused(
                                f"{name} can take {MOST_PLACES:,} steps that nobody sees, the last of them "
                                f"{step.action}, and more"
                            )
                        seen.add(place)
                        todo.append(place)

    def places(self, node: int, local: int, inbox: Any) -> Iterable[Place]:
        """Every place that silent steps lead to, this one included, in an order that no process changes."""
        found: dict[Place, None] = {(local, inbox): None}
        for _, step, after, listed in self.row_steps(node, local, inbox):
            if not listed:
                found[step.local, self._delivery.normal(node, step.local, after)] = None
        return found

    def check_post(self, node: int, cell: int, after: int, sender: Any, numbers: tuple[int, ...]) -> None:
        """Check that messages may as well arrive after the silent steps as before them.

        Raises FusionRefused.
        """
        cells = self._numbering.cells[node]
        local, inbox = cells[cell]
        at_once = any(self._numbering.is_immediate(node, m) for m in numbers)
        if not at_once and not self.refuses:
            return
        if not at_once and not self._held(inbox) & self._delivery.normal(node, local, frozenset(numbers)):
            return
        self._counts.obligations += 1
        reachable = self.places(node, *cells[after])
        for then, box in self.places(node, local, inbox):
            late = cells[self._post_late(node, then, box, sender, numbers)]
            if then != local and self._findings.between[node, then, late.local]:
                self._refuse(node, numbers, "a property finds something in what that makes of it")
            if not any(then_ == late.local and self._holds(box_, late.inbox) for then_, box_ in reachable):
                self._refuse(node, numbers, "not after")

    def _post_late(self, node: int, local: int, inbox: Any, sender: Any, numbers: tuple[int, ...]) -> int:
        try:
            return self._delivery.post(node, local, inbox, sender, numbers)
        except ModelError as error:
            self._refuse(node, numbers, f"and a rule raises then: {error}")

    def _refuse(self, node: int, numbers: tuple[int, ...], why: str) -> NoReturn:
        name = show(self._numbering.system.members[node].name)
        messages = ", ".join(show(self._numbering.messages[m]) for m in numbers)
        raise FusionRefused(f"{name} may take a silent step before {messages} arrives, {why}")

    def _held(self, inbox: Any) -> frozenset[Any]:
        network = self._numbering.network
        return inbox if network.unordered else frozenset(network.held(inbox))

    def _holds(self, larger: Any, smaller: Any) -> bool:
        """Whether one inbox offers all that another does (what is offered need not be taken)."""
        return bool(larger >= smaller) if self._numbering.network.unordered else bool(larger == smaller)

    def applied(self, so_far: Applied) -> Applied:
        """The account of what was on, with this."""
        return replace(so_far, fusion=True)
