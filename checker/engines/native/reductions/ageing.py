"""Ageing: messages that were settled away, and are older than all that is kept, where levels are lowered.

What settling leaves out of an inbox, or keeps another message of, is not counted when the lowest level in a
state is looked for. So where a state's levels are lowered, such a message may have lower ones: it has
*aged*, and with every lowering it gets older. That what it settled to is right from then on is an
obligation as before (`settling`), and is checked here on values: on the message as it is when its lowest
level is 0, and on the local state moved up by its age. Ages from `OLD` on are taken for one that is very
large, so that there are only so many.

A message that is not older than what is kept is lowered with it, and treated as any that may be there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from checker.engines.native.numbering import Numbering
from checker.engines.native.reductions.effects import Effects
from checker.engines.native.reductions.lowering import Lowering
from checker.engines.native.reductions.none import NoAction
from checker.engines.native.reductions.settling import DROPPED, Settling
from checker.engines.native.steps import Steps
from checker.engines.shiftclaims import AMOUNTS, differing
from checker.model.values import show

#: An age that is taken for the largest amount by which levels are moved up.
OLD = AMOUNTS[-2] + 1

#: (node, local state).
Place = tuple[int, int]


class Aged(NamedTuple):
    """A message with a lowest level of 0, how much older than the state it is, and what it settled to."""

    message: int
    age: int
    chosen: int


class Ageing:
    """Which aged messages may have been in which inbox, and the obligations about them."""

    def __init__(
        self,
        lowering: Lowering,
        numbering: Numbering,
        settling: Settling,
        steps: Steps,
        action: NoAction,
        effects: Effects,
        count: Callable[[], None],
    ) -> None:
        self._lowering = lowering
        self._levels = lowering.of_cells.levels
        self._numbering = numbering
        self._settling = settling
        self._keeps = numbering.network.keeps
        self._steps = steps
        self._action = action
        self._effects = effects
        self._count = count
        #: place → amount → messages that waited in cells of which levels were lowered by that
        self._lowered: dict[Place, dict[int, set[int]]] = {}
        self._aged: dict[Place, set[Aged]] = {}
        self._todo: list[Callable[[], None]] = []
        settling.of_present.append(self._present)
        settling.of_edges.append(self._edge)

    # What comes up --------------------------------------------------------------------------------------

    def lowered(self, node: int, local: int, inbox: Iterable[int], by: int) -> None:
        """Note that a cell's levels were lowered: so were those of what may have been settled there."""
        place, renamings = self._action.representative(node, local)
        known = self._lowered.setdefault(place, {})
        is_new, waiting = by not in known, known.setdefault(by, set())
        came = {rename[m] for m in inbox for rename in renamings} - waiting
        waiting |= came
        if is_new or came:
            chosen = came | {DROPPED} if is_new else came
            self._todo.append(lambda: self._lower_all(place, by, chosen))

    def _lower_all(self, place: Place, by: int, chosen: set[int]) -> None:
        """Lower what may have been there and settled to one of these."""
        choices = self._settling.choices(*place)
        for message in [*self._settling.present(*place)]:
            if choices[message] in chosen:
                self._lower(place, message, by)
        for aged in [*self._aged.get(place, ())]:
            if aged.chosen in chosen:
                self._grow_older(place, aged, by)

    def _present(self, node: int, local: int, message: int) -> None:
        place = node, local
        self._todo.append(lambda: self._lower_present(place, message))

    def _lower_present(self, place: Place, message: int) -> None:
        chosen = self._settling.choices(*place)[message]
        for by, waiting in [*self._lowered.get(place, {}).items()]:
            if chosen == DROPPED or chosen in waiting:
                self._lower(place, message, by)
        if not self._keeps and chosen != DROPPED:
            self._check_twins(place, chosen)

    def _edge(self, node: int, local: int, taken: int | None, then: int) -> None:
        place = node, local
        self._todo.append(lambda: self._step_all(place, taken, then))

    def _step_all(self, place: Place, taken: int | None, then: int) -> None:
        for aged in [*self._aged.get(place, ())]:
            self._check_step(place, aged, taken, then)
        if not self._keeps and taken is not None:
            self._check_twins(place, taken)

    # Growing older --------------------------------------------------------------------------------------

    def _lower(self, place: Place, message: int, by: int) -> None:
        """What becomes of a message that may be there, where levels are lowered."""
        (node, local), chosen = place, self._settling.choices(*place)[message]
        then = self._lowering.locals[by, node][local]
        known = self._levels.range(self._numbering.messages[message])
        if known is None or known.low >= by:
            self._settling.arrive(node, then, (self._lowering.messages[by][message],))
            return
        lowest = self._lowering.messages[known.low][message] if known.low else message
        self._add((node, then), Aged(lowest, by - known.low, self._chosen_lower(chosen, by)))

    def _grow_older(self, place: Place, aged: Aged, by: int) -> None:
        (node, local), chosen = place, self._chosen_lower(aged.chosen, by)
        then = self._lowering.locals[by, node][local]
        self._add((node, then), aged._replace(age=aged.age + by, chosen=chosen))

    def _chosen_lower(self, chosen: int, by: int) -> int:
        return DROPPED if chosen == DROPPED else self._lowering.messages[by][chosen]

    def _add(self, place: Place, aged: Aged) -> None:
        """Note that such a message may have been there, at the place that stands for this one."""
        there, renamings = self._action.representative(*place)
        for rename in renamings:
            chosen = DROPPED if aged.chosen == DROPPED else rename[aged.chosen]
            self._enter(there, Aged(rename[aged.message], min(aged.age, OLD), chosen))

    def _enter(self, place: Place, aged: Aged) -> None:
        known = self._aged.setdefault(place, set())
        if aged in known:
            return
        known.add(aged)
        self._todo.append(lambda: self._check(place, aged))

    # The obligations ------------------------------------------------------------------------------------

    def discharge(self, is_over: Callable[[], bool]) -> None:
        """Check every obligation that has come up, unless the search is over. Raises ShiftError."""
        while self._todo and not is_over():
            self._todo.pop()()

    def _check(self, place: Place, aged: Aged) -> None:
        """All there is to check of a message that has aged. Raises ShiftError."""
        self._count()
        node, local = place
        by = AMOUNTS[-1] if aged.age == OLD else aged.age
        self._check_settled(place, local, aged)
        message = self._numbering.messages[aged.message]
        value = self._levels.moved(self._numbering.locals[node][local], by)
        here = self._effects.of_rule(node, value, message)
        steps = () if aged.chosen == DROPPED else self._steps.of[place][aged.chosen]
        there = self._effects.of_steps(node, steps, by)
        if here is None or self._visible(value, here) != self._visible(value, there):
            self._fail(place, aged, "does something else than what is kept of it")
        for rename_by, waiting in [*self._lowered.get(place, {}).items()]:
            if aged.chosen == DROPPED or aged.chosen in waiting:
                self._grow_older(place, aged, rename_by)
        for taken, then in [*self._settling.edges_of(node, local)]:
            self._check_step(place, aged, taken, then)
        if not self._keeps and aged.chosen != DROPPED:
            self._check_twins(place, aged.chosen)

    def _visible(self, value: Any, effects: set[Any]) -> set[Any]:
        """Effects by what they change, without those that change nothing where messages stay."""
        changes = {(after, sent) for _, after, sent in effects}
        return changes - {(value, ())} if self._keeps else changes

    def _check_settled(self, place: Place, local: int, aged: Aged) -> None:
        """Check that a message settles, in a local state of the node, to what is kept of it."""
        node, by = place[0], AMOUNTS[-1] if aged.age == OLD else aged.age
        value = self._levels.moved(self._numbering.locals[node][local], by)
        messages = self._numbering.messages
        kept = None if aged.chosen == DROPPED else self._levels.moved(messages[aged.chosen], by)
        if self._settling.settle(node, value, messages[aged.message]) != kept:
            self._fail(place, aged, f"is told apart from what is kept of it in {self._shown(node, local)}")

    def _check_step(self, place: Place, aged: Aged, taken: int | None, then: int) -> None:
        node = place[0]
        if aged.chosen != DROPPED and aged.chosen == taken and not self._keeps:
            return  # it is gone, unless it has twins
        later = DROPPED if aged.chosen == DROPPED else self._settling.choices(node, then)[aged.chosen]
        after = aged._replace(chosen=later)
        self._count()
        self._check_settled(place, then, after)
        self._add((node, then), after)

    def _check_twins(self, place: Place, chosen: int) -> None:
        """Where several settle to one, all of them are dropped once that one is taken."""
        old = [aged for aged in self._aged.get(place, ()) if aged.chosen == chosen]
        choices = self._settling.choices(*place)
        young = [m for m in self._settling.present(*place) if choices[m] == chosen]
        if not old or len(old) + len(young) < 2:
            return
        for then in self._after(place, chosen):
            for aged in old:
                after = aged._replace(chosen=DROPPED)
                self._check_settled(place, then, after)
                self._add((place[0], then), after)
            self._settling.check_dropped(*place, then, young)

    def _after(self, place: Place, taken: int) -> Iterator[int]:
        yield from [then for message, then in self._settling.edges_of(*place) if message == taken]

    def _shown(self, node: int, local: int) -> str:
        return show(self._numbering.locals[node][local])

    def _fail(self, place: Place, aged: Aged, why: str) -> None:
        message = show(self._numbering.messages[aged.message])
        where = f"in state {self._shown(*place)}"
        name = self._lowering.of_cells.shift.name
        raise differing(name, f"settling: {message}, waiting since before, {where} {why}", aged.age)
