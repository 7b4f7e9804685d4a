"""Row h: what is paid before the first state."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from functools import partial

from bench.measure import Task, in_turn, run
from bench.plan import MIB, Account, Plan, Table
from bench.raw import MODEL, checked, cost_of

LOAD = "import checker.engines.native.kernel.kernel"
EXPLORE = ("-m", "bench.explore", "spec/models/duel.yaml")


def _python(*words: str, environment: Mapping[str, str] | None = None) -> dict[str, float]:
    return cost_of(run([sys.executable, *words], environment=environment))


def _compile() -> dict[str, float]:
    """Everything compiled anew, in a cache folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return _python(*EXPLORE, environment={"NUMBA_CACHE_DIR": folder, "PMMC_CACHE_DIR": folder})


def startup(plan: Plan) -> Account:
    """From an empty interpreter to compiled code that runs."""
    tasks = [
        Task("python -c pass", partial(_python, "-c", "pass"), plan.runs),
        Task("pmmc --help", _help, plan.runs),
        Task("import numpy", partial(_python, "-c", "import numpy"), plan.runs),
        Task("import pydantic", partial(_python, "-c", "import pydantic"), plan.runs),
        Task("import numba", partial(_python, "-c", "import numba"), plan.runs),
        Task(LOAD, partial(_python, "-c", LOAD), plan.runs),
        Task("142 states, reference engine", partial(checked, "duel", "--engine", "reference"), plan.runs),
        Task("142 states, native engine", partial(checked, "duel", "--engine", "native"), plan.runs),
        Task(f"{MODEL.stem}, default reductions", partial(checked, MODEL.stem), plan.runs),
        Task("142 states, native engine, all compiled anew", _compile, 1 if plan.quick else 2),
    ]
    figures = in_turn(tasks, plan.say)
    account = Account("Start-up, process start to exit")
    lines = [
        [name, f"{f['wall']:.3f} ({f.spread('wall')})", f"{f['cpu']:.3f}", f"{f['peak'] / MIB:,.0f}"]
        for name, f in figures.items()
    ]
    account.tables.append(Table(("", "wall s (range)", "CPU s", "peak MiB"), lines))
    account.figures = {name: dict(found.runs) for name, found in figures.items()}
    account.notes.append(
        "Compiled code is kept between runs; the last line is what the first run ever pays."
    )
    return account


def _help() -> dict[str, float]:
    return _python("-m", "checker.cli", "--help")
