"""The result of one check, as every output renders it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from checker.checking.judgement import Judgement, PropertyResult
from checker.engines.contract import Exploration
from checker.model.behaviour import Trace
from checker.model.properties import Kind
from checker.model.verdict import ExitCode, Verdict

if TYPE_CHECKING:
    from checker.modelfiles.places import Place
    from checker.modelfiles.schema import Expect


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check asked, what it found and what it covered.

    `traces` holds the confirmed example of every decided property, and under `RAISED` the way to the
    state in which a rule raised. `options` are the command-line options that make the protocol known, or
    that made the question another one than the model file's, as they were given. `places` says where the
    model file names each property, see `checker.modelfiles.places`. `not_judged` are properties that the
    protocol claims of other models, and the role that they read and this one has not.
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
    options: tuple[str, ...] = ()
    places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}))
    traces: Mapping[str, Trace] = field(default_factory=lambda: MappingProxyType({}))
    not_judged: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    #: The key of `traces` for a rule that raised; no property can have it.
    RAISED: ClassVar[str] = "(raised)"

    def __str__(self) -> str:
        """The whole report, as `pmmc check` prints it."""
        # how results are told is not known here, but for who does: it is asked when somebody prints one
        teller = import_module("checker.text.fullreport")
        return str(teller.full_report(self))

    @property
    def verdict(self) -> Verdict:
        """What is known of the model."""
        return self.judged.verdict

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a run that checks this model alone."""
        return self.judged.exit_code

    def violated(self) -> list[PropertyResult]:
        """The properties that are violated."""
        return [p for p in self.judged.properties if p.verdict is Verdict.VIOLATED]

    def goals(self) -> list[PropertyResult]:
        """The `sometimes` properties."""
        return [p for p in self.judged.properties if p.kind is Kind.SOMETIMES]

    def claims(self) -> list[PropertyResult]:
        """All properties but the `sometimes`."""
        return [p for p in self.judged.properties if p.kind is not Kind.SOMETIMES]

    def unfired(self) -> list[str]:
        """The actions that never fired."""
        return [action for action, times in self.found.fired.items() if not times]
