"""The text of a model file that has a run: for traces, which carry the model that they are of."""

from __future__ import annotations

from collections.abc import Mapping

from checker.model.logs import Ran
from pmmc.values import Deployment
from spec.wire.form import PmmcWire


def text_of(deployment: Deployment, wire: PmmcWire, rules: Mapping[str, str], ran: Ran) -> str | None:
    """The text; None if no model file says just this."""
    return None
