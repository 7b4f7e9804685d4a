"""`replicated-log` as the checker meets it under the entry point `checker.protocols`."""

from __future__ import annotations

from pathlib import Path

from checker.modelfiles.protocol import Protocol
from spec.replicated_log.properties import LOG, PERFORMED, PROPERTIES
from spec.replicated_log.schema import LogModel
from spec.replicated_log.system import build, wire_of

_HERE = Path(__file__).parent

REPLICATED_LOG = Protocol(
    name="replicated-log",
    about="Any replicated log: servers of your own, played by processes, held to the log that they show.",
    schema=LogModel,
    build=build,
    properties=PROPERTIES,
    models=_HERE / "models",
    template=(_HERE / "template.yaml").read_text(encoding="utf-8"),
    outcome=(LOG, PERFORMED),
    wire=wire_of,
)
