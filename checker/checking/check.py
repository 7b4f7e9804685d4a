"""One check from a loaded model to a result: choose the engine, explore, confirm, judge.

Nothing an engine finds is shown before the reference semantics has confirmed it (`confirm.confirm`);
a finding that it does not confirm is an internal error, never a verdict.

Whatever goes wrong there is a result: a check that fails takes no verdict with it, neither of another
model nor of another property of the same one.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from checker.checking.confirm import confirm, confirm_raised
from checker.checking.judgement import judge
from checker.checking.question import Question
from checker.checking.result import CheckResult
from checker.engines.checkpoint import CheckpointError
from checker.engines.choose import Reporter, choose_engine
from checker.engines.contract import Discovery, Exploration, Failed, Raised
from checker.model.behaviour import Trace
from checker.model.claims import UnsoundClaim
from checker.model.modelcode import CodeError, blames, text_of, told, traceback_of
from checker.model.played import begun, serving
from checker.model.system import System
from checker.model.verdict import ExitCode
from checker.modelfiles.onefile import words_for
from checker.modelfiles.places import places

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel
    from checker.modelfiles.schema import Expect


def check(
    loaded: LoadedModel, question: Question = Question(), report: Reporter | None = None
) -> CheckResult:
    """Check one model; what goes wrong is told in the result."""
    system = question.of_model(loaded)
    return of_file(loaded, check_system(system, question, report, loaded.model.expect, loaded.content))


def of_file(loaded: LoadedModel, result: CheckResult) -> CheckResult:
    """What came of a system, as what came of the model file that it is from."""
    return replace(
        result,
        named=loaded.path if os.path.isfile(loaded.path) else "",  # noqa: PTH113 - any text is asked
        loading=words_for(loaded.protocol.name),
        model=loaded.model.name,
        about=loaded.model.about or "",
        file=loaded.path,
        sha256=loaded.sha256,
        places=places(loaded),
    )


def check_system(
    system: System,
    question: Question = Question(),
    report: Reporter | None = None,
    expect: Expect | None = None,
    content: str = "",
) -> CheckResult:
    """Check a system that need not come from a file; what goes wrong is told in the result.

    `content` identifies what the model file says, to be compared with what it said when `expect` was
    recorded.
    """
    system = question.apply(system)
    with serving(system):
        with suppress(CodeError):  # it is told as what ended the search, which comes to the same
            system = begun(system)
        found = explored(system, question, report)
        return result_of(system, question, found, expect, content)


def result_of(
    system: System, question: Question, found: Exploration, expect: Expect | None = None, content: str = ""
) -> CheckResult:
    """What follows from what was found: it is confirmed, then judged. For `expect` see `check_system`."""
    traces, raised = confirmed(system, found)
    judged = judge(system, found, traces, expect, question.another(), content=content)
    return CheckResult(
        model=system.name,
        about="",
        file="",
        sha256="",
        network=system.network.name,
        bounds=system.bounds,
        found=found,
        judged=judged,
        expect=expect,
        question=question,
        traces=traces,
        raised=raised,
        not_judged=system.not_judged,
        fairness=system.fairness,
    )


def explored(system: System, question: Question, report: Reporter | None) -> Exploration:
    """What the engine finds or, if that fails, an exploration that says why."""
    explore = choose_engine(question.means)
    try:
        return explore(system, question.limits, report)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - the model's code may raise anything
        found = Exploration(engine=question.means.engine)
        note(found, error)
        return found


def note(found: Exploration, error: BaseException) -> None:
    """Note what ended a check: a mistake of the model's code, a claim that is none, or a bug of ours."""
    what = gone_wrong(error)
    if isinstance(what, Raised):
        found.raised = found.raised or what
    else:
        found.failed = found.failed or what


def gone_wrong(error: BaseException) -> Raised | Failed:
    """What is to be told of an exception: whose mistake it is."""
    if isinstance(error, CodeError):
        return Raised(str(error), None, error.traceback)
    if isinstance(error, UnsoundClaim | CheckpointError):
        return Failed(str(error), ExitCode.USAGE)
    if blames(error):
        return Raised(told(error), None, traceback_of(error))
    reason = f"internal error: {type(error).__name__}: {text_of(error)}"
    return Failed(reason, ExitCode.INTERNAL, "".join(traceback.format_exception(error)))


def confirmed(system: System, found: Exploration) -> tuple[dict[str, Trace], Trace | None]:
    """The trace of every property that was decided, and of what raised, replayed and judged anew.

    A finding that is not confirmed is taken out of `found`, which then says that the check failed. A
    witness of a `sometimes` may come without a path, and then has no trace.
    """
    traces: dict[str, Trace] = {}

    def anew(confirm: Callable[[], Trace]) -> Trace | None:
        try:
            return confirm()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the model's code may raise anything
            note(found, error)
            return None

    def is_confirmed(discovery: Discovery) -> bool:
        trace = anew(partial(confirm, system, discovery))
        if trace is not None:
            traces[discovery.property] = trace
        return trace is not None

    raised, found.raised = found.raised, None
    found.violations = [d for d in found.violations if is_confirmed(d)]
    found.witnesses = [d for d in found.witnesses if d.path is None or is_confirmed(d)]
    if raised is None or raised.path is None:
        found.raised = raised
        return traces, None
    way = anew(partial(confirm_raised, system, raised))
    if way is not None:
        found.raised = raised
    return traces, way
