"""What the page on conformance shows is what happens: commands, the test, and the readers in two languages.

`PMMC_UPDATE_GOLDEN=1` writes what commands print anew.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_printed_pages import even

from checker.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
ROOT = Path(__file__).parents[2]
CONSOLE = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
FILE = re.compile(r"```(?:python|js)\n((?:#|//) (\S+)\n.*?)```", re.DOTALL)

#: An acceptor for the reader in JavaScript; with another CONDITION it is a wrong one.
ACCEPTOR = """
const { failing } = require("./reader.js");
const after = (a, b) => a[0] - b[0] || a[1] - b[1];
function answer(q) {
  if (q.do === "hello") return { id: q.id, protocol: 1 };
  const first = { ballot: [-1, -1], accepted: [] };
  if (q.do === "init") return { id: q.id, steps: [{ state: first, sends: [] }] };
  const { ballot, accepted } = q.state, m = q.message;
  let state, reply;
  if (m.type === "p1a") {
    state = { ballot: after(m.ballot, ballot) > 0 ? m.ballot : ballot, accepted };
    reply = { type: "p1b", acceptor: q.node, ballot: m.ballot, current: state.ballot, accepted };
  } else {
    const known = accepted.some((p) => JSON.stringify(p) === JSON.stringify(m.pvalue));
    state = { accepted: CONDITION && !known ? [m.pvalue, ...accepted] : accepted, ballot };
    const { ballot: asked, slot } = m.pvalue;
    reply = { type: "p2b", acceptor: q.node, ballot: asked, slot, current: ballot };
  }
  return { id: q.id, steps: [{ state, sends: [{ to: m.leader, message: reply }] }] };
}
const found = failing("vectors", "acceptor", answer);
console.log(JSON.stringify(found.map((v) => v.request.id)));
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the page and the vectors."""
    place = tmp_path_factory.mktemp("page")
    for body, name in FILE.findall(PAGE.read_text(encoding="utf-8")):
        (place / name).write_text(body, encoding="utf-8")
    assert main(["vectors", "majorities-two-commands", "-q", "-o", str(place / "vectors")]) == 0
    return place


@pytest.fixture(autouse=True)
def _there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(folder)


@pytest.mark.parametrize("number", range(3))
def test_shows_what_is_printed(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    body = CONSOLE.findall(text)[number]
    command = body.splitlines()[0]
    main(command.removeprefix("$ pmmc ").split())
    actual = f"{command}\n{capsys.readouterr().out}"
    if os.environ.get("PMMC_UPDATE_GOLDEN") and even(body) != even(actual):
        PAGE.write_text(text.replace(body, actual, 1), encoding="utf-8")
    assert even(body) == even(actual), "PMMC_UPDATE_GOLDEN=1 writes it anew"


def test_all_commands_of_the_page_are_run() -> None:
    assert len(CONSOLE.findall(PAGE.read_text(encoding="utf-8"))) == 3


def test_the_test_of_the_page_passes() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_acceptor.py"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "1 passed" in run.stdout, run.stdout


def acceptor_of(source: str) -> Any:
    """The rules of the page's acceptor as a function from request to answer, without its loop."""
    rules = {"__name__": "acceptor"}
    exec(source.partition("\nfor line in sys.stdin")[0], rules)

    def answer(request: Any) -> Any:
        if request["do"] in ("hello", "init"):
            return {
                "id": request["id"],
                "steps": [{"state": {"ballot": [-1, -1], "accepted": []}, "sends": []}],
            }
        rules["me"], message = request["node"], request["message"]
        rule: Any = rules[{"p1a": "promise", "p2a": "accept"}[message["type"]]]
        state, reply = rule(request["state"], message)
        sends = [{"to": message["leader"], "message": reply}]
        return {"id": request["id"], "steps": [{"sends": sends, "state": state}]}

    return answer


def test_the_reader_in_python(folder: Path) -> None:
    reader: dict[str, Any] = {}
    exec((folder / "reader.py").read_text(encoding="utf-8"), reader)
    assert "checker" not in (folder / "reader.py").read_text(encoding="utf-8")
    source = (folder / "acceptor.py").read_text(encoding="utf-8")
    assert reader["failing"]("vectors", "acceptor", acceptor_of(source)) == []
    wrong = acceptor_of(source.replace('pvalue["ballot"] == ballot', "True"))
    assert [v["request"]["id"] for v in reader["failing"]("vectors", "acceptor", wrong)] == failing(folder)


def failing(folder: Path) -> list[int]:
    """The numbers of the vectors that `pmmc conform` says the wrong acceptor fails."""
    main(["conform", "vectors", "--role", "acceptor", "--json", "found.json", "--", "python3", "hasty.py"])
    found = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    assert found["failures"]
    return [failure["vector"] for failure in found["failures"]]


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node on this machine")
def test_the_reader_in_javascript(folder: Path) -> None:
    def found(condition: str) -> list[int]:
        (folder / "run.js").write_text(ACCEPTOR.replace("CONDITION", condition), encoding="utf-8")
        run = subprocess.run(["node", "run.js"], capture_output=True, text=True, check=True)
        return json.loads(run.stdout)

    assert found("after(m.pvalue.ballot, ballot) === 0") == []
    assert found("true") == failing(folder)
