"""A plan on paper for many machines, from what a check on a cluster has measured.

`python -m bench.hundred FILE` reads what `pmmc check MODEL --cluster --json FILE` wrote, on any cluster,
this machine included. The plan says what so many machines would need for so many states of such a model.
Every line shows what it is computed from, so that it can be checked; docs/scale.md has one.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GB = 1e9
#: Bytes of a key in the log, and of one that is missing in tables.
KEY = 8


@dataclass(frozen=True, slots=True)
class Measured:
    """What one check on a cluster has cost; seconds are those of all owners together."""

    states: int
    sent: int
    bytes_sent: int
    copied: int
    tables: int
    misses: int
    rounds: int
    levels: int
    memory: float
    working: float
    held_up: float
    python: float

    @classmethod
    def of(cls, result: dict[str, Any]) -> Measured:
        """From the result of a check as JSON. Raises KeyError if it was not on a cluster."""
        statistics = result["statistics"]
        cluster = statistics["cluster"]
        return cls(
            states=result["states"],
            sent=cluster["states_sent"],
            bytes_sent=cluster["bytes_sent"],
            copied=cluster["bytes_copied"],
            tables=cluster["bytes_of_tables"],
            misses=cluster["misses"],
            rounds=cluster["rounds"],
            levels=result["depth"],
            memory=result["bytes_per_state"],
            working=cluster["seconds_working"],
            held_up=cluster["seconds_held_up"],
            python=statistics["seconds_in_python"],
        )


@dataclass(frozen=True, slots=True)
class Machines:
    """What there is, and what is to be explored on it.

    `sent` are states sent for each state, where that is not what was measured: more owners send more. With
    `deeper` and `wider` levels and entries of tables are so many times as many as measured. Owners that
    have the most are `skew` times as slow as the mean. A call of all owners takes `call` seconds.
    """

    machines: int = 100
    cores: int = 16
    states: float = 1e11
    network: float = 1.25e9
    disk: float = 0.5e9
    sent: float | None = None
    deeper: float = 4.0
    wider: float = 10.0
    skew: float = 1.2
    call: float = 0.01

    @property
    def owners(self) -> int:
        """One for each core."""
        return self.machines * self.cores


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan: what, how much of it, and what that is computed from."""

    what: str
    value: float
    unit: str
    why: str

    def __str__(self) -> str:
        return f"| {self.what} | {self.value:,.{3 if self.value < 10 else 0}f} {self.unit} | {self.why} |"


def plan(measured: Measured, there: Machines) -> list[Line]:
    """What it takes and how long, line by line; the last is the whole time."""
    return list(_lines(measured, there))


def _lines(measured: Measured, there: Machines) -> Iterator[Line]:
    each = there.states / there.machines
    sent = measured.sent / measured.states if there.sent is None else there.sent
    width = measured.bytes_sent / max(1, measured.sent)
    work = (measured.working - measured.held_up) / measured.states
    rounds = measured.rounds * there.deeper
    yield Line("states a machine", each, "", f"{there.states:.3g} / {there.machines}")
    memory = each * measured.memory / GB
    yield Line("memory a machine", memory, "GB", f"{measured.memory:.1f} bytes a state, the log in memory")
    lean = each * (measured.memory - KEY) / GB
    yield Line("memory a machine, log on disk", lean, "GB", f"{measured.memory - KEY:.1f} bytes a state")
    copies = each * width / GB
    yield Line(
        "disk a machine", copies + each * KEY / GB, "GB", f"copies of {width:.0f} bytes, log of {KEY}"
    )
    remote = 1 - 1 / there.machines
    out = each * sent * width * remote / GB
    yield Line(
        "sent by a machine",
        out,
        "GB",
        f"{sent:.2f} states of {width:.0f} bytes a state, and {remote:.0%} of it",
    )
    traffic = (out + copies) * GB / there.network
    yield Line("on the network", traffic, "s", f"that and copies at {there.network / GB:.2f} GB/s")
    writing = (copies + each * KEY / GB) * GB / there.disk
    yield Line("on the disk", writing, "s", f"at {there.disk / GB:.2f} GB/s")
    working = each * work / there.cores * there.skew
    yield Line(
        "at work", working, "s", f"{work * 1e6:.2f} µs a state, {there.cores} cores, × {there.skew} uneven"
    )
    tables = measured.tables * there.wider * there.machines / there.network
    size = measured.tables * there.wider / GB
    yield Line("tables to all machines", tables, "s", f"{size:.2f} GB in all to each, from one machine")
    told = measured.misses * there.wider * there.owners * KEY / GB
    missed = measured.python * there.wider
    yield Line("Python", missed, "s", f"{measured.python:.1f} s measured, × {there.wider:g} entries")
    yield Line(
        "misses told at most",
        told,
        "GB",
        f"{measured.misses:,} × {there.wider:g}, by {there.owners:,} owners",
    )
    barriers = rounds * 2 * there.call + measured.levels * there.deeper * there.call
    yield Line(
        "barriers", barriers, "s", f"{rounds:,.0f} rounds of two calls, {there.call * 1e3:.0f} ms each"
    )
    last = max(working, traffic, writing) + tables + missed + told * GB / there.network + barriers
    yield Line("all of it", last / 3600, "h", "the longest of work, network and disk, and the rest")


def table(measured: Measured, there: Machines) -> str:
    """A plan as a table."""
    head = f"| {there.machines:,} machines, {there.states:.3g} states | | from |\n|---|---:|---|"
    return "\n".join([head, *map(str, plan(measured, there))])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a plan."""
    parser = argparse.ArgumentParser(prog="python -m bench.hundred", description=__doc__)
    parser.add_argument("file", help="what `pmmc check MODEL --cluster --json FILE` has written")
    for name, kind in Machines.__annotations__.items():
        number = int if kind == "int" else float
        parser.add_argument(f"--{name}", type=number, default=Machines.__dataclass_fields__[name].default)
    args = vars(parser.parse_args(arguments))
    told = json.loads(Path(args.pop("file")).read_text(encoding="utf-8"))
    print(table(Measured.of(told["results"][0]), Machines(**args)))


if __name__ == "__main__":
    main()
