"""docs/cost.md: what commands cost, worked out from the model files `cost-…`.

Run as `python -m spec.costs` to write the page anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from checker.costs.cost import Asked, Cost, cost_of
from checker.modelfiles.loading import LoadedModel, load
from spec.protocol import PMMC

_SPEC = Path(__file__).parent
PAGE = _SPEC.parent / "docs" / "cost.md"


class Row(NamedTuple):
    """A situation in words, the model of it, which of its commands counts, and from when on."""

    words: str
    model: str
    call: str
    from_start: bool = False

    @property
    def command(self) -> str:
        """The command that works it out."""
        words = [f"pmmc cost {self.model}"]
        if self.call != "put k a" or self.from_start:
            words += [f"--call '{self.call}'"] if len(_known(loaded(self.model))) > 1 else []
        return " ".join([*words, *(["--from-start"] if self.from_start else [])])


ROWS = (
    Row("a leader is elected", "cost-elected", "put k a"),
    Row("the same, on servers", "cost-servers", "put k a"),
    Row("the first command of two, the leader begins to run", "cost-two-commands", "put k a", True),
    Row("the second one", "cost-two-commands", "put k b"),
    Row("the leader begins to run, on servers", "cost-servers-election", "put k a", True),
    Row("the active leader has been preempted", "cost-preempted", "put k a"),
    Row("the same, on servers, one of which is down", "cost-servers-preempted", "put k a"),
    Row("the leader is down, the other one is about to find out", "cost-takeover", "put k a", True),
    Row("the window is full", "cost-window", "put k b", True),
    Row("a read by a quorum of acceptors", "cost-read", "get k"),
    Row("the same, on servers", "cost-servers-read", "get k"),
    Row("the same apart, with a hole in the log", "cost-read-fills", "get k"),
    Row("a read by the holder of a lease", "cost-leased-read", "get k"),
    Row("the same, the lease is asked for with it", "cost-leased-read", "get k", True),
    Row("a read by the holder, on one machine with an acceptor", "cost-leased-read-hosted", "get k"),
    Row("the same, the lease is asked for with it", "cost-leased-read-hosted", "get k", True),
)


def loaded(name: str) -> LoadedModel:
    """A model of the table. Raises Faults if there is none."""
    return load(_SPEC / "models" / f"{name}.yaml", protocols={PMMC.name: PMMC})


def _known(model: LoadedModel) -> list[str]:
    assert PMMC.calls is not None
    return [str(call) for call in PMMC.calls(model.model, model.system).known]


def worked_out(row: Row) -> Cost:
    """What a row says. Raises StopIteration if its model has no such command."""
    model = loaded(row.model)
    assert PMMC.calls is not None
    calls = PMMC.calls(model.model, model.system)
    call = next(call for call in calls.known if str(call) == row.call)
    return cost_of(Asked(model.system, calls, call, row.from_start))


def nodes(cost: Cost) -> str:
    """How many servers there are, or acceptors, leaders and replicas."""
    bounds = cost.asked.system.bounds
    if "servers" in bounds:
        return f"{bounds['servers']} servers"
    return " + ".join(str(bounds[role]) for role in ("acceptors", "leaders", "replicas"))


def table() -> Iterator[str]:
    """A line for each situation."""
    yield "| situation | nodes | delays | writes | messages | in all | command |"
    yield "|---|---|---|---|---|---|---|"
    yield from map(line, ROWS)


def line(row: Row) -> str:
    """A row of the table, worked out."""
    cost = worked_out(row)
    numbers = (cost.delays, cost.writes, cost.messages, cost.in_all)
    return f"| {' | '.join([row.words, nodes(cost), *map(str, numbers), f'`{row.command}`'])} |"


def rendered(page: str) -> str:
    """The page with its generated part made anew."""
    body = "\n".join(table())
    part = f"<!-- generated: table -->\n\n{body}\n\n<!-- end of table -->"
    return re.sub(
        r"<!-- generated: table -->.*?<!-- end of table -->", lambda _: part, page, flags=re.DOTALL
    )


def main() -> None:
    """Write the page."""
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
