"""Rounds in model files: so many, or without end and then with a spread."""

import pytest

from checker.modelfiles.complaints import Faults
from checker.modelfiles.loading import load_text
from pmmc.ballots import BOTTOM, Ballot, IntegerBallot
from spec.protocol import PMMC
from spec.rounds import later, round_of

TEXT = """\
name: m
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k A]
"""


def read(bounds: str, more: str = ""):
    return load_text(f"{TEXT}bounds: {bounds}\n{more}", "m.yaml", protocols={"pmmc": PMMC}).system


def test_so_many_rounds_are_no_shift():
    system = read("{slots: 1, rounds: 3}")
    assert system.shift is None
    assert system.setting.deployment.ballots.rounds == 3
    assert "spread" not in system.bounds


@pytest.mark.parametrize("ballots", ["integers", "least-integers", "leader-first"])
def test_rounds_without_end(ballots):
    for more in ("", f"rules: {{ballots: {ballots}}}\n"):
        system = read("{slots: 1, rounds: endless, spread: 2}", more)
        assert system.setting.deployment.ballots.rounds is None
        assert (system.shift.name, system.shift.spread) == ("rounds", 2)
        assert (system.bounds["rounds"], system.bounds["spread"]) == ("endless", 2)


@pytest.mark.parametrize(
    ("bounds", "fault"),
    [
        (
            "{slots: 1, rounds: endless}",
            "4:28: 'rounds: endless' needs a 'spread': how far apart the rounds",
        ),
        ("{slots: 1, rounds: 2, spread: 1}", "4:31: a spread is for rounds without end, 'rounds: endless'"),
        (
            "{slots: 1, rounds: endles, spread: 1}",
            "4:28: expected 'endless' or a whole number from 1 to 1,000",
        ),
        ("{slots: 1, rounds: 0}", "4:28: expected 'endless' or a whole number from 1 to 1,000, not 0"),
        ("{slots: 1, rounds: endless, spread: 0}", "4:45: expected a whole number from 1 to 1,000, not 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(bounds, fault):
    with pytest.raises(Faults) as refused:
        read(bounds)
    assert f"m.yaml:{fault}" in str(refused.value)


def test_ballots_are_moved_by_rounds():
    assert round_of(Ballot(3, 1)) == 3
    assert round_of(BOTTOM) is None
    assert later(Ballot(3, 1), 2) == Ballot(5, 1)
    assert later(IntegerBallot(3, 1, 2), -3) == IntegerBallot(0, 1, 2)
