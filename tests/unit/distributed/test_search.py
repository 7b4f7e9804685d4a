"""A search with owners elsewhere finds what a search on one machine finds, whoever is lost.

Owners are threads here, which are sent what processes would be (support/threadedowners.py).
"""

import errno
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker import AtMostOnce, Kind, Member, Property, Role, View
from checker.checking.check import check
from checker.checking.question import Question
from checker.engines.choose import Means
from checker.engines.contract import UNREDUCED, Exploration, Limits, Progress, Reductions
from checker.engines.native import tuning, viewing
from checker.engines.native.distributed.clusters import against
from checker.engines.native.distributed.replicas import Replicas
from checker.engines.native.distributed.search import DistributedSearch
from checker.engines.native.engine import explore
from checker.engines.native.states import packing
from checker.engines.native.states.store import Store
from checker.model.system import System
from checker.model.verdict import ExitCode
from checker.modelfiles.loading import load
from checker.modelfiles.protocol import protocols
from spec.protocol import PMMC
from tests.unit.support.threadedowners import ThreadedPeer, Threads

ONRAY = "checker.engines.native.distributed.onray"
SLOW = pytest.mark.slow
#: What depends on how a search was done, and not on the model alone.
HOW = {"seconds", "bytes_per_state", "statistics"}
#: Of the statistics what does not.
TABLES = ("cells", "rows", "posts", "local_steps", "obligations")
#: Sizes with which few states are shared out among owners, in small pieces, and in order from the first on.
EARLY = replace(
    tuning.USUAL, few=4, alone=0, piece=32, outbox=64, grown=1, gain=-9.0, ordered=0, steps=0, spared=0
)
MODELS = (
    "duel",  # agreement is kept, nothing is decided for sure
    "accept-any-ballot",  # violated by states
    "apart-by-sets",  # violated deep in a wide search
    "commander-as-printed",  # violated where nothing more can happen
    "two-acceptors",  # terminal states, and goals
    "duel-any-length",  # up to a shift, without end
    "duel-duplicating",  # over a network that repeats messages
    "fifo-loss",
    "election",
    "asks-in-turn",  # histories of calls
)


@cache
def system(name: str) -> System:
    found = load(PMMC.models / f"{name}.yaml", protocols=protocols()).system
    judged = tuple(p for p in found.properties if p.kind.on.name not in {"FUTURE", "RUN"})
    return replace(found, properties=judged)


@pytest.fixture(autouse=True)
def _early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "USUAL", EARLY)


@cache
def alone(name: str, reductions: Reductions) -> Exploration:
    return explore(system(name), reductions=reductions)


def same(one: Exploration, other: Exploration) -> None:
    for field in fields(Exploration):
        if field.name not in HOW:
            assert getattr(one, field.name) == getattr(other, field.name), field.name
    assert [one.statistics[name] for name in TABLES] == [other.statistics[name] for name in TABLES]


def at_work(found: Exploration) -> dict[str, Any]:
    """What is told of the owners."""
    told: dict[str, Any] = found.statistics["cluster"]
    return told


@pytest.mark.parametrize("name", ["accept-any-ballot", "commander-as-printed", "duel-any-length"])
def test_two_owners_find_the_same(name: str) -> None:
    same(alone(name, Reductions()), explore(system(name), workers=2, transport=Threads()))


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("reductions", [Reductions(), UNREDUCED], ids=["reduced", "unreduced"])
def test_any_number_of_owners_finds_the_same(name: str, reductions: Reductions) -> None:
    wanted = alone(name, reductions)
    for owners in (1, 2, 4):
        found = explore(system(name), reductions=reductions, workers=owners, transport=Threads())
        same(wanted, found)
        assert at_work(found)["owners"] == owners


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Fields have no bit to spare, so states are packed anew again and again, amid levels."""
    laid_out, dealt, deal = packing._layout, [], DistributedSearch._deal

    def tightly(need: list[int], parts: Sequence[list[int]]) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(packing, "WORD_BITS", max(sum(need[i] for i in part) for part in parts))
            return laid_out(need, parts)

    def noted(self: DistributedSearch, *arguments: Any, amid: bool = False, **others: Any) -> None:
        dealt.append(amid)
        deal(self, *arguments, amid=amid, **others)

    monkeypatch.setattr(packing, "_layout", tightly)
    monkeypatch.setattr(DistributedSearch, "_deal", noted)
    return dealt


@pytest.mark.parametrize(
    ("two_words", "owners"),
    [(True, 3), pytest.param(False, 3, marks=SLOW), pytest.param(False, 1, marks=SLOW)],
)
def test_states_that_are_packed_anew_stay_what_they_are(
    tight: list[bool], monkeypatch: pytest.MonkeyPatch, two_words: bool, owners: int
) -> None:
    wanted = alone("accept-any-ballot", UNREDUCED)
    if two_words:
        monkeypatch.setattr(packing, "WORD_BITS", 24)
    found = explore(system("accept-any-ballot"), reductions=UNREDUCED, workers=owners, transport=Threads())
    same(wanted, found)
    assert sum(tight) > 3
    assert (found.statistics["bits_per_state"] > 30) == two_words or not two_words


# Owners that are lost -----------------------------------------------------------------------------------


class Losing(Threads):
    """Owners of which some are lost when they are called in some way for the so-many-th time."""

    def __init__(self, fatal: Sequence[tuple[int, str, int]], room: int = 100) -> None:
        super().__init__()
        self.fatal = list(fatal)
        self.room = room

    def start(self, count: int) -> list[ThreadedPeer]:
        new = super().start(count)
        for number, method, times in self.fatal if count > 1 else ():
            new[number % count].fatal = method, times
        self.fatal = []
        return new


CALLED = [
    "prepare",
    "deal",
    "settle_deal",
    "commit",
    "round",
    "settle",
    "close_level",
    "deliver",
    "guard",
    "shown",
    "parents",
    "words",
]


@pytest.mark.parametrize(
    ("method", "room"),
    [
        *[("settle", 100), ("close_level", 3), ("parents", 100)],
        *[pytest.param(method, room, marks=SLOW) for method in CALLED for room in (100, 3)],
    ],
)
def test_an_owner_that_is_lost_changes_nothing(method: str, room: int) -> None:
    for times in (1, 4):
        transport = Losing([(1, method, times)], room)
        found = explore(system("accept-any-ballot"), workers=3, transport=transport)
        same(alone("accept-any-ballot", Reductions()), found)
        lost = sum(peer.is_lost for peer in transport.peers)
        assert at_work(found)["owners_lost"] == lost
        assert at_work(found)["owners"] == 3 - lost * (room == 3)
        if times == 1 and method != "shown":
            assert lost == 1


@pytest.mark.parametrize(("spared", "in_order"), [(0, True), (1_000, False)])
def test_the_ordering_begins_or_not_before_states_are_with_owners(
    monkeypatch: pytest.MonkeyPatch, spared: float, in_order: bool
) -> None:
    """On the level that is dealt out: what slept is forgotten where it does not begin, or goes along."""
    monkeypatch.setattr(tuning, "USUAL", replace(EARLY, few=10, ordered=20, spared=spared))
    found = explore(system("majorities-keep-highest"), workers=3, transport=Threads())
    wanted = alone("majorities-keep-highest", Reductions())
    assert found.statistics["cluster"]["owners"] == 3
    assert found.reductions.ordering == in_order
    assert (found.states, found.levels, found.generated) == (wanted.states, wanted.levels, wanted.generated)
    assert (found.followed < found.generated) == in_order


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(CALLED), st.integers(1, 12)), min_size=1, max_size=3
    )
)
def test_whoever_is_lost_nothing_wrong_is_found(fatal: list[tuple[int, str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning, "USUAL", EARLY)
        found = explore(system("accept-any-ballot"), workers=4, transport=Losing(fatal))
        wanted = alone("accept-any-ballot", Reductions())
    if found.stopped is None:
        same(wanted, found)
    else:
        assert "lost" in found.stopped
        assert not found.complete


@pytest.mark.slow
def test_packing_anew_amid_a_level_survives_a_loss(tight: list[bool]) -> None:
    wanted = alone("accept-any-ballot", UNREDUCED)
    for times in (8, 30, 60):
        transport = Losing([(0, "deal", times), (2, "settle_deal", times + 11)])
        found = explore(system("accept-any-ballot"), reductions=UNREDUCED, workers=3, transport=transport)
        same(wanted, found)
        assert at_work(found)["owners_lost"] == 2


def test_without_any_copy_of_its_states_a_check_is_inconclusive() -> None:
    found = explore(
        system("two-acceptors"), workers=3, transport=Losing([(0, "round", 5), (1, "round", 5)])
    )
    assert found.stopped == "an owner is lost, and with it or before it the one that had its copy"
    assert not found.complete
    single = Threads()
    single.start = lambda count, start=single.start: [_dying(peer) for peer in start(count)]  # type: ignore[method-assign]
    assert explore(system("two-acceptors"), workers=1, transport=single).stopped == found.stopped


def _dying(peer: ThreadedPeer) -> ThreadedPeer:
    peer.fatal = "round", 3
    return peer


# Views that outgrow their place -------------------------------------------------------------------------


def climbing() -> System:
    """Three that count on their own, one of them far; a claim about all three, violated in one state."""

    def up(bound: int, at: int) -> Any:
        return ((at + 1, ()),) if at < bound else ()

    role = Role("climber", {}, {"up": up})
    members = tuple(Member(name, role, bound, 0) for name, bound in (("a", 14), ("b", 2), ("c", 2)))

    def judge(_: Any, seen: Any) -> str | None:
        return "all are there" if sorted(seen.values()) == [1, 2, 11] else None

    at = View("at", "climber", lambda at: at)
    claim = Property("apart", Kind.STATE, "A claim.", "this test", (at,), judge)
    return System("climbing", members, AtMostOnce(), (claim,))


def test_an_owner_that_is_lost_while_views_are_laid_out_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "COMBINATION_BITS", 10)
    wanted = explore(climbing(), reductions=UNREDUCED)
    assert [d.length for d in wanted.violations] == [14]
    for method in ("shown", "forget"):
        transport = Losing([(1, method, 1)])
        found = explore(climbing(), reductions=UNREDUCED, workers=3, transport=transport)
        same(wanted, found)
        assert at_work(found)["owners_lost"] == 1


def test_copies_that_no_disk_takes_end_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    added, add = [0], Replicas.add

    def until_it_is_full(self: Replicas, *arguments: Any) -> None:
        added[0] += 1
        if added[0] > 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        add(self, *arguments)

    monkeypatch.setattr(Replicas, "add", until_it_is_full)
    found = explore(system("two-acceptors"), workers=3, transport=Threads())
    assert found.stopped is not None
    assert found.stopped.startswith("no copy of an owner's states can be kept in ")
    assert found.stopped.endswith(": No space left on device")
    assert not found.complete


def test_memory_that_an_owner_does_not_have_ends_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amid a round: what the others had done in it by then is not told."""
    monkeypatch.setattr(tuning, "USUAL", replace(tuning.USUAL, grown=1 << 20, gain=9.0))
    absorbed, absorb = [0], Store.absorb

    def scarce(store: Store, *arguments: Any) -> Any:
        absorbed[0] += current_thread() is not main_thread()
        if absorbed[0] > 60:
            raise MemoryError
        return absorb(store, *arguments)

    monkeypatch.setattr(Store, "absorb", scarce)
    found = explore(system("two-acceptors"), reductions=UNREDUCED, workers=3, transport=Threads())
    assert found.stopped == "an owner has no more memory to take"
    assert not found.complete
    assert found.states == sum(found.levels) > 60


def test_copies_are_where_states_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders, add = set(), Replicas.add

    def noted(self: Replicas, *arguments: Any) -> None:
        folders.add(arguments[-1])
        add(self, *arguments)

    monkeypatch.setattr(Replicas, "add", noted)
    assert explore(system("duel"), workers=2, transport=Threads(), disk=tmp_path).complete
    assert folders == {tmp_path}
    assert not list(tmp_path.iterdir())


def test_a_limit_while_a_level_is_explored_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner was lost when the level was closed."""
    transport, recover = Losing([(1, "close_level", 3)]), DistributedSearch._recover

    def and_late(search: DistributedSearch) -> None:
        recover(search)
        monkeypatch.setattr(search.watch, "limits", Limits(max_states=1))

    monkeypatch.setattr(DistributedSearch, "_recover", and_late)
    found = explore(system("two-acceptors"), workers=3, transport=transport)
    assert found.stopped == "the limit of 1 states was reached"
    assert not found.complete


def test_ctrl_c_while_states_are_dealt_out_stops_before_the_next_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deal, rounds = DistributedSearch._deal, []

    def interrupted(search: DistributedSearch, *arguments: Any, **others: Any) -> None:
        deal(search, *arguments, **others)
        search.crew.interrupted = True  # as the crew notes it, which lets the owners end what they do

    monkeypatch.setattr(DistributedSearch, "_deal", interrupted)
    monkeypatch.setattr(DistributedSearch, "_patch", rounds.append)
    found = explore(system("two-acceptors"), workers=2, transport=Threads())
    assert (found.interrupted, found.stopped, rounds) == (True, "interrupted", [])


# Limits, and what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "limits", [Limits(max_states=300), Limits(max_depth=9), Limits(max_generated=900)], ids=str
)
def test_limits_are_told(limits: Limits) -> None:
    found = explore(system("two-acceptors"), limits, reductions=UNREDUCED, workers=2, transport=Threads())
    assert found.stopped is not None
    assert "limit" in found.stopped
    assert sum(found.levels) == found.states
    assert not found.complete


def test_ctrl_c_is_told_with_what_is_known() -> None:
    def interrupt(progress: Progress) -> None:
        if progress.depth > 6:
            raise KeyboardInterrupt

    found = explore(system("two-acceptors"), report=interrupt, workers=2, transport=Threads())
    assert (found.interrupted, found.stopped) == (True, "interrupted")
    assert found.states > 0


def test_what_an_owner_raises_is_raised_here() -> None:
    class Failing(Threads):
        def start(self, count: int) -> list[ThreadedPeer]:
            new = super().start(count)
            new[0].owner.round = lambda *_: 1 // 0  # type: ignore[assignment,method-assign,return-value]
            return new

    with pytest.raises(ZeroDivisionError):
        explore(system("two-acceptors"), workers=2, transport=Failing())


def test_another_version_elsewhere_is_refused() -> None:
    class Older(Threads):
        def start(self, count: int) -> list[ThreadedPeer]:
            new = super().start(count)
            hello = new[-1].owner.hello
            new[-1].owner.hello = lambda: hello()._replace(sources="others", version="0.0.1", host="old")  # type: ignore[method-assign]
            return new

    found = explore(system("two-acceptors"), workers=2, transport=Older())
    assert found.stopped is not None
    assert "on old there is another version of this program (0.0.1" in found.stopped


@pytest.mark.parametrize("name", ["can-still-decide", "duel-time-outs-for-ever"])
def test_what_is_told_of_all_states_is_refused(name: str) -> None:
    from checker.checking.check import check  # noqa: PLC0415
    from checker.checking.question import Question  # noqa: PLC0415

    result = check(
        load(PMMC.models / f"{name}.yaml", protocols=protocols()), Question(Means("native", cluster=""))
    )
    assert result.exit_code is ExitCode.USAGE
    assert result.found.failed is not None
    assert "not on a cluster" in result.found.failed.reason


def test_checkpoints_are_kept_on_one_machine() -> None:
    assert against(system("duel")) is None
    assert "leave --checkpoint or --cluster out" in str(against(system("duel"), checkpoints=True))


def test_without_ray_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, ONRAY, raising=False)
    result = check(
        load(PMMC.models / "duel.yaml", protocols=protocols()), Question(Means("native", cluster=""))
    )
    assert result.exit_code is ExitCode.USAGE
    assert result.found.failed is not None
    assert result.found.failed.reason.endswith("pip install 'pmmc-checker[cluster]'")
