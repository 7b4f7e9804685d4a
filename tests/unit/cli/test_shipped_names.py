"""Shipped models by name: the file's or the model's own, of which protocol; ambiguous ones are refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import checker.modelfiles.protocol
from checker.cli import main
from checker.cli.models import meant, shipped
from checker.model.verdict import ExitCode
from checker.modelfiles.protocol import Protocol
from spec.protocol import PMMC, derive

MODEL = """\
name: {name}
protocol: {protocol}
nodes: {{acceptors: 1, leaders: 1, replicas: 1}}
commands: [put k1 v1]
bounds: {{slots: 1, rounds: 1}}
network: at-most-once
properties: [R1]
"""
#: protocol → file → name of its model
SHELVES = {
    "locks": {"three": "three-clients", "duel": "lock-duel", "twin": "twin"},
    "raft": {"three": "raft-three", "forgets": "raft-forgets-vote", "pair": "twin"},
}


@pytest.fixture
def protocols(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Protocol]:
    """PMMC and two others, one of which has a model of a name that PMMC has too."""
    found = {"pmmc": PMMC}
    for name, models in SHELVES.items():
        folder = tmp_path / name
        folder.mkdir()
        for file, title in models.items():
            text = MODEL.format(name=title, protocol=name)
            folder.joinpath(f"{file}.pmmc.yaml").write_text(text, encoding="utf-8")
        found[name] = derive(name, about="", models=folder)
    taken = {name: (protocol, "") for name, protocol in found.items() if name != "pmmc"}
    monkeypatch.setattr(checker.modelfiles.protocol, "TAKEN", taken)
    return found


def checked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["check", "-q", *words])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("forgets", "raft-forgets-vote"),
        ("raft-forgets-vote", "raft-forgets-vote"),
        ("raft/forgets", "raft-forgets-vote"),
        ("raft/raft-forgets-vote", "raft-forgets-vote"),
        ("locks/three", "three-clients"),
        ("raft/three", "raft-three"),
        ("raft-three", "raft-three"),
        ("duel", "duel"),
        ("pmmc/duel", "duel"),
        ("locks/duel", "lock-duel"),
        ("lock-duel", "lock-duel"),
        ("locks/twin", "twin"),
        ("twin", "twin"),  # the name of a file is meant before that of a model
    ],
)
def test_a_model_is_found_by_either_name(protocols, capsys, name, model):
    code, told = checked(capsys, name)
    assert (code, told.split(":")[0]) == (ExitCode.OK, f"VERIFIED  {model}")


def test_what_is_ambiguous_is_refused(protocols, capsys):
    assert checked(capsys, "three") == (
        ExitCode.USAGE,
        "pmmc: 'three' may be several models: locks/three, raft/three; name one of these\n",
    )


def test_what_is_ambiguous_among_the_models_own_names_is_refused(protocols, tmp_path, capsys):
    for name in ("locks", "raft"):
        text = MODEL.format(name="same", protocol=name)
        (tmp_path / name / f"of-{name}.yaml").write_text(text, encoding="utf-8")
    code, told = checked(capsys, "same")
    assert (code, "of-locks, of-raft" in told) == (ExitCode.USAGE, True)


def test_the_nearest_of_both_kinds_of_names_is_named(protocols, capsys):
    assert "did you mean 'raft-forgets-vote'?" in checked(capsys, "raft-forgets-votes")[1]
    assert "did you mean 'forgets'?" in checked(capsys, "forgts")[1]


def test_the_name_that_reports_print_means_that_model(protocols):
    known = shipped(protocols)
    assert len({model.name for model in known}) == len(known)
    assert all(meant(model.name, known) == [model] for model in known)


def test_models_and_properties_say_of_which_protocol(protocols, capsys):
    for command, key in (("models", "models"), ("properties", "properties")):
        main([command, "--json"])
        rows = json.loads(capsys.readouterr().out)[key]
        assert {row["protocol"] for row in rows} == {"pmmc", "locks", "raft", "replicated-log"}
        main([command, "--protocol", "raft"])
        lines = [line for line in capsys.readouterr().out.splitlines() if line and line[0] != " "]
        assert {line.split()[1] for line in lines} == {"raft"}
    assert main(["models", "--protocol", "rafd"]) == ExitCode.USAGE
    assert "did you mean 'raft'?" in capsys.readouterr().err


def test_a_check_of_all_is_of_one_protocol_if_that_is_asked(protocols, capsys):
    code, told = checked(capsys, "--protocol", "raft")
    assert code == ExitCode.OK
    assert told.startswith("3 models: 3 verified")
    code, told = checked(capsys, "--protocol", "raft", "duel")
    assert (code, "name it or a MODEL" in told) == (ExitCode.USAGE, True)


def test_a_protocol_need_not_ship_models(protocols):
    assert replace(PMMC, models=None).model_files() == []
