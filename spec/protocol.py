"""PMMC as the checker meets it, under the entry-point group `checker.protocols`."""

from pathlib import Path

from checker.protocol import Protocol
from spec.modelfile import PmmcModel
from spec.mutants import MUTANTS
from spec.properties import PROPERTIES
from spec.system import build
from spec.variants import VARIANTS

_HERE = Path(__file__).parent

PMMC = Protocol(
    name="pmmc",
    about="Paxos Made Moderately Complex: replicas, leaders with scouts and commanders, acceptors.",
    schema=PmmcModel,
    build=build,
    properties=PROPERTIES,
    variants=(*VARIANTS, *MUTANTS),
    models=_HERE / "models",
    template=(_HERE / "template.yaml").read_text(encoding="utf-8"),
)
