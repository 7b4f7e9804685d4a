"""The kits, copied and compiled; what a language needs may not be installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from asking import COMMANDS, EXAMPLES, NEEDED


@pytest.fixture(scope="session")
def kits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of examples/kits, Java compiled if there is a compiler."""
    copy = tmp_path_factory.mktemp("kits") / "kits"
    shutil.copytree(EXAMPLES, copy, ignore=shutil.ignore_patterns("build", "__pycache__"))
    if shutil.which("javac") is not None:
        sources = sorted(str(path) for path in (copy / "java").glob("*.java"))
        subprocess.run(
            ["javac", "-Xlint:all", "-Werror", "-d", str(copy / "java/build"), *sources], check=True
        )
    return copy


@pytest.fixture(params=COMMANDS)
def language(request: pytest.FixtureRequest) -> str:
    """Each language, skipped where it is not installed."""
    program = NEEDED[request.param]
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} here")
    return request.param
