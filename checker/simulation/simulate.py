"""One simulation from a loaded model to a result: walk, shorten, confirm, judge.

Nothing that walks find is shown before the reference semantics has confirmed it, as with a check. The
verdict is *violated* or *inconclusive*: however many runs found nothing, nothing is verified by that.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checker.checking.check import confirmed, gone_wrong
from checker.checking.judgement import Judgement, judge
from checker.checking.question import Question
from checker.checking.result import CheckResult
from checker.engines.choose import native_walks
from checker.engines.contract import Applied, Discovery, Exploration, Failed, Raised
from checker.engines.simulating import Sighted, Walked, Walks
from checker.model.played import begun, tested
from checker.model.properties import On, Property
from checker.model.system import System
from checker.model.verdict import ExitCode, Verdict
from checker.modelfiles.onefile import words_for
from checker.modelfiles.places import places
from checker.simulation.replaying import Replayer, shows_of
from checker.simulation.shortening import shortened

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel
    from checker.modelfiles.schema import Expect

Report = Callable[[Walked], None]


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of a simulation: as a check tells it, what was walked, and lengths before shortening."""

    check: CheckResult
    walked: Walked
    lengths: dict[str, int]
    runs: dict[str, int]

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a run that simulates this model alone."""
        return self.check.judged.exit_code


def simulate(
    loaded: LoadedModel, question: Question, walks: Walks, report: Report | None = None
) -> Simulated:
    """Simulate one model; what goes wrong is told in the result."""
    system = question.of_model(loaded)
    result = simulate_system(system, question, walks, report, loaded.model.expect, loaded.content)
    check = replace(
        result.check,
        named=loaded.path if os.path.isfile(loaded.path) else "",  # noqa: PTH113 - any text is asked
        loading=words_for(loaded.protocol.name),
        model=loaded.model.name,
        about=loaded.model.about or "",
        file=loaded.path,
        sha256=loaded.sha256,
        places=places(loaded),
    )
    return replace(result, check=check)


def simulate_system(
    system: System,
    question: Question,
    walks: Walks,
    report: Report | None = None,
    expect: Expect | None = None,
    content: str = "",
) -> Simulated:
    """Simulate a system that need not come from a file."""
    system = question.apply(system)
    found = Exploration(engine="simulation", reductions=Applied(), past_violations=walks.past_violations)
    walked = Walked(walks)
    lengths: dict[str, int] = {}
    runs: dict[str, int] = {}
    try:
        system = begun(system)
        walked = native_walks()(system, walks, report)
        _note(system, found, walked, lengths, runs)
        tested(system)
    except KeyboardInterrupt:
        walked.interrupted = True
    except BaseException as error:  # noqa: BLE001 - the model's code may raise anything
        what = gone_wrong(error)
        if isinstance(what, Failed):
            found.failed = what
        else:
            found.raised = found.raised or what
    finally:
        for outside in system.outside:
            outside.close()
    found.interrupted = walked.interrupted
    traces, raised = confirmed(system, found)
    judged = _never_verified(judge(system, found, traces, expect, question.another(), content=content))
    check = CheckResult(
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
    return Simulated(check, walked, lengths, runs)


def _note(
    system: System, found: Exploration, walked: Walked, lengths: dict[str, int], runs: dict[str, int]
) -> None:
    """Tell of what was walked as an engine tells of a search; every violation is shortened."""
    found.states, found.generated, found.seconds = walked.states, walked.steps, walked.seconds
    found.fired, found.raised = dict(walked.fired), walked.raised
    found.stopped = walked.stopped or f"{walked.runs:,} random runs are no proof"
    claims = {p.id: p for p in system.properties}
    replayer = Replayer(system)
    for sighted in walked.sighted:
        claim = None if sighted.property is None else claims[sighted.property]
        path = _path(replayer, sighted, claim)
        if path is None:
            name = "what raises" if claim is None else claim.id
            reason = f"internal error: run {sighted.run} showed {name}, and its steps taken again do not"
            found.failed = Failed(reason, ExitCode.INTERNAL)
        elif claim is None:
            found.raised = Raised(_fault(replayer, path), path)
        else:
            lengths[claim.id], runs[claim.id] = len(sighted.events), sighted.run
            found.violations.append(Discovery(claim.id, "shown by a random run", path, shortest=False))
    for claim in (p for p in system.properties if p.kind.on is On.RUN):
        for sighted in walked.ended_runs:
            path = _path(replayer, sighted, claim)
            if path is not None:
                lengths[claim.id], runs[claim.id] = len(sighted.events), sighted.run
                found.violations.append(Discovery(claim.id, "shown by a random run", path, shortest=False))
                break
    for goal, reason in walked.reached.items():
        found.witnesses.append(Discovery(goal, reason, None, shortest=False))


def _path(replayer: Replayer, sighted: Sighted, claim: Property | None) -> tuple[int, ...] | None:
    taken = shortened(replayer, sighted.events, shows_of(replayer, claim))
    return None if taken is None else tuple(one.index for one in taken)


def _fault(replayer: Replayer, path: tuple[int, ...]) -> str:
    return f"a rule raises after {len(path)} steps"


def _never_verified(judged: Judgement) -> Judgement:
    """Goals that were reached are reached; but of a model as a whole nothing is verified by walks."""
    if judged.verdict is not Verdict.VERIFIED:
        return judged
    code = ExitCode.INCONCLUSIVE if judged.exit_code is ExitCode.OK else judged.exit_code
    return replace(judged, verdict=Verdict.INCONCLUSIVE, exit_code=code, as_expected=None)
