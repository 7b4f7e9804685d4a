"""`pmmc cost`: the table, the run, JSON, exit codes, and what is said of models that have no cost."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import checker.cli.commands.cost
from checker.cli import main
from checker.data.formats import FORMATS
from checker.model.verdict import ExitCode

SMALL = """
name: small
nodes: {acceptors: 1, leaders: 1, replicas: 1, clients: 1}
commands: [put k a, put k b]
bounds: {slots: 2, rounds: 1}
network: lossy-duplicating
"""
SHORT = SMALL.replace("name: small", "name: short").replace("slots: 2", "slots: 1")
NOBODY = SMALL.replace("name: small", "name: nobody").replace(", clients: 1", "")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(pmmc: Run, tmp_path: Path) -> Run:
    """One command in a folder with the models: exit code, stdout, stderr."""
    for text in (SMALL, SHORT, NOBODY):
        name = text.split("name: ")[1].split()[0]
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return partial(pmmc, "cost")


def test_a_line_for_each_call_in_80_columns(run: Run) -> None:
    code, out, err = run("small.yaml", "short.yaml", "--call", "put k a", "-q")
    assert (code, err) == (ExitCode.OK, "")
    header, *rows = out.splitlines()
    assert header.split() == ["model", "call", "delays", "writes", "messages", "in", "all"]
    assert [row.split()[-4:] for row in rows] == [["6", "3", "6", "6"]] * 2
    assert max(map(len, out.splitlines())) <= 80


def test_one_call_is_shown_with_its_run_and_the_command_that_replays_it(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run("small.yaml", "--call", "put k b")
    assert code == ExitCode.OK
    assert "client 0 –request→ replica 0* –propose→ leader 0 –p2a→ acceptor 0* –p2b→ leader 0" in out
    assert "linearization" not in out, "who only looks on is not shown"
    (again,) = [line for line in out.splitlines() if "pmmc replay" in line]
    words = again.split("pmmc ")[1].split()
    assert words[:4] == ["replay", "small.yaml", "--network", "reliable"]
    assert main(words) == ExitCode.OK
    assert "response(cid 2, result [b])" in capsys.readouterr().out


def test_several_calls_are_shown_by_their_chains_and_with_full_by_their_runs(run: Run) -> None:
    _, out, _ = run("small.yaml")
    assert "initial state" not in out
    assert out.count("  chain ") == out.count("  replay ") == 2
    _, out, _ = run("small.yaml", "--full")
    assert out.count("initial state") == 2


def test_from_the_start_the_first_command_counts_too(run: Run) -> None:
    _, out, _ = run("small.yaml", "--call", "put k b", "--from-start", "-q")
    assert out.splitlines()[1].split()[-4:] == ["12", "6", "14", "14"]


def test_a_call_without_an_answer_is_an_expectation_unmet(run: Run) -> None:
    code, out, _ = run("short.yaml", "--call", "put k b")
    assert code == ExitCode.UNMET
    assert out.splitlines()[1].split()[-4:] == ["–"] * 4
    assert "in no run is there an answer to it" in out


def test_no_number_after_a_limit(run: Run) -> None:
    code, out, _ = run("small.yaml", "--max-states", "1")
    assert code == ExitCode.INCONCLUSIVE
    assert out.splitlines()[1].split()[-4:] == ["–"] * 4
    assert "the limit of 1 states was reached; no answer comes with fewer delays than" in out


def test_json(run: Run) -> None:
    code, out, err = run("small.yaml", "--json", "-", "--call", "put k a")
    document = json.loads(out)
    assert document["format"] == FORMATS["cost"]
    assert document["exit_code"] == code == ExitCode.OK
    (one,) = document["costs"]
    assert (one["delays"], one["writes"], one["messages"], one["in_all"]) == (6, 3, 6, 6)
    assert (one["file"], one["call"], one["network"]) == ("small.yaml", "put k a", "reliable")
    assert [stage["node"] for stage in one["chain"]][:3] == ["client 0", "replica 0", "leader 0"]
    assert [stage["writes"] for stage in one["chain"]].count(True) == 3
    assert one["chain"][-1]["step"] == len(one["path"])
    assert "put k a" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody.yaml"], "nobody.yaml: no client calls anything in this model"),
        (["small.yaml", "--call", "put k c"], "unknown call 'put k c'; did you mean 'put k a'?"),
        (["missing.yaml"], "missing.yaml"),
        (["small.yaml", "--json", "no/such/folder"], "there is no folder"),
        (["small.yaml", "--json", "small.yaml"], "small.yaml"),
    ],
)
def test_wrong_usage_is_told(run: Run, words: list[str], said: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (ExitCode.USAGE, "")
    assert said in err
    assert "Traceback" not in err


def test_all_that_is_wrong_is_told_at_once(run: Run) -> None:
    _, _, err = run("nobody.yaml", "locks", "--call", "nothing")
    assert err.count("pmmc: ") >= 1
    _, _, err = run("small.yaml", "--call", "one", "--call", "two")
    assert err.count("unknown call") == 2


def test_what_was_found_before_an_interruption_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = checker.cli.commands.cost.cost_of, []

    def stubborn(*arguments: object) -> object:
        asked.append(arguments)
        if len(asked) > 1:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(checker.cli.commands.cost, "cost_of", stubborn)
    code, out, err = run("small.yaml", "-q")
    assert code == ExitCode.INTERRUPTED
    assert "interrupted" in err
    assert len(out.splitlines()) == 2
