"""One check from a loaded model to a result: choose the engine, explore, confirm, judge.

Nothing an engine finds is shown before the reference semantics has confirmed it (`confirm.confirm`);
a finding that it does not confirm is an internal error, never a verdict.

Whatever goes wrong there is a result: a check that fails takes no verdict with it, neither of another
model nor of another property of the same one.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from checker.checking.confirm import confirm, confirm_raised
from checker.checking.judgement import judge
from checker.checking.result import CheckResult
from checker.engines.choose import Means, Reporter, choose_engine
from checker.engines.contract import Exploration, Failed, Limits, Raised
from checker.model.behaviour import Trace
from checker.model.claims import UnsoundClaim
from checker.model.modelcode import CodeError, blames, text_of, told, traceback_of
from checker.model.network import Network
from checker.model.properties import Property
from checker.model.system import System
from checker.model.verdict import ExitCode
from checker.modelfiles.onefile import words_for
from checker.modelfiles.places import places

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel
    from checker.modelfiles.schema import Expect


@dataclass(frozen=True, slots=True)
class Options:
    """What a run asks beside, or instead of, what its model file says.

    `network` and `properties` replace the model's own (None: keep them); `given` is how the command
    line said it, for the report.
    """

    means: Means = field(default_factory=Means)
    limits: Limits = field(default_factory=Limits)
    network: Network | None = None
    properties: tuple[Property, ...] | None = None
    given: tuple[str, ...] = ()

    def changes_question(self) -> str | None:
        """`… given`, naming options that ask something else than the model file; None if none does."""
        changed = (("--network", self.network), ("--property", self.properties))
        given = [name for name, value in changed if value is not None]
        return f"{' and '.join(given)} given" if given else None


def asked(system: System, options: Options) -> System:
    """The system that the check is about: the model's, with what the options replace."""
    if options.network is not None:
        system = replace(system, network=options.network)
    if options.properties is not None:
        system = replace(system, properties=options.properties, not_judged={})
    return system


def check(loaded: LoadedModel, options: Options = Options(), report: Reporter | None = None) -> CheckResult:
    """Check one model; what goes wrong is told in the result."""
    system = asked(loaded.system, options)
    result = check_system(system, options, report, loaded.model.expect, loaded.content)
    return replace(
        result,
        options=(*words_for(loaded.protocol.name), *options.given),
        model=loaded.model.name,
        about=loaded.model.about or "",
        file=loaded.path,
        sha256=loaded.sha256,
        places=places(loaded),
    )


def check_system(
    system: System,
    options: Options = Options(),
    report: Reporter | None = None,
    expect: Expect | None = None,
    content: str = "",
) -> CheckResult:
    """Check a system that need not come from a file; what goes wrong is told in the result.

    `content` identifies what the model file says, to be compared with what it said when `expect` was
    recorded.
    """
    found = explored(system, options, report)
    traces = confirmed(system, found)
    judged = judge(system, found, traces, expect, options.changes_question(), content=content)
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
        options=options.given,
        traces=traces,
        not_judged=system.not_judged,
    )


def explored(system: System, options: Options, report: Reporter | None) -> Exploration:
    """What the engine finds or, if that fails, an exploration that says why."""
    explore = choose_engine(options.means)
    try:
        return explore(system, options.limits, report)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - the model's code may raise anything
        found = Exploration(engine=options.means.engine)
        _note(found, error)
        return found


def _note(found: Exploration, error: BaseException) -> None:
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
    if isinstance(error, UnsoundClaim):
        return Failed(str(error), ExitCode.USAGE)
    if blames(error):
        return Raised(told(error), None, traceback_of(error))
    reason = f"internal error: {type(error).__name__}: {text_of(error)}"
    return Failed(reason, ExitCode.INTERNAL, "".join(traceback.format_exception(error)))


def confirmed(system: System, found: Exploration) -> dict[str, Trace]:
    """The trace of every finding, replayed and judged anew.

    A finding that is not confirmed is taken out of `found`, which then says that the check failed. A
    witness of a `sometimes` may come without a path, and then has no trace.
    """
    traces: dict[str, Trace] = {}

    def is_confirmed(key: str, anew: Callable[[], Trace]) -> bool:
        try:
            traces[key] = anew()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the model's code may raise anything
            _note(found, error)
            return False
        return True

    raised, found.raised = found.raised, None
    found.violations = [
        d for d in found.violations if is_confirmed(d.property, partial(confirm, system, d))
    ]
    found.witnesses = [
        d
        for d in found.witnesses
        if d.path is None or is_confirmed(d.property, partial(confirm, system, d))
    ]
    if raised is not None and (
        raised.path is None or is_confirmed(CheckResult.RAISED, partial(confirm_raised, system, raised))
    ):
        found.raised = raised
    return traces
