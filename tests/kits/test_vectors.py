"""The vectors of a model: roles of the kits with one rule broken do not pass them.

The broken ones are subclasses of a few lines, written where the kits are copied to.
"""

import json
import shutil
from pathlib import Path

import pytest
from asking import NEEDED, command

from checker.cli import main

MODEL = "majorities-two-commands"
SCRIPT = {
    "javascript": """\
const {{ serve }} = require('./kit.js')
const {{ Acceptor, Leader, Replica, compare }} = require('./roles.js')
const told = (node) => node.sends[0].message
class Broken extends {role} {{
  {rule}
}}
serve({{ acceptor: Acceptor, leader: Leader, replica: Replica, [`{role}`.toLowerCase()]: Broken }})
""",
    "python": """\
from kit import serve
from roles import Acceptor, Leader, Replica
class Broken({role}):
    {rule}

    def answered(self, m, ballot):
        super().on_p1a(m, None)
        self.state["ballot"] = ballot

    def cleared(self, m):
        if m["ballot"] > self.state["ballot"]:
            self.state["accepted"] = []

    def relabelled(self):
        told = self.sends[0]["message"]
        told["accepted"] = [{{**p, "ballot": told["current"]}} for p in told["accepted"]]

    def gone(self, m):
        if m["current"] < m["ballot"]:
            self.state["commanders"] = []

    def unbounded(self):
        self.config = {{**self.config, "slots": None}}
serve({{"acceptor": Acceptor, "leader": Leader, "replica": Replica, "{role}".lower(): Broken}})
""",
}
#: Language, id in the catalogue, role, the one rule.
BROKEN = [
    (
        "javascript",
        "A-01",
        "Acceptor",
        "on_p2a(m) { this.state.ballot = m.pvalue.ballot; super.on_p2a(m) }",
    ),
    (
        "javascript",
        "A-05",
        "Acceptor",
        "on_p2a(m) { super.on_p2a(m); told(this).current = m.pvalue.ballot }",
    ),
    ("javascript", "A-06", "Acceptor", "on_p1a(m) { super.on_p1a(m); told(this).accepted = [] }"),
    ("javascript", "B-01", "Leader", "highest(pvalues) { return [] }"),
    ("javascript", "B-05", "Leader", "isQuorum(heard) { return heard.length > 0 }"),
    ("python", "A-02", "Acceptor", "def on_p1a(self, m, _): self.answered(m, self.state['ballot'])"),
    ("python", "A-07", "Acceptor", "def on_p1a(self, m, _): self.cleared(m); super().on_p1a(m, _)"),
    ("python", "A-10", "Acceptor", "def on_p1a(self, m, _): super().on_p1a(m, _); self.relabelled()"),
    (
        "python",
        "B-10",
        "Leader",
        "def on_p2b(self, m, _): super().on_p2b({**m, 'current': m['ballot']}, _)",
    ),
    ("python", "B-15", "Leader", "def on_p2b(self, m, _): self.gone(m); super().on_p2b(m, _)"),
    ("python", "E-02", "Replica", "def propose(self): self.unbounded(); super().propose()"),
]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vectors") / "of-the-model"
    assert main(["vectors", "-q", MODEL, "-o", str(folder)]) == 0
    return folder


def conform(vectors: Path, kits: Path, language: str, name: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.chdir(kits / language)
    return main(["conform", str(vectors), "--json", "result.json", "--", *command(language, name)])


@pytest.mark.parametrize(("language", "id_", "role", "rule"), BROKEN, ids=lambda value: str(value)[:10])
def test_a_role_with_one_rule_broken_fails(
    vectors: Path,
    kits: Path,
    language: str,
    id_: str,
    role: str,
    rule: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if shutil.which(NEEDED[language]) is None:
        pytest.skip(f"there is no {NEEDED[language]} here")
    suffix = {"javascript": "js", "python": "py"}[language]
    script = SCRIPT[language].format(role=role, rule=rule)
    (kits / language / f"broken.{suffix}").write_text(script, encoding="utf-8")
    assert conform(vectors, kits, language, "broken", monkeypatch) == 10
    told = capsys.readouterr().out
    assert told.startswith("DIFFERS"), told
    assert "none is shorter" in told or id_ == "A-02"  # that one is wrong from the first message on
    result = json.loads((kits / language / "result.json").read_text(encoding="utf-8"))
    right = {name for name, count in result["roles"].items() if count["passed"] == count["vectors"]}
    assert right == {"acceptor", "leader", "replica"} - {role.lower()}


def test_the_broken_ones_are_ten_at_least() -> None:
    assert len({id_ for _, id_, _, _ in BROKEN}) >= 10
