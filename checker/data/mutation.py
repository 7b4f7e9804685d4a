"""The JSON form of `pmmc mutate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checker.data.formats import FORMATS
from checker.mutation.examine import Listed, Outcome


def to_json(
    chosen: Sequence[Listed],
    outcomes: Mapping[str, Outcome],
    unneeded: Sequence[str],
    exit_code: int,
) -> dict[str, Any]:
    """The whole JSON document of a run."""
    return {
        "format": FORMATS["mutate"],
        "exit_code": exit_code,
        "mutants": [_mutant_json(m, outcomes[m.mutant.id]) for m in chosen if m.mutant.id in outcomes],
        "unneeded": list(unneeded),
    }


def _mutant_json(listed: Listed, outcome: Outcome) -> dict[str, Any]:
    mutant = listed.mutant
    return {
        "id": mutant.id,
        "protocol": listed.protocol.name,
        "name": mutant.name,
        "about": mutant.about,
        "source": mutant.source,
        "control": mutant.property is None,
        "expected": None
        if mutant.property is None
        else {"property": mutant.property, "length": mutant.length},
        "account": mutant.account or None,
        "as_expected": not outcome.unmet,
        "unmet": list(outcome.unmet),
        "first": [alarm.property for alarm in outcome.first()],
        "alarms": [
            {
                "property": alarm.property,
                "length": alarm.length,
                "cycle": alarm.cycle,
                "reason": alarm.reason,
                "states": alarm.states,
                "seconds": round(alarm.seconds, 3),
            }
            for alarm in outcome.alarms
        ],
        "states": outcome.states,
        "seconds": round(outcome.seconds, 3),
    }
