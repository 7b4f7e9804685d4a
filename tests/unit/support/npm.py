"""Packages of npm for tests: kept in pytest's cache; where they cannot be had, tests are skipped."""

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import pytest

#: Seconds that a registry may take.
PATIENCE = 60.0


def packages(config: pytest.Config, wanted: Sequence[str]) -> Path:
    """A folder whose `node_modules` has these packages, each `name@version`, and none that they need."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"no npm here, which has {', '.join(wanted)}; on Debian: apt-get install npm")
    known = getattr(config, "cache", None)
    cache = Path(mkdtemp()) if known is None else known.mkdir("npm")
    kept = cache / sha256(" ".join(wanted).encode()).hexdigest()[:12]
    if not kept.exists():
        partly = Path(mkdtemp(dir=cache))
        command = [npm, "pack", *wanted, "--silent", "--pack-destination", str(partly)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            shutil.rmtree(partly)
            pytest.skip(f"npm cannot get {', '.join(wanted)}: {error.stderr!r:.200}")
        for archive in partly.glob("*.tgz"):
            unpack(archive, partly / "node_modules")
        try:
            partly.rename(kept)
        except OSError:  # another worker was faster
            shutil.rmtree(partly)
    return kept


def unpack(archive: Path, modules: Path) -> None:
    with tarfile.open(archive) as package:
        files = {
            Path(*Path(member.name).parts[1:]): package.extractfile(member)
            for member in package
            if member.isfile()
        }
        contents = {path: file.read() for path, file in files.items() if file is not None}
    folder = modules / json.loads(contents[Path("package.json")])["name"]
    for path, content in contents.items():
        assert ".." not in path.parts
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def node(folder: Path, script: str, *arguments: str) -> str:
    """What a script prints that may require the packages in a folder."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("no node here; on Debian: apt-get install nodejs")
    environment = {**os.environ, "NODE_PATH": str(folder / "node_modules")}
    run = subprocess.run(
        [program, "-e", script, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        timeout=PATIENCE,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
