"""Shifting: states that differ only by how high all levels are together are explored as one.

How levels are lowered is told by lowering.py. That loses nothing if everything commutes with moving levels
up. It is checked here for all that is computed, for each of `shiftclaims.AMOUNTS`; what that proves, and
what not, is said there.

* Moved up, levels are higher by just that, and moved down again a value is what it was.
* A rule or wake does to a local state and message moved up what it does to these, moved up.
* A message moved up has the representative that it has, moved up, and the levels of a representative are
  within those of message and local state: so what is settled is not cut before what it stands for.
* A bound stops a node where it stops one whose levels are moved up.
* Local states that look the same to a property do so moved up; and what properties find in what they see
  of a state, of a node or of a step they find in that moved up.
* A renaming of a symmetry leaves levels as they are, and commutes with moving up.

What is settled away may be older than all that is kept, and so lower: see `ageing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

from checker.engines.contract import Applied, UpToShift
from checker.engines.native.arrays import Memo
from checker.engines.native.counts import Counts
from checker.engines.native.findings import Findings, Made
from checker.engines.native.numbering import Numbering
from checker.engines.native.reductions.action import Action
from checker.engines.native.reductions.ageing import Ageing
from checker.engines.native.reductions.effects import Effects
from checker.engines.native.reductions.lowering import Lowering
from checker.engines.native.reductions.none import NoAction, NoSettling, NoShifting
from checker.engines.native.reductions.settling import DROPPED, Settling
from checker.engines.native.steps import LocalStep, Steps
from checker.engines.native.viewing import Aspect, Group, Numbers, Viewing
from checker.engines.shiftclaims import AMOUNTS, ShiftClaims, differing
from checker.model.claims import ShiftError
from checker.model.judging import bound_of, judge_node, judge_step, said
from checker.model.modelcode import CodeError
from checker.model.properties import On
from checker.model.semantics import State
from checker.model.shift import Range, joined
from checker.model.shift import Shifting as OfStates
from checker.model.values import show
from checker.model.vocabulary import kind_of

#: Obligations that are checked between two looks at the limits.
AT_A_TIME = 16

#: A local step that is yet to be compared: node, local state, message taken (None for a wake), its steps.
Computed = tuple[int, int, int | None, tuple[LocalStep, ...]]


class Shifting(NoShifting):
    """The obligations that make it sound to explore states with their levels lowered."""

    def __init__(
        self,
        lowering: Lowering,
        numbering: Numbering,
        steps: Steps,
        settling: NoSettling,
        action: NoAction,
        *,
        findings: Findings,
        viewing: Viewing,
        counts: Counts,
    ) -> None:
        self._numbering = numbering
        self._system = system = numbering.system
        self._of_cells = of_cells = lowering.of_cells
        self._levels = of_cells.levels
        self._shift = of_cells.shift
        self._settling = settling
        self._findings = findings
        self._viewing = viewing
        self._counts = counts
        self._checked = 0
        self._renamings = [action.rename[g] for g in action.tried[1:]] if isinstance(action, Action) else []
        #: how many local states and cells of each node, and messages, were looked at
        self._locals_seen = [0] * numbering.nodes
        self._cells_seen = [0] * numbering.nodes
        self._messages_seen = 0
        self._todo: list[Computed] = []
        self._made: list[Made] = []
        self._chosen: list[tuple[int, int, int, int]] = []
        self._on_nodes = [p for p in system.properties if p.kind.on is On.NODE]
        self._on_steps = [p for p in system.properties if p.kind.on is On.STEP]
        #: (group, node) → what the group sees of the node → where that was, and what it sees moved up
        self._images: Memo[tuple[Group, int], dict[int, tuple[Any, tuple[Any, ...]]]] = Memo(lambda _: {})
        self._effects = effects = Effects(numbering, self._levels)
        self._ageing: Ageing | None = None
        if isinstance(settling, Settling):
            settling.watchers.append(lambda *what: self._chosen.append(what))
            self._ageing = Ageing(lowering, numbering, settling, steps, action, effects, self.count)
        lowering.watchers.append(self.lowered)
        steps.watchers.append(lambda *what: self._todo.append(what))
        findings.watchers.append(lambda *what: self._made.append(what))

    # The obligations ------------------------------------------------------------------------------------

    def discharge(self, is_over: Callable[[], bool]) -> None:
        """Check every obligation that has come up, unless the search is over. Raises ShiftError."""
        self._look()
        while (self._todo or self._chosen or self._made) and not is_over():
            for _ in range(AT_A_TIME):
                if self._todo:
                    self._check_steps(*self._todo.pop())
                if self._chosen:
                    self._check_chosen(*self._chosen.pop())
                if self._made:
                    self._check_made(*self._made.pop())
        if self._ageing is not None:
            self._ageing.discharge(is_over)
        self._look()

    def count(self) -> None:
        """Count an obligation."""
        self._checked += 1
        self._counts.obligations += 1

    def _look(self) -> None:
        """Look at the local states, messages and cells that were not looked at yet."""
        numbering, waits = self._numbering, self._viewing.waits
        for node, values in enumerate(numbering.locals):
            for local in range(self._locals_seen[node], len(values)):
                self._check_local(node, values[local])
                if not waits[node]:
                    self._check_views((node, local, None))
            self._locals_seen[node] = len(values)
            if waits[node]:
                for cell in range(self._cells_seen[node], len(numbering.cells[node])):
                    self._check_views(self._viewing.aspect(node, cell))
                self._cells_seen[node] = len(numbering.cells[node])
        for message in numbering.messages[self._messages_seen :]:
            self._check_value(message)
        self._messages_seen = len(numbering.messages)

    def _up(self, *values: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Values moved up by each amount, which is an obligation each."""
        for by in AMOUNTS:
            self.count()
            yield by, tuple(self._levels.moved(value, by) for value in values)

    def _check_value(self, value: Any) -> None:
        levels = self._levels
        known = levels.range(value)
        for by, (up,) in self._up(value):
            if levels.range(up) != _higher(known, by) or levels.moved(up, -by) != value:
                self._fail(f"{show(value)} is not moved up and down again", by)
            for rename in self._renamings:
                image = rename(value)
                if levels.range(image) != known or levels.moved(image, by) != rename(up):
                    self._fail(f"a symmetry makes something else of {show(value)} than", by)

    def _check_local(self, node: int, value: Any) -> None:
        self._check_value(value)
        member = self._system.members[node]
        for by, (up,) in self._up(value):
            if bound_of(member, value) != bound_of(member, up):
                self._fail(f"a bound tells {show(value)} of {show(member.name)} from the same", by)
            for claim in self._on_nodes:
                here, there = (
                    said(partial(judge_node, self._system, claim, node, one)) for one in (value, up)
                )
                if here is not there:
                    self._fail(f"property {claim.id} tells {show(value)} from the same", by)

    def _check_views(self, aspect: Aspect) -> None:
        node, local, inbox = aspect
        value = self._numbering.locals[node][local]
        waiting = () if inbox is None else self._numbering.waiting(inbox)
        groups = [*self._viewing.groups, *self._viewing.terminal]
        for group, number in zip(groups, self._viewing.seen(aspect), strict=True):
            if not group.reads[node]:
                continue
            try:
                seen = tuple(group.view(node, *up) for _, up in self._up(value, waiting))
            except CodeError as error:
                raise ShiftError(
                    self._shift.name, f"with all {self._shift.name} larger, {error}"
                ) from error
            first, same = self._images[group, node].setdefault(number, (value, seen))
            if seen != same:
                by = next(by for by, one, other in zip(AMOUNTS, seen, same, strict=True) if one != other)
                names = ", ".join(claim.id for claim in group.all_claims())
                shown = f"{show(first)} and {show(value)}"
                self._fail(f"what property {names} reads is the same of {shown}, and another", by)

    def check_claims(self, group: Group, numbers: Numbers) -> None:
        """Check that properties find in views what they find where levels are larger. Raises ShiftError."""
        self._look()
        found = {claim.id for claim, _ in group.findings(numbers)}
        for k, by in enumerate(AMOUNTS):
            self.count()
            seen = [None if n < 0 else self._images[group, node][n][1][k] for node, n in enumerate(numbers)]
            told = group.told(seen)
            differing = sorted(claim for claim, says in told.items() if says is not (claim in found))
            if differing:
                shown = [show(group.values[node][n]) for node, n in enumerate(numbers) if n >= 0]
                names, what = ", ".join(differing), "; ".join(shown)
                self._fail(f"property {names} tells a state of which it reads {what} from the same", by)

    def _check_made(self, node: int, before: int, after: int) -> None:
        values = self._numbering.locals[node]
        old, new = values[before], values[after]
        for by, (up_old, up_new) in self._up(old, new):
            for claim in self._on_steps:
                here = said(partial(judge_step, self._system, claim, node, old, new))
                if here is not said(partial(judge_step, self._system, claim, node, up_old, up_new)):
                    self._fail(f"property {claim.id} tells a step from {show(old)} from the same", by)

    def _check_chosen(self, node: int, local: int, message: int, chosen: int) -> None:
        assert isinstance(self._settling, Settling)
        messages = self._numbering.messages
        value, taken = self._numbering.locals[node][local], messages[message]
        kept = None if chosen == DROPPED else messages[chosen]
        within, of = self._of_cells.of(node, local, ()), self._of_cells.of_messages
        if not _is_within(of((chosen,)) if kept is not None else None, joined((within, of((message,))))):
            what = f"settling makes {show(kept)} of {show(taken)} in state {self._shown(node, local)}"
            raise ShiftError(self._shift.name, f"{what}, and its {self._shift.name} are not among theirs")
        for by, (up_value, up_taken, up_kept) in self._up(value, taken, kept):
            if self._settling.settle(node, up_value, up_taken) != up_kept:
                where = self._shown(node, local)
                self._fail(f"settling treats {show(taken)} in state {where} unlike the same", by)

    def _check_steps(self, node: int, local: int, taken: int | None, steps: tuple[LocalStep, ...]) -> None:
        values = self._numbering.locals[node]
        message = None if taken is None else self._numbering.messages[taken]
        for by, (up_value, up_message) in self._up(values[local], message):
            here = self._effects.of_steps(node, steps, by)
            if here != self._effects.of_rule(node, up_value, up_message):
                action = "a wake" if message is None else f"{kind_of(message).__name__} {show(message)}"
                name = show(self._system.members[node].name)
                where = self._shown(node, local)
                self._fail(f"{name}: a rule on {action} in state {where} does not do the same", by)

    # What is asked of it --------------------------------------------------------------------------------

    def lowered(self, node: int, local: int, inbox: Any, by: int, after: tuple[int, Any]) -> None:
        """Check that a cell with levels lowered is settled as it was. Raises ShiftError."""
        self.count()
        if self._settling.normal(node, *after) != after[1]:
            self._fail(f"settling treats what waits in {self._shown(node, local)} unlike the same", -by)
        if self._ageing is not None and self._settling.settles(node):
            self._ageing.lowered(node, local, self._numbering.in_inbox(inbox), by)

    def check_real(self, state: State) -> None:
        """Check that steps of a real state are those of what is kept of it. Raises ShiftError."""
        ShiftClaims(self._system, OfStates(self._shift)).compared(state)

    def applied(self, so_far: Applied) -> Applied:
        """The account of what was on, with this."""
        return replace(so_far, shift=UpToShift(self._shift.name, self._shift.spread, self._checked))

    def _fail(self, why: str, by: int) -> NoReturn:
        raise differing(self._shift.name, why, by)

    def _shown(self, node: int, local: int) -> str:
        return show(self._numbering.locals[node][local])


def _is_within(inner: Range | None, outer: Range | None) -> bool:
    return inner is None or (outer is not None and outer.low <= inner.low and inner.high <= outer.high)


def _higher(known: Range | None, by: int) -> Range | None:
    return None if known is None else Range(known.low + by, known.high + by)
