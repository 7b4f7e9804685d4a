"""The helper module beside the tests can be imported; an environment with this project, to be copied."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cleanroom import ROOT, CleanRoom


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> CleanRoom:
    """A clean environment into which pip has installed this project: once, others are made like it."""
    base = tmp_path_factory.mktemp("furnished")
    (base / "pmmc").symlink_to(ROOT)
    room = CleanRoom(base / "room")
    room.well("pip install --quiet ./pmmc", base)
    return room
