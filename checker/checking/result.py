"""The result of one check, as every output renders it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from checker.checking.judgement import Judgement, PropertyResult
from checker.checking.question import STDIN, Question
from checker.engines.contract import Exploration
from checker.model.behaviour import Trace
from checker.model.fairness import NOTHING_ASSUMED, Fairness
from checker.model.verdict import ExitCode, Verdict

if TYPE_CHECKING:
    from checker.modelfiles.places import Place
    from checker.modelfiles.schema import Expect


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check asked, what it found and what it covered.

    `traces` holds the confirmed example of every decided property, `raised` the way to the state in which
    a rule raised. `question` is what was asked. `named` is how a command line names the model (empty: it is
    in no file), and `loading` are the options that make its protocol known. `places` says where the
    model file names each property, see `checker.modelfiles.places`. `not_judged` are properties that the
    protocol claims of other models, and the role that they read and this one has not. `fairness` is what
    was assumed of runs.
    """

    model: str
    about: str
    file: str
    sha256: str
    network: str
    bounds: Mapping[str, Any]
    found: Exploration
    judged: Judgement
    expect: Expect | None = None
    question: Question = field(default_factory=Question)
    named: str = ""
    loading: tuple[str, ...] = ()
    places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}))
    traces: Mapping[str, Trace] = field(default_factory=lambda: MappingProxyType({}))
    raised: Trace | None = None
    not_judged: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    fairness: Fairness = NOTHING_ASSUMED

    @property
    def verdict(self) -> Verdict:
        """What is known of the model."""
        return self.judged.verdict

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a run that checks this model alone."""
        return self.judged.exit_code

    @property
    def options(self) -> tuple[str, ...]:
        """The options of `pmmc check` that make the protocol known and say what was asked."""
        return (*self.loading, *self.question.words())

    @property
    def command(self) -> str:
        """The command that does this check again; empty if no command line can name the model."""
        return self.question.reproduce((self.named, *self.loading)) if self.named else ""

    def replay(self, trace: Trace) -> str:
        """The command that replays a trace of this check; empty if the model is in no file."""
        known = self.named not in ("", STDIN)
        return self.question.replay((self.named, *self.loading), trace.path, trace.loop) if known else ""

    def begin(self) -> str:
        """The command that replays no step of the model: where one begins to walk through it."""
        return self.question.replay((self.named, *self.loading), None)

    def no_path(self, result: PropertyResult) -> str | None:
        """Why a goal that was reached has no path; None of everything else."""
        if not result.kind.goal or result.verdict is not Verdict.VERIFIED or result.path is not None:
            return None
        if self.question.means.goal_paths:
            return "the search ended before the way to it was looked for"
        return "it is deep in a large search; --witnesses has the way to it looked for"

    def violated(self) -> list[PropertyResult]:
        """The properties that are violated."""
        return [p for p in self.judged.properties if p.verdict is Verdict.VIOLATED]

    def goals(self) -> list[PropertyResult]:
        """The `sometimes` properties."""
        return [p for p in self.judged.properties if p.kind.goal]

    def claims(self) -> list[PropertyResult]:
        """All properties but the `sometimes`."""
        return [p for p in self.judged.properties if not p.kind.goal]

    def unfired(self) -> list[str]:
        """The actions that never fired."""
        return [action for action, times in self.found.fired.items() if not times]
