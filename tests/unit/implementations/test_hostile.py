"""Processes that are not as they should be: each fault with its words, and no process left behind."""

from pathlib import Path

import pytest
from players import PLAYER, end_soon, model, started, told

from checker.checking.question import Options
from checker.checking.result import CheckResult
from checker.engines.choose import Means
from checker.implementations import implementation
from checker.model import played
from checker.model.verdict import ExitCode, Verdict
from checker.testing.asserts import verify

#: Where it happens: the node, what it was to do, its state.
PLACE = "acceptor 0: p2a on p2a(leader 0, ⟨0.0, 1, put k A⟩) in state acceptor(ballot 0.0, accepted {}): "
SHAPE = "answered what is no answer to 'step': "
#: Way → what is told of it. A p2a is the eighth thing that it is asked.
FAULTS = {
    "raises": r"answered with an error: no such slot\n\e[31m",
    "crashes": "ended with exit code 3 before it answered; last on its stderr: first words | last words",
    "is killed": "was ended by SIGKILL before it answered",
    "hangs": "gave no answer within 2 s (does it flush its output after each line?)",
    "hangs up": "closed its stdout before it answered",
    "half a line": 'ended with exit code 0 before it answered, in the middle of a line: {"id":',
    "no json": "answered with a line that is no JSON (expecting value at column 1): "
    "Exception in thread main",
    "no object": "answered with what is no JSON object: [1]",
    "not a number": "answered with a line that is no JSON (NaN is no number of JSON): "
    '{"id": 8, "steps": [{"state": NaN}]}',
    "no end": "answered with a line that is no JSON (1e999 is too large a number): "
    '{"id": 8, "steps": [{"state": 1e999}]}',
    "twice a key": "answered with a line that is no JSON (an object has 'steps' twice): "
    '{"id": 8, "steps": [], "steps": []}',
    "nested": f"answered with a line that is no JSON (it is nested too deeply): {'[' * 200}…",
    "no utf-8": 'answered with a line that is no JSON (byte 0xFF at 1 is not UTF-8): "\ufffd"',
    "too long": "wrote a line of more than 16,777,216 bytes",
    "says more": "wrote a line that was not asked for: and more",
    "wrong id": 'answered with id 9, and not 8, which was next: {"id": 9}',
    "text as id": 'answered with id "8", and not 8, which was next: {"id": "8"}',
    "no id": 'answered without an id, and not 8, which was next: {"steps": []}',
    "no steps": f"""{SHAPE}there is no 'steps'; it has ["step"]""",
    "no list": f"{SHAPE}steps: expected an array, not {{}}",
    "no step": f"{SHAPE}steps[0]: expected an object with a state, not 7",
    "no state": f"{SHAPE}steps[0]: there is no 'state'",
    "unknown key": f"{SHAPE}steps[0]: 'stat' is not known; there are state, view, sends",
    "wrong state": f"{SHAPE}steps[0].state.ballot: expected a ballot [round, leader], not [0, 0, 0]",
    "no message": f"{SHAPE}steps[0].sends[0]: there is no 'message'",
}
#: Way → what is told of a process that goes wrong before it has begun.
AT_ONCE = {
    "another version": "speaks version 2 of the line protocol, and not 1",
    "two beginnings": "answered 2 steps to 'init', which has exactly one",
    "ends at once": "ended with exit code 1 before it answered; last on its stderr: not today",
    "never flushes": "gave no answer within 2 s (does it flush its output after each line?)",
}


def checked(way: str, folder: Path, keys: str = "", engine: str = "auto") -> tuple[CheckResult, str]:
    command = (*PLAYER, way, str(folder))
    result = verify(model(command, f"    timeout: 2\n{keys}"), Options(means=Means(engine)))
    assert started(folder)
    assert end_soon(started(folder))
    return result, told(command)


def fault(result: CheckResult) -> str:
    assert result.exit_code is ExitCode.MODEL_RAISED
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.found.raised is not None
    return result.found.raised.reason


@pytest.mark.parametrize("way", FAULTS)
def test_says_what_went_wrong_and_where(way: str, tmp_path: Path) -> None:
    result, command = checked(way, tmp_path)
    assert fault(result) == f"{PLACE}{command}{FAULTS[way]}"
    assert result.raised is not None  # with a way there
    assert [step.transition.action for step in result.raised.steps][-1] != "p2a"


@pytest.mark.parametrize("way", ["crashes", "wrong state", "raises"])
def test_says_the_same_by_the_native_engine(way: str, tmp_path: Path) -> None:
    result, command = checked(way, tmp_path, engine="native")
    said = fault(result)
    assert said.startswith("acceptor 0: p2a on p2a(leader ")
    assert said.endswith(f"{command}{FAULTS[way]}")
    assert result.raised is not None


def test_names_what_there_is_instead_of_what_is_unknown(tmp_path: Path) -> None:
    result, command = checked("unknown node", tmp_path)
    at = "steps[0].sends[0].to: unknown node 'leader 7'; did you mean 'leader 0'?"
    assert fault(result).startswith(f"{PLACE}{command}{SHAPE}{at}")


def test_names_all_that_is_wrong_in_a_message(tmp_path: Path) -> None:
    result, command = checked("wrong message", tmp_path)
    assert fault(result).startswith(f"{PLACE}{command}{SHAPE}steps[0].sends[0].message")


@pytest.mark.parametrize("way", AT_ONCE)
def test_says_what_goes_wrong_as_it_begins(way: str, tmp_path: Path) -> None:
    result, command = checked(way, tmp_path)
    assert fault(result) == f"acceptor 0: as it begins: {command}{AT_ONCE[way]}"
    assert result.found.states == 0


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("engine", ["reference", "native"])
def test_a_process_that_counts_is_no_function(processes: int, engine: str, tmp_path: Path) -> None:
    result, command = checked("counts", tmp_path, f"    processes: {processes}", engine)
    said = fault(result)
    assert f"{command}is no function of what it is asked: it answered" in said
    assert "and asked again, in another order and another process, it answered" in said


@pytest.mark.parametrize("engine", ["reference", "native"])
@pytest.mark.parametrize("most", [1, 3])
def test_many_rounds_of_asking_again_leave_nothing_out(
    engine: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of models with more questions than are asked once more together."""
    monkeypatch.setattr(implementation, "AGAIN", most)
    monkeypatch.setattr(played, "MANY", most + 1)
    result, _ = checked("right", tmp_path, "    processes: 2", engine)
    assert result.verdict is Verdict.VERIFIED
    result, command = checked("counts", tmp_path, "    processes: 2", engine)
    assert f"{command}is no function of what it is asked: it answered" in fault(result)


def test_a_violation_does_not_hide_that_a_process_remembers(tmp_path: Path) -> None:
    result, command = checked("remembers", tmp_path)
    assert result.verdict is not Verdict.VERIFIED
    assert result.found.raised is not None
    assert f"{command}is no function of what it is asked" in result.found.raised.reason


def test_an_acceptor_that_is_right_is_verified(tmp_path: Path) -> None:
    result, _ = checked("right", tmp_path)
    assert result.verdict is Verdict.VERIFIED
    assert len(started(tmp_path)) == 2  # the other one is asked once more
