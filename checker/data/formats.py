"""What all JSON forms share: versions, which change when a field changes its meaning, and plain values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

#: Command → the version that its JSON document bears as `format`; see docs/json.md.
FORMATS: Mapping[str, int] = MappingProxyType(
    {
        "check": 1,
        "compare": 1,
        "conform": 1,
        "cost": 1,
        "diff": 1,
        "mutate": 1,
        "models": 1,
        "properties": 1,
        "run": 1,
        "simulate": 1,
        "validate": 1,
        "why": 1,
    }
)


def plain(value: Any) -> Any:
    """A value as JSON can hold it: numbers, texts and lists stay, mappings too, others become text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return str(value)
