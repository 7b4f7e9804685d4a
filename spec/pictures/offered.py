"""The pictures that PMMC offers. What makes one is loaded when it is drawn: a check draws none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from checker.model.pictures import Picture, Table
from pmmc.values import Deployment

if TYPE_CHECKING:
    from checker.model.semantics import State
    from checker.model.system import System


def _ballots(system: System, states: Sequence[State]) -> Table:
    from spec.pictures.ballots import ballot_table  # noqa: PLC0415 - see above

    return ballot_table(system, states)


def _logs(system: System, states: Sequence[State]) -> Table:
    from spec.pictures.logs import log_table  # noqa: PLC0415 - see above

    return log_table(system, states)


#: Role of whose nodes they tell → the picture.
PICTURES: Mapping[str, Picture] = MappingProxyType(
    {
        "acceptor": Picture(
            "ballots", "Ballots: who promised, who voted for what, what is chosen", _ballots
        ),
        "replica": Picture("logs", "The log of each replica, over the steps", _logs),
    }
)


def pictures_of(deployment: Deployment) -> tuple[Picture, ...]:
    """The pictures of those who take part."""
    return tuple(picture for role, picture in PICTURES.items() if deployment.nodes(role))
