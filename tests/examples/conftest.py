"""The projects in examples/ are tested in places where they are installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PROJECTS = sorted(path.parent.name for path in EXAMPLES.glob("*/pyproject.toml"))


def pip_install(project: Path, site: Path) -> None:
    """Install a project as pip does, without what it depends on: that is installed here."""
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", site, project], check=True
    )


@pytest.fixture(scope="session")
def install() -> Callable[[Path, Path], None]:
    """`install(project, site)`: install a project into a folder."""
    return pip_install


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """A folder in which all the projects are installed."""
    base = tmp_path_factory.mktemp("examples")
    for name in PROJECTS:
        copy = base / name
        shutil.copytree(EXAMPLES / name, copy, ignore=shutil.ignore_patterns("__pycache__"))
        pip_install(copy, base / "site")
    return base / "site"


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path) -> Run:
    """`run(site, module, *arguments)`: `python -m module …` where `site` is installed, in `tmp_path`."""

    def run(
        site: Path, module: str, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(site), str(ROOT)])
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "NO_COLOR": "1", **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run
