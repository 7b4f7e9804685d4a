"""Model files as pytest tests: what is collected, run and shown.

The tests of a file share one search, which the first of them to run does. So that it is one search under
xdist too, they carry the mark by which `--dist loadgroup` keeps them on one worker (`--dist loadfile`
does so by itself). What is not known, because a limit was reached or the search ended with a violation
of something else, is an error in the setup of its test: never a pass, never a skip.
"""

from __future__ import annotations

import os
import shlex
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from checker.checking.check import Options, check
from checker.ci.cases import Case, Outcome, cases, listed, whole_name
from checker.engines.choose import Means
from checker.engines.contract import Limits
from checker.model.modelcode import CodeError
from checker.modelfiles import document as yamlmarks
from checker.modelfiles.complaints import Faults
from checker.modelfiles.loading import load
from checker.modelfiles.onefile import taken
from checker.modelfiles.places import WHOLE, places
from checker.modelfiles.protocol import protocols
from checker.testing import SLOW

if TYPE_CHECKING:
    from _pytest._code.code import ExceptionInfo, TerminalRepr


def options_of(config: pytest.Config) -> Options:
    """The check that pytest's options ask for, and how the command line of `pmmc` says it."""
    engine = config.getoption("--pmmc-engine")
    most = config.getoption("--pmmc-max-states")
    timeout = config.getoption("--pmmc-timeout")
    given = [] if engine == "auto" else ["--engine", engine]
    given += [] if most is None else ["--max-states", str(most)]
    given += [] if timeout is None else ["--timeout", f"{timeout:g}"]
    limits = Limits(max_states=most, timeout=timeout)
    return Options(Means(engine, workers=_workers()), limits, given=tuple(given))


def _workers() -> int:
    """Threads of one search: the cores, divided among the processes that test at the same time."""
    return max(1, (os.cpu_count() or 1) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def shipped_files(*, slow: bool) -> list[Path]:
    """The model files that the installed protocols ship."""
    installed = protocols(lambda why: warnings.warn(pytest.PytestWarning(why), stacklevel=3))
    files = sorted({path.resolve() for p in installed.values() for path in p.model_files()})
    return [path for path in files if slow or not _says_slow(path)]


def take_protocols(config: pytest.Config, files: Iterable[str | Path]) -> None:
    """Take the protocols in Python files as installed, as long as this run lasts. Raises UsageError."""
    here = config.invocation_params.dir
    paths = [here / file for file in files]
    named = [str(path.relative_to(here) if path.is_relative_to(here) else path) for path in paths]
    lasting = ExitStack()
    config.add_cleanup(lasting.close)
    try:
        lasting.enter_context(taken(dict.fromkeys(named)))
    except CodeError as error:
        raise pytest.UsageError(f"--pmmc-load {error.in_full()}") from None


def _says_slow(path: Path) -> bool:
    """Whether a model file says `slow: true`. What is faulty is not slow: it will be complained about."""
    try:
        data = yamlmarks.read(path.read_text(encoding="utf-8"), str(path)).data
    except (Faults, OSError, UnicodeDecodeError):
        return False
    return isinstance(data, dict) and data.get("slow") is True


class ModelFileTests(pytest.File):
    """A model file: a test for each property, and one for what is expected of the whole model."""

    _cases: dict[str, Case] | None = None

    def collect(self) -> Iterable[pytest.Item]:
        """The tests. A faulty file is a collection error that names file, line and column of each fault."""
        try:
            self.loaded = load(self.shown_path(), protocols=protocols())
        except Faults as faults:
            raise self.CollectError(str(faults)) from None
        model = self.loaded.model
        lines = {name: place.line for name, place in places(self.loaded).items()}
        for claim in listed(self.loaded.system.properties, model.expect):
            yield self._item(claim.id, lines[claim.id])
        yield self._item(whole_name(model.expect), lines[WHOLE])

    def _item(self, name: str, line: int) -> pytest.Item:
        item: pytest.Item = ModelTest.from_parent(self, name=name, line=line)
        if self.config.pluginmanager.hasplugin("xdist"):
            item.add_marker(pytest.mark.xdist_group(self.nodeid))
        if self.loaded.model.slow:
            item.add_marker(SLOW)
        return item

    def shown_path(self) -> Path:
        """The path as a user in the current folder would write it."""
        here = self.config.invocation_params.dir
        return self.path.relative_to(here) if self.path.is_relative_to(here) else self.path

    def case(self, name: str) -> Case:
        """The case of that name; the search is done when the first one is asked for."""
        if self._cases is None:
            options = options_of(self.config)
            result = check(self.loaded, options)
            if result.found.interrupted:
                raise KeyboardInterrupt
            command = shlex.join(["pmmc", "check", str(self.shown_path()), *result.options])
            self._cases = {case.name: case for case in cases(result, command)}
        return self._cases[name]


class Violation(Exception):  # noqa: N818 - it is the model that is wrong
    """A case that failed."""

    def __init__(self, case: Case) -> None:
        super().__init__(case.message)
        self.case = case


class ModelTest(pytest.Item):
    """One property of one model file."""

    parent: ModelFileTests

    def __init__(self, *, line: int, **given: Any) -> None:
        super().__init__(**given)
        self._line = line

    def setup(self) -> None:
        """Search, if no test of the file has; complain if nothing is known of this property."""
        case = self.parent.case(self.name)
        if case.outcome is Outcome.ERROR:
            pytest.fail(f"{case.message}\n\n{case.text}", pytrace=False)

    def runtest(self) -> None:
        """Complain if it does not hold."""
        case = self.parent.case(self.name)
        if case.outcome is Outcome.FAILED:
            raise Violation(case)

    def repr_failure(self, excinfo: ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        """The counterexample, not the way through our code that found it."""
        if isinstance(excinfo.value, Violation):
            return Counterexample(self, excinfo.value.case)  # type: ignore[return-value]
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str], int | None, str]:
        """The line of the model file that names the property, from 0 as pytest counts."""
        return self.path, self._line - 1, self.name


class Counterexample:
    """A failed case as pytest prints it; `reprcrash` is what its summary and JUnit XML quote."""

    def __init__(self, item: ModelTest, case: Case) -> None:
        self.text = case.text
        self.reprcrash = Crash(str(item.path), item.reportinfo()[1] or 0, case.message)

    def __str__(self) -> str:
        return self.text

    def toterminal(self, tw: Any) -> None:
        """Print the counterexample."""
        for line in self.lines():
            tw.line(line)

    def lines(self) -> Iterator[str]:
        """The counterexample, line by line."""
        yield from self.text.splitlines()


class Crash:
    """Where and why, in the form that pytest expects."""

    def __init__(self, path: str, lineno: int, message: str) -> None:
        self.path, self.lineno, self.message = path, lineno, message

    def __str__(self) -> str:
        return self.message
