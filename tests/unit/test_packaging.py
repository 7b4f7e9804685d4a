"""What is built holds all that a check needs, and checks from another place than the source tree."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("pmmc", "spec", "checker")
#: What is needed at run time, by path.
NEEDED = {
    path.relative_to(ROOT).as_posix()
    for room in ROOMS
    for path in (ROOT / room).rglob("*")
    if path.suffix in {".py", ".yaml", ".typed", ".html", ".js", ".css", ".txt"}
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return {path.suffix: path for path in folder.iterdir()}


def test_the_wheel_holds_everything_and_nothing_else(built: dict[str, Path]) -> None:
    names = set(zipfile.ZipFile(built[".whl"]).namelist())
    assert names >= NEEDED
    assert {"spec/template.yaml", "spec/models/duel.yaml", *(f"{room}/py.typed" for room in ROOMS)} <= names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == set(ROOMS)


def test_the_source_archive_holds_tests_and_pages(built: dict[str, Path]) -> None:
    with tarfile.open(built[".gz"]) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    assert names >= NEEDED
    assert {"README.md", "ARCHITECTURE.md", "LICENSE", "pyproject.toml", "docs/json.md"} <= names
    assert {
        ".ci/run",
        "tests/conftest.py",
        "CHANGELOG.md",
        "CITATION.cff",
        "justfile",
        "examples/raft_election/raft_election/raft.py",
        "mkdocs.yml",
    } <= names
    assert {
        ".github/workflows/ci.yml",
        ".pre-commit-config.yaml",
        "docs/adr/index.md",
        ".ci/site.py",
    } <= names


def test_an_installed_wheel_checks(built: dict[str, Path], tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(built[".whl"]) as wheel:
        wheel.extractall(site)
    script = "import sys, checker.cli as c; print(c.__file__); sys.exit(c.main(['check', '-q', 'duel']))"
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site), "PYTHONUTF8": "1", "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    where, verdict = run.stdout.splitlines()
    assert run.returncode == 0, run.stderr
    assert Path(where).is_relative_to(site)
    assert verdict.startswith("VERIFIED  duel")
