"""What was measured, kept as JSON from run to run, and written as RESULTS.md and into the README."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.measure import ROOT
from bench.plan import Table, account_of

HERE = Path(__file__).parent
README = ROOT / "README.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"

CAVEAT = """\
Medians of several runs; in brackets the least and the greatest. What is compared was run in turn, within
one run of one command, so that disturbances hit all alike. Even so the absolute figures depend on the
machine and on what else it did meanwhile: compare ratios, and where wall time and processor time (user and
system, all threads) lie far apart the machine was busy. Peak MiB is the largest resident size.
"""


class Store:
    """The accounts of all rows so far, and on what they were measured."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, Any] = {}
        if path.exists():
            self.rows = json.loads(path.read_text(encoding="utf-8"))

    def keep(self, row: str, account: Mapping[str, Any], machine: Mapping[str, str]) -> None:
        """Put a row in the place of what was known of it."""
        self.rows[row] = {"account": account, "machine": machine}
        text = json.dumps(dict(sorted(self.rows.items())), indent=1, ensure_ascii=False)
        self.path.write_text(text + "\n", encoding="utf-8")


def results(store: Store) -> str:
    """RESULTS.md."""
    lines = ["# Measurements", "", "Written by `python -m bench`; the raw figures are in results.json.", ""]
    lines += [CAVEAT]
    lines += ["## In short", "", *short_table(store), ""]
    for row, kept in sorted(store.rows.items()):
        account = account_of(kept["account"])
        lines += [f"## {row}. {account.title}", ""]
        for table in account.tables:
            lines += [*table.markdown(), ""]
        lines += [f"- {note}" for note in account.notes]
        lines += [""] * bool(account.notes)
        if account.commands:
            lines += ["```", *account.commands, "```", ""]
        if row == "g":
            lines += ["![states against seconds and memory](growth.svg)", ""]
    lines += ["## Machine and versions", ""]
    for machine, rows in _machines(store):
        lines += [f"Rows {', '.join(rows)}:", ""]
        lines += [f"- {name}: {value}" for name, value in machine.items()]
        lines.append("")
    return "\n".join(lines)


def _machines(store: Store) -> list[tuple[Mapping[str, str], list[str]]]:
    found: list[tuple[Mapping[str, str], list[str]]] = []
    for row, kept in sorted(store.rows.items()):
        same = next((rows for machine, rows in found if machine == kept["machine"]), None)
        if same is None:
            found.append((kept["machine"], [row]))
        else:
            same.append(row)
    return found


def short_table(store: Store) -> list[str]:
    """The table for the README."""
    lines = [line for _, kept in sorted(store.rows.items()) for line in kept["account"]["short"]]
    return Table(("question", "found", "target"), lines).markdown()


def write(store: Store, *, quick: bool) -> list[Path]:
    """Write RESULTS.md and, if the README has the markers, its table; a quick run touches neither."""
    if quick:
        path = store.path.with_suffix(".md")
        path.write_text(results(store), encoding="utf-8")
        return [path]
    path = HERE / "RESULTS.md"
    path.write_text(results(store), encoding="utf-8")
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    if BEGIN not in text or END not in text:
        return [path]
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    table = "\n".join(short_table(store))
    README.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
    return [path, README]
