"""`pmmc validate`: the page that explains it, exit codes, outputs, and traces that others open."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from checker.cli import main
from checker.validation.network import Queues, Sent, key

PAGE = (Path(__file__).parents[3] / "docs" / "logs.md").read_text(encoding="utf-8")
MODEL = re.search(r"```yaml\n# three.yaml\n(.*?)```", PAGE, re.DOTALL)
LOG = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
BLOCKS = re.findall(r"```console\n\$ pmmc (.*?)\n(.*?)```", PAGE, re.DOTALL)
P1A = {"type": "p1a", "leader": "leader 0", "ballot": [0, 0]}
P1B = {"type": "p1b", "acceptor": "acceptor 1", "ballot": [0, 0], "current": [0, 0], "accepted": []}
EVENTS = (
    {"event": "start"},
    {"event": "receive", "from": "leader 0", "message": P1A},
    {"event": "send", "to": "leader 0", "message": P1B},
    {"event": "recover", "state": {"ballot": [-1, -1], "accepted": []}},
)
FORGETFUL = "".join(
    json.dumps({"node": "acceptor 1", "seq": seq, **event}) + "\n" for seq, event in enumerate(EVENTS, 1)
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    assert MODEL is not None
    assert LOG is not None
    Path("three.yaml").write_text(MODEL[1], encoding="utf-8")
    Path("acceptor-0.jsonl").write_text(LOG[1], encoding="utf-8")
    Path("forgetful.jsonl").write_text(FORGETFUL, encoding="utf-8")
    return tmp_path


def even(text: str) -> str:
    return re.sub(r"[\d.]+ s \([\d.]+ MB/s\)", "0.0 s (0.1 MB/s)", text)


@pytest.mark.parametrize(("command", "shown"), BLOCKS)
def test_the_page_shows_what_is_printed(
    command: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(command.split())
    printed = even(capsys.readouterr().out)
    wanted, cut, _ = even(shown).partition("…")
    assert printed.startswith(wanted) if cut else printed == wanted


def test_exit_codes_and_documents(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["validate", "acceptor-0.jsonl", "forgetful.jsonl", "--model", "three.yaml", "-q"]
    assert main([*words, "--json", "out.json", "--junit", "out.xml"]) == 10
    told = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert (told["format"], told["verdict"], told["exit_code"]) == (1, "does not fit", 10)
    (misfit,) = [node["misfit"] for node in told["nodes"] if node["misfit"] is not None]
    assert misfit["place"] == "forgetful.jsonl:4"
    assert misfit["differences"] == [{"field": "ballot", "rule": [0, 0], "log": [-1, -1]}]
    suite = ET.parse("out.xml").getroot()[0]
    assert [case.get("name") for case in suite if case.find("failure") is not None] == ["acceptor 1"]
    assert main(["validate", "acceptor-0.jsonl", "--model", "three.yaml", "-q"]) == 0
    assert main(["validate", "nowhere.jsonl", "--model", "three.yaml"]) == 2
    assert main(["validate", "acceptor-0.jsonl"]) == 2
    assert "there is no start event with a config" in capsys.readouterr().err


def test_the_run_and_a_way_to_what_it_has_not_visited_can_be_replayed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["validate", "acceptor-0.jsonl", "--model", "three.yaml", "--coverage", "20"]
    assert main([*words, "--trace-dir", "out"]) == 0
    assert "your run visited 1 of 124" in capsys.readouterr().out
    for name, steps in (("run", "1 step "), ("not-visited", "0 steps")):
        assert main(["replay", f"out/{name}.itf.json"]) == 0
        told = capsys.readouterr().out
        assert told.startswith(f"REPLAYED  {steps}")
        assert "every step and state is as it was" in told


@pytest.mark.parametrize("keeps", [True, False])
def test_messages_on_disk_are_as_good_as_in_memory(keeps: bool) -> None:
    small, large = Sent(keeps=keeps, most=3), Sent(keeps=keeps)
    try:
        answers = []
        for sent in (small, large):
            for number in range(50):
                sent.post(key("acceptor 0", number % 20))
            answers.append([sent.take(key("acceptor 0", number % 25)) for number in range(120)])
        assert answers[0] == answers[1]
        assert (small.sent, small.taken) == (large.sent, large.taken)
        assert answers[0].count(True) == (100 if keeps else 50)
    finally:
        small.close()
        large.close()


def test_queues_keep_the_order_and_lose_only_what_they_may() -> None:
    queues = Queues(loss=1)
    for number in range(4):
        queues.post("a", "b", number)
    assert queues.take("a", "b", 1)
    assert queues.overtaken == 0
    assert queues.take("a", "b", 3)
    assert queues.overtaken == 1
    assert not queues.take("a", "b", 2)
