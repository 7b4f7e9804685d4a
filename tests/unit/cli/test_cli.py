"""The command line from outside: exit codes, streams, files, interruption; nothing heavy for --help."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from smallmodels import BROKEN, ENDLESS, SMALL, STUCK

import checker.checking.check
from checker.cli import main
from checker.data.formats import FORMATS
from checker.engines import reference
from checker.engines.contract import Discovery
from checker.model.verdict import ExitCode
from pmmc.messages import P2a
from spec import roles
from spec.system import build

ROOT = Path(__file__).parents[3]
PMMC = [sys.executable, "-m", "checker.cli"]
ENVIRONMENT = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"}


def pmmc(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    options.setdefault("cwd", ROOT)
    options.setdefault("env", ENVIRONMENT)
    return subprocess.run(
        [*PMMC, *map(str, arguments)], capture_output=True, encoding="utf-8", check=False, **options
    )


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for text in (SMALL, BROKEN, STUCK, ENDLESS):
        name = text.split("name: ")[1].split()[0]
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["small.yaml"], ExitCode.OK),
        (["broken.yaml"], ExitCode.SAFETY),
        (["stuck.yaml"], ExitCode.DEADLOCK),
        (["small.yaml", "broken.yaml", "stuck.yaml"], ExitCode.DEADLOCK),
        (["small.yaml", "--property", "leader-preempted"], ExitCode.UNMET),
        (["endless.yaml", "--max-states", "300"], ExitCode.INCONCLUSIVE),
        (["endless.yaml", "--max-depth", "3"], ExitCode.INCONCLUSIVE),
        (["endless.yaml", "--timeout", "0.1"], ExitCode.INCONCLUSIVE),
        (["endless.yaml", "--max-states", "300", "--allow-inconclusive"], ExitCode.OK),
        (["broken.yaml", "endless.yaml", "--max-states", "20000", "--allow-inconclusive"], ExitCode.SAFETY),
        (["missing.yaml"], ExitCode.USAGE),
        (["--max-states", "none", "small.yaml"], ExitCode.USAGE),
        (["--max-states", "0", "small.yaml"], ExitCode.USAGE),
        (["--workers", "5000", "small.yaml"], ExitCode.USAGE),
        (["--workers", "256", "small.yaml"], ExitCode.OK),
        (["--timeout", "nan", "small.yaml"], ExitCode.USAGE),
        (["--network", "carrier-pigeon", "small.yaml"], ExitCode.USAGE),
        (["--property", "R99", "small.yaml"], ExitCode.USAGE),
        (["--max", "5", "small.yaml"], ExitCode.USAGE),
        (["--json", "no/such/folder/x.json", "small.yaml"], ExitCode.USAGE),
        (["--json", ".", "small.yaml"], ExitCode.USAGE),
    ],
)
def test_exit_codes(
    *,
    models: Path,
    words: list[str],
    code: ExitCode,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(models)
    try:
        ended = main(["check", *words])
    except SystemExit as end:
        ended = ExitCode(end.code)
    out, err = capsys.readouterr()
    assert ended == code, err
    assert bool(err) == (code is ExitCode.USAGE) or "distinct" in err
    assert bool(out) == (code is not ExitCode.USAGE)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["small.yaml"], ExitCode.OK),
        (["stuck.yaml", "broken.yaml"], ExitCode.DEADLOCK),
        (["endless.yaml", "--max-states", "300"], ExitCode.INCONCLUSIVE),
        (["--timeout", "nan", "small.yaml"], ExitCode.USAGE),
    ],
)
def test_exit_codes_are_those_of_the_process(models: Path, words: list[str], code: ExitCode) -> None:
    run = pmmc("check", *words, cwd=models)
    assert run.returncode == code, run.stderr
    assert "Traceback" not in run.stderr
    assert bool(run.stderr) == (code is ExitCode.USAGE) or "distinct" in run.stderr
    assert bool(run.stdout) == (code is not ExitCode.USAGE)


def test_a_command_is_required() -> None:
    assert pmmc().returncode == ExitCode.USAGE
    assert pmmc("chekc").returncode == ExitCode.USAGE


def test_help_tells_the_exit_codes_and_the_version_is_known() -> None:
    for words in ([], ["check"]):
        text = pmmc(*words, "--help").stdout
        assert all(re.search(rf"^ +{code.value}  ", text, re.MULTILINE) for code in ExitCode)
    assert re.fullmatch(r"pmmc \d+\.\d+\S*\n", pmmc("--version").stdout)


@pytest.mark.parametrize(
    "code", ["import checker.cli", "import checker.cli.grammar.parser as c; c.parser().format_help()"]
)
def test_help_imports_no_library(code: str) -> None:
    heavy = "pydantic yaml numba numpy networkx"
    script = f"{code}; import sys; print(*(set({heavy.split()!r}) & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


def test_models_come_from_files_folders_stdin_and_by_name(models: Path) -> None:
    assert "small: 1 property" in pmmc("check", "-", "-q", input=SMALL).stdout
    (models / "deep").mkdir()
    (models / "deep" / "other.yaml").write_text(SMALL.replace("small", "other"), encoding="utf-8")
    for name in ("broken", "stuck", "endless"):
        (models / f"{name}.yaml").unlink()
    run = pmmc("check", models)
    assert run.returncode == 0
    assert "2 models" in run.stdout
    assert pmmc("check", "duel", "-q").stdout.startswith("VERIFIED  duel")
    empty = models / "empty"
    empty.mkdir()
    assert pmmc("check", empty).returncode == ExitCode.USAGE


def test_all_faults_of_all_files_are_told_at_once(models: Path) -> None:
    (models / "one.yaml").write_text("name: [\n", encoding="utf-8")
    (models / "two.yaml").write_text(SMALL + "colour: blue\nslow: maybe\n", encoding="utf-8")
    run = pmmc("check", "one.yaml", "two.yaml", "nowhere", "small.yaml", cwd=models)
    assert run.returncode == ExitCode.USAGE
    assert run.stdout == ""
    for place in (r"one\.yaml:\d+:\d+: ", r"two\.yaml:8:1: .*'colour'", r"two\.yaml:9:7: ", "'nowhere'"):
        assert re.search(place, run.stderr)


def test_json_to_stdout_stands_alone(models: Path) -> None:
    run = pmmc("check", models / "broken.yaml", "--json", "-")
    document = json.loads(run.stdout)
    assert document["exit_code"] == run.returncode == ExitCode.SAFETY
    (result,) = document["results"]
    assert (result["model"], result["verdict"], result["as_expected"]) == ("broken", "violated", None)
    (found,) = result["properties"]
    assert found["verdict"] == "violated"
    assert found["length"] == len(found["path"]) == 14
    assert "slot 1 is decided as" in found["reason"]
    assert "VIOLATED  R1" in run.stderr


def test_every_field_of_the_json_is_documented(models: Path) -> None:
    run = pmmc("check", models / "small.yaml", "--json", "-")
    document = json.loads(run.stdout)
    (result,) = document["results"]
    documented = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "json.md").read_text(encoding="utf-8")))
    for fields in (document, result, result["properties"][0]):
        assert set(fields) <= documented


def test_json_files_are_replaced_whole(models: Path) -> None:
    target = models / "out.json"
    target.write_text("old", encoding="utf-8")
    link = models / "link.json"
    link.symlink_to(target)
    assert pmmc("check", models / "small.yaml", "--json", link).returncode == 0
    assert link.is_symlink()
    assert json.loads(target.read_text(encoding="utf-8"))["results"][0]["states"] > 1
    assert [p.name for p in models.iterdir() if p.suffix == ".tmp"] == []
    assert pmmc("check", models / "small.yaml", "--json", os.devnull).returncode == 0
    assert not Path(os.devnull).is_file()


def interrupted(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it prints after it is interrupted, which is when it first says how far it has got."""
    assert process.stderr is not None
    while "  distinct " not in process.stderr.readline():
        assert process.poll() is None, "it has no end"
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=120)


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for one process")
def test_an_interrupted_check_tells_what_it_has(models: Path) -> None:
    process = subprocess.Popen(
        [*PMMC, "check", "small.yaml", "endless.yaml", "stuck.yaml", "--json", "out.json"],
        cwd=models,
        env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    while not process.stdout.readline().startswith("small"):
        assert process.poll() is None, "the first model is checked to its end"
    out, err = interrupted(process)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in err
    assert "1 not checked" in out
    results = json.loads((models / "out.json").read_text(encoding="utf-8"))["results"]
    assert [r["exit_code"] for r in results] == [0, ExitCode.INTERRUPTED]
    assert results[1]["stopped"] == "interrupted"
    assert results[1]["states"] > 0


@pytest.mark.skipif(os.name == "nt", reason="pipes break differently")
def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [*PMMC, "schema"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**ENVIRONMENT, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(timeout=120)


def test_a_terminal_without_our_characters_gets_question_marks() -> None:
    environment = {**ENVIRONMENT, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    run = pmmc("check", "commander-as-printed", env=environment)
    assert run.returncode == 0
    assert "ballot ? ? 0.0" in run.stdout
    as_json = pmmc("check", "commander-as-printed", "--json", "-", env=environment)
    assert json.loads(as_json.stdout)["results"][0]["verdict"] == "violated"


def test_colour_only_when_asked() -> None:
    assert "\x1b[" not in pmmc("check", "duel").stdout
    assert "\x1b[" in pmmc("check", "duel", "--color", "always").stdout


def test_quiet_says_one_line_and_verbose_says_all() -> None:
    assert len(pmmc("check", "duel", "election", "-q").stdout.splitlines()) == 1
    verbose = pmmc("check", "duel", "election", "-v").stdout
    assert verbose.count("reproduce") == 2


def test_init_writes_a_model_that_checks_and_nothing_over_it(tmp_path: Path) -> None:
    assert pmmc("init").stdout.startswith("#")
    target = tmp_path / "mine.yaml"
    assert pmmc("init", target).returncode == 0
    assert pmmc("check", target).returncode == 0
    before = target.read_text(encoding="utf-8")
    again = pmmc("init", target)
    assert again.returncode == ExitCode.USAGE
    assert "not overwritten" in again.stderr
    assert target.read_text(encoding="utf-8") == before
    assert pmmc("init", tmp_path / "no" / "folder.yaml").returncode == ExitCode.USAGE


def test_every_form_bears_its_version_and_is_documented(models: Path) -> None:
    documented = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "json.md").read_text(encoding="utf-8")))
    for command in ("models", "properties"):
        document = json.loads(pmmc(command, "--json").stdout)
        assert document.pop("format") == FORMATS[command]
        (entries,) = document.values()
        assert {field for entry in entries for field in entry} <= documented


def test_lists() -> None:
    assert json.loads(pmmc("schema").stdout)["properties"].keys() >= {"name", "nodes", "expect"}
    models = json.loads(pmmc("models", "--json").stdout)["models"]
    assert "duel" in {m["name"] for m in models}
    text = pmmc("models").stdout
    assert all(m["name"] in text for m in models)
    listed = json.loads(pmmc("properties", "--json").stdout)["properties"]
    assert {p["id"] for p in listed} >= {"R1", "A5", "slot-decided"}
    assert all(p["meaning"] and p["source"] for p in listed)


def test_an_unconfirmed_finding_is_an_internal_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lying(*arguments: Any) -> Any:
        found = reference.explore(*arguments)
        found.violations.append(Discovery("R1", "a lie", (0,)))
        return found

    monkeypatch.setattr(checker.checking.check, "choose_engine", lambda *_: lying)
    assert main(["check", "duel"]) == ExitCode.INTERNAL
    captured = capsys.readouterr()
    assert captured.out.startswith("ERROR  duel: the check failed\n")
    assert captured.err.startswith("duel: internal error: InternalMismatch: R1 was found (a lie)")
    assert "Traceback" not in captured.err
    monkeypatch.setenv("PMMC_TRACEBACK", "1")
    assert main(["check", "duel"]) == ExitCode.INTERNAL
    assert "Traceback" in capsys.readouterr().err


def test_a_model_that_raises_is_told_with_state_and_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], models: Path
) -> None:
    def fragile(*_: Any) -> Any:
        raise ZeroDivisionError("oops")

    broken = tuple(r.with_rules({P2a: fragile}) if r.name == "acceptor" else r for r in roles.ALL)
    monkeypatch.setitem(build.__kwdefaults__, "played_by", broken)
    assert main(["check", str(models / "small.yaml")]) == ExitCode.MODEL_RAISED
    out = capsys.readouterr().out
    assert out.startswith("RAISED  (after ")
    said = " ".join(out.split())
    assert "acceptor 0: p2a on p2a(leader 0, ⟨0.0, 1, put k1 v1⟩) in state acceptor(ballot 0.0, acc" in said
    assert "ZeroDivisionError: oops" in said
