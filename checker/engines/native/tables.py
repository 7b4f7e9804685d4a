"""Tables: every local situation a number, every local step computed once.

The number of *local* situations of a node is small, the number of global states is their product.
So the pure functions of the protocol are called once for each (node, local state, message), and
the results are kept as integers:

* locals, messages, cells: numbered as they are met, per node (messages for all nodes together);
* row (node, cell) → moves (next cell, parcel); computed when a state with the cell is first explored
  (rows.py);
* post (bundle, cell) → cell, likewise (posts.py).

A bundle is what one step sends to one node; a parcel is all the bundles of a step. What a node
sends to itself is posted within its own move.

Network semantics treat messages as opaque values, so inboxes here hold message numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.engines.native.arrays import Memo, PerCell
from checker.engines.native.kernel.layout import MAX_BOUNDS, MAX_CELLS, MISSING
from checker.engines.native.local import LocalCell, LocalStep, Parcel
from checker.engines.native.posts import CapacityError, Posts
from checker.engines.native.reductions.fusion import Fusion
from checker.engines.native.reductions.settling import Settling
from checker.engines.native.reductions.symmetry import Symmetries
from checker.engines.native.rows import Rows
from checker.engines.native.viewing import Viewing
from checker.model.judging import Finding, bound_of, judge_node, judge_step
from checker.model.properties import On
from checker.model.semantics import addressed, at_once, local_steps, wake_steps
from checker.model.system import System
from checker.model.values import canonical
from checker.model.vocabulary import action_name, kind_of

#: What all cells with one local state have in common: the bound that stops the node there (0 for none),
#: the number of what is to be seen (node, bound, views), the share of each combination of views.
Facts = tuple[int, int, tuple[int, ...]]


#: A rule is asked twice in so many situations, to see whether it is pure, and later in every so many-th.
ASKED_TWICE = 32
NOW_AND_THEN = 16


@dataclass(slots=True)
class Statistics:
    """How much was tabulated."""

    local_steps: int = 0
    rows: int = 0
    posts: int = 0
    obligations: int = 0


class Tables:
    """The tables of one system, under the reductions that are given."""

    def __init__(self, system: System, *, fusion: bool, settling: bool, symmetry: bool) -> None:
        self.system = system
        self.network = system.network
        self.nodes = len(system.members)
        self.statistics = Statistics()
        self.locals: list[list[Any]] = [[] for _ in range(self.nodes)]
        self._local_number: list[dict[Any, int]] = [{} for _ in range(self.nodes)]
        self.messages: list[Hashable] = []
        self._message_number: dict[Hashable, int] = {}
        #: number of a message → its place in the order in which a set of them is gone through
        self._order: Memo[int, str] = Memo(canonical)
        self.cells: list[list[LocalCell]] = [[] for _ in range(self.nodes)]
        self._cell_number: list[dict[tuple[int, Any], int]] = [{} for _ in range(self.nodes)]
        #: (node, local) → message → what the node's rule makes of it; computed once. Raises ModelError.
        self.steps: Memo[tuple[int, int], Memo[int, tuple[LocalStep, ...]]] = Memo(self._steps_at)
        self._wakes: dict[tuple[int, int], tuple[LocalStep, ...]] = {}
        #: role → type of message → how often the rule for it was asked
        self._times: Memo[str, Counter[type]] = Memo(lambda _: Counter())
        self.viewing = Viewing(system)
        self._node_claims = [p for p in system.properties if p.kind.on is On.NODE]
        self._step_claims = [p for p in system.properties if p.kind.on is On.STEP]
        #: findings on local states and on local steps: (node, local) and (node, local, next local)
        self.bad: dict[tuple[int, ...], list[Finding]] = {}
        self._judged: set[tuple[int, int, int]] = set()
        #: (node, local, next local), as a whole step takes the node from one to the other, all messages
        #: handled that are immediate → the keys of `bad` for what properties find there
        self.findings_at: Memo[tuple[int, int, int], list[tuple[int, ...]]] = Memo(self._findings_of)
        self._immediate = [member.role.immediate for member in system.members]
        self.bounds: list[str] = []
        self.actions = {action: k for k, action in enumerate(system.actions())}
        self.fusion = Fusion(self) if fusion else None
        self.settling = Settling(self) if settling else None
        self.symmetry = Symmetries(self) if symmetry else None
        self.per_cell = PerCell(self.nodes)
        self.rows = Rows(self)
        self.posts = Posts(self)
        self._make_arrays()

    def _make_arrays(self) -> None:
        self.per_cell.add("cut", np.int8, 0)
        self.per_cell.add("seen", np.int32, 0)
        self._facts: Memo[tuple[int, int], Facts] = Memo(self._facts_of)
        #: (node, bound, views) → its number; and that → the first cell that shows it
        self._shown: dict[tuple[int, int, tuple[int, ...]], int] = {}
        self._first_seen: dict[int, int] = {}
        if self.symmetry is not None:
            self.per_cell.add("image", np.int32, MISSING, planes=len(self.symmetry.tried))
        self.per_cell.add("views", np.uint64, 0, planes=len(self.viewing.groups))

    # Numbers for values -------------------------------------------------------------------------

    def local_number(self, node: int, local: Any) -> int:
        """The number of a local state; a new one is judged, and its views are read."""
        number = self._local_number[node].get(local)
        if number is None:
            self.viewing.add(node, local)
            number = self._local_number[node][local] = len(self.locals[node])
            self.locals[node].append(local)
            reasons = ((p, judge_node(self.system, p, node, local)) for p in self._node_claims)
            found = [(p, reason) for p, reason in reasons if reason is not None]
            if found:
                self.bad[node, number] = found
        return number

    def message_number(self, message: Hashable) -> int:
        """The number of a message."""
        number = self._message_number.get(message)
        if number is None:
            number = self._message_number[message] = len(self.messages)
            self.messages.append(message)
        return number

    def numbers(self, messages: Iterable[Hashable]) -> tuple[int, ...]:
        """The numbers of some messages."""
        return tuple(self.message_number(m) for m in messages)

    def parcel(self, sends: Iterable[tuple[int, Iterable[int]]]) -> Parcel:
        """What is sent, in the one form it has."""
        return tuple(sorted((to, self._bundled(to, tuple(numbers))) for to, numbers in sends))

    def _bundled(self, to: int, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """What one node is sent; first what it handles at once, all of it, in the order of sending."""
        if not self.network.unordered:
            return numbers
        if not self._immediate[to]:
            return tuple(sorted({*numbers}))
        at_once = [m for m in numbers if kind_of(self.messages[m]) in self._immediate[to]]
        return (*at_once, *sorted({*numbers}.difference(at_once)))

    def _findings_of(self, step: tuple[int, int, int]) -> list[tuple[int, ...]]:
        node, before, after = step
        if before == after:
            return []
        self.judged_step(node, before, after)
        if self.symmetry is not None and self._step_claims:
            self.symmetry.made(node, before, after)
        keys: tuple[tuple[int, ...], ...] = ((node, after), (node, before, after))
        return [key for key in keys if key in self.bad]

    def judged_step(self, node: int, before: int, after: int) -> list[Finding]:
        """What properties of one step find in such a step; judged once."""
        key = (node, before, after)
        if key not in self._judged:
            self._judged.add(key)
            old, new = self.locals[node][before], self.locals[node][after]
            reasons = ((p, judge_step(self.system, p, node, old, new)) for p in self._step_claims)
            found = [(p, reason) for p, reason in reasons if reason is not None]
            if found:
                self.bad[key] = found
        return self.bad.get(key, [])

    def cell_number(self, node: int, local: int, inbox: Any) -> int:
        """The number of a cell, brought to its normal form first. Raises CapacityError."""
        if self.settling is not None:
            inbox = self.settling.normal(node, local, inbox)
        return self.intern(node, local, inbox)

    def intern(self, node: int, local: int, inbox: Any) -> int:
        """The number of a cell that is in normal form. Raises CapacityError."""
        number = self._cell_number[node].get((local, inbox))
        return self._new_cell(node, local, inbox) if number is None else number

    def _new_cell(self, node: int, local: int, inbox: Any) -> int:
        cell, number = LocalCell(local, inbox), len(self.cells[node])
        if number >= MAX_CELLS:
            raise CapacityError(f"{self.system.members[node].name} has more than {MAX_CELLS:,} cells")
        self._cell_number[node][cell] = number
        self.cells[node].append(cell)
        bound, shown, column = self._facts[node, local]
        first = self._first_seen.setdefault(shown, number)
        self.per_cell.put(("cut", "seen", "views"), node, number, (bound, first, column))
        return number

    def _facts_of(self, place: tuple[int, int]) -> Facts:
        node, local = place
        member = self.system.members[node]
        cut = bound_of(member, self.locals[node][local])
        if cut is not None and cut not in self.bounds:
            if len(self.bounds) == MAX_BOUNDS:
                raise CapacityError(f"more than {MAX_BOUNDS} bounds stop nodes")
            self.bounds.append(cut)
        bound = 0 if cut is None else self.bounds.index(cut) + 1
        shown = self._shown.setdefault((node, bound, self.viewing.visible(node, local)), len(self._shown))
        return bound, shown, self.viewing.column(node, local)

    def bound(self, node: int, local: int) -> int:
        """The number of the bound that stops a node in a local state, 0 for none. Raises CapacityError."""
        return self._facts[node, local][0]

    def initial(self) -> tuple[int, ...]:
        """The initial state, as a cell number for each node."""
        state = []
        for node, member in enumerate(self.system.members):
            local = self.local_number(node, member.local)
            inbox, numbers = self.network.empty, []
            for sender, message in member.inbox:
                numbers.append(self.message_number(message))
                inbox = self.network.post(inbox, sender, numbers[-1:])
            if self.settling is not None:
                self.settling.arrive(node, local, tuple(numbers))
            state.append(self.cell_number(node, local, inbox))
        return tuple(state)

    # Local steps ----------------------------------------------------------------------------------

    def _steps_at(self, place: tuple[int, int]) -> Memo[int, tuple[LocalStep, ...]]:
        node, local = place
        asked = self._times[self.system.members[node].role.name]

        def steps(message: int) -> tuple[LocalStep, ...]:
            value = self.messages[message]
            asked[kind_of(value)] = times = asked[kind_of(value)] + 1
            once = times > ASKED_TWICE and times % NOW_AND_THEN != 0
            raw = local_steps(self.system, node, self.locals[node][local], value, once=once)
            found = tuple(self._number(node, local, action_name(kind_of(value)), raw)) if raw else ()
            self._new_steps(node, local, message, found)
            return found

        return Memo(steps)

    def wake_steps(self, node: int, local: int) -> tuple[LocalStep, ...]:
        """What the node may do without a message; computed once. Raises ModelError."""
        known = self._wakes.get((node, local))
        if known is None:
            found = [
                step
                for action, raw in wake_steps(self.system, node, self.locals[node][local])
                for step in self._number(node, local, action, raw)
            ]
            known = self._wakes[node, local] = tuple(found)
            self._new_steps(node, local, None, known)
        return known

    def _new_steps(self, node: int, local: int, taken: int | None, steps: tuple[LocalStep, ...]) -> None:
        if self.settling is not None:
            self.settling.edges(node, local, taken, steps)
        if self.symmetry is not None:
            self.symmetry.steps(node, local, taken, steps)

    def _number(
        self, node: int, local: int, action: str, raw: Iterable[tuple[Any, Any]]
    ) -> Iterable[LocalStep]:
        role = self.system.members[node].role.name
        for after, sends in raw:
            self.statistics.local_steps += 1
            then = self.local_number(node, after)
            parcel = self.parcel(
                (to, self.numbers(messages)) for to, messages in addressed(self.system, sends)
            )
            yield LocalStep(then, parcel, f"{role}.{action}")

    def choices(self, node: int, local: int, inbox: Any) -> Iterable[tuple[LocalStep, Any]]:
        """Every step a node may take now, with its inbox after (before what it sends to itself)."""
        if self.network.unordered:
            steps_of, keeps = self.steps[node, local], self.network.keeps
            for number in sorted(inbox, key=self._order.__getitem__):
                for step in steps_of[number]:
                    yield step, inbox if keeps else inbox - {number}
        else:
            yield from self._from_queues(node, local, inbox)
        for step in self.wake_steps(node, local):
            yield step, inbox

    def _from_queues(self, node: int, local: int, inbox: Any) -> Iterable[tuple[LocalStep, Any]]:
        for message, after, lost in self.network.choices(inbox):
            if lost:
                yield LocalStep(local, (), ""), after
                continue
            steps = self.steps[node, local][message]  # type: ignore[index]
            if not steps and self.network.discards:
                action = action_name(kind_of(self.messages[message]))  # type: ignore[call-overload]
                role = self.system.members[node].role.name
                steps = (LocalStep(local, (), f"{role}.{action}"),)
            for step in steps:
                yield step, after

    # What arrives ---------------------------------------------------------------------------------

    def post_to(self, node: int, local: int, inbox: Any, sender: Any, numbers: tuple[int, ...]) -> int:
        """The cell that messages make of (local, inbox); those that are immediate are handled at once."""
        immediate = self.system.members[node].role.immediate
        if immediate:
            for number in numbers:
                if kind_of(self.messages[number]) in immediate:
                    local = self._at_once(node, local, number)
            numbers = tuple(m for m in numbers if kind_of(self.messages[m]) not in immediate)
        if self.settling is not None:
            self.settling.arrive(node, local, numbers)
        return self.cell_number(
            node, local, self.network.post(inbox, sender, numbers) if numbers else inbox
        )

    def _at_once(self, node: int, local: int, number: int) -> int:
        steps = self.steps[node, local][number]
        if len(steps) > 1 or (steps and steps[0].parcel):
            at_once(self.system, node, self.locals[node][local], self.messages[number])
        return steps[0].local if steps else local

    # For the search ---------------------------------------------------------------------------------

    def widen_views(self, group: int) -> None:
        """Lay a group of views out anew, and enter every cell's share again. Raises CapacityError."""
        if not self.viewing.groups[group].widen():
            raise CapacityError("the views that a property reads need more than 63 bits")
        self._facts.clear()
        self.per_cell["views"]  # what waits to be entered is as it was
        for node, cells in enumerate(self.cells):
            for number, cell in enumerate(cells):
                self.per_cell.put(("views",), node, number, (self._facts[node, cell.local][2],))

    def graph(self) -> tuple[Any, ...]:
        """The tables as the kernel takes them."""
        per_cell = self.per_cell
        return (
            per_cell["row_ptr"],
            per_cell["row_len"],
            *self.rows.arrays(),
            self.posts.table(),
            sum(self.rows.widest),
        )
