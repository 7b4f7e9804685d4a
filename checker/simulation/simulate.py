"""One simulation from a loaded model to a result: walk, shorten, confirm, judge.

Nothing that walks find is shown before the reference semantics has confirmed it, as with a check. The
verdict is *violated* or *inconclusive*: however many runs found nothing, nothing is verified by that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checker.checking.check import note, of_file, result_of
from checker.checking.judgement import Judgement
from checker.checking.question import Question
from checker.checking.result import CheckResult
from checker.engines.choose import native_walks
from checker.engines.contract import Applied, Discovery, Exploration, Failed, Raised
from checker.engines.simulating import Report, Sighted, Walked, Walks
from checker.host.later import Later
from checker.model.played import begun, serving, tested
from checker.model.properties import On, Property
from checker.model.system import System
from checker.model.verdict import ExitCode, Verdict
from checker.simulation.replaying import Replayer, shows_of
from checker.simulation.shortening import shortened

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel
    from checker.modelfiles.schema import Expect


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
    return replace(result, check=of_file(loaded, result.check))


def simulate_system(
    system: System,
    question: Question,
    walks: Walks,
    report: Report | None = None,
    expect: Expect | None = None,
    content: str = "",
) -> Simulated:
    """Simulate a system that need not come from a file; what goes wrong is told in the result."""
    system = question.apply(system)
    found = Exploration(engine="simulation", reductions=Applied(), past_violations=walks.past_violations)
    found.stopped = "no run was walked"
    walked = Walked(walks)
    lengths: dict[str, int] = {}
    runs: dict[str, int] = {}
    with serving(system):
        try:
            system = begun(system)
            walked = native_walks()(system, walks, report)
            _Telling(system, found, walked, report, lengths, runs).tell()
            tested(system)
        except KeyboardInterrupt:
            walked.interrupted = True
        except BaseException as error:  # noqa: BLE001 - the model's code may raise anything
            note(found, error)
        found.interrupted = walked.interrupted
        check = result_of(system, question, found, expect, content)
    return Simulated(replace(check, judged=_never_verified(check.judged)), walked, lengths, runs)


class _Telling:
    """Tells of what was walked as an engine tells of a search; runs that show violations are shortened."""

    def __init__(
        self,
        system: System,
        found: Exploration,
        walked: Walked,
        report: Report | None,
        lengths: dict[str, int],
        runs: dict[str, int],
    ) -> None:
        self.system, self.found, self.walked, self.report = system, found, walked, report
        self.lengths, self.runs = lengths, runs
        self.replayer = Replayer(system)
        self.wish = Later()

    def tell(self) -> None:
        """Tell all. A wish to end ends what makes runs shorter, and loses none."""
        found, walked = self.found, self.walked
        found.states, found.generated, found.seconds = walked.states, walked.steps, walked.seconds
        found.fired, found.raised = dict(walked.fired), walked.raised
        found.stopped = walked.stopped or f"{_runs(walked.runs)} no proof"
        claims = {p.id: p for p in self.system.properties}
        with self.wish:
            for sighted in walked.sighted:
                self._violated(sighted, None if sighted.property is None else claims[sighted.property])
            for claim in (p for p in self.system.properties if p.kind.on is On.RUN):
                any(self._shown(sighted, claim) for sighted in walked.ended_runs)
            for sighted in walked.witnesses:
                assert sighted.property is not None
                self._reached(sighted, claims[sighted.property])
        if self.wish.heard:
            walked.interrupted = True
        walked.shortening = None

    def _violated(self, sighted: Sighted, claim: Property | None) -> None:
        if claim is not None:
            if not self._shown(sighted, claim):
                self._not_confirmed(sighted)
            return
        path = self._path(sighted, None)
        if path is None:
            self._not_confirmed(sighted)
        else:
            self.found.raised = Raised(f"a rule raises after {len(path)} steps", path)

    def _shown(self, sighted: Sighted, claim: Property) -> bool:
        path = self._path(sighted, claim)
        if path is not None:
            self.lengths[claim.id], self.runs[claim.id] = len(sighted.events), sighted.run
            discovery = Discovery(claim.id, "shown by a random run", path, shortest=False)
            self.found.violations.append(discovery)
        return path is not None

    def _reached(self, sighted: Sighted, goal: Property) -> None:
        """A goal that is shown by a run, which is taken once more, but not told."""
        if self.replayer.until(sighted.events, shows_of(self.replayer, goal)) is None:
            self._not_confirmed(sighted)
            return
        reason = self.walked.reached[goal.id]
        self.found.witnesses.append(Discovery(goal.id, reason, None, shortest=False))

    def _not_confirmed(self, sighted: Sighted) -> None:
        name = sighted.property or "what raises"
        reason = f"internal error: run {sighted.run} showed {name}, and its steps taken again do not"
        self.found.failed = self.found.failed or Failed(reason, ExitCode.INTERNAL)

    def _path(self, sighted: Sighted, claim: Property | None) -> tuple[int, ...] | None:
        def pause(left: int) -> None:
            self.walked.shortening = ("what raises" if claim is None else claim.id), left
            if self.report is not None:
                self.report(self.walked)
            if self.wish.heard:
                raise KeyboardInterrupt

        taken = shortened(self.replayer, sighted.events, shows_of(self.replayer, claim), pause)
        return None if taken is None else tuple(one.index for one in taken)


def _runs(count: int) -> str:
    return "1 random run is" if count == 1 else f"{count:,} random runs are"


def _never_verified(judged: Judgement) -> Judgement:
    """Goals that were reached are reached; but of a model as a whole nothing is verified by walks."""
    if judged.verdict is not Verdict.VERIFIED:
        return judged
    code = ExitCode.INCONCLUSIVE if judged.exit_code is ExitCode.OK else judged.exit_code
    return replace(judged, verdict=Verdict.INCONCLUSIVE, exit_code=code, as_expected=None)
