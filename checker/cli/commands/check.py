"""`pmmc check`: one model with a full report, or several as a table.

Nothing that goes wrong on the way takes a verdict with it: a check that fails is a result, and a file that
cannot be written is complained about while the rest goes on. The exit code is the worst of all that.
"""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from checker.checking.check import check as check_model
from checker.checking.check import gone_wrong
from checker.checking.judgement import combine
from checker.checking.question import Question
from checker.checking.result import CheckResult
from checker.cli import output
from checker.cli.artifacts import Artifacts
from checker.cli.models import (
    installed,
    load_all,
    name_of,
    names_of_shipped,
    protocols_asked,
    shipped_models,
)
from checker.cli.overrides import question_of
from checker.cli.tracedir import require_folder, require_folders, save, telling
from checker.cli.usage import UsageFault
from checker.engines.contract import Failed, Raised
from checker.model.verdict import ExitCode
from checker.text.progress import ProgressLine
from checker.text.report import (
    Telling,
    closing,
    commands,
    examples,
    summary,
    table_foot,
    table_head,
    table_row,
)
from checker.text.style import labelled, plural, style_for

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel
    from checker.modelfiles.protocol import Installed, Protocol

BUG = (
    "This is a bug of the checker, unless a rule of the model is no pure function; nothing is known of "
    "what was asked. PMMC_TRACEBACK=1 shows where it happened."
)


def check(args: Namespace) -> ExitCode:
    """Check what the command line names; without names all shipped models that are not slow."""
    if args.resume is not None:
        from checker.cli.checkpoints import as_then  # noqa: PLC0415 - rarely wanted

        with as_then(args) as then:
            return _check(then)
    return _check(args)


def _require_folders(args: Namespace) -> None:
    """Make the folders that are to be written to, or complain before the work begins. Raises UsageFault."""
    for folder in (args.trace_dir, args.disk):
        if folder is not None:
            require_folder(folder)


def _check(args: Namespace) -> ExitCode:
    protocols = installed()
    artifacts = Artifacts.of(args)
    artifacts.require_writable()
    _require_folders(args)
    chosen = _chosen(args, protocols)
    artifacts.require_apart([loaded.path for loaded in chosen])
    questions = [question_of(args, loaded) for loaded in chosen]
    if args.checkpoint is not None or args.resume is not None:
        from checker.cli.checkpoints import kept  # noqa: PLC0415 - rarely wanted

        questions = kept(args, list(zip(chosen, questions, strict=True)), names_of_shipped(protocols))
    if args.update:
        from checker.cli.commands.update import update  # noqa: PLC0415 - rarely wanted

        return update(args, list(zip(chosen, questions, strict=True)))
    run = _Run(args, artifacts, protocols, chosen)
    for loaded, asked in zip(chosen, questions, strict=True):
        try:
            run.check(loaded, asked)
        except KeyboardInterrupt:
            run.interrupted = True
        if run.interrupted:
            break
    return run.finish()


def _chosen(args: Namespace, protocols: Installed) -> list[LoadedModel]:
    """The models that are checked; there is at least one."""
    if args.models and args.protocol is not None:
        raise UsageFault("--protocol is for a check of all the models of a protocol; name it or a MODEL")
    if args.models:
        chosen = load_all(args.models, protocols)
    else:
        everything = shipped_models(protocols_asked(protocols, args))
        chosen = [one for one in everything if not one.model.slow or (args.slow and not one.model.large)]
    if not chosen:
        raise UsageFault("there is no model to check")
    return chosen


class _Run:
    """One run of the command: what was found so far, and how it is shown."""

    def __init__(
        self,
        args: Namespace,
        artifacts: Artifacts,
        protocols: Mapping[str, Protocol],
        chosen: list[LoadedModel],
    ) -> None:
        self.args = args
        self.artifacts = artifacts
        self.shipped = names_of_shipped(protocols)
        self.names = [loaded.model.name for loaded in chosen]
        self.results: list[CheckResult] = []
        #: what went wrong beside the checks
        self.faults: list[ExitCode] = []
        self.saved: dict[str, Mapping[str | None, str]] = {}
        self.folders = {} if args.trace_dir is None else require_folders(args.trace_dir, chosen)
        self.begun = time.monotonic()
        self.interrupted = False
        #: why nobody reads what is shown
        self.unread: OSError | None = None
        self.stream: IO[str] = sys.stderr if artifacts.take_stdout else sys.stdout
        self.style = style_for(self.stream, args.color)
        self.table = len(chosen) > 1 and not args.verbose
        if self.table and not args.quiet:
            self.show([table_head(self.names, self.style)])

    def show(self, lines: list[str]) -> None:
        """Print lines where people read; nothing more once that fails, if there are files to write."""
        if not lines or self.unread is not None:
            return
        try:
            print("\n".join(lines), file=self.stream, flush=True)
        except OSError as error:
            if not (self.artifacts.files() or self.artifacts.github or self.args.trace_dir is not None):
                raise
            self.unread = error

    def check(self, loaded: LoadedModel, question: Question) -> None:
        """Check one model and show the outcome."""
        line = None if self.args.quiet else ProgressLine(loaded.model.name)
        try:
            result = check_model(loaded, question, line)
        finally:
            if line is not None:
                line.close()
        result = replace(result, named=name_of(loaded, self.shipped))
        self.results.append(result)
        self.interrupted = result.found.interrupted
        if result.found.failed is not None:
            self.complain(result.model, result.found.failed)
        if self.args.trace_dir is not None:
            with self.attempt():
                self.saved[result.file] = save(
                    loaded,
                    result,
                    self.folders[loaded.path],
                    witnesses=self.args.witnesses,
                    as_found=self.args.as_found,
                )
        if self.artifacts.github:
            from checker.ci.github import annotated  # noqa: PLC0415 - rarely wanted

            with self.attempt():
                self.show(list(annotated(result)))
        if self.args.quiet:
            if not self.table:
                self.show([summary(result, self.style)])
        elif self.table:
            self.show(table_row(result, self.names, self.style))
        else:
            self.show(self.whole(result))

    def whole(self, result: CheckResult) -> list[str]:
        """The full report of a model."""
        lines: list[str] = []
        telling = self.telling(result)
        with self.attempt():
            lines = examples(result, telling=telling, style=self.style)
        lines += closing(result, self.style, verbose=self.args.verbose)
        lines += labelled("wrote", [f"{stem}.*" for stem in self.stems(result)], self.style)
        with self.attempt():
            lines += commands(result, telling=telling, style=self.style)
        return [*lines, ""] if len(self.names) > 1 else lines

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """If the block raises, complain and note the failure, so that verdicts are told all the same."""
        try:
            yield
        except KeyboardInterrupt:
            self.interrupted = True
        except UsageFault as fault:
            print(fault, file=sys.stderr)
            self.faults.append(ExitCode.USAGE)
        except OSError as error:
            self.unread = self.unread or error
        except BaseException as error:  # noqa: BLE001 - whatever it is, the verdicts are known
            what = gone_wrong(error)
            self.complain("pmmc", what)
            self.faults.append(what.code if isinstance(what, Failed) else ExitCode.MODEL_RAISED)

    def complain(self, who: str, what: Failed | Raised) -> None:
        """Say why a check, or a part of the account of it, failed; with a traceback only if asked."""
        if what.traceback and (self.args.verbose or os.environ.get("PMMC_TRACEBACK")):
            print(what.traceback, file=sys.stderr)
        print(f"{who}: {what.reason}", file=sys.stderr)
        if isinstance(what, Failed) and what.code is ExitCode.INTERNAL:
            print(BUG, file=sys.stderr)

    def stems(self, result: CheckResult) -> list[str]:
        """The stem (path without ending) of each trace's files that were written."""
        saved = self.saved.get(result.file, {})
        if not saved:
            return []
        from checker.traces.tracefile import SUFFIX  # noqa: PLC0415 - rarely needed

        return [file.removesuffix(SUFFIX) for file in saved.values()]

    def telling(self, result: CheckResult) -> Telling:
        """How counterexamples of a model are told."""
        return telling(self.args, result, self.saved.get(result.file, {}))

    def finish(self) -> ExitCode:
        """Show what remains, write the files, and say how it all ended. Raises OSError if nobody reads."""
        if self.table and not self.args.quiet:
            for result in self.results:
                if result.exit_code is not ExitCode.OK:
                    with self.attempt():
                        told = examples(result, telling=self.telling(result), style=self.style)
                        self.show(["", *told][:-1])
        if len(self.names) > 1:
            seconds = time.monotonic() - self.begun
            foot = table_foot(self.results, len(self.names), seconds, self.style)
            self.show(["", foot] if self.table and not self.args.quiet else [foot])
        if self.artifacts.html is not None:
            with self.attempt():
                self.draw(self.artifacts.html)
        self.artifacts.write(self.results, self.code, self.attempt)
        if self.unread is not None:
            raise self.unread
        return self.code()

    def draw(self, destination: str) -> None:
        """Write the report as a page."""
        from checker.drawings.html import report as htmlreport  # noqa: PLC0415 - imports all that draws

        checked = [htmlreport.Checked(result, self.telling(result)) for result in self.results]
        line, begun = ProgressLine("page"), time.monotonic()

        def report(drawn: int) -> None:
            seconds = time.monotonic() - begun
            if not self.args.quiet:
                line.tell(0, seconds, lambda: f"{drawn} of {plural(len(checked), 'model')} drawn")

        try:
            page = htmlreport.page(checked, report)
        finally:
            line.close()
        output.write_text(page, destination)

    def code(self) -> ExitCode:
        """The exit code of what was checked so far."""
        codes = [*(result.exit_code for result in self.results), *self.faults]
        code = combine([*codes, ExitCode.INTERRUPTED] if self.interrupted else codes)
        inconclusive = code is ExitCode.INCONCLUSIVE and self.args.allow_inconclusive
        return ExitCode.OK if inconclusive else code
