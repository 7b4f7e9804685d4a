"""Environments in which nothing of this project is installed yet, for the real pip; no network is needed.

A clean environment sees the packages that the tests run with, by links, so that pip finds satisfied
what a project needs; but not this project. Build back ends are taken from there too.
"""

import os
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
#: What names a package of this project among those that are installed, editable or not.
OURS = ("pmmc", "_pmmc", "spec", "checker", "__editable__")
#: Programs that the linked packages would have brought along.
PROGRAMS = {"pip": "-m pip", "pytest": "-m pytest -n0 -p no:cacheprovider"}


class CleanRoom:
    """A clean environment in a folder of its own, and commands that run in it.

    As `like` another one it has what was installed there, too, each file of its own.
    """

    def __init__(self, base: Path, like: Self | None = None) -> None:
        self.base = base
        self.programs = base / "venv" / "bin"
        linked = base / "linked"
        linked.mkdir(parents=True)
        for package in Path(sysconfig.get_path("purelib")).iterdir():
            if not package.name.startswith(OURS):
                (linked / package.name).symlink_to(package)
        venv.create(base / "venv")
        python = self.programs / "python"
        self.site = Path(sysconfig.get_path("purelib", "venv", {"base": str(base / "venv")}))
        if like is not None:
            self._take_over(like)
        (self.site / "linked.pth").write_text(f"{linked}\n", encoding="utf-8")
        for name, arguments in PROGRAMS.items():
            program = self.programs / name
            program.write_text(f'#!/bin/sh\nexec "{python}" {arguments} "$@"\n', encoding="utf-8")
            program.chmod(0o755)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "GITHUB_", "PIP_"))}
        kept.pop("PYTHONPATH", None)
        elsewhere = [p for p in kept["PATH"].split(os.pathsep) if not (Path(p) / "pmmc").exists()]
        self.environment = {
            **kept,
            "PATH": os.pathsep.join([str(self.programs), *elsewhere]),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads this as: no isolation
            "PIP_NO_CACHE_DIR": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_COLOR": "1",
            "COLUMNS": "120",
            "LC_ALL": "C.UTF-8",
        }

    def _take_over(self, other: Self) -> None:
        shutil.copytree(other.site, self.site, dirs_exist_ok=True)
        for program in other.programs.iterdir():
            to = self.programs / program.name
            if not to.exists() and program.read_bytes().startswith(b"#!"):
                text = program.read_text(encoding="utf-8")
                to.write_text(text.replace(str(other.base), str(self.base)), encoding="utf-8")
                to.chmod(0o755)

    def __call__(self, command: str, folder: Path) -> tuple[str, int]:
        """What a command prints, stdout and stderr together, and its exit code."""
        run = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            check=False,
        )
        return run.stdout, run.returncode

    def well(self, command: str, folder: Path) -> str:
        """What a command prints that has to end well."""
        printed, code = self(command, folder)
        assert code == 0, f"{command}\n{printed}"
        return printed
