"""Tables: every local situation a number, every local step computed once.

The number of *local* situations of a node is small, the number of global states is their product.
So the pure functions of the protocol are called once for each (node, local state, message), and
the results are kept as integers:

* locals, messages, cells: numbered as they are met, per node (messages for all nodes together);
* row (node, cell) → moves (next cell, parcel); computed when a state with the cell is first explored;
* post (bundle, cell) → cell, likewise (posts.py).

A bundle is what one step sends to one node; a parcel is all the bundles of a step. What a node
sends to itself is posted within its own move.

Network semantics treat messages as opaque values, so inboxes here hold message numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.native.arrays import Array, Growing, Memo, PerCell
from checker.native.fusion import Fusion
from checker.native.layout import MAX_CELLS, MISSING
from checker.native.local import LocalCell, LocalStep, Move, Parcel
from checker.native.posts import CapacityError, Posts
from checker.native.settling import Settling
from checker.native.symmetry import Symmetries
from checker.native.viewing import Viewing
from checker.properties import Finding, Kind, judge_node, judge_step
from checker.semantics import ModelError, addressed, at_once, local_steps, wake_steps
from checker.vocabulary import System, action_name

#: What a cell shows: node, bound that stops it there (0 for none), views.
Shown = tuple[int, int, tuple[int, ...]]
#: What all cells with one local state have in common: the bound, what they show, their share of the views.
Facts = tuple[int, Shown, Array]
#: Cells that a state has: (node, cell) for one or several nodes.
Places = tuple[tuple[int, int], ...]


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
        self.cells: list[list[LocalCell]] = [[] for _ in range(self.nodes)]
        self._cell_number: list[dict[LocalCell, int]] = [{} for _ in range(self.nodes)]
        #: (node, local) → message → what the node's rule makes of it; computed once. Raises ModelError.
        self.steps: Memo[tuple[int, int], Memo[int, tuple[LocalStep, ...]]] = Memo(self._steps_at)
        self._wakes: dict[tuple[int, int], tuple[LocalStep, ...]] = {}
        self.viewing = Viewing(system)
        self._node_claims = [p for p in system.properties if p.kind is Kind.NODE]
        self._step_claims = [p for p in system.properties if p.kind is Kind.ACTION]
        #: findings on local states and on local steps: (node, local) and (node, local, next local)
        self.bad: dict[tuple[int, ...], list[Finding]] = {}
        self.bounds: list[str] = []
        self.actions = {action: k for k, action in enumerate(system.actions())}
        self._parcels: dict[tuple[int, ...], int] = {}
        self.fusion = Fusion(self) if fusion else None
        self.settling = Settling(self) if settling else None
        self.symmetry = Symmetries(self) if symmetry else None
        self.posts = Posts(self)
        self._make_arrays()

    def _make_arrays(self) -> None:
        self.per_cell = PerCell(self.nodes)
        self.per_cell.add("row_ptr", np.int32, MISSING)
        self.per_cell.add("row_len", np.int32, 0)
        self.per_cell.add("generated", np.int64, 0)
        self.per_cell.add("cut", np.int8, 0)
        self.per_cell.add("seen", np.int32, 0)
        self._facts: Memo[tuple[int, int], Facts] = Memo(self._facts_of)
        #: (node, bound, views) → the first cell that shows this
        self._first_seen: dict[Shown, int] = {}
        if self.symmetry is not None:
            self.per_cell.add("image", np.int32, MISSING, planes=len(self.symmetry.tried))
        self.per_cell.add("views", np.uint64, 0, planes=len(self.viewing.groups))
        self.move_next = Growing(np.int32)
        self.move_parcel = Growing(np.int32)
        self.parcel_ptr = Growing(np.int32)
        self.send_to = Growing(np.int32)
        self.send_bundle = Growing(np.int32)
        self.parcel_ptr.append(0)
        self._parcel(())
        self.widest = [0] * self.nodes
        #: (node, cell) → how many of the row's steps are each action, as (action's number, count)
        self.row_actions: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
        #: where findings come up: the (node, cell) that a state must have → keys of `bad`
        self.bad_at: dict[Places, list[tuple[int, ...]]] = {}
        #: (node, cell) → what a rule raised there
        self.row_raised: dict[tuple[int, int], ModelError] = {}

    # Numbers for values -------------------------------------------------------------------------

    def local_number(self, node: int, local: Any) -> int:
        """The number of a local state; a new one is judged, and its views are read."""
        number = self._local_number[node].get(local)
        if number is None:
            number = self._local_number[node][local] = len(self.locals[node])
            self.locals[node].append(local)
            self.viewing.add(node, local)
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
        if self.network.unordered:
            return tuple(sorted((to, tuple(sorted(set(numbers)))) for to, numbers in sends))
        return tuple(sorted((to, tuple(numbers)) for to, numbers in sends))

    def cell_number(self, node: int, local: int, inbox: Any) -> int:
        """The number of a cell, brought to its normal form first. Raises CapacityError."""
        if self.settling is not None:
            inbox = self.settling.normal(node, local, inbox)
        return self.intern(node, LocalCell(local, inbox))

    def intern(self, node: int, cell: LocalCell) -> int:
        """The number of a cell in normal form. Raises CapacityError."""
        number = self._cell_number[node].get(cell)
        if number is None:
            number = self._cell_number[node][cell] = len(self.cells[node])
            if number >= MAX_CELLS:
                raise CapacityError(f"{self.system.members[node].name} has more than {MAX_CELLS:,} cells")
            self.cells[node].append(cell)
            self.per_cell.ensure(node, number + 1)
            at = self.per_cell.at(node, number)
            bound, shown, column = self._facts[node, cell.local]
            self.per_cell["cut"][at] = bound
            self.per_cell["seen"][at] = self._first_seen.setdefault(shown, number)
            self.per_cell["views"][:, at] = column
        return number

    def _facts_of(self, place: tuple[int, int]) -> Facts:
        node, local = place
        member = self.system.members[node]
        cut = member.role.cut(member.context, self.locals[node][local]) if member.role.cut else None
        if cut is not None and cut not in self.bounds:
            self.bounds.append(cut)
        bound = 0 if cut is None else self.bounds.index(cut) + 1
        return bound, (node, bound, self.viewing.visible(node, local)), self.viewing.column(node, local)

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

        def steps(message: int) -> tuple[LocalStep, ...]:
            value = self.messages[message]
            raw = local_steps(self.system, node, self.locals[node][local], value)
            found = tuple(self._number(node, local, action_name(type(value)), raw)) if raw else ()
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
            if then != local and (node, local, then) not in self.bad:
                before = self.locals[node][local]
                reasons = [(p, judge_step(self.system, p, node, before, after)) for p in self._step_claims]
                found = [(p, reason) for p, reason in reasons if reason is not None]
                if found:
                    self.bad[node, local, then] = found
            yield LocalStep(then, parcel, f"{role}.{action}")

    def choices(self, node: int, local: int, inbox: Any) -> Iterable[tuple[LocalStep, Any]]:
        """Every step a node may take now, with its inbox after (before what it sends to itself)."""
        for message, after, lost in self.network.choices(inbox):
            if lost:
                yield LocalStep(local, (), ""), after
                continue
            steps = self.steps[node, local][message]  # type: ignore[index]
            if not steps and self.network.discards:
                action = action_name(type(self.messages[message]))  # type: ignore[call-overload,arg-type]
                role = self.system.members[node].role.name
                steps = (LocalStep(local, (), f"{role}.{action}"),)
            for step in steps:
                yield step, after
        for step in self.wake_steps(node, local):
            yield step, inbox

    # Rows and posts -------------------------------------------------------------------------------

    def row_steps(self, node: int, local: int, inbox: Any) -> Iterable[tuple[int, LocalStep, Any, bool]]:
        """The steps a row is made of: (local before, step, inbox after, whether the row lists it)."""
        if self.fusion is not None:
            yield from self.fusion.row_steps(node, local, inbox)
            return
        for step, after in self.choices(node, local, inbox):
            yield local, step, after, True

    def fill_row(self, node: int, cell: int) -> None:
        """Compute the row of a cell and enter it. A rule that raises is noted, its row left empty."""
        local, inbox = self.cells[node][cell]
        moves: list[Move] = []
        fired: dict[int, int] = {}
        bad: list[tuple[int, ...]] = []
        try:
            for before, step, after, listed in self.row_steps(node, local, inbox):
                if step.action:
                    fired[self.actions[step.action]] = fired.get(self.actions[step.action], 0) + 1
                bad += [key for key in ((node, step.local), (node, before, step.local)) if key in self.bad]
                if listed:
                    moves.append(self._move(node, step, after))
        except ModelError as error:
            self.row_raised[node, cell] = error
            moves = []
        if bad:
            self.bad_at[(node, cell),] = bad
        self._enter(node, cell, moves, fired)

    def _move(self, node: int, step: LocalStep, after: Any) -> Move:
        own = [numbers for to, numbers in step.parcel if to == node]
        others = [self.posts.bundle(to, node, numbers) for to, numbers in step.parcel if to != node]
        cell = (
            self.post_to(node, step.local, after, self.system.members[node].name, own[0])
            if own
            else self.cell_number(node, step.local, after)
        )
        return Move(cell, self._parcel(tuple(others)))

    def post_to(self, node: int, local: int, inbox: Any, sender: Any, numbers: tuple[int, ...]) -> int:
        """The cell that messages make of (local, inbox); those that are immediate are handled at once."""
        immediate = self.system.members[node].role.immediate
        if immediate:
            for number in numbers:
                if type(self.messages[number]) in immediate:
                    local = self._at_once(node, local, number)
            numbers = tuple(m for m in numbers if type(self.messages[m]) not in immediate)
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

    def _enter(self, node: int, cell: int, moves: list[Move], fired: dict[int, int]) -> None:
        self.statistics.rows += 1
        distinct = list(dict.fromkeys(moves))
        first = self.move_next.extend(move.cell for move in distinct)
        self.move_parcel.extend(move.parcel for move in distinct)
        self.widest[node] = max(self.widest[node], len(distinct))
        at = self.per_cell.at(node, cell)
        self.per_cell["row_ptr"][at] = first
        self.per_cell["row_len"][at] = len(distinct)
        self.row_actions[node, cell] = tuple(fired.items())
        self.per_cell["generated"][at] = len(moves)

    def _parcel(self, bundles: tuple[int, ...]) -> int:
        number = self._parcels.get(bundles)
        if number is None:
            number = self._parcels[bundles] = len(self._parcels)
            self.send_to.extend(self.posts.bundles[b].to for b in bundles)
            self.send_bundle.extend(bundles)
            self.parcel_ptr.append(self.send_bundle.size)
        return number

    def senders(self, bundle: int) -> list[tuple[int, int]]:
        """The (node, cell) whose rows send a bundle."""
        parcels = {number for bundles, number in self._parcels.items() if bundle in bundles}
        found = []
        for node, cell in self.row_actions:
            at = self.per_cell.at(node, cell)
            first, count = int(self.per_cell["row_ptr"][at]), int(self.per_cell["row_len"][at])
            if not parcels.isdisjoint(self.move_parcel.data[first : first + count].tolist()):
                found.append((node, cell))
        return found

    # For the search ---------------------------------------------------------------------------------

    def places_of(self, claim: str) -> dict[Places, str]:
        """Where a property of one node, or of one step, finds something: places → what it says."""
        return {
            places: reason
            for places, keys in self.bad_at.items()
            for key in keys
            for found, reason in self.bad[key]
            if found.id == claim
        }

    def widen_views(self, group: int) -> None:
        """Lay a group of views out anew, and enter every cell's share again. Raises CapacityError."""
        if not self.viewing.groups[group].widen():
            raise CapacityError("the views that a property reads need more than 63 bits")
        self._facts.clear()
        views = self.per_cell["views"]
        for node, cells in enumerate(self.cells):
            for number, cell in enumerate(cells):
                views[:, self.per_cell.at(node, number)] = self._facts[node, cell.local][2]

    def generated(self, uses: Array) -> int:
        """How many steps were generated, when each cell's row was used that often."""
        return int(uses @ self.per_cell["generated"]) if uses.shape[0] > 1 else 0

    def fired(self, uses: Array) -> dict[str, int]:
        """How often each action fired, likewise."""
        counts = [0] * len(self.actions)
        for (node, cell), actions in self.row_actions.items():
            times = int(uses[self.per_cell.at(node, cell)])
            for action, count in actions:
                counts[action] += times * count
        return {action: counts[k] for action, k in self.actions.items()}

    def graph(self) -> tuple[Any, ...]:
        """The tables as the kernel takes them."""
        per_cell = self.per_cell
        return (
            per_cell["row_ptr"],
            per_cell["row_len"],
            self.move_next.data,
            self.move_parcel.data,
            self.parcel_ptr.data,
            self.send_to.data,
            self.send_bundle.data,
            self.posts.table(),
            sum(self.widest),
        )
