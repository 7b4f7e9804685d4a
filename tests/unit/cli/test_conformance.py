"""`pmmc vectors`, `pmmc conform` and `pmmc schema --wire`: files, processes, exit codes, what is said."""

import json
import os
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschemas import faults
from suites import TWO, loaded, with_rules

from checker.cli import main
from checker.data.formats import FORMATS
from checker.model.verdict import ExitCode

Run = Callable[..., tuple[int, str, str]]
SERVER = str(Path(__file__).parents[1] / "support" / "servedrules.py")
#: The repository, from which the server takes the rules.
ROOT = str(Path(__file__).parents[3])


@pytest.fixture
def there(pmmc: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Vectors of a small model, and models with right and wrong rules, in a folder of its own."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")])))
    (tmp_path / "right.yaml").write_text(loaded(TWO).text, encoding="utf-8")
    wrong = with_rules(TWO, {"acceptor": "accept-any-ballot"})
    (tmp_path / "wrong.yaml").write_text(wrong, encoding="utf-8")
    code, _, err = pmmc("vectors", TWO, "-o", "vectors", "-q")
    assert (code, err) == (ExitCode.OK, "")
    return pmmc


def served(model: str) -> list[str]:
    return ["--", sys.executable, SERVER, model]


def test_what_was_written_is_told(pmmc: Run) -> None:
    code, out, _ = pmmc("vectors", TWO, "-o", "vectors", "--role", "acceptor", "--role", "replica")
    assert code == ExitCode.OK
    lines = out.splitlines()
    assert lines[0] == "wrote vectors: 34 vectors of two-commands"
    assert lines[1].split() == ["acceptor", "19", "vectors", "·", "1", "init", "·", "18", "step"]
    assert "529 states, 1,376 steps, all there are, nothing left out" in out


def test_an_implementation_passes_and_is_told_what_that_means(there: Run) -> None:
    files = ["--json", "found.json", "--junit", "found.xml"]
    code, out, err = there("conform", "vectors", *files, *served("right.yaml"))
    assert (code, err) == (ExitCode.OK, "")
    assert out.startswith(f"PASSED  73 vectors   two-commands   {sys.executable}")
    said = " ".join(out.split())
    assert "acceptor 19 of 19 passed" in said
    assert "it has exactly the model's 529 states" in said
    assert "not asked larger models, other rules, networks or faults" in said
    found = json.loads(Path("found.json").read_text(encoding="utf-8"))
    assert (found["format"], found["exit_code"], found["passed"]) == (FORMATS["conform"], 0, True)
    assert found["roles"]["leader"] == {"vectors": 39, "passed": 39}
    suite = ET.parse("found.xml").getroot()[0]
    assert {key: suite.get(key) for key in ("failures", "errors")} == {"failures": "0", "errors": "0"}
    assert {case.get("name") for case in suite} >= {"init", "p1a", "p2a", "propose", "request"}


def test_the_first_that_differs_is_told_with_a_run_that_can_be_replayed(
    there: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--json", "found.json", "--junit", "found.xml", "--trace", "first.itf.json"]
    code, out, _ = there("conform", "vectors", "--most", "2", *files, *served("wrong.yaml"))
    assert code == ExitCode.UNMET
    assert out.startswith("DIFFERS  ")
    assert "differs     state.accepted: ⟨0.0, 1, put k1 v1⟩ is too much" in out
    assert "a run of 5 steps, none is shorter" in out
    assert "replay      pmmc replay first.itf.json" in out
    assert "more vectors (--most tells of them)" in out
    assert main(["replay", "first.itf.json"]) == ExitCode.OK
    assert "REPLAYED  5 steps" in capsys.readouterr().out
    found = json.loads(Path("found.json").read_text(encoding="utf-8"))
    first = found["failures"][0]
    assert (found["passed"], first["fate"], first["role"]) == (False, "differs", "acceptor")
    assert first["expected"]["id"] == first["request"]["id"] == first["vector"]
    path = "/".join(map(str, first["path"]))
    assert main(["replay", TWO, "--path", path]) == ExitCode.OK
    suite = ET.parse("found.xml").getroot()[0]
    assert suite.get("failures") == "1"
    assert "vector" in (suite.find("testcase/failure").text or "")


def test_without_a_trace_the_path_is_told_to_replay(there: Run) -> None:
    _, out, _ = there("conform", "vectors", "--role", "acceptor", *served("wrong.yaml"))
    (line,) = [line for line in out.splitlines() if "pmmc replay" in line]
    assert line.split()[:5] == ["replay", "pmmc", "replay", TWO, "--path"]


def test_only_the_roles_that_are_named_are_asked(there: Run) -> None:
    code, out, _ = there("conform", "vectors", "--role", "leader", "-q", *served("wrong.yaml"))
    assert code == ExitCode.OK
    assert out.startswith("PASSED  39 vectors")


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit(3)", "ended with exit code 3 before it answered"),
        ("print('no JSON', flush=True); input()", "answered with a line that is no JSON"),
        ("import time; time.sleep(60)", "gave no answer within 0.5 s"),
    ],
)
def test_an_implementation_that_goes_wrong_ends_with_14(there: Run, program: str, said: str) -> None:
    words = ["--timeout", "0.5", "--", sys.executable, "-c", program]
    code, out, _ = there("conform", "vectors", "--role", "acceptor", *words)
    assert code == ExitCode.MODEL_RAISED
    assert said in " ".join(out.split())
    assert "and so did 18 more vectors" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["vectors", "servers-one", "-o", "v"], "server 0 is a machine with several processes"),
        (["vectors", TWO, "-o", "."], "cannot write .: it holds something else than vectors"),
        (["vectors", TWO, "-o", "v", "--role", "acceptr"], "no acceptr takes part in this model"),
        (
            ["conform", "absent", "--", "true"],
            "expected the folder that `pmmc vectors MODEL -o FOLDER` wrote",
        ),
        (["conform", "vectors", "--role", "leder", "--", "true"], "did you mean 'leader'?"),
        (["conform", "vectors", "--", "no-such-program"], "there is no program 'no-such-program'"),
        (["conform", "vectors", "--trace", "t.txt", "--", "true"], "names end in .json"),
        (["conform", "vectors", "--json", "vectors/manifest.json", "--", "true"], "would be written over"),
        (["conform", "vectors"], "COMMAND"),
        (["schema", TWO], "with --wire that of a model is printed"),
    ],
)
def test_what_cannot_be_done_is_told_with_exit_code_2(there: Run, words: list[str], said: str) -> None:
    code, _, err = there(*words)
    assert code == ExitCode.USAGE
    assert said in err


def test_a_limit_writes_nothing(pmmc: Run) -> None:
    code, out, err = pmmc("vectors", TWO, "-o", "vectors", "--max-states", "100")
    assert (code, out) == (ExitCode.INCONCLUSIVE, "")
    assert "the limit of 100 states was reached: nothing was written" in err
    assert not Path("vectors").exists()


def test_the_schema_of_what_implementations_read_and_write(there: Run) -> None:
    code, out, _ = there("schema", "--wire")
    assert code == ExitCode.OK
    schema = json.loads(out)
    _, of_model, _ = there("schema", "--wire", TWO)
    assert json.loads(of_model) == schema
    lines = Path("vectors/acceptor.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        vector = json.loads(line)
        assert not list(faults(schema, vector["request"]))
        assert not list(faults({"$ref": "#/$defs/answer"}, vector["answer"], schema))
    manifest = json.loads(Path("vectors/manifest.json").read_text(encoding="utf-8"))
    hello = {"id": 0, "do": "hello", "protocol": 1, "config": manifest["config"]}
    assert not list(faults({"$ref": "#/$defs/request"}, hello, schema))
