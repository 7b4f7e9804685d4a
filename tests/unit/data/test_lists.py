"""The JSON forms of lists hold whatever a protocol shows."""

import json
from dataclasses import replace

from checker import load, protocols
from checker.data.lists import models_json
from spec.protocol import PMMC


def test_bounds_that_are_no_plain_values_are_told_as_text() -> None:
    loaded = load(PMMC.models / "duel.yaml", protocols=protocols())
    bounds = {"keys": frozenset("a"), "rounds": (1, None)}
    document = models_json([replace(loaded, system=replace(loaded.system, bounds=bounds))])
    (entry,) = json.loads(json.dumps(document))["models"]
    assert entry["bounds"] == {"keys": "frozenset({'a'})", "rounds": [1, None]}
