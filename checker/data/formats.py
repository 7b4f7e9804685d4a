"""The versions of the JSON forms: one changes when a field of it changes its meaning or goes away."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: Command → the version that its JSON document bears as `format`; see docs/json.md.
FORMATS: Mapping[str, int] = MappingProxyType({"check": 1, "compare": 1, "mutate": 1})
