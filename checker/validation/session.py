"""Logs validated from the first byte to the last: looked at, held against a system, and told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from checker.model.logs import Logged, Logs, Observed
from checker.model.wire import Json, WireFault, quoted
from checker.validation.coverage import Coverage
from checker.validation.events import LogFault, LogFaults, Translate
from checker.validation.mapping import LogMapping
from checker.validation.reading import Reader
from checker.validation.result import Validated
from checker.validation.survey import survey
from checker.validation.validate import Progress, Validation


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of logs: which files, in whose words, by which rules, and how long it may take.

    `covering(logged, observed)` makes what is to be told of coverage.
    """

    paths: tuple[Path, ...]
    mapping: LogMapping | None = None
    rules: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    timeout: float | None = None

    def translate(self) -> Translate | None:
        """How events become ours; anew for each pass."""
        return None if self.mapping is None else self.mapping.translator().translate

    @property
    def kind(self) -> str:
        """Which reading of the protocol they are of."""
        return "" if self.mapping is None else self.mapping.kind

    @property
    def all_rules(self) -> Mapping[str, str]:
        """The variants: those of the mapping, and those that are asked for."""
        return {**({} if self.mapping is None else self.mapping.rules), **self.rules}


def look(asked: Asked, logs: Logs) -> Observed:
    """What is seen of logs before they are replayed. Raises LogFaults, OSError."""
    return survey(asked.paths, asked.translate(), logs.collect, asked.all_rules, asked.kind)


def held_against(asked: Asked, logs: Logs, observed: Observed, loaded: Any | None) -> Logged:
    """The system that logs are held against: a model's, or that of their own config. Raises LogFaults."""
    first = str(asked.paths[0])
    if loaded is not None:
        logged = logs.of_model(loaded.model, loaded.system)
        wrong = [] if asked.kind else list(_disagreements(logs, observed, logged.wire.config()))
        if wrong:
            raise LogFaults(LogFault(first, 1, f"config: {one}") for one in wrong)
        return logged
    try:
        return logs.system(observed)
    except WireFault as fault:
        raise LogFaults(LogFault(first, 1, f"config: {misfit}") for misfit in fault.misfits) from None
    except ValueError as error:
        raise LogFaults([LogFault(first, 1, str(error))]) from None


def _disagreements(logs: Logs, observed: Observed, of_model: Json) -> Iterator[str]:
    """What the logs' own configs say otherwise than the model that they are to be held against."""
    for config in observed.configs:
        for key in logs.agree:
            if key in config and config[key] != of_model[key]:
                yield f"{key}: the model has {quoted(of_model[key])}, and the log {quoted(config[key])}"


def validate(
    asked: Asked,
    logged: Logged,
    observed: Observed,
    *,
    coverage: Coverage | None = None,
    report: Callable[[Progress], None] | None = None,
) -> tuple[Validated, Validation]:
    """Hold logs against a system. Raises LogFaults, CodeError, OSError."""
    reader = Reader(asked.paths, asked.translate())
    try:
        validation = Validation(
            logged,
            reader,
            frozenset(observed.nodes),
            unlogged=frozenset() if asked.mapping is None else asked.mapping.unlogged,
            coverage=coverage,
            report=report,
            timeout=asked.timeout,
        )
        return validation.run(), validation
    finally:
        reader.close()
