"""The cheapest run: Dijkstra's search over states in the order of time (`checker.costs.timed`).

What is found is a minimum over all runs. Where the search gives up, all runs that are cheaper than what it
looked at last are known not to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from heapq import heappop, heappush

from checker.costs.timed import ANSWERED, Act, Moment, Timed
from checker.engines.contract import Exploration, Limits, Progress, Watch

#: Whole numbers, of which the first count most: a price is one number, so that many are soon compared. No
#: number of a run, which no memory would hold, comes near so many.
DIGIT = 1 << 40
#: States between two looks at the clock, and what one is taken to need of memory.
STATES_PER_LOOK = 16
STATE_BYTES = 1 << 10


def price_of(*counts: int) -> int:
    """The price that these counts make."""
    price = 0
    for count in counts:
        price = price * DIGIT + count
    return price


def counts_of(price: int, many: int) -> tuple[int, ...]:
    """The counts that make a price."""
    counts = []
    for _ in range(many):
        price, count = divmod(price, DIGIT)
        counts.append(count)
    return tuple(reversed(counts))


def in_time(act: Act) -> int:
    """Message delays, then writes, then messages until the answer, then steps."""
    return price_of(*act.at, 0 if act.phase == ANSWERED else act.sent, 1)


def in_messages(act: Act) -> int:
    """Messages, then steps."""
    return price_of(act.sent, 1)


@dataclass(frozen=True, slots=True)
class Sought:
    """A run that is looked for: what is cheap, when it is over, and whether idle steps are of any use."""

    price: Callable[[Act], int]
    over: Callable[[Timed, Moment], bool]
    begun: Callable[[Timed], int]
    counts: int
    idle: bool


#: The run in which the answer comes soonest. What a node takes for nothing may as well stay where it is.
SOONEST = Sought(
    in_time,
    lambda _, moment: moment.phase == ANSWERED,
    lambda timed: price_of(0, 0, timed.sent_at_first, 0),
    counts=4,
    idle=False,
)
#: The run with the fewest messages, until nothing is under way any more.
FEWEST = Sought(
    in_messages,
    lambda timed, moment: moment.phase == ANSWERED and timed.at_rest(moment),
    lambda timed: price_of(timed.sent_at_first, 0),
    counts=2,
    idle=True,
)


@dataclass(frozen=True, slots=True)
class Cheapest:
    """What a search has found: what the cheapest run costs and its steps, None if there is no such run.

    If it was `stopped`, why, and `price` is what the state costs at which it was: there is no cheaper run.
    """

    price: tuple[int, ...]
    run: tuple[Act, ...] | None
    states: int
    steps: int
    seconds: float
    stopped: str | None = None


def cheapest(
    timed: Timed,
    sought: Sought,
    limits: Limits = Limits(),
    report: Callable[[Progress], None] | None = None,
) -> Cheapest:
    """The cheapest run that is over. Raises ModelError and CodeError where a rule goes wrong."""
    watch, so_far = Watch(limits, report), Exploration("cost")
    price = cache(sought.price)
    idle = sought.idle or timed.queues
    best = {timed.first: sought.begun(timed)}
    came: dict[Moment, tuple[Moment, Act]] = {}
    # of two states at one price the one that was found first
    waiting = [(best[timed.first], 0, timed.first)]
    run, stopped, spent, looked_at = None, None, best[timed.first], 0
    while waiting:
        spent, _, moment = heappop(waiting)
        if spent > best[moment]:
            continue
        if sought.over(timed, moment):
            run = _way(came, moment)
            break
        if looked_at % STATES_PER_LOOK == 0:
            so_far.states, so_far.frontier = len(best), len(waiting)
            so_far.depth = counts_of(spent, sought.counts)[0]
            stopped = watch.look(so_far, len(best) * STATE_BYTES)
            if stopped is not None:
                break
        looked_at += 1
        for act, after in timed.following(moment):
            if act.idle and not idle:
                continue
            so_far.generated += 1
            then = spent + price(act)
            known = best.get(after)
            if known is None or then < known:
                best[after], came[after] = then, (moment, act)
                heappush(waiting, (then, so_far.generated, after))
    counts = counts_of(spent, sought.counts)
    return Cheapest(counts, run, len(best), so_far.generated, watch.seconds, stopped)


def _way(came: dict[Moment, tuple[Moment, Act]], moment: Moment) -> tuple[Act, ...]:
    way: list[Act] = []
    while moment in came:
        moment, act = came[moment]
        way.append(act)
    return tuple(reversed(way))
