"""What a comparison really exercised, counted from the run: a generator that has become harmless shows.

The functions of the native engine in question are wrapped from here, for as long as one counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from checker.engines.contract import Exploration
from checker.engines.native import tuning
from checker.engines.native.engine import Run
from checker.engines.native.search.search import Search
from checker.engines.native.tuning import Tuning
from checker.engines.native.viewing import Group

#: Searches that packed their states anew; those that did so while terminal states of the level were set
#: aside; those with states of two words; that laid views out anew; that several workers shared, and of
#: these the ones that repacked; and those with each reduction really on.
FEATURES = (
    "repacked",
    "ends set aside",
    "two words",
    "views widened",
    "shared",
    "repacked, shared",
    "fusion",
    "settling",
    "symmetry",
    "ordering",
    "swaps",
)


@contextmanager
def shared_early(few: int) -> Iterator[None]:
    """Several workers share a search as soon as a level has so many states, and send little at once."""
    early = Tuning(few=few, alone=0, piece=32, outbox=64, ordered=few // 4, steps=0, spared=0)
    with patch.object(tuning, "USUAL", early):
        yield


@contextmanager
def counting(seen: Counter[str]) -> Iterator[None]:
    """Count in `seen` the searches with each feature, as long as the context lasts."""
    watcher = _Watcher(seen)
    wrappers = {
        (Search, "expand_level"): watcher.expand_level,
        (Search, "_round"): watcher.round,
        (Search, "_repack"): watcher.repack,
        (Search, "_share"): watcher.share,
        (Group, "widen"): watcher.widen,
        (Run, "run"): watcher.run,
    }
    with ExitStack() as stack:
        for (owner, name), wrapper in wrappers.items():
            stack.enter_context(patch.object(owner, name, _around(wrapper, getattr(owner, name))))
        yield


def _around(wrapper: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *arguments: wrapper(original, self, *arguments)


class _Watcher:
    """What wraps the functions: each gets the original and its arguments."""

    def __init__(self, seen: Counter[str]) -> None:
        self.seen = seen
        #: features of the search under way, and terminal states found so far on its level
        self.now: set[str] = set()
        self.ends = 0

    def run(self, original: Callable[..., Any], run: Run) -> Exploration:
        self.now.clear()
        try:
            found: Exploration = original(run)
            self.now.update(_features(run, found))
            return found
        finally:
            self.seen.update(self.now)

    def expand_level(self, original: Callable[..., Any], search: Search, depth: int) -> Any:
        self.ends = 0
        return original(search, depth)

    def round(self, original: Callable[..., Any], search: Search, *arguments: Any) -> None:
        original(search, *arguments)
        self.ends += sum(words[0].shape[0] for worker in search.workers for words in worker.ends)

    def repack(self, original: Callable[..., Any], search: Search, *arguments: Any) -> Any:
        self.now.add("repacked")
        if self.ends:
            self.now.add("ends set aside")
        if len(search.workers) > 1:
            self.now.add("repacked, shared")
        return original(search, *arguments)

    def share(self, original: Callable[..., Any], search: Search, *arguments: Any) -> None:
        self.now.add("shared")
        original(search, *arguments)

    def widen(self, original: Callable[..., Any], group: Group) -> bool:
        self.now.add("views widened")
        return bool(original(group))


def _features(run: Run, found: Exploration) -> Iterator[str]:
    """Those that can be told at the end."""
    if found.statistics.get("bits_per_state", 0) > 63:
        yield "two words"
    for reduction in found.reductions.words():
        if not reduction.startswith("no "):
            yield reduction.split(" ")[0]
    if not run.tables.action.whole:
        yield "swaps"
