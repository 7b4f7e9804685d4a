"""`pmmc why`: what it takes, what it says where there is nothing to explain, exit codes, JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import checker.cli.commands.why as command
from checker.data.formats import FORMATS
from checker.model.verdict import ExitCode

LOST = """
name: lost
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k A, put k B]
bounds: {slots: 1, rounds: 1}
network: at-most-once
properties: [R1]
sometimes: [slot-decided]
"""
#: An acceptor that forgets in a crash what it accepted: the shipped model, here a user's own.
SHIPPED = Path(__file__).parents[3] / "spec" / "models" / "stable-without-accepted.yaml"
BROKEN = (
    SHIPPED.read_text(encoding="utf-8")
    .split("\nexpect:")[0]
    .replace("name: stable-without-accepted", "name: broken")
)
FOR_EVER = """
name: for-ever
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: endless, spread: 2}
network: fifo
fair: deliveries
properties: [every-command-performed]
"""
PATH = "0/1/1/1/1/1/0/0/0/0/0/0"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(pmmc: Run, tmp_path: Path) -> Run:
    """One command in a folder with the models: exit code, stdout, stderr."""
    for text in (LOST, BROKEN, FOR_EVER):
        name = text.split("\nname: ")[1].split()[0]
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return pmmc


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_a_model_is_checked_and_what_is_found_is_explained(run: Run) -> None:
    code, out, err = run("why", "broken.yaml", "--engine", "reference")
    assert (code, err) == (ExitCode.OK, "")
    text = squeezed(out)
    assert out.startswith("VIOLATED  R1   (invariant, 12 steps, shortest)   broken.yaml\n")
    assert "(crash, 6), then is up again (restart, 7)" in text
    assert "acceptor 0 p1a(leader 1, ballot 0.1), instead of one of steps 1 to 6" in text
    assert "after step 6, environment 0 crash → acceptor 0, no single step excludes it any more" in text
    assert "of 221 states 2 violate it; from 28, these included" in text
    assert out.endswith(f"  replay      pmmc replay broken.yaml --path {PATH}\n")
    assert "own rule" not in out


def test_a_path_and_a_trace_file_are_explained_alike(run: Run) -> None:
    run("check", "broken.yaml", "--engine", "reference", "--trace-dir", "out", "-q")
    _, of_file, _ = run("why", "out/broken/R1.itf.json")
    code, of_path, _ = run("why", "broken.yaml", "--path", PATH)
    assert code == ExitCode.OK
    assert of_path.splitlines()[1:-1] == of_file.splitlines()[1:-1]
    assert of_file.splitlines()[-1] == "  replay      pmmc replay out/broken/R1.itf.json"
    assert (
        "path"
        not in run("why", "broken.yaml", "--path", PATH, "--most", "0")[1]
        .split("different")[1]
        .split("replay")[0]
    )


def test_a_step_that_nothing_rests_on_is_no_part_of_the_story(run: Run) -> None:
    longer = "6/0/5/0/5/0/0/4/2"  # one-active-leader, with a request in step 1
    code, out, _ = run("why", "one-active-leader", "--path", longer, "-q")
    assert code == ExitCode.OK, out
    assert "  left out    step 1: nothing in the story rests on it" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("lost.yaml",), "there is nothing to explain"),
        (("broken.yaml", "--path", "0/1"), "broken.yaml: nothing is violated at the end of this path"),
        (("broken.yaml", "--path", "0/99"), "the trace no longer fits: step 2: there is no step 99"),
    ],
)
def test_where_nothing_is_violated_there_is_nothing_to_explain(
    run: Run, words: tuple[str, ...], says: str
) -> None:
    code, out, _ = run("why", *words)
    assert code == ExitCode.UNMET
    assert says in out


def test_a_trace_that_no_longer_shows_it_is_not_explained(run: Run) -> None:
    run("check", "broken.yaml", "--trace-dir", "out", "-q")
    text = BROKEN.replace("[ballot_num]", "[ballot_num, accepted]")
    Path("mended.yaml").write_text(text, encoding="utf-8")
    code, out, _ = run("why", "out/broken/R1.itf.json", "--model", "mended.yaml")
    assert code == ExitCode.UNMET
    assert "no longer" in out


def test_how_a_goal_is_reached_is_explained_if_it_is_asked_for(run: Run) -> None:
    code, out, _ = run("why", "lost.yaml", "--property", "slot-decided")
    assert code == ExitCode.OK
    assert out.startswith("REACHED  slot-decided")
    assert "reach it; from" in squeezed(out)


def test_of_a_run_it_is_said_what_is_not_asked(run: Run) -> None:
    code, out, _ = run("why", "for-ever.yaml")
    assert code == ExitCode.OK
    assert "Then again and again, for ever: " in squeezed(out)
    assert "  excluded    not asked: every-command-performed is violated by a run" in out
    assert "  different   not counted: " in out


def test_a_limit_leaves_unknown_what_excludes_it(run: Run) -> None:
    code, out, _ = run("why", "broken.yaml", "--path", PATH, "--max-states", "100", "--engine", "native")
    assert code == ExitCode.INCONCLUSIVE
    assert "not known of every other step: the limit of 100 states was reached" in squeezed(out)
    assert "  no return   not known\n" in out
    assert "Both come together" in out


def test_what_was_known_is_told_when_it_is_interrupted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.explanation.fates.reaching", interrupted)
    code, out, _ = run("why", "broken.yaml", "--json", "why.json")
    assert code == ExitCode.INTERRUPTED
    assert "Both come together" in out
    assert "  excluded    not known: interrupted\n" in out
    document = json.loads(Path("why.json").read_text(encoding="utf-8"))
    assert document["exit_code"] == ExitCode.INTERRUPTED
    assert document["explained"][0]["interrupted"] is True


def test_the_json_form_says_all_that_the_text_does(run: Run) -> None:
    code, out, err = run("why", "broken.yaml", "--json", "-", "--engine", "reference")
    assert code == ExitCode.OK
    assert err.startswith("VIOLATED  R1")
    document: dict[str, Any] = json.loads(out)
    assert (document["format"], document["exit_code"]) == (FORMATS["why"], 0)
    (one,) = document["explained"]
    assert (one["property"], one["model"], one["file"]) == ("R1", "broken", "broken.yaml")
    assert one["story"]["slice"] == [*range(1, 13)]
    assert one["story"]["paragraphs"][-1][0]["steps"] == [12]
    excluded = one["excluded"]
    assert (excluded["last_chance"], excluded["no_return"], excluded["known"]) == (5, 6, True)
    assert (excluded["states"], excluded["showing"], excluded["leading"]) == (221, 2, 28)
    first = [
        (o["node"], o["action"], o["sends"]) for o in excluded["moments"][0]["others"] if o["excludes"]
    ]
    assert ("environment 0", "crash", ["crash() → acceptor 0"]) in first
    assert one["different"]["found"] == len(one["different"]["counterexamples"]) == 1
    assert one["any_other"]["swaps"] == [{"first": 5, "second": 12, "node": "replica 0"}]
    assert one["unanswered"] == {}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("broken.yaml", "--model", "lost.yaml"), "--model goes with a trace file"),
        (("broken.yaml", "--loop", "2"), "--loop goes with --path"),
        (("broken.yaml", "--property", "R11"), "R1"),
        (("brokn",), "unknown model"),
        (("broken.yaml", "--json", "no/such/folder.json"), "cannot write no/such/folder.json"),
        (("broken.yaml", "--json", "broken.yaml"), "broken.yaml"),
    ],
)
def test_wrong_usage(run: Run, words: tuple[str, ...], says: str) -> None:
    code, _, err = run("why", *words)
    assert code == ExitCode.USAGE
    assert says in err


def test_the_way_to_where_the_code_raises_is_told(run: Run, tmp_path: Path) -> None:
    run("init", "seats.py")
    file = tmp_path / "seats.py"
    text = file.read_text(encoding="utf-8")
    sits = "    return ((replace(buyer, seated=True), ()),)\n"
    assert sits in text
    file.write_text(text.replace(sits, f"    raise KeyError(me)\n{sits}"), encoding="utf-8")
    code, out, _ = run("why", "seats.pmmc.yaml", "--load", "seats.py")
    assert code == ExitCode.MODEL_RAISED
    assert out.startswith("RAISED  (after 2 steps")
    assert "In the end buyer 0 sends ask(buyer 0) to seller (2)" in squeezed(out)
    assert "  excluded    not asked: this trace ends where the model's code raises" in out


def test_a_check_that_is_interrupted_is_not_explained(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = command.check_model

    def interrupted(*given: Any) -> Any:
        result = checked(*given)
        result.found.interrupted = True
        return result

    monkeypatch.setattr(command, "check_model", interrupted)
    code, out, _ = run("why", "broken.yaml")
    assert code == ExitCode.INTERRUPTED
    assert "interrupted before it was explained" in out


def test_several_findings_are_explained_one_after_another(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = command.findings
    monkeypatch.setattr(command, "findings", lambda result: found(result) * 2)
    code, out, _ = run("why", "broken.yaml", "-q")
    assert code == ExitCode.OK
    assert out.count("VIOLATED  R1") == 2
    assert "\n\nVIOLATED" in out
