"""The search on many machines: level by level as ever, each round the same for all owners.

It begins here, alone, until a level is worth sharing. Then its states are dealt out to owners elsewhere,
and what is left here is what numbers: tables are filled from the misses of all owners together, in the
order that a search on one machine has. So counts, verdicts and paths are the same for any number of owners.

If an owner is lost all others drop the level that was under way. What the lost one had of closed levels
another one has a copy of; it is dealt out to whoever is there, and the level begins again. The tables are
still here, and what they were asked before is asked in the same order, so numbers stay what they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from checker.engines.contract import Exploration, Watch
from checker.engines.native.arrays import Array
from checker.engines.native.distributed.courier import send
from checker.engines.native.distributed.crew import Crew
from checker.engines.native.distributed.elsewhere import Elsewhere
from checker.engines.native.distributed.hands import Home
from checker.engines.native.distributed.owner import ASIDE, OPEN, Plan
from checker.engines.native.distributed.parents import AskingBack, Found
from checker.engines.native.distributed.patches import Patch, patch, patched
from checker.engines.native.distributed.reports import Report, Traffic
from checker.engines.native.distributed.sharing import cost, even_owners
from checker.engines.native.distributed.transport import ClusterError, Lost
from checker.engines.native.numbering import Vector
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.paths.paths import Backwards
from checker.engines.native.search.limits import NEAR, LimitReached
from checker.engines.native.search.mailbox import queues
from checker.engines.native.search.search import SAMPLE, Search
from checker.engines.native.snapshot import Snapshot
from checker.engines.native.states import pairing
from checker.engines.native.states.owners import Owners
from checker.engines.native.states.packing import joined
from checker.engines.native.states.store import PIECE, Store
from checker.engines.native.states.words import Packing, Piece, Words
from checker.engines.native.tables import Tables
from checker.engines.native.tuning import USUAL, Tuning

#: Times that a level is begun again because owners were lost, before it is given up.
AGAIN = 5
#: To deal states out anew all of them are sent: it has to gain so many times what it has to in one process.
DEALT = 2


class DistributedSearch(Search):
    """One exploration under way whose states are with owners elsewhere."""

    def __init__(
        self,
        tables: Tables,
        watch: Watch,
        result: Exploration,
        crew: Crew,
        tuning: Tuning = USUAL,
        disk: Path | None = None,
    ) -> None:
        self.crew = crew
        self.traffic = Traffic()
        #: how many rounds there were, bytes of tables that were sent, entries that were missing
        self.rounds = self.bytes_of_tables = self.misses = 0
        self._elsewhere: Elsewhere | None = None
        self._sent: Snapshot | None = None
        self._generation = -1
        #: number of each owner when states were dealt out last, None if it came later; and those since lost
        self._numbers: list[int | None] = []
        self._gone: list[int] = []
        #: the level that is to be expanded next, once; states of it that were set aside
        self._level: int | None = None
        self._aside = 0
        #: whether a level is under way
        self._amid = False
        #: level → where the words of what sleeps in the states after it have each node's moves
        self._moves: dict[int, Packing] = {}
        #: whether owners know that states are to be on their disks
        self._told_of_disk = False
        #: why the disk of an owner takes no more states, if it does not
        self._trouble: str | None = None
        super().__init__(tables, watch, result, crew.wanted, tuning, disk)

    @property
    def _home(self) -> Home:
        return cast("Home", self.workers[0])

    @property
    def _kept(self) -> Elsewhere:
        assert self._elsewhere is not None, "states were dealt out"
        return self._elsewhere

    # Dealing out ----------------------------------------------------------------------------------------

    def _look_at_owners(self, depth: int) -> None:
        """Choose owners when a level is worth sharing, and anew when levels have grown much since then."""
        if self.size(depth) < max(self.tuning.few, self.tuning.grown * self.chosen_at):
            return
        if self._elsewhere is None:
            self.crew.start()
            self.wanted = len(self.crew.peers)
            self._share(self.best_owners(depth))
            return
        owners = self.best_owners(depth)
        assert self.sample is not None, "owners were chosen by it"
        if cost(self.sample, self.owners) - cost(self.sample, owners) > DEALT * self.tuning.gain:
            self._keep(owners, self.packing)

    def best_owners(self, depth: int) -> Owners:
        """The owners that are best for a level, which is remembered."""
        self.chosen_at, self.sample = self.size(depth), self._sampled(depth)
        return even_owners(self.wanted, self.sample)

    def _share(self, owners: Owners) -> None:
        """Deal the states of all levels so far out to the owners."""
        self.owners = owners
        alone = self.workers[0]
        for _ in range(AGAIN):
            try:
                self._deal(alone.store, anew=True)
                break
            except Lost:
                self._replace()
        else:
            raise ClusterError("owners are lost again and again")
        home = Home(0, cast("Store", self._elsewhere), self.snapshot(), queues(1)[0], owners=1)
        home.expanded, home.followed = alone.expanded, alone.followed
        home.terminal, home.cut = alone.terminal, alone.cut
        home.begin_with(alone.uses(home.tables.stretches))
        self.workers = [home]
        self._mark = home.mark()
        alone.store.close()

    def _keep(self, owners: Owners, packing: Packing) -> None:
        """Deal all states out anew, for other owners or in another packing. Raises Lost."""
        if self._elsewhere is None:
            super()._keep(owners, packing)
            return
        self.owners, self.packing = owners, packing
        self._deal(amid=self._amid)

    def _deal(self, local: Store | None = None, *, amid: bool = False, anew: bool = False) -> None:
        """Deal out all states as packing and owners are now, level by level.

        They come from a `local` store, or from those who keep them, and of owners that were lost from those
        who have a copy. `amid` a level what is new on it goes along, and what was set aside. Raises Lost.
        """
        crew, generation = self.crew, self.crew.next_era()
        disk = self.disk.folder if self.on_disk else None
        plans = [
            Plan(generation, k, crew.peers, self.owners, self.packing, self.tuning, disk, anew)
            for k in range(len(crew.peers))
        ]
        crew.each("prepare", [(plan,) for plan in plans])
        levels = self.stores[0].levels
        last, shares = len(levels) - 2, []
        for depth in range(last + 1):
            # what sleeps is known of the last level, and of what is new
            shares.append(self._deal_level(depth, depth == last and self._sleeps_after(last - 1), local))
            pairing.same_number(levels[depth + 1] - levels[depth], sum(shares[-1]))
        if amid:
            pairing.same_number(
                self._kept.states - levels[-1], sum(self._deal_level(OPEN, self._sleeps_after(last)))
            )
            pairing.same_number(self._aside, sum(self._deal_level(ASIDE, False)))
        states, memory = (self._kept.states, self._kept.bytes) if amid else (levels[-1], 0)
        self._elsewhere = Elsewhere(self.crew.words, self.tuning)
        for share in shares:
            self._elsewhere.close_level(share)
        self._elsewhere.states, self._elsewhere.bytes = states, memory
        if self.workers and isinstance(self.workers[0], Home):
            self._home.store = cast("Store", self._elsewhere)
        self._generation, self._numbers, self._gone = generation, list(range(len(crew.peers))), []
        if anew:
            self._sent = None
        self._told_of_disk = self.on_disk
        crew.all("commit")

    def _sleeps_after(self, depth: int) -> bool:
        """Whether it is known what sleeps in the states after a level; not if it was seen in vain."""
        return self.in_order and depth in self._moves

    def words_asleep(self, level: int | None) -> Packing:
        """As ever, and in the same way if a level is begun again: then the same moves sleep."""
        depth = len(self.stores[0].levels) - 2 if level is None else level - 1
        return self._moves.setdefault(depth, super().words_asleep(level))

    def _deal_level(self, depth: int, sleeps: bool, local: Store | None = None) -> list[int]:
        """Deal out the states of a level; how many each owner has. Raises Lost."""
        crew, era = self.crew, self.crew.next_era()
        lost = [(self._generation, number) for number in self._gone]
        sent = crew.all("deal", era, depth, lost, sleeps)
        if local is not None:
            sent.append(send(local.level(depth, PIECE), self.packing, self.owners, crew.peers, era))
        return crew.each("settle_deal", [(sum(column),) for column in zip(*sent, strict=True)])

    # Owners that are lost -------------------------------------------------------------------------------

    def _replace(self) -> None:
        """Put others in the place of owners that are lost. Raises ClusterError if it cannot go on."""
        missing = self.crew.missing()
        kept = self.crew.replace(missing)
        if self._numbers:
            self._gone += [n for n in (self._numbers[k] for k in missing) if n is not None]
            self._numbers = [None if k is None else self._numbers[k] for k in kept]
        self.wanted = len(self.crew.peers)
        self.owners = Owners(self.wanted, self.owners.nodes)

    def _recover(self) -> None:
        """Go back to the last level that was closed, with others instead of owners that are lost.

        Raises ClusterError if it cannot be done.
        """
        count = len(self._kept.shares[0])
        for _ in range(AGAIN):
            self._replace()
            if any((number + 1) % count in self._gone for number in self._gone):
                raise ClusterError("an owner is lost, and with it or before it the one that had its copy")
            try:
                self._deal(anew=True)
            except Lost:
                continue
            self._home.back(self._mark)
            self.asleep = self._moves.get(len(self._kept.levels) - 3, self.asleep)
            self._aside, self._amid = 0, False
            self.result.states = self._kept.states
            self.shown = set()
            super()._widen_views()  # it may have been lost when that was due
            return
        raise ClusterError("owners are lost again and again")

    # One level ------------------------------------------------------------------------------------------

    def expand_level(self, depth: int) -> list[Words]:
        """Explore every state of a level; its terminal states. Raises LimitReached and ClusterError."""
        for _ in range(AGAIN):
            self._level = depth
            try:
                return super().expand_level(depth)
            except Lost:
                if self._elsewhere is None:
                    raise ClusterError("owners were lost before they had any states") from None
                self._recover()
        raise ClusterError("owners are lost again and again")

    def close_level(self) -> int:
        """End a level; how many states it has. Raises ClusterError."""
        if self._elsewhere is None:
            return super().close_level()
        for _ in range(AGAIN):
            try:
                closed = self.crew.all("close_level")
            except Lost:
                if self.reached is not None:
                    raise ClusterError("an owner was lost") from None
                self._recover()
                self._again(len(self._kept.levels) - 2)
                continue
            for _, shown in closed:
                self.shown.update(shown)
            self._mark = self._home.mark()
            self._amid = False
            size = self._kept.close_level([size for size, _ in closed])
            pairing.same_number(self._kept.states, self._kept.levels[-1])
            return size
        raise ClusterError("owners are lost again and again")

    def _again(self, depth: int) -> None:
        """Explore a level once more that was explored already. Raises ClusterError, also for a limit."""
        try:
            self.expand_level(depth)
        except LimitReached as limit:
            raise ClusterError(str(limit)) from None

    def _round(self, pieces: list[list[Piece]]) -> None:
        if self._elsewhere is None:
            super()._round(pieces)
            return
        crew, home = self.crew, self._home
        if crew.interrupted:
            raise KeyboardInterrupt
        if self.on_disk and not self._told_of_disk:
            crew.all("to_disk", self.disk.folder)
            self._told_of_disk = True
        home.adopt(self.snapshot())
        depth, self._level = self._level, None
        self._amid = True
        era, tables = crew.next_era(), self._patch()
        moves = home.before, home.after
        sent = crew.all("round", era, tables, depth, moves, meanwhile=self._look)
        reports = crew.each("settle", [(sum(column),) for column in zip(*sent, strict=True)])
        self.rounds += 1
        self._note(reports)
        self.count()
        if crew.interrupted:
            raise KeyboardInterrupt
        self._stop_if_over()

    def _note(self, reports: Sequence[Report]) -> None:
        """Add up what came of a round. Raises Mismatch."""
        kept = self._kept
        kept.states = sum(report.states for report in reports)
        kept.bytes = sum(report.memory for report in reports)
        kept.log.bytes_on_disk = sum(report.on_disk for report in reports)
        self._trouble = next((report.trouble for report in reports if report.trouble), self._trouble)
        for report in reports:
            self._home.add(report)
            self.misses += report.misses.shape[0]
            self.traffic.add(report.traffic)
            for state, told in report.sampled:
                for group, (shown, is_kept) in enumerate(told):
                    wanted = self.tables.shown(group, state.tolist())
                    pairing.shown(group, shown, wanted, is_kept=is_kept)

    def _look(self) -> None:
        """Look how far owners are; stop them if a limit is reached. Raises Lost."""
        told = self.crew.progress()
        kept, result = self._kept, self.result
        kept.states = sum(one.states for one in told)
        kept.bytes = sum(one.memory for one in told)
        result.states = kept.states
        result.frontier = max(0, kept.states - self._home.expanded - sum(one.expanded for one in told))
        if self._is_over():
            self.crew.stop()

    # Tables ---------------------------------------------------------------------------------------------

    def _patch(self) -> Any:
        """What is to be sent of the tables, put where all owners find it; None if they have not changed."""
        found: Patch = patch(self._sent, self.snapshot())
        if found.change is None:
            return None
        self.bytes_of_tables += found.bytes
        self._sent = patched(self._sent, found)
        return self.crew.transport.share(found)

    def _widen_views(self) -> None:
        if self._elsewhere is None:
            super()._widen_views()
            return
        outgrown = list(self.tables.viewing.outgrown())
        if outgrown:
            for shown in self.crew.all("shown"):
                self.shown.update(shown)
            super()._widen_views()
            self.crew.all("forget", outgrown)

    def _repack(self, todo: list[list[Piece]]) -> list[list[Piece]]:
        if self._elsewhere is None:
            return super()._repack(todo)
        packing, owners = self._packing(self._sample()), self.owners
        if self.sample is not None:
            self.sample = self.sample.packed(packing)
            owners = even_owners(self.wanted, self.sample)
        self._aside = sum(piece.size for share in todo for piece in share)
        self._keep(owners, packing)
        self._aside = 0
        return todo

    def _sample(self) -> Array:
        if self._elsewhere is None:
            return super()._sample()
        pieces = self._elsewhere.some(self.result.depth - 1, SAMPLE)
        return joined([piece.words() for piece in pieces]).cells()

    # Reading states back --------------------------------------------------------------------------------

    def states_of(self, depth: int) -> Any:
        """The states of a level as rows of cell numbers; after a loss all of them once more."""
        while True:
            try:
                yield from super().states_of(depth)
            except Lost:
                self._recover()
            else:
                return

    def backwards(self, look: Any = lambda: None) -> Backwards:
        """What finds the way back: owners are asked."""
        if self._elsewhere is None:
            return super().backwards(look)
        return AskingBack(self._parents_of, self.tables.rows.raises, look)

    def _parents_of(self, level: int, targets: set[Vector]) -> list[dict[Vector, Vector]]:
        lost = 0
        while lost < AGAIN:
            raising = tuple(self.tables.rows.raised)
            try:
                found: list[Found] = self.crew.all("parents", self._patch(), level, targets, raising)
            except Lost:
                lost += 1
                self._recover()
                continue
            asking = Expansion(self.snapshot())
            for _, missing in found:
                asking.missing.add(missing)
            if not self.fill_for([asking]):
                return [parents for parents, _ in found]
        raise ClusterError("owners are lost again and again")

    # Disks of owners ------------------------------------------------------------------------------------

    def _spare_memory(self) -> None:
        """Have the logs of owners on their disks from the next round on, if states come near the limit."""
        if self._elsewhere is None:
            super()._spare_memory()
        elif self.watch.is_near_memory(self.bytes, NEAR):
            self.on_disk = True

    def _is_over(self) -> bool:
        self.reached = self.reached or self._trouble
        return super()._is_over()

    # The account ----------------------------------------------------------------------------------------

    def close(self) -> None:
        """Let the owners go."""
        super().close()
        self.crew.close()

    def statistics(self) -> dict[str, Any]:
        """What has travelled, and how long owners waited."""
        told: dict[str, Any] = {"where": self.crew.transport.name, "owners": 0}
        if self._elsewhere is not None:
            told |= {"owners": self.wanted, "seconds_to_start": round(self.crew.seconds_to_start, 3)}
            told |= {"rounds": self.rounds, "bytes_of_tables": self.bytes_of_tables, "misses": self.misses}
            told |= {**self.traffic.told(), "owners_lost": self.crew.lost}
        return {"cluster": told}
