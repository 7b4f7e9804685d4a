"""Acme's PMMC as the checker meets it: pmmc, but for our acceptor."""

from pathlib import Path

from acme_paxos.acceptor import on_p2a
from pmmc.messages import P2a
from spec.protocol import derive
from spec.roles import ACCEPTOR

ACME = derive(
    "acme-paxos",
    about="PMMC with an acceptor that adopts a ballot when it accepts in it.",
    models=Path(__file__).parent / "models",
    roles=[ACCEPTOR.with_rules({P2a: on_p2a})],
)
