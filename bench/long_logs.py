"""Logs of any length, for `pmmc validate`: a run whose messages come again and again.

    python -m bench.long_logs FOLDER --size 1G
    pmmc validate FOLDER --model majorities-two-slots-duplicating

Every node has a file of its own. The network of the model duplicates, so each message may be taken any
number of times; acceptors answer each time, and all of it is logged, with states.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from checker.cli.grammar.numbers import size
from checker.modelfiles.loading import load
from spec.protocol import PMMC
from tests.unit.support.walkedlogs import events_of

MODEL, STEPS, SEED = "majorities-two-slots-duplicating", 60, 7

Event = Mapping[str, Any]


def beginning() -> Mapping[str, Sequence[Event]]:
    """Node → the events of a run."""
    path = next(path for path in PMMC.model_files() if path.stem == MODEL)
    loaded = load(path, protocols={PMMC.name: PMMC})
    assert PMMC.wire is not None
    assert PMMC.logs is not None
    wire = PMMC.wire(loaded.model, loaded.system)
    nodes = PMMC.logs().of_model(loaded.model, loaded.system).nodes
    return events_of(loaded.system, wire, nodes, STEPS, SEED)


def again(told: Sequence[Event]) -> Sequence[Event]:
    """What a node logs when it takes its last message once more."""
    takes = [i for i, event in enumerate(told) if event["event"] == "receive"]
    return told[takes[-1] :] if takes else ()


def line(event: Event, seq: int) -> str:
    """An event as a line of a log."""
    return json.dumps({**event, "seq": seq}) + "\n"


def write(folder: Path, least: int) -> int:
    """Write logs of so many bytes at least; how many it became."""
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    with ExitStack() as stack:
        rounds: list[tuple[Any, Iterator[int], Sequence[Event]]] = []
        for node, told in beginning().items():
            file = stack.enter_context(
                (folder / f"{node.replace(' ', '-')}.jsonl").open("w", encoding="utf-8")
            )
            written += sum(file.write(line(event, seq)) for seq, event in enumerate(told, start=1))
            if node.startswith("acceptor"):
                rounds.append((file, iter(range(len(told) + 1, 1 << 60)), again(told)))
        while written < least:
            for file, numbers, repeated in rounds:
                text = "".join(line(event, next(numbers)) for _ in range(100) for event in repeated)
                written += file.write(text)
    return written


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=size, default=1 << 30, help="such as 100M or 1G, the default")
    args = parser.parse_args()
    print(f"{write(args.folder, args.size):,} bytes in {args.folder}")


if __name__ == "__main__":
    main()
