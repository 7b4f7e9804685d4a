"""`pmmc simulate`: random walks through models, and an honest account of them."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from checker.checking.judgement import combine
from checker.checking.question import Question
from checker.cli import output
from checker.cli.artifacts import require_distinct
from checker.cli.models import installed, load_all, name_of, names_of_shipped
from checker.cli.overrides import network_asked, properties_asked
from checker.cli.tracedir import require_folder, require_folders, save, telling
from checker.engines.contract import Limits
from checker.engines.simulating import Walked, Walks
from checker.model.verdict import ExitCode
from checker.simulation.simulate import Simulated
from checker.simulation.simulate import simulate as simulate_model
from checker.text.progress import ProgressLine
from checker.text.report import summary
from checker.text.simulation import progress, report
from checker.text.style import style_for

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel


def simulate(args: Namespace) -> ExitCode:
    """Simulate what the command line names. Raises UsageFault."""
    if args.json is not None:
        output.require_writable(args.json)
    if args.trace_dir is not None:
        require_folder(args.trace_dir)
    protocols = installed()
    chosen = load_all(args.models, protocols)
    require_distinct({"--json": args.json}, [loaded.path for loaded in chosen])
    folders = {} if args.trace_dir is None else require_folders(args.trace_dir, chosen)
    shipped = names_of_shipped(protocols)
    questions = [_question(args, loaded) for loaded in chosen]
    results: list[Simulated] = []
    for loaded, question in zip(chosen, questions, strict=True):
        results.append(_one(args, loaded, question, name_of(loaded, shipped)))
        _tell(args, loaded, results, folders.get(loaded.path))
        if results[-1].walked.interrupted:
            break
    return _ended(args, results)


def _ended(args: Namespace, results: list[Simulated]) -> ExitCode:
    code = combine(result.exit_code for result in results)
    if args.json is not None:
        from checker.data.simulation import simulations_json  # noqa: PLC0415 - rarely wanted

        output.write_json(simulations_json(results, code), args.json)
    return ExitCode.OK if code is ExitCode.INCONCLUSIVE and args.allow_inconclusive else code


def _one(args: Namespace, loaded: LoadedModel, question: Question, name: str) -> Simulated:
    line = ProgressLine(loaded.model.name)
    begun = time.monotonic()

    def tell(walked: Walked) -> None:
        if not args.quiet:
            line.tell(0, time.monotonic() - begun, lambda: progress(walked))

    try:
        result = simulate_model(loaded, question, walks_of(args), tell)
    finally:
        line.close()
    return replace(result, check=replace(result.check, named=name))


def _tell(args: Namespace, loaded: LoadedModel, results: list[Simulated], folder: Path | None) -> None:
    """Show the last result, and write its traces."""
    result = results[-1]
    saved: Mapping[str | None, str] = {}
    if folder is not None:
        saved = save(loaded, result.check, folder, witnesses=False, as_found=args.as_found)
    stream = sys.stderr if args.json == output.STDOUT else sys.stdout
    style = style_for(stream, args.color)
    told = [summary(result.check, style)]
    if not args.quiet:
        told = report(result, telling=telling(args, result.check, saved), style=style)
    if result.check.found.failed is not None:
        print(f"{result.check.model}: {result.check.found.failed.reason}", file=sys.stderr)
    print("\n".join(told if len(results) == 1 else ["", *told]), file=stream, flush=True)


def _question(args: Namespace, loaded: LoadedModel) -> Question:
    limits = Limits(past_violations=getattr(args, "continue"))
    properties = properties_asked(args.property, loaded)
    return Question(limits=limits, network=network_asked(args.network), properties=properties)


def walks_of(args: Namespace) -> Walks:
    """How a command line asks to walk."""
    return Walks(
        args.runs,
        args.steps,
        args.seed,
        args.scheduler,
        args.depth,
        args.workers or os.cpu_count() or 1,
        args.timeout,
        args.memory,
        getattr(args, "continue"),
    )
