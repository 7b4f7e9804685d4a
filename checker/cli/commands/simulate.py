"""`pmmc simulate`: random walks through models, and an honest account of them."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from dataclasses import replace

from checker.checking.judgement import combine
from checker.checking.question import STDIN, Question, replay_file
from checker.cli import output
from checker.cli.artifacts import require_distinct
from checker.cli.models import STDIN_NAME, installed, load_all, names_of_shipped
from checker.cli.overrides import network_asked, properties_asked
from checker.cli.tracedir import decided, require_folder, require_folders, save
from checker.engines.contract import Limits
from checker.engines.simulating import Walked, Walks
from checker.model.behaviour import Trace
from checker.model.verdict import ExitCode
from checker.simulation.simulate import Simulated
from checker.simulation.simulate import simulate as simulate_model
from checker.text.progress import ProgressLine
from checker.text.report import Telling, summary
from checker.text.simulation import progress, report
from checker.text.style import style_for


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
    questions = [_question(args, properties_asked(args.property, loaded)) for loaded in chosen]
    stream = sys.stderr if args.json == output.STDOUT else sys.stdout
    style = style_for(stream, args.color)
    results: list[Simulated] = []
    for loaded, question in zip(chosen, questions, strict=True):
        line = ProgressLine(loaded.model.name)

        def tell(walked: Walked, line: ProgressLine = line) -> None:
            if not args.quiet:
                line.tell(0, walked.seconds, lambda: progress(walked))

        try:
            result = simulate_model(loaded, question, walks_of(args), tell)
        finally:
            line.close()
        name = shipped.get(loaded.path, STDIN if loaded.path == STDIN_NAME else loaded.path)
        result = replace(result, check=replace(result.check, named=name))
        results.append(result)
        saved = {}
        if args.trace_dir is not None:
            folder = folders[loaded.path]
            saved = dict(save(loaded, result.check, folder, witnesses=False, as_found=args.as_found))

        def replay(trace: Trace, result: Simulated = result, saved: dict[str | None, str] = saved) -> str:
            file = saved.get(decided(trace))
            return (
                result.check.replay(trace) if file is None else replay_file((file, *result.check.loading))
            )

        telling = Telling(args.full, args.as_found, replay, args.deltas)
        told = (
            [summary(result.check, style)] if args.quiet else report(result, telling=telling, style=style)
        )
        failed = result.check.found.failed
        if failed is not None:
            print(f"{result.check.model}: {failed.reason}", file=sys.stderr)
        print("\n".join(told if result is results[0] else ["", *told]), file=stream, flush=True)
        if result.walked.interrupted:
            break
    code = combine(result.exit_code for result in results)
    if args.json is not None:
        from checker.data.simulation import simulations_json  # noqa: PLC0415 - rarely wanted

        output.write_json(simulations_json(results, code), args.json)
    return ExitCode.OK if code is ExitCode.INCONCLUSIVE and args.allow_inconclusive else code


def _question(args: Namespace, properties: object) -> Question:
    limits = Limits(past_violations=getattr(args, "continue"))
    return Question(limits=limits, network=network_asked(args.network), properties=properties)  # type: ignore[arg-type]


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
