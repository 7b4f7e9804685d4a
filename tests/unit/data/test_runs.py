"""The JSON of a run that repeats: the loop, what a turn adds, and how it meets each assumption."""

import json

import pytest
from lassos import AGAIN, DROPS, EVENTUALLY, THEN, game

from checker.checking.check import check_system
from checker.checking.question import Options
from checker.data.check import result_json
from checker.engines.choose import Means


@pytest.mark.parametrize("rising", [False, True])
def test_each_assumption_is_told_with_what_meets_it(rising: bool) -> None:
    result = check_system(game(EVENTUALLY, AGAIN, DROPS, rising=rising), Options(Means("reference")))
    told = {p["id"]: p for p in json.loads(json.dumps(result_json(result)))["properties"]}
    run = told[EVENTUALLY.id]
    assert (run["length"], run["loop"], run["cycle"], run["path"]) == (1, 1, 4, [0, 0, 0, 1, 0])
    assert run["larger"] == (4 if rising else 0)
    player, deliveries, whistle = run["assumptions"]
    assert (player["kind"], player["text"], player["taken"]) == ("weakly fair", "player", [])
    assert player["met"][0] == {
        "steps": "player 0.rest",
        "how": "cannot be taken after step 1",
        "step": None,
        "after": 1,
    }
    assert [(met["steps"], met["step"]) for met in deliveries["met"]] == [
        ("player 0.ball", 3),
        ("player 1.ball", 2),
    ]
    assert (whistle["kind"], whistle["met"], whistle["taken"]) == ("finitely often", [], [])
    assert told[AGAIN.id]["assumptions"] == run["assumptions"]
    assert (told[DROPS.id]["assumptions"], told[DROPS.id]["larger"]) == (None, None)


def test_a_run_that_ends_meets_nothing_again_and_again() -> None:
    result = check_system(game(THEN), Options(Means("reference")))
    (run,) = result_json(result)["properties"]
    assert run["verdict"] == "violated"
    assert run["loop"] is run["cycle"] is run["larger"] is run["assumptions"] is None
