"""The kits: small, without dependencies, and the same servers in three languages."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from asking import COMMANDS, EXAMPLES, NEEDED, ask, run_of

from checker.cli import main

KITS = {"python": "kit.py", "javascript": "kit.js", "java": "Kit.java"}
IMPORTS = {
    "python": re.compile(r"^(?:import|from) (\w+)", re.MULTILINE),
    "javascript": re.compile(r"require\('([^']+)'\)"),
    "java": re.compile(r"^import (?:static )?(\w+)\.", re.MULTILINE),
}
INIT = {"do": "init", "node": "server 1"}


@pytest.mark.parametrize("language", KITS)
def test_a_kit_is_short_and_needs_nothing(language: str) -> None:
    text = (EXAMPLES / language / KITS[language]).read_text(encoding="utf-8")
    assert len(text.splitlines()) < 100
    own = {"python": sys.stdlib_module_names, "javascript": ["node:util"], "java": ["java"]}[language]
    named = IMPORTS[language].findall(text)
    assert named
    assert set(named) <= set(own)


def test_several_requests_before_an_answer(kits: Path, language: str) -> None:
    first, *others = ask(kits, language, "server", [INIT] * 200)
    assert first["steps"][0]["state"]["promised"] == [0, 0]
    assert all(other == first for other in others)


def test_what_is_ignored_has_no_step(kits: Path, language: str) -> None:
    state = ask(kits, language, "server", [INIT])[0]["steps"][0]["state"]
    step = {"do": "step", "node": "server 1", "state": state, "from": "server 0"}
    old = {"type": "p1a", "ballot": [0, 0]}
    unknown = {"type": "nothing of mine"}
    assert (
        ask(kits, language, "server", [{**step, "message": m} for m in (old, unknown)])
        == [{"steps": []}] * 2
    )
    leads = {**state, "phase": "leader"}
    wake = {"do": "wake", "node": "server 1", "state": leads, "timer": "election"}
    assert ask(kits, language, "server", [wake]) == [{"steps": []}]


def test_an_error_is_an_answer_and_the_next_request_is_answered(kits: Path, language: str) -> None:
    wrong, right = ask(kits, language, "server", [{"do": "wake", "node": "server 1", "state": {}}, INIT])
    assert list(wrong) == ["error"]
    assert isinstance(wrong["error"], str)
    assert len(right["steps"]) == 1


def test_any_text_comes_back(kits: Path, language: str) -> None:
    (begun,) = ask(kits, language, "server", [{"do": "init", "node": "server 0"}])
    state = begun["steps"][0]["state"]
    for text in ("“é”", '"\\\n\t\x01', "𝄞", "{]:,", "a/b"):
        request = {"type": "request", "client": text, "cid": 1, "op": f"put k{text.split()[0]} v"}
        step = {"do": "step", "node": "server 0", "state": state, "from": text, "message": request}
        (answer,) = ask(kits, language, "server", [step])
        command = answer["steps"][0]["state"]["log"]["1"]["command"]
        assert command == {"client": text, "cid": 1, "op": request["op"]}


def test_the_three_servers_are_the_same_function(kits: Path) -> None:
    here = [language for language in COMMANDS if shutil.which(NEEDED[language]) is not None]
    if len(here) < 2:
        pytest.skip("there is neither node nor a JDK here")
    asked = run_of(kits, here[0], 400)
    assert {request["do"] for request in asked} == {"init", "step", "wake", "crash", "restart"}
    told = [[plain(answer) for answer in ask(kits, language, "server", asked)] for language in here]
    assert all(answers == told[0] for answers in told)
    assert sum(answer != '{"steps": []}' for answer in told[0]) > 100


def plain(answer: object) -> str:
    return json.dumps(answer, sort_keys=True)


def test_init_writes_a_kit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mine"
    assert main(["init", "--kit", "javascript", str(folder)]) == 0
    assert f"wrote the javascript kit to {folder}:" in capsys.readouterr().out
    for path in folder.rglob("*.js"):
        assert path.read_text() == (EXAMPLES / "javascript" / path.relative_to(folder)).read_text()
    assert (folder / "kit.js").exists()
    assert main(["init", "--kit", "javascript", str(folder)]) == 2
    assert "exists; it is not overwritten" in capsys.readouterr().err
    assert main(["init", "--kit", "jav", str(folder)]) == 2
    assert "unknown kit 'jav'; did you mean 'java'?" in capsys.readouterr().err
    assert main(["init", "--kit", "python", "--protocol", "locks"]) == 2
