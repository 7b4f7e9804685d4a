"""A run that repeats, as CI shows it: the loop drawn, and what makes the run fair beside it."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from lassos import EVENTUALLY, THEN, game

from checker.checking.check import check_system
from checker.checking.question import Options
from checker.checking.result import CheckResult
from checker.ci import github
from checker.ci.junit import junit
from checker.engines.choose import Means
from checker.model.properties import Property


def checked(claim: Property) -> CheckResult:
    result = check_system(game(claim, rising=True), Options(Means("reference")))
    return replace(result, file="game.yaml", named="game.yaml")


def test_the_summary_of_a_job_draws_the_loop() -> None:
    text = github.summary([checked(EVENTUALLY)])
    assert "    loop steps 2 to 5 repeat for ever, all heights larger by 4 each time\n" in text
    assert "deliveries (strongly): player 0.ball taken in step 3" in text


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        (EVENTUALLY, "finitely    whistle: not in the cycle"),
        (THEN, "ends        nothing that must happen can happen"),
    ],
)
def test_a_case_says_how_it_goes_on(claim: Property, told: str) -> None:
    (suite,) = ET.fromstring(junit([checked(claim)]))
    (failure,) = suite.iter("failure")
    assert told in (failure.text or "")
