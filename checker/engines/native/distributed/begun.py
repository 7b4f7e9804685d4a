"""A search that has begun: on this machine, or with owners elsewhere."""

from __future__ import annotations

from pathlib import Path

from checker.engines.contract import Exploration, Watch
from checker.engines.native import tuning
from checker.engines.native.distributed.transport import Transport
from checker.engines.native.search.search import Search
from checker.engines.native.tables import Tables


def begun(
    transport: Transport | None,
    tables: Tables,
    watch: Watch,
    result: Exploration,
    workers: int,
    disk: Path | None,
) -> Search:
    """A search, its states kept elsewhere if there is a way to there."""
    if transport is None:
        return Search(tables, watch, result, workers, tuning.USUAL, disk)
    from checker.engines.native.distributed.crew import Crew  # noqa: PLC0415 - few want it
    from checker.engines.native.distributed.search import DistributedSearch  # noqa: PLC0415

    crew = Crew(transport, workers)
    return DistributedSearch(tables, watch, result, crew, tuning.USUAL, disk)
