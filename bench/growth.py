"""Row g: how seconds and bytes grow with the number of states, to fifty million and beyond."""

from __future__ import annotations

from pathlib import Path
from statistics import linear_regression

from bench.measure import ROOT
from bench.plan import MIB, OWN_MODELS, Account, Plan, Table, explore
from bench.plot import Curve, plot

MODEL = OWN_MODELS / "four-acceptors-two-replicas.yaml"
PICTURE = ROOT / "bench" / "growth.svg"
MOST, FEW = 52_000_000, 1_000_000
SAMPLES, SHOWN = 52, 13


def growth(plan: Plan) -> Account:
    """One exploration with one worker, looked at on its way."""
    most = FEW if plan.quick else MOST
    words = ("--unreduced", "--max-states", str(most), "--samples", str(SAMPLES))
    _, found = explore(MODEL, *words)
    base = found["resident_before"]
    samples = [(s, g, t, max(0, r - base)) for s, g, t, r in found["samples"]]
    account = Account("Growth: states against seconds and bytes, no reductions, one worker")
    chosen = samples[:: max(1, len(samples) // SHOWN)]
    if chosen[-1] != samples[-1]:
        chosen.append(samples[-1])
    lines = [
        [f"{s:,}", f"{g:,}", f"{t:.1f}", f"{b / MIB:,.0f}", f"{t / s * 1e6:.2f}", f"{b / s:.1f}"]
        for s, g, t, b in chosen
        if s > 1
    ]
    head = ("states", "steps", "seconds", "MiB", "µs/state", "bytes/state")
    account.tables.append(Table(head, lines))
    account.commands = [f"python -m bench.explore {MODEL.relative_to(ROOT)} {' '.join(words)}"]
    account.figures = {"samples": found["samples"], "base": base, "bytes": found["bytes_per_state"]}
    account.notes.append(
        "MiB is resident memory of the process less what it held before the search, tables included. "
        f"The engine's own account of the states at the end: {found['bytes_per_state']:.1f} bytes each. "
        f"Correlation with a straight line: seconds {_straight(samples, 2):.4f}, bytes "
        f"{_straight(samples, 3):.4f}."
    )
    last = samples[-1]
    found_out = (
        f"{last[0]:,} states in {last[2]:.0f} s and {last[3] / MIB:,.0f} MiB; correlation with a line "
        f"{_straight(samples, 2):.3f} (seconds), {_straight(samples, 3):.3f} (bytes)"
    )
    account.short.append(("growth up to more than 50 million states", found_out, "a straight line"))
    draw(samples, PICTURE if not plan.quick else PICTURE.with_name("growth-quick.svg"))
    return account


def draw(samples: list[tuple[int, int, float, int]], to: Path) -> None:
    """Write the picture."""
    x = [s / 1e6 for s, *_ in samples]
    seconds = Curve("time", "s", "#1f5fa8", [t for _, _, t, _ in samples])
    memory = Curve("memory", "MiB", "#b04a1c", [b / MIB for *_, b in samples])
    title = "No reductions, one worker"
    to.write_text(plot(title, "distinct states, millions", x, seconds, memory), encoding="utf-8")


def _straight(samples: list[tuple[int, int, float, int]], column: int) -> float:
    """How near a column is to a straight line over the states: the coefficient of correlation."""
    x = [float(s[0]) for s in samples]
    y = [float(s[column]) for s in samples]
    slope, intercept = linear_regression(x, y)
    mean = sum(y) / len(y)
    off = sum((b - intercept - slope * a) ** 2 for a, b in zip(x, y, strict=True))
    return float((1 - off / sum((b - mean) ** 2 for b in y)) ** 0.5)
