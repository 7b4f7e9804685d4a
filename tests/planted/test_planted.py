"""Every planted fault is noticed; without one nothing is; and most are without pair assertions."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.planted.detectors import detectors, early, pairing_set
from tests.planted.planting import Fault
from tests.planted.trial import FAULTS, tried_twice

ROOT = Path(__file__).parents[2]
#: Rooms of the native engine.
ROOMS = (
    *("kernel", "arrays", "numbering", "steps", "findings", "viewing", "posts", "rows"),
    *("store", "halves", "owners", "search", "worker", "combinations", "engine"),
)
REDUCING = ("settling", "symmetry", "action", "fusion", "unfold")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_planted_fault_is_noticed(fault: Fault) -> None:
    paired, alone = tried_twice(fault)
    assert paired.by is not None
    assert alone.by is not None
    assert alone.by != "pair assertion"


@pytest.mark.parametrize("pairing", [True, False], ids=["paired", "alone"])
def test_without_a_fault_nothing_is_noticed(*, pairing: bool) -> None:
    tried = 0
    with early(), pairing_set(on=pairing):
        for where, detector in detectors():
            try:
                detector()
            except Exception as error:
                error.add_note(where)
                raise
            tried += 1
    assert tried > 50


def test_faults_are_of_all_rooms_and_each_says_what_is_wrong() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS) >= 40
    rooms = {fault.room for fault in FAULTS}
    assert rooms >= {"reference", "judgement", "check", *(f"native.{room}" for room in (*ROOMS, *REDUCING))}
    for fault in FAULTS:
        assert re.fullmatch(r"[a-z][^\n]{20,}[^.]", fault.what), fault.id
        assert re.fullmatch(r"[a-z][^\n]{10,}[^.]", fault.breaks), fault.id


def test_a_fault_is_gone_when_its_trial_is_over() -> None:
    for fault in FAULTS:
        with fault.plant():
            pass
    with early(), pairing_set(on=True):
        for where, detector in detectors():
            if where.startswith("verdict"):
                detector()


def test_the_command_prints_what_notices_each() -> None:
    chosen = ["inconclusive-is-a-pass", "level-not-completed"]
    command = [sys.executable, "-m", "tests.planted", *chosen]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    head, *rows, last = done.stdout.splitlines()
    assert "without pair assertions" in head
    assert [row.split()[0] for row in rows] == chosen
    assert "pair assertion" in rows[1]
    assert last == "2 faults, 2 noticed"
    unknown = subprocess.run([*command, "no-fault"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert unknown.returncode == 2
    assert "no-fault" in unknown.stderr
