"""One check from a loaded model to a result: choose the engine, explore, confirm, judge.

Nothing an engine finds is shown before the reference semantics has confirmed it (`trace.confirm`);
a finding that it does not confirm is an internal error, never a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from checker.ci.places import places
from checker.engines import Means, Reporter, choose_engine
from checker.exploration import Exploration, Limits
from checker.judgement import judge
from checker.network import Network
from checker.properties import Property
from checker.result import CheckResult
from checker.trace import Trace, confirm, confirm_raised
from checker.vocabulary import System

if TYPE_CHECKING:
    from checker.modelfile import Expect, LoadedModel


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
        """The option that makes this check another question than the model file's; None if none does."""
        changed = (("--network", self.network), ("--property", self.properties))
        given = [name for name, value in changed if value is not None]
        return f"{' and '.join(given)} given" if given else None


def asked(system: System, options: Options) -> System:
    """The system that the check is about: the model's, with what the options replace."""
    if options.network is not None:
        system = replace(system, network=options.network)
    if options.properties is not None:
        system = replace(system, properties=options.properties)
    return system


def check(loaded: LoadedModel, options: Options = Options(), report: Reporter | None = None) -> CheckResult:
    """Check one model. Raises trace.InternalMismatch if a finding is not confirmed."""
    system = asked(loaded.system, options)
    result = check_system(system, options, report, loaded.model.expect, loaded.content)
    return replace(
        result,
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
    """Check a system that need not come from a file. Raises trace.InternalMismatch.

    `content` identifies what the model file says, to be compared with what it said when `expect` was
    recorded.
    """
    explore = choose_engine(options.means)
    found = explore(system, options.limits, report)
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
    )


def confirmed(system: System, found: Exploration) -> dict[str, Trace]:
    """The trace of every finding, replayed and judged anew. Raises trace.InternalMismatch.

    A witness of a `sometimes` may come without a path, and then has no trace.
    """
    witnesses = [d for d in found.witnesses if d.path is not None]
    traces = {d.property: confirm(system, d) for d in (*found.violations, *witnesses)}
    if found.raised is not None:
        traces[CheckResult.RAISED] = confirm_raised(system, found.raised)
    return traces
