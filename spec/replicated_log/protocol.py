"""`replicated-log` as the checker meets it under the entry point `checker.protocols`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from checker.modelfiles.protocol import Protocol
from spec.replicated_log.properties import LOG, PERFORMED, PROPERTIES
from spec.replicated_log.schema import LogModel

if TYPE_CHECKING:
    from checker.model.system import System
    from checker.model.wire import Wire

_HERE = Path(__file__).parent


def _build(model: LogModel) -> System:
    from spec.replicated_log.system import build  # noqa: PLC0415 - most models are of other protocols

    return build(model)


def _wire(model: LogModel, system: System) -> Wire:
    from spec.replicated_log.system import wire_of  # noqa: PLC0415 - likewise

    return wire_of(model, system)


REPLICATED_LOG = Protocol(
    name="replicated-log",
    about="Any replicated log: servers of your own, played by processes, held to the log that they show.",
    schema=LogModel,
    build=_build,
    properties=PROPERTIES,
    models=_HERE / "models",
    template=(_HERE / "template.yaml").read_text(encoding="utf-8"),
    outcome=(LOG, PERFORMED),
    wire=_wire,
)
