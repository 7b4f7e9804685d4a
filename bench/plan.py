"""What a measurement is told, and what it tells."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.measure import ROOT, Measured, run
from bench.spin import Spin
from bench.tla import Tlc

MODELS = ROOT / "spec" / "models"
OWN_MODELS = ROOT / "bench" / "models"
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Plan:
    """How often to measure, and with which peers; `quick` tries everything out on little."""

    runs: int
    peer_runs: int
    quick: bool
    tlc: Tlc | None
    spin: Spin | None
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as Markdown shows it."""

    head: Sequence[str]
    lines: Sequence[Sequence[str]]

    def markdown(self) -> list[str]:
        """The lines of text; the first column is words, the others are numbers."""
        rule = "|---|" + "---:|" * (len(self.head) - 1)
        rows = ["| " + " | ".join(line) + " |" for line in self.lines]
        return ["| " + " | ".join(self.head) + " |", rule, *rows]


@dataclass(slots=True)
class Account:
    """What one row of the plan found. `short` are its lines in the README: (question, found, target)."""

    title: str
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    short: list[tuple[str, str, str]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


def account_of(plain: Mapping[str, Any]) -> Account:
    """An account read back from JSON."""
    fields = dict(plain)
    fields["tables"] = [Table(**table) for table in fields["tables"]]
    return Account(**fields)


def pmmc(*words: str) -> Measured:
    """Run our own command line as a process of its own; inconclusive counts as well."""
    script = Path(sys.executable).with_name("pmmc")
    command = [str(script)] if script.exists() else [sys.executable, "-m", "checker.cli"]
    return run([*command, *words], codes=(0, 20))


def explore(model: Path, *words: str) -> tuple[Measured, dict[str, Any]]:
    """Explore in a process of its own (see bench/explore.py): its cost, and its own account."""
    cost = run([sys.executable, "-m", "bench.explore", str(model), *words])
    return cost, cost.json


def rate(number: float) -> str:
    """A rate for people: three digits and a unit."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= unit:
            return f"{number / unit:.3g} {name}"
    return f"{number:.3g}"


def times(ratio: float) -> str:
    """A ratio for people."""
    return f"{ratio:.3g}×" if ratio < 100 else f"{ratio:,.0f}×"
