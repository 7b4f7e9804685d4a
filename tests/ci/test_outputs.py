"""The command line writes what CI reads; the workflow it prints is one, and its commands run."""

import json
import os
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml
from modelfiles import BROKEN, GOOD

from checker.cli import main
from checker.model.verdict import ExitCode


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "good.pmmc.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "models" / "broken.pmmc.yaml").write_text(BROKEN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_files_of_one_run_agree(folder, capsys):
    files = ["--json", "r.json", "--junit", "r.xml", "--sarif", "r.sarif"]
    assert main(["check", "models", "-q", *files]) == ExitCode.SAFETY
    results = json.loads(Path("r.json").read_text(encoding="utf-8"))["results"]
    suites = ET.parse("r.xml").getroot()
    assert [r["model"] for r in results] == [s.attrib["name"] for s in suites] == ["broken", "good"]
    (run,) = json.loads(Path("r.sarif").read_text(encoding="utf-8"))["runs"]
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 12}]
    assert not list(folder.glob(".*.tmp"))


def test_a_file_can_go_to_stdout(folder, capsys):
    assert main(["check", "models/good.pmmc.yaml", "--junit", "-"]) == ExitCode.OK
    out, err = capsys.readouterr()
    assert ET.fromstring(out).tag == "testsuites"
    assert "VERIFIED  good" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--junit", "no/such/folder.xml"], "there is no folder"),
        (["--sarif", "models"], "it is a folder"),
        (["--junit", "-", "--sarif", "-"], "--junit and --sarif cannot both go to stdout"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_work(folder, capsys, options, said):
    assert main(["check", "models", *options]) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""


def test_ci_init_names_the_folder_of_the_models(capsys):
    assert main(["ci", "init", "our models"]) == ExitCode.OK
    steps = yaml.safe_load(capsys.readouterr().out)["jobs"]["check"]["steps"]
    assert any(shlex.split(step.get("run", ""))[:3] == ["pmmc", "check", "our models"] for step in steps)


def test_ci_init_prints_a_workflow_whose_commands_run(folder, capsys):
    assert main(["ci", "init"]) == ExitCode.OK
    workflow = yaml.safe_load(capsys.readouterr().out)
    assert set(workflow) == {"name", True, "permissions", "jobs"}, "YAML 1.1 reads `on` as true"
    steps = workflow["jobs"]["check"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    install, check = (step["run"] for step in steps if "run" in step)
    assert install == "pip install vendor/*.whl -e .", "see tests/docs/test_installing.py"
    program, *arguments = shlex.split(check)
    assert program == "pmmc"
    run = subprocess.run(
        [sys.executable, "-m", "checker.cli", *arguments],
        env={**os.environ, "GITHUB_STEP_SUMMARY": "summary.md", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == ExitCode.SAFETY
    assert (
        "::error title=pmmc%3A broken%2C R1,file=models/broken.pmmc.yaml,line=9::R1 violated" in run.stdout
    )
    assert "```mermaid\nsequenceDiagram" in Path("summary.md").read_text(encoding="utf-8")
    for step in steps:
        for name in str(step.get("with", {}).get("path", "")).split():
            assert Path(name).is_file(), "what is uploaded was written"
