"""The projects in examples/, installed by pip as anybody's package: models, tests, our commands."""

import json
import re
import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
#: How many models each has that are not slow.
MODELS = {
    "acme_paxos": 2,
    "locks": 3,
    "raft_election": 4,
    "registers": 3,
    "single_decree_paxos": 2,
    "two_phase_commit": 5,
}
NAMES = {
    "acme_paxos": "acme-paxos",
    "locks": "locks",
    "raft_election": "raft",
    "registers": "registers",
    "single_decree_paxos": "single-decree-paxos",
    "two_phase_commit": "two-phase-commit",
}
UNREDUCED = ("--no-fusion", "--no-settling", "--no-symmetry")


def test_every_example_is_tested():
    assert (
        sorted(MODELS)
        == sorted(NAMES)
        == sorted(path.parent.name for path in EXAMPLES.glob("*/pyproject.toml"))
    )


@pytest.fixture(params=MODELS)
def project(request, tmp_path) -> Path:
    """A checkout of a project: the current folder of what runs."""
    shutil.copytree(EXAMPLES / request.param, tmp_path, dirs_exist_ok=True)
    return tmp_path


def name_of(project: Path) -> str:
    return next(name for name in MODELS if project.joinpath(name).is_dir())


def models_of(project: Path, *, slow: bool) -> list[str]:
    """The model files of a project that say `slow: true`, or those that do not."""
    files = project.joinpath(name_of(project), "models").glob("*.pmmc.yaml")
    return sorted(str(path) for path in files if slow == ("slow: true" in path.read_text(encoding="utf-8")))


def summary_of(run) -> dict[str, int]:
    return {word: int(count) for count, word in re.findall(r"(\d+) (\w+)", run.stdout.splitlines()[-1])}


@pytest.mark.parametrize(
    "options",
    [
        ("--engine", "reference"),
        ("--engine", "native", *UNREDUCED),
        # those of a project whose models pytest checks, below
        pytest.param((), marks=pytest.mark.slow),
    ],
)
def test_models_are_as_expected(project, site, run, options):
    """Exact counts: those without reductions in both engines, and those with all of them."""
    name = name_of(project)
    limits = ("--max-states", "2000", "--allow-inconclusive") if name == "acme_paxos" and options else ()
    files = models_of(project, slow=False)
    checked = run(site, "checker.cli", "check", *files, *options, *limits)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    if not limits:
        assert f"{MODELS[name]} models, all as expected" in checked.stdout


@pytest.mark.slow
@pytest.mark.parametrize("options", [UNREDUCED, ()], ids=["unreduced", "reduced"])
@pytest.mark.parametrize("project", ["registers", "single_decree_paxos"], indirect=True)
def test_slow_models_are_as_expected(project, site, run, options):
    files = models_of(project, slow=True)
    assert len(files) == 2
    checked = run(site, "checker.cli", "check", *files, *options)
    assert "2 models, all as expected" in checked.stdout, checked.stdout + checked.stderr


def test_pytest_runs_models_and_tests(project, site, run):
    tested = run(site, "pytest", "-n0", "-q", "-p", "no:cacheprovider", "-m", "not pmmc_slow")
    assert tested.returncode == 0, tested.stdout
    name = name_of(project)
    assert summary_of(tested)["passed"] > 2 * MODELS[name]
    assert "skipped" not in summary_of(tested)


def test_the_page_of_a_project_names_its_models(project):
    page = project.joinpath("README.md").read_text(encoding="utf-8")
    models = project.joinpath(name_of(project), "models").glob("*.pmmc.yaml")
    missing = [path.name for path in models if path.name.removesuffix(".pmmc.yaml") not in page]
    assert missing == []


def test_a_protocol_in_one_file_needs_no_installation(run, tmp_path):
    shutil.copytree(EXAMPLES / "raft_election", tmp_path, dirs_exist_ok=True)
    words = ("check", "--load", "raft_election/raft.py", "raft_election/models", *UNREDUCED)
    checked = run(tmp_path / "nowhere", "checker.cli", *words)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "4 models, all as expected" in checked.stdout


def test_commands_know_the_protocols(site, run):
    listed = json.loads(run(site, "checker.cli", "models", "--json").stdout)["models"]
    assert {"duel", "acme-duel", "three-rms"} <= {model["name"] for model in listed}
    both = run(site, "checker.cli", "check", "duel", "acme-paxos/duel").stdout
    assert re.search(r"^duel .*\nacme-duel ", both, re.MULTILINE), "a name that two have is told apart"
    schema = json.loads(run(site, "checker.cli", "schema", "--protocol", "two-phase-commit").stdout)
    assert schema["properties"]["rms"]["type"] == "integer"
    assert json.loads(run(site, "checker.cli", "schema").stdout)["title"] == "pmmc model file"
    unknown = run(site, "checker.cli", "init", "--protocol", "acme-pax")
    assert unknown.returncode == 2
    assert "did you mean 'acme-paxos'?" in unknown.stderr
    ambiguous = run(site, "checker.cli", "check", "three")
    assert "locks/three, two-phase-commit/three; name one of these" in ambiguous.stderr


@pytest.mark.parametrize("protocol", NAMES.values())
def test_the_template_of_a_protocol_is_a_model_of_it(site, run, tmp_path, protocol):
    written = run(site, "checker.cli", "init", "--protocol", protocol, "first.pmmc.yaml")
    assert written.returncode == 0
    assert f"protocol: {protocol}" in (tmp_path / "first.pmmc.yaml").read_text(encoding="utf-8")
    checked = run(site, "checker.cli", "check", "first.pmmc.yaml", "-q")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"acme_paxos"}))
def test_other_packages_only_use_public_names(name):
    """They are written with what `checker` exports, and nothing of PMMC."""
    for path in (EXAMPLES / name).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"from checker\.|import checker\.|(?:from|import) (?:spec|pmmc)\b", text), (
            path
        )


def test_locks_is_what_the_page_explains():
    """docs/writing.md and examples/locks hold the same text; here the models say what is expected, too."""
    page = EXAMPLES.parent.joinpath("docs", "writing.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^```\w+\n# (locks/\S+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    assert {"locks/rules.py", "locks/protocol.py", "locks/models/three.pmmc.yaml"} <= set(shown)
    for file, text in shown.items():
        kept = (EXAMPLES / "locks" / file).read_text(encoding="utf-8")
        assert kept.partition("expect:")[0] == text, file
