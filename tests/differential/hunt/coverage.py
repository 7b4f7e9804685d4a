"""What a comparison really exercised, counted from the run: a generator that has become harmless shows.

The functions of the native engine in question are wrapped from here, for as long as one counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from checker.exploration import Exploration
from checker.native import search, worker
from checker.native.engine import _Run
from checker.native.search import Search
from checker.native.viewing import Group

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
    "swaps",
)


@contextmanager
def shared_early(few: int) -> Iterator[None]:
    """Several workers share a search as soon as a level has so many states, and send little at once."""
    with ExitStack() as stack:
        smaller = {(search, "FEW"): few, (search, "ALONE"): 0, (search, "PIECE"): 32, (worker, "OUTBOX"): 64}
        for (module, name), value in smaller.items():
            stack.enter_context(patch.object(module, name, value))
        yield


@contextmanager
def counting(seen: Counter[str]) -> Iterator[None]:
    """Count in `seen` the searches with each feature, as long as the context lasts."""
    now: set[str] = set()
    ends = [0]

    def expand(original: Callable[..., Any], self: Search, depth: int) -> Any:
        ends[0] = 0
        return original(self, depth)

    def expand_some(original: Callable[..., Any], self: Search, *arguments: Any) -> None:
        original(self, *arguments)
        ends[0] += sum(words[0].shape[0] for w in self.workers for words in w.ends)

    def repack(original: Callable[..., Any], self: Search, *arguments: Any) -> Any:
        now.add("repacked")
        if ends[0]:
            now.add("ends set aside")
        if len(self.workers) > 1:
            now.add("repacked, shared")
        return original(self, *arguments)

    def share(original: Callable[..., Any], self: Search, *arguments: Any) -> None:
        now.add("shared")
        original(self, *arguments)

    def widen(original: Callable[..., Any], self: Group) -> bool:
        now.add("views widened")
        return bool(original(self))

    def run(original: Callable[..., Any], self: _Run) -> Exploration:
        now.clear()
        try:
            found: Exploration = original(self)
            if found.statistics.get("bits_per_state", 0) > 63:
                now.add("two words")
            now.update(r.split(" ")[0] for r in found.reductions if not r.startswith("no "))
            symmetry = self.tables.symmetry
            if symmetry is not None and not symmetry.whole:
                now.add("swaps")
            return found
        finally:
            seen.update(now)

    wrappers = {
        (Search, "expand_level"): expand,
        (Search, "_round"): expand_some,
        (Search, "_repack"): repack,
        (Search, "_share"): share,
        (Group, "widen"): widen,
        (_Run, "run"): run,
    }
    with ExitStack() as stack:
        for (owner, name), wrapper in wrappers.items():
            stack.enter_context(patch.object(owner, name, _around(wrapper, getattr(owner, name))))
        yield


def _around(wrapper: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *arguments: wrapper(original, self, *arguments)
