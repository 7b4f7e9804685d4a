"""What a run came to, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.cluster.outcome import SHARES, Outcome
from checker.costs.cost import Cost
from checker.text.style import PLAIN, Style, labelled


def outcome_lines(
    outcome: Outcome, messages: Sequence[str], cost: Cost | None, delay: float, style: Style = PLAIN
) -> list[str]:
    """The result of a load, and what it took beside what it would take at best. `delay` is the mean one."""
    word = style("OK", "green") if outcome.ok else style("FAILED", "red")
    if outcome.stopped:
        word = style("INTERRUPTED", "yellow")
    lines = [f"{word}  {outcome.done:,} of {outcome.asked:,} commands acknowledged"]
    for label, says in _told(outcome, messages, cost, delay):
        lines += labelled(label, says, style)
    return lines


def _told(
    outcome: Outcome, messages: Sequence[str], cost: Cost | None, delay: float
) -> Iterator[tuple[str, str]]:
    counted = outcome.counted
    if outcome.failed is not None:
        yield "failed", outcome.failed
    for wrong in outcome.wrong:
        yield "wrong", wrong
    if outcome.done and not outcome.wrong and outcome.quiet and outcome.failed is None:
        yield "examined", outcome.examined or "nothing"
    if not outcome.quiet:
        yield "wrong", "the replicas did not become equal in time"
    rate = outcome.done / max(outcome.seconds, 1e-9)
    yield "speed", f"{rate:,.0f} commands a second, {outcome.seconds:,.1f} s"
    yield "latency", " · ".join(f"{share} % {_ms(outcome.latency(share))}" for share in SHARES)
    if cost is not None:
        yield "delays", _delays(outcome, cost, delay)
    yield "messages", _messages(outcome, messages, cost)
    each = (f"{name} {outcome.each(name):.1f}" for name in messages if counted.get(name))
    yield "each", ", ".join(each)
    datagrams = counted.get("datagrams", 0) + counted.get("lost", 0) - counted.get("doubled", 0)
    yield (
        "network",
        (
            f"{counted.get('lost', 0):,.0f} of {datagrams:,.0f} datagrams lost "
            f"({_share(outcome, datagrams)}), {counted.get('doubled', 0):,.0f} doubled"
        ),
    )
    syncs = counted.get("syncs", 0)
    mean = counted.get("sync seconds", 0) / syncs if syncs else 0.0
    yield (
        "disk",
        (
            f"{outcome.each('syncs'):.1f} syncs a command of {_ms(mean)} each, "
            f"{outcome.each('stored bytes'):,.0f} bytes a command"
        ),
    )
    if outcome.kills:
        told = ", ".join(f"{name} {many}" for name, many in sorted(outcome.kills.items()))
        yield "kills", f"{sum(outcome.kills.values()):,}: {told}"


def _messages(outcome: Outcome, messages: Sequence[str], cost: Cost | None) -> str:
    between = outcome.each(*messages) - outcome.each("handed over")
    says = f"{between:.1f} a command between processes"
    if cost is not None and cost.in_all is not None:
        says += f"; at best {cost.in_all}, as `pmmc cost {cost.asked.system.name}` has it"
    return f"{says}; {outcome.each('handed over'):.1f} more within"


def _delays(outcome: Outcome, cost: Cost, delay: float) -> str:
    at_best = f"at best {cost.delays}, as `pmmc cost {cost.asked.system.name}` has it"
    if not delay:
        return at_best
    median = outcome.latency(50)
    return f"half of the answers took {median / delay:.1f} mean delays or less; {at_best}"


def _share(outcome: Outcome, datagrams: float) -> str:
    return f"{100 * outcome.counted.get('lost', 0) / max(1.0, datagrams):.1f} %"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"
