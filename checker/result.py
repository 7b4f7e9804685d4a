"""The result of one check, as every output renders it, and its JSON form (documented in docs/json.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from checker.exploration import Exploration, Raised
from checker.judgement import Judgement, PropertyResult
from checker.properties import Kind
from checker.trace import Trace
from checker.verdict import ExitCode, Verdict

if TYPE_CHECKING:
    from checker.ci.places import Place
    from checker.modelfile import Expect

#: What this project is called where packages are installed from; the `pmmc` there is another project.
DISTRIBUTION = "pmmc-checker"
#: The version of the JSON form: it changes when a field changes its meaning or goes away.
JSON_FORMAT = 1


@cache
def own_version() -> str:
    """The version of this program, `unknown` if it runs without being installed."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check asked, what it found and what it covered.

    `traces` holds the confirmed example of every decided property, and under `RAISED` the way to the
    state in which a rule raised. `options` are the command-line options that made the
    question another one than the model file's, as they were given. `places` says where the model file
    names each property, see `checker.ci.places`. `not_judged` are properties that the protocol claims of
    other models, and the role that they read and this one has not.
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

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`; every field is always there, null where nothing is known."""
        found, judged = self.found, self.judged
        return {
            "model": self.model,
            "file": self.file,
            "verdict": judged.verdict.value,
            "expected": None if self.expect is None else self.expect.verdict,
            "as_expected": judged.as_expected,
            "unmet": list(judged.unmet),
            "expect_not_applied": judged.not_applied,
            "exit_code": int(judged.exit_code),
            "states": found.states,
            "generated": found.generated,
            "depth": found.depth,
            "levels": list(found.levels),
            "terminal": found.terminal,
            "terminal_judged": found.terminal_judged,
            "cut": dict(found.cut),
            "complete": found.complete,
            "stopped": found.stopped,
            "seconds": round(found.seconds, 3),
            "engine": found.engine,
            "reductions": list(found.reductions),
            "bytes_per_state": found.bytes_per_state,
            "network": self.network,
            "bounds": {name: _plain(value) for name, value in self.bounds.items()},
            "options": list(self.options),
            "properties": [_property_json(p) for p in judged.properties],
            "not_judged": dict(self.not_judged),
            "raised": None if found.raised is None else _raised_json(found.raised),
            "failed": None if found.failed is None else found.failed.reason,
            "coverage": dict(found.fired),
            "model_sha256": self.sha256,
            "version": own_version(),
            "statistics": {name: _plain(value) for name, value in found.statistics.items()},
        }


def report_json(results: Iterable[CheckResult], exit_code: ExitCode) -> dict[str, Any]:
    """The whole JSON document of a run."""
    return {
        "format": JSON_FORMAT,
        "exit_code": int(exit_code),
        "results": [result.to_json() for result in results],
    }


def _raised_json(raised: Raised) -> dict[str, Any]:
    return {"reason": raised.reason, "path": None if raised.path is None else list(raised.path)}


def _property_json(result: PropertyResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "kind": result.kind.value,
        "meaning": result.claim.meaning,
        "source": result.claim.source,
        "verdict": result.verdict.value,
        "length": result.length,
        "reason": result.reason,
        "path": None if result.path is None else list(result.path),
    }


def _plain(value: Any) -> Any:
    """A value as JSON can hold it: numbers, texts and lists stay, mappings too, others become text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value)
