"""The JSON forms of `pmmc models` and `pmmc properties`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from checker.data.formats import FORMATS, plain

if TYPE_CHECKING:
    from checker.model.properties import Property
    from checker.modelfiles.loading import LoadedModel


def models_json(models: Iterable[LoadedModel]) -> dict[str, Any]:
    """The whole JSON document of a list of models."""
    return {"format": FORMATS["models"], "models": [_model_json(loaded) for loaded in models]}


def _model_json(loaded: LoadedModel) -> dict[str, Any]:
    model = loaded.model
    return {
        "name": model.name,
        "protocol": loaded.protocol.name,
        "about": model.about,
        "file": loaded.path,
        "slow": model.slow,
        "network": loaded.system.network.name,
        "bounds": plain(loaded.system.bounds),
        "properties": [p.id for p in loaded.system.properties],
        "expect": None if model.expect is None else model.expect.model_dump(exclude_none=True),
    }


def properties_json(properties: Iterable[tuple[str, Property]]) -> dict[str, Any]:
    """The whole JSON document of a list of properties, each with the name of its protocol."""
    told = [{"protocol": protocol, **property_json(claim)} for protocol, claim in properties]
    return {"format": FORMATS["properties"], "properties": told}


def property_json(claim: Property) -> dict[str, Any]:
    """What a property says."""
    return {
        "id": claim.id,
        "kind": claim.kind.value,
        "meaning": claim.meaning,
        "source": claim.source,
        "note": claim.note,
    }
