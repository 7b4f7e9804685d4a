"""Threads: work that is done for each of some numbers at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from checker.engines.native.states.store import one_by_one


def at_once(pool: ThreadPoolExecutor | None, work: Callable[[int], None], count: int) -> None:
    """Call a function with each number below `count`, on as many threads; one by one without a pool.

    Comes back when all have ended. Raises what the first one raised, else what another one did.
    """
    if pool is None:
        one_by_one(work, count)
        return
    # this thread does the first one's share: it would only wait
    others = [pool.submit(work, number) for number in range(1, count)]
    try:
        work(0)
    finally:
        wait(others)
    for other in others:
        other.result()
