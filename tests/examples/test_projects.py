"""Third parties: rules of one's own checked against our spec, and a protocol that is not ours at all."""

import json
import re
import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODELS = {"acme_paxos": 2, "two_phase_commit": 5}


@pytest.fixture(params=MODELS)
def project(request, tmp_path) -> Path:
    """A checkout of a project: the current folder of what runs."""
    shutil.copytree(HERE / request.param, tmp_path, dirs_exist_ok=True)
    return tmp_path


def summary_of(run) -> dict[str, int]:
    return {word: int(count) for count, word in re.findall(r"(\d+) (\w+)", run.stdout.splitlines()[-1])}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["reference", "native"])
def test_models_are_as_expected(project, site, run, engine):
    limits = ("--max-states", "20000") if project.joinpath("acme_paxos").is_dir() else ()
    checked = run(site, "checker.cli", "check", ".", "--engine", engine, *limits, "--allow-inconclusive")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_pytest_runs_models_and_tests(project, site, run):
    tested = run(site, "pytest", "-n0", "-q", "-p", "no:cacheprovider")
    assert tested.returncode == 0, tested.stdout
    (name,) = (name for name in MODELS if project.joinpath(name).is_dir())
    assert summary_of(tested)["passed"] > 4 * MODELS[name]
    assert "skipped" not in summary_of(tested)


def test_commands_know_the_protocols(site, run):
    listed = json.loads(run(site, "checker.cli", "models", "--json").stdout)["models"]
    assert {"duel", "acme-duel", "three-participants"} <= {model["name"] for model in listed}
    both = run(site, "checker.cli", "check", "duel", "acme-paxos/duel").stdout
    assert re.search(r"^duel .*\nacme-duel ", both, re.MULTILINE), "a name that two have is told apart"
    schema = json.loads(run(site, "checker.cli", "schema", "--protocol", "two-phase-commit").stdout)
    assert schema["properties"]["participants"]["type"] == "integer"
    assert json.loads(run(site, "checker.cli", "schema").stdout)["title"] == "pmmc model file"
    unknown = run(site, "checker.cli", "init", "--protocol", "acme-pax")
    assert unknown.returncode == 2
    assert "did you mean 'acme-paxos'?" in unknown.stderr


@pytest.mark.parametrize("protocol", ["acme-paxos", "two-phase-commit"])
def test_the_template_of_a_protocol_is_a_model_of_it(site, run, tmp_path, protocol):
    written = run(site, "checker.cli", "init", "--protocol", protocol, "first.pmmc.yaml")
    assert written.returncode == 0
    assert f"protocol: {protocol}" in (tmp_path / "first.pmmc.yaml").read_text(encoding="utf-8")
    checked = run(site, "checker.cli", "check", "first.pmmc.yaml", "-q")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_other_packages_only_use_public_names():
    """Two-phase commit is written with what `checker` exports, and nothing of PMMC."""
    for path in (HERE / "two_phase_commit").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"from checker\.|import checker\.|(?:from|import) (?:spec|pmmc)\b", text), (
            path
        )
