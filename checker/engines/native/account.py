"""The account of a search that has come to its end: what it counted, for how much, and what that took."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from checker.engines.contract import Exploration, OnDisk, Refused
from checker.engines.native.reductions.claims import applied
from checker.engines.native.search.search import Search
from checker.engines.native.states.packing import WORD_BITS
from checker.engines.native.tables import Tables


def account(result: Exploration, search: Search, tables: Tables, refused: Refused, workers: int) -> None:
    """Put into the result what the search and its tables have counted."""
    tables.per_cell.flush()
    uses = search.uses()
    marks = [sum(ends) for ends in zip(*(store.levels for store in search.stores), strict=False)]
    sizes = [end - begin for begin, end in pairwise([*marks, result.states])]
    result.levels = [size for size in sizes if size > 0]
    result.generated = tables.rows.generated(uses)
    result.followed = result.generated - search.spared
    if search.in_order:
        result.followed = search.followed + sum(worker.followed for worker in search.workers)
    result.fired = tables.rows.fired(uses)
    counts = sum((worker.cut for worker in search.workers), start=np.zeros(128, np.int64))
    found = ((bound, int(counts[k + 1])) for k, bound in enumerate(tables.facts.bounds))
    result.cut = {bound: count for bound, count in sorted(found) if count}
    result.reductions = replace(applied(tables, refused), ordering=search.in_order or search.spared > 0)
    result.bytes_per_state = search.bytes / max(1, result.states)
    if search.on_disk:
        result.disk = OnDisk(search.disk.folder, sum(store.log.bytes_on_disk for store in search.stores))
    result.statistics = {
        "cells": sum(tables.cells()),
        "rows": tables.counts.rows,
        "posts": tables.counts.posts,
        "local_steps": tables.counts.local_steps,
        "obligations": tables.counts.obligations,
        "seconds_in_python": round(search.python_seconds, 3),
        "seconds_in_kernel": round(result.seconds - search.python_seconds - search.seconds_ahead, 3),
        **({"seconds_ahead": round(search.seconds_ahead, 3)} if search.seconds_ahead else {}),
        "bits_per_state": sum(search.packing.width) if search.packing.wide else WORD_BITS,
        "workers": workers,
        **search.statistics(),
    }
