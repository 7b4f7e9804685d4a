"""Fusion: silent steps are taken together with the next step that others can see.

Lipton's reduction (Lipton 1975). A step is *silent* if it sends nothing and changes no view that a
property over several nodes, or a `sometimes`, reads. Others can neither disable it (the network only
adds to an inbox) nor notice it, so in every run it can be moved to the right until just before the
next step of its own node that is not silent. Hence a row need not list silent steps: it lists the
steps that are not silent and can be reached through silent ones.

What a node must be able to do for that: take a silent step before or after a message arrives, with
the same result. Where messages stay, or are told apart, that is so by construction. It need not be so
when a message arrives that is equal to one that still waits (under `at-most-once` the two are merged),
nor when an immediate message, a crash say, changes the node's local state. In these cases `check_post`
compares the two orders, and refuses fusion (`FusionRefused`) if the late one can do more.

Properties of one node are judged on the local states and steps that fusion skips as well. Terminal
properties are not preserved, so a model that has them is explored without fusion.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from checker.engines.native.local import LocalStep
from checker.model.semantics import ModelError
from checker.model.values import show
from checker.model.vocabulary import kind_of

if TYPE_CHECKING:
    from checker.engines.native.tables import Tables

#: A local state's number and an inbox in normal form: a cell, perhaps one that no state has.
Place = tuple[int, Any]


#: Places that silent steps may lead to from one cell. Where there are more a local state grows, perhaps
#: for ever; without fusion the limits of the search see it grow.
MOST_PLACES = 1 << 12


class FusionRefused(Exception):  # noqa: N818 - not a fault of anybody
    """This model cannot be explored with fusion; the message says why."""


class Fusion:
    """Which steps are silent, and where silent steps lead."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def is_silent(self, node: int, before: int, after: int) -> bool:
        """Whether a step that sends nothing, between these local states, goes unseen."""
        viewing = self.tables.viewing
        return before == after or viewing.visible(node, before) == viewing.visible(node, after)

    def row_steps(self, node: int, local: int, inbox: Any) -> Iterator[tuple[int, LocalStep, Any, bool]]:
        """Every step from every place that silent steps lead to; those that are not silent are listed.

        Raises FusionRefused if there are too many such places.
        """
        todo: list[Place] = [(local, inbox)]
        seen = {todo[0]}
        for before, box in todo:
            for step, after in self.tables.choices(node, before, box):
                silent = not step.parcel and self.is_silent(node, before, step.local)
                yield before, step, after, not silent
                if silent:
                    place = (step.local, self._normal(node, step.local, after))
                    if place not in seen:
                        if len(seen) >= MOST_PLACES:
                            name = show(self.tables.system.members[node].name)
                            raise FusionRefused(
                                f"{name} can take {MOST_PLACES:,} steps that nobody sees, the last of them "
                                f"{step.action}, and more"
                            )
                        seen.add(place)
                        todo.append(place)

    def _normal(self, node: int, local: int, inbox: Any) -> Any:
        settling = self.tables.settling
        return settling.normal(node, local, inbox) if settling is not None else inbox

    def places(self, node: int, local: int, inbox: Any) -> set[Place]:
        """Every place that silent steps lead to, this one included."""
        found = {(local, inbox)}
        for _, step, after, listed in self.row_steps(node, local, inbox):
            if not listed:
                found.add((step.local, self._normal(node, step.local, after)))
        return found

    def check_post(self, node: int, cell: int, after: int, sender: Any, numbers: tuple[int, ...]) -> None:
        """Check that messages may as well arrive after the silent steps as before them.

        Raises FusionRefused.
        """
        tables = self.tables
        network = tables.network
        local, inbox = tables.cells[node][cell]
        immediate = tables.system.members[node].role.immediate
        at_once = any(kind_of(tables.messages[m]) in immediate for m in numbers)
        if not at_once and (network.keeps or not network.unordered):
            return
        if not at_once and not inbox & self._normal(node, local, frozenset(numbers)):
            return
        tables.statistics.obligations += 1
        reachable = self.places(node, *tables.cells[node][after])
        for then, box in self.places(node, local, inbox):
            late = tables.cells[node][self._post_late(node, then, box, sender, numbers)]
            if then != local and tables.findings_at[node, then, late.local]:
                self._refuse(node, numbers, "a property finds something in what that makes of it")
            if not any(then_ == late.local and self._holds(box_, late.inbox) for then_, box_ in reachable):
                self._refuse(node, numbers, "not after")

    def _post_late(self, node: int, local: int, inbox: Any, sender: Any, numbers: tuple[int, ...]) -> int:
        try:
            return self.tables.post_to(node, local, inbox, sender, numbers)
        except ModelError as error:
            self._refuse(node, numbers, f"and a rule raises then: {error}")

    def _refuse(self, node: int, numbers: tuple[int, ...], why: str) -> NoReturn:
        name = show(self.tables.system.members[node].name)
        messages = ", ".join(show(self.tables.messages[m]) for m in numbers)
        raise FusionRefused(f"{name} may take a silent step before {messages} arrives, {why}")

    def _holds(self, larger: Any, smaller: Any) -> bool:
        """Whether one inbox offers all that another does (what is offered need not be taken)."""
        return bool(larger >= smaller) if self.tables.network.unordered else bool(larger == smaller)
