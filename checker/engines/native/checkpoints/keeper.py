"""The keeper: what is known at the end of each level, and when that is written as a checkpoint.

At the end of a level it is cheap to take down what a checkpoint has of it beside the states, which stay as
they are. So when a search is interrupted amid a level, or a limit cuts it short, the last whole level is
there to be written.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import is_
from typing import Any

from checker.engines.checkpoint import Keeping
from checker.engines.contract import Kept, Refused
from checker.engines.native.arrays import Array
from checker.engines.native.checkpoints.files import SUFFIX, Files
from checker.engines.native.checkpoints.journal import Journal, Known
from checker.engines.native.checkpoints.kept import PARTS, file_name, said_of
from checker.engines.native.checkpoints.tally import Tally
from checker.engines.native.ended import Ended
from checker.engines.native.nocheckpoints import JudgeAgain, NoKeeper, Shown
from checker.engines.native.search.search import Search
from checker.engines.native.states.disk import DiskTrouble
from checker.engines.native.states.store import PIECE, Store
from checker.engines.native.states.words import Packing

#: Of the time that a search takes at most one part in so many is spent on checkpoints.
SHARE = 20
#: The files of the journal and of the tally; the number says with which checkpoint they began.
JOURNAL, TALLY = f"journal-{{}}{SUFFIX}", f"tally-{{}}{SUFFIX}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A level that has ended: how many have, how many records of the journal lead there, and the counts."""

    levels: int
    states: int
    records: int
    tally: Tally
    #: what sleeps in the states of the last level, by store, and where its words have each node's moves
    asleep: Sequence[tuple[weakref.ref[Store], Array]] | None = None
    places: Packing | None = None
    #: steps followed before each interleaving was followed once, and those spared when that ended
    followed: int = 0
    spared: int = 0


@dataclass(frozen=True, slots=True)
class _Pending:
    """A checkpoint that is being written: its number, what it is of, and what is in which files then."""

    serial: int
    mark: Mark
    journal: str
    records: int
    names: list[str]
    stores: list[weakref.ref[Store]]


class Keeper(NoKeeper):
    """Writes the checkpoints of one search."""

    keeps = True

    def __init__(self, keeping: Keeping, files: Files, about: Mapping[str, str], refused: Refused) -> None:
        self._keeping = keeping
        self._files = files
        self._about = about
        self._refused = refused
        self.journal: Journal | None = None
        self._mark: Mark | None = None
        #: the last level that was written, and what is told of it
        self._written: Mark | None = None
        self.resumed: int | None = None
        #: seconds of work before this run
        self.before = 0.0
        self.fault: str | None = None
        #: how many records of the journal are on the disk
        self._records = 0
        #: the stores whose keys are in the files, and under which names
        self._stores: list[weakref.ref[Store]] = []
        self._names: list[str] = []
        self._serial = files.serial()
        self._journal: str | None = None
        self._pending: _Pending | None = None
        #: when the last one was written, and how long that took
        self._last, self._took = 0.0, 0.0

    # What is known ------------------------------------------------------------------------------------

    def begin(self, search: Search, judge: JudgeAgain) -> None:
        """A search begins at its initial state."""
        self.watch(search, Known(search.tables)).begin()
        self._take_down(search)

    def watch(self, search: Search, known: Known) -> Journal:
        """Take down from here on what a search does."""
        self.journal = journal = Journal(search.tables, known)
        search.of_fills.append(journal.fill)
        return journal

    def go_on(self, written: Mark, journal: str, before: float) -> None:
        """Know that the search goes on from this, which is in the files and is to be appended to."""
        self._mark = self._written = written
        self._records, self._journal = written.records, journal
        self.resumed, self.before = written.levels - 1, before

    def level(self, search: Search, shown: Shown, ended: Ended) -> str | None:
        """A level has come to its end, whole and judged; why the search is to stop, if it is.

        Writes a checkpoint if enough work lies behind.
        """
        assert self.journal is not None
        self.journal.level(shown, ended)
        self._take_down(search)
        behind = search.watch.seconds - self._last
        if behind < max(self._keeping.every, SHARE * self._took):
            return None
        self.write(search)
        return None if self.fault is None else f"the checkpoint could not be written: {self.fault}"

    def _take_down(self, search: Search) -> None:
        """What a checkpoint has of what is known now."""
        assert self.journal is not None
        ends = [store.levels for store in search.stores]
        records = self._records + len(self.journal.records)
        states = sum(levels[-1] for levels in ends)
        asleep, places = None, None
        if search.in_order:
            rows = ((store, store.asleep(len(ends[0]) - 2)) for store in search.stores)
            asleep = [(weakref.ref(store), those) for store, those in rows if those is not None]
            places = search.asleep
        self._mark = Mark(
            len(ends[0]) - 1,
            states,
            records,
            Tally.of(search),
            asleep,
            places,
            search.followed,
            search.spared,
        )

    def end(self, search: Search) -> None:
        """A search has come to its end: write the last whole level, unless that is done."""
        try:
            self.write(search)
        except KeyboardInterrupt:
            self.fault = f"interrupted once more ({self._keeping.folder})"

    @property
    def kept(self) -> Kept:
        """What there is to tell of it."""
        folder, known = str(self._keeping.folder), self._written
        level, states = (None, None) if known is None else (known.levels - 1, known.states)
        return Kept(folder, level, states, self.resumed, self.before, self.fault, self._keeping.command)

    # Writing ------------------------------------------------------------------------------------------

    def write(self, search: Search) -> None:
        """Write the last whole level, unless that is done; what goes wrong is noted."""
        mark, begun = self._mark, search.watch.seconds
        if mark is None or mark is self._written or self.fault is not None:
            return
        before = self._files.counting()
        try:
            self._write(search, mark)
        except BaseException as error:
            if not self._was_whole():
                self._files.restore(before)
            if not isinstance(error, OSError | DiskTrouble):
                raise
            why = error.strerror if isinstance(error, OSError) else None
            self.fault = f"{why or error} ({self._keeping.folder})"
        self._last = search.watch.seconds
        self._took = self._last - begun

    def _write(self, search: Search, mark: Mark) -> None:
        assert self.journal is not None
        stores, packing = search.stores, search.stores[0].packing
        here = [store.levels[mark.levels] for store in stores if len(store.levels) > mark.levels]
        is_whole = all(store.log.is_whole and store.packing == packing for store in stores)
        if sum(here) != mark.states or not is_whole:
            return  # it was interrupted while states were on their way to other owners, or to another form
        sleeping = [] if mark.asleep is None else self._sleeping(stores, mark)
        if sleeping is None:
            return  # the level after it is closed as well, and states have moved since then
        names = self._named(stores)
        for store, name, states in zip(stores, names, here, strict=True):
            for part, arrays in self._unwritten(store, name, states):
                self._files.append(file_name(part, name), arrays)
        records = self.journal.records[: mark.records - self._records]
        journal = self._journal or JOURNAL.format(self._serial)
        self._files.append(journal, records)
        tally = TALLY.format(self._serial)
        self._files.append(tally, [mark.tally.written()])
        self._pending = _Pending(
            self._serial + 1, mark, journal, len(records), names, [weakref.ref(store) for store in stores]
        )
        asleep = [file_name("asleep", f"{self._serial}-{k}") for k in range(len(sleeping))]
        for file, rows in zip(asleep, sleeping, strict=True):
            self._files.append(file, [rows])
        files = [*asleep, *(file_name(part, name) for name in names for part in PARTS)]
        said = self._said(search, mark, names) | {"tally": tally, "journal": journal}
        self._files.commit([journal, tally, *files], said)
        self._settle(self._pending)

    def _was_whole(self) -> bool:
        """Whether the checkpoint was there already when something came between; it is then the last one."""
        pending = self._pending
        if pending is None or self._files.serial() != pending.serial:
            return False
        self._settle(pending)
        return True

    def _settle(self, written: _Pending) -> None:
        """From here on this is the checkpoint."""
        assert self.journal is not None
        self._pending = None
        self._serial, self._written, self._journal = written.serial, written.mark, written.journal
        self._names, self._stores = written.names, written.stores
        self.journal.records = self.journal.records[written.records :]
        self._records = written.mark.records

    def _sleeping(self, stores: list[Store], mark: Mark) -> list[Array] | None:
        """What sleeps in the states of the last level, by store; None if that is no longer known."""
        then = [of() for of, _ in mark.asleep or ()]
        if len(then) == len(stores) and all(map(is_, then, stores)):
            return [rows for _, rows in mark.asleep or ()]
        now = [store.asleep(mark.levels - 1) for store in stores]
        return None if any(rows is None for rows in now) else [rows for rows in now if rows is not None]

    def _named(self, stores: list[Store]) -> list[str]:
        """What the files of some stores are called: new ones if the states are not where they were."""
        known = [of() for of in self._stores]
        if len(known) == len(stores) and all(
            one is other for one, other in zip(known, stores, strict=True)
        ):
            return self._names
        return [f"{self._serial}-{number}" for number in range(len(stores))]

    def _unwritten(self, store: Store, name: str, states: int) -> Iterator[tuple[str, Iterator[Array]]]:
        """What the files of a store lack, up to so many states."""
        known = self._files.size(file_name("keys", name)) // 8
        yield "keys", (store.log.read(at, min(at + PIECE, states)) for at in range(known, states, PIECE))
        for part, array in store.parts().items():
            yield part, iter((array[self._files.size(file_name(part, name)) // array.itemsize :],))

    def _said(self, search: Search, mark: Mark, names: list[str]) -> dict[str, Any]:
        packing = search.stores[0].packing
        return {
            "about": dict(self._about),
            "refused": asdict(self._refused),
            "level": mark.levels - 1,
            "states": mark.states,
            "records": mark.records,
            "serial": self._serial + 1,
            "seconds": round(self.before + search.watch.seconds, 3),
            "kept": {
                "packing": said_of(packing),
                "asleep": None if mark.places is None else said_of(mark.places),
                "sleeping": str(self._serial),
                "followed": mark.followed,
                "spared": mark.spared,
                "owners": list(search.owners.nodes),
                "levels": [[int(end) for end in s.levels[: mark.levels + 1]] for s in search.stores],
                "names": names,
            },
        }
