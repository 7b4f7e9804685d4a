"""`python -m bench.twin --tlc COMMAND`: are the Python model and its TLA+ twin the same state space?

Each model is explored without reductions by our native engine and by TLC (one worker, so that its
depth is exact); the numbers of distinct states and the depths must be equal: of the plain protocol, of
models that change their configuration, and of those that collect garbage. Of more models what every fair
run comes to is judged by both. The tables go to bench/TWIN.md, of which `--part` writes one anew and
leaves the others as they are. Exit code 1 if any differ.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.changes import COLLECTIONS, RECONFIGURATIONS
from bench.claims import CLAIMS, DUPLICATING, FIFO, Claim, Judged
from bench.measure import RunError
from bench.sizes import Size
from bench.tla import Answer, Tlc, find_tlc
from checker.engines.choose import Means, choose_engine
from checker.engines.contract import UNREDUCED, Limits
from checker.modelfiles.loading import load_text
from checker.modelfiles.protocol import protocols

TABLE = Path(__file__).parent / "TWIN.md"
#: One line of a table of counts: the model, what we count, what TLC answers.
Line = tuple[Size, tuple[int, int], Answer]
#: With which line the table of claims about runs begins.
RUNS_HEAD = "## What every fair run comes to"

_ONCE = [
    Size(1, 2, 1, 1, 1, 1, "at-most-once"),
    Size(1, 2, 1, 1, 2, 1, "at-most-once"),
    Size(1, 2, 1, 1, 1, 2, "at-most-once"),
    Size(1, 2, 1, 2, 1, 2, "at-most-once"),
    Size(2, 1, 2, 1, 1, 2, "at-most-once"),
    Size(3, 1, 1, 1, 1, 1, "at-most-once"),
]
#: In the order of the table; the large ones last.
MODELS = (
    *_ONCE,
    *(replace(size, network=DUPLICATING) for size in _ONCE),
    *(replace(size, network=FIFO) for size in _ONCE),
    Size(2, 1, 2, 2, 1, 2, "at-most-once", window=1),
    Size(2, 2, 1, 1, 1, 1, "at-most-once"),
    Size(3, 1, 1, 2, 1, 2, "at-most-once"),
    Size(2, 2, 1, 1, 1, 1, FIFO),
    Size(3, 2, 1, 1, 1, 1, FIFO),
    Size(3, 2, 1, 1, 1, 1, "at-most-once"),
    Size(3, 2, 1, 1, 1, 2, "at-most-once"),
)
_COUNTED = ("Python, native engine", "TLC", "")
COLUMNS = (
    "acceptors",
    "leaders",
    "replicas",
    "slots",
    "rounds",
    "commands",
    "window",
    "network",
    *_COUNTED,
)
#: Of models that say of each configuration who serves.
CHANGING_COLUMNS = (
    *("configurations: leaders + acceptors", "change to", "rules"),
    *("replicas", "slots", "rounds", "commands", "window", "network", *_COUNTED),
)
#: Models with more states than this are left out by --quick.
FEW = 20_000


def ours(size: Size) -> tuple[int, int]:
    """Distinct states and depth, by the native engine, unreduced. Raises RunError if a claim fails."""
    system = load_text(size.yaml(), "sized", protocols=protocols()).system
    found = choose_engine(Means("native", UNREDUCED, workers=1))(system, Limits(), None)
    if not found.complete or found.violations:
        raise RunError(f"{size}: not explored completely, or a claim fails")
    return found.states, found.depth


def described(size: Size) -> list[str]:
    """The cells that tell a model."""
    sizes = [size.acceptors, size.leaders, size.replicas, size.slots, size.supply, size.commands]
    return [*map(str, sizes), str(size.window), size.network]


def described_with_configurations(size: Size) -> list[str]:
    """The cells that tell a model, and who serves in which of its configurations."""
    serving = ", ".join(f"{len(leaders)} + {len(acceptors)}" for leaders, acceptors in size.members())
    changes = ", ".join(map(str, size.reconfigurations)) or "–"
    return [serving, changes, size.rule or "–", *described(size)[2:]]


@dataclass(frozen=True, slots=True)
class Counted:
    """A table of counts: what stands above it, its columns, how it tells a model, and the models."""

    text: str
    columns: Sequence[str]
    cells: Callable[[Size], list[str]]
    models: Sequence[Size]

    def markdown(self, lines: Sequence[Line]) -> str:
        """The comparison as Markdown."""
        version = f"TLC2 Version {lines[0][2].version}, {datetime.now(UTC).date().isoformat()}"
        head = [
            *(self.text, "", version, ""),
            f"| {' | '.join(self.columns)} |",
            f"|{'---|' * len(self.columns)}",
        ]
        for size, (states, depth), answer in lines:
            same = "equal" if (states, depth) == (answer.states, answer.depth) else "**different**"
            counts = [f"{states:,} ({depth})", f"{answer.states:,} ({answer.depth})", same]
            head.append("| " + " | ".join([*self.cells(size), *counts]) + " |")
        return "\n".join(head) + "\n"

    def compared(self, tlc: Tlc, *, quick: bool) -> str:
        """Both counts of every model, as Markdown."""
        lines: list[Line] = []
        for size in self.models:
            counted = ours(size)
            if quick and counted[0] > FEW:
                continue
            answer = tlc.check(size, workers=1)
            lines.append((size, counted, answer))
            its = (answer.states, answer.depth)
            print(f"{size}: {counted}, TLC {its}, {answer.cost.wall:.0f} s", flush=True)
        return self.markdown(lines)


STATES = Counted(
    """\
# The Python model and its TLA+ twin

Distinct states (depth, the initial state being level 1), without reductions. Written by
`python -m bench.twin`. TLC ran PMMC.tla on one worker with all the properties that the
twin states; they hold in every row.""",
    COLUMNS,
    described,
    MODELS,
)
RECONFIGURATION = Counted(
    """\
## Changes of configuration

As above, of models that list configurations. TLC ran Reconfiguration.tla, which claims RC-1 to RC-6 as
well; they hold in every row.""",
    CHANGING_COLUMNS,
    described_with_configurations,
    RECONFIGURATIONS,
)
COLLECTION = Counted(
    """\
## Garbage collection

As above, of models with `rules: {collection: …}`, or with replicas alone that forget. TLC ran
Collection.tla, which claims GC-1 to GC-5 and GC-8 as well; they hold in every row. What was voted,
learned and transferred is history, and part of the state on both sides.""",
    CHANGING_COLUMNS,
    described_with_configurations,
    COLLECTIONS,
)


RUNS_COLUMNS = (
    *("acceptors", "leaders", "replicas", "slots", "rounds", "commands", "window", "network"),
    *("claim", "assumed", "states (depth)", "Python, native engine", "TLC", ""),
)
RUNS_TEXT = """\
TLC ran Runs.tla, with WF or SF of each class of steps that the model file calls fair: node and action, in
queues also the sender; `finitely` is ◇□ of no such step. With endless rounds the state itself is lowered
on both sides, so what repeats for ever is a cycle there. A state in which a bound stops a node is no part
of a counterexample; in TLA+ the claim is ◇(goal ∨ cut). Of a violated claim: whether the run that is shown
ends (TLC: stutters) or repeats, and in brackets the steps of the way in + those of the cycle. TLC's need
not be shortest, so it may repeat where ours ends; verdicts, states and depths must be equal.

Left out: models in which a bound stops a node in every run (for us inconclusive, for TLC no error);
constraints and views that bound rounds (with them TLC is unsound for liveness); clients, crashes,
elections by ping and retransmission, which the twin has not."""


def runs_table(version: str, lines: list[tuple[Claim, Judged, Judged]]) -> str:
    """The comparison of claims about runs as Markdown."""
    head = [
        *(RUNS_HEAD, "", *RUNS_TEXT.splitlines(), "", version, ""),
        f"| {' | '.join(RUNS_COLUMNS)} |",
        f"|{'---|' * len(RUNS_COLUMNS)}",
    ]
    for claim, mine, its in lines:
        same = (mine.states, mine.depth, mine.verdict) == (its.states, its.depth, its.verdict)
        cells = [*described(claim.size), claim.text, claim.assumed]
        cells += [f"{mine.states:,} ({mine.depth})", mine.shown, its.shown]
        head.append("| " + " | ".join([*cells, "equal" if same else "**different**"]) + " |")
    return "\n".join(head) + "\n"


def compare_runs(tlc: Tlc, *, quick: bool) -> str:
    """What both say of every claim, as Markdown."""
    lines, version = [], ""
    for claim in CLAIMS:
        mine = claim.judged()
        if quick and mine.states > FEW:
            continue
        its, answer = tlc.judge(claim, workers=1)
        version = f"TLC2 Version {answer.version}, {datetime.now(UTC).date().isoformat()}"
        lines.append((claim, mine, its))
        print(f"{claim.size}: {claim.text}: {mine}, TLC {its}, {answer.cost.wall:.0f} s", flush=True)
    return runs_table(version, lines)


#: Name of a part → how it is made; in the order of the page.
PARTS: Mapping[str, Callable[..., str]] = {
    "states": STATES.compared,
    "runs": compare_runs,
    "reconfiguration": RECONFIGURATION.compared,
    "collection": COLLECTION.compared,
}
_SECTION = re.compile(r"^(?=## )", re.MULTILINE)


def parts(text: str) -> dict[str, str]:
    """The parts of the page by their names."""
    return dict(zip(PARTS, _SECTION.split(text), strict=False))


def main() -> int:
    """Compare, write the tables, say whether all is equal."""
    reader = argparse.ArgumentParser(prog="python -m bench.twin", description=__doc__)
    reader.add_argument("--tlc", metavar="COMMAND", help="how to run TLC; default: the variable PMMC_TLC")
    reader.add_argument("--quick", action="store_true", help=f"only models of up to {FEW:,} states")
    reader.add_argument("--part", choices=PARTS, help="only this table")
    args = reader.parse_args()
    tlc = find_tlc(args.tlc)
    if tlc is None:
        print("TLC: not run; give its command by --tlc or PMMC_TLC", file=sys.stderr)
        return 2
    known = parts(TABLE.read_text(encoding="utf-8"))
    known |= {part: PARTS[part](tlc, quick=args.quick) for part in PARTS if args.part in (None, part)}
    text = "\n\n".join(known[part].rstrip() for part in PARTS if part in known) + "\n"
    print(text)
    if not args.quick:
        TABLE.write_text(text, encoding="utf-8")
    return int("**different**" in text)


if __name__ == "__main__":
    sys.exit(main())
