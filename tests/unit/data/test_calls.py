"""The JSON of a history that cannot be ordered."""

import json

from registers import BACKWARDS, CONSISTENT, loaded

from checker.checking.check import check
from checker.checking.question import Options
from checker.data.check import result_json
from checker.engines.choose import Means


def told(text: str) -> dict[str, object]:
    result = check(loaded(text), Options(Means("reference")))
    (claim,) = json.loads(json.dumps(result_json(result)))["properties"]
    assert isinstance(claim, dict)
    return claim


def test_calls_are_named_by_their_places() -> None:
    claim = told(BACKWARDS)
    assert claim["length"] == 8
    calls = claim["calls"]
    assert isinstance(calls, dict)
    of_reader = {"client": "client 1", "operation": "read"}
    assert calls["calls"] == [
        {"client": "client 0", "operation": "write A", "invoked": 1, "answered": None, "result": None},
        {**of_reader, "invoked": 3, "answered": 5, "result": "A"},
        {**of_reader, "invoked": 6, "answered": 8, "result": "0"},
    ]
    assert (calls["order"], calls["nowhere"], calls["conflict"]) == ([0, 1], [2], [1, 2])
    why, conflict = calls["told"]
    assert why.startswith("read → 0 by client 1 fits nowhere: read → A was asked by client 1 before; ")
    assert conflict.endswith(": read → A by client 1, steps 3 to 5; read → 0 by client 1, steps 6 to 8")


def test_what_holds_has_no_calls() -> None:
    claim = told(CONSISTENT)
    assert (claim["verdict"], claim["calls"]) == ("verified", None)
