"""Pools: many requests at once, several processes, and whose fault it is."""

from collections.abc import Iterator
from pathlib import Path
from sys import executable

import pytest

from checker.implementations.command import Command
from checker.implementations.pool import Fault, Pool

#: Answers with the request's number `n` and its process; goes wrong where it is told to.
PROGRAM = """
import json, os, sys, time
for line in sys.stdin:
    asked = json.loads(line)
    answer = {"id": asked["id"], "protocol": 1, "n": asked.get("n"), "pid": os.getpid()}
    what = asked.get("what")
    if what == "crash":
        os._exit(4)
    if what == "once" and not os.path.exists(asked["mark"]):
        open(asked["mark"], "w").close()
        os._exit(5)
    if what == "odd":
        answer = 7
    answer["more"] = "x" * asked.get("size", 0)
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Pool]:
    program = tmp_path / "answers.py"
    program.write_text(PROGRAM)
    made = Pool(Command((executable, "-I", "-S", "answers.py"), tmp_path, 10, 3), '"do":"hello"')
    yield made
    made.close()
    assert made.pids == []


def asked(count: int, wrong: dict[int, str] | None = None) -> list[str]:
    return [f'"n":{n}{(wrong or {}).get(n, "")}' for n in range(count)]


def test_answers_come_in_the_order_of_the_requests(pool: Pool) -> None:
    answers = pool.ask(asked(2000))
    assert [answer["n"] for answer in answers] == list(range(2000))
    assert len({answer["pid"] for answer in answers}) == 3
    assert sorted({answer["pid"] for answer in answers}) == sorted(pool.pids)


def test_few_requests_are_asked_of_one_process(pool: Pool) -> None:
    answers = pool.ask(asked(20))
    assert len({answer["pid"] for answer in answers}) == len(pool.pids) == 1


def test_who_is_asked_can_be_said(pool: Pool) -> None:
    one, two, three = pool.ask(asked(3), [0, 2, 0])
    assert one["pid"] == three["pid"] != two["pid"]


def test_requests_and_answers_may_be_longer_than_what_a_pipe_holds(pool: Pool) -> None:
    long = f',"pad":"{"y" * 100_000}","size":100000'
    answers = pool.ask(asked(40, dict.fromkeys(range(40), long)), [0] * 40)
    assert [(answer["n"], len(answer["more"])) for answer in answers] == [(n, 100_000) for n in range(40)]


@pytest.mark.parametrize("wrong", [{0}, {99}, {17, 18, 60}])
def test_a_crash_is_the_fault_of_whose_it_is(pool: Pool, wrong: set[int]) -> None:
    answers = pool.ask(asked(100, dict.fromkeys(wrong, ',"what":"crash"')))
    faults = {n for n, answer in enumerate(answers) if isinstance(answer, Fault)}
    assert faults == wrong
    for n in wrong:
        assert "ended with exit code 4 before it answered" in answers[n].text
    assert [answer["n"] for answer in answers if not isinstance(answer, Fault)] == [
        n for n in range(100) if n not in wrong
    ]


def test_an_odd_answer_is_one_fault(pool: Pool) -> None:
    answers = pool.ask(asked(50, {7: ',"what":"odd"'}))
    assert [n for n, answer in enumerate(answers) if isinstance(answer, Fault)] == [7]


def test_a_crash_that_does_not_come_again_is_not_forgotten(pool: Pool, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    answers = pool.ask(asked(30, {12: f',"what":"once","mark":"{mark}"'}))
    faults = [answer for answer in answers if isinstance(answer, Fault)]
    assert len(faults) == 1
    assert faults[0].text.endswith("before it answered; asked once more, by itself, it answered")


def test_patience_ends(pool: Pool) -> None:
    answers = pool.ask(asked(200, dict.fromkeys(range(200), ',"what":"crash"')))
    assert all(isinstance(answer, Fault) for answer in answers)
    assert answers[-1].text.endswith("it is not asked any more")
    assert isinstance(pool.ask(asked(1))[0], Fault)
    pool.close()
    assert pool.ask(asked(1))[0]["n"] == 0  # as new


def test_what_is_interrupted_ends_the_processes(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    pool.ask(asked(1))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pool, "_wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pool.ask(asked(3))
    assert pool.pids == []
    monkeypatch.undo()
    assert [answer["n"] for answer in pool.ask(asked(3))] == [0, 1, 2]
