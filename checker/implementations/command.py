"""The command that plays a role: its words, where it is run, and whether it can be."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

#: Seconds that an answer may take, the first one, with the start of the process, included.
USUAL_TIMEOUT = 10.0
#: Processes at a time: a second one tells whether answers depend on what was asked before.
LEAST_PROCESSES = 2


class CannotStart(Exception):  # noqa: N818 - a property of the command
    """A command cannot be started; the message says why."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program and its arguments; it runs in `folder`, and each answer may take `timeout` seconds.

    A program that is named with a slash is taken from that folder, any other one from PATH. `processes` are
    how many of it run at a time (None: as many as there are cores, two at least).
    """

    words: tuple[str, ...]
    folder: Path = Path()
    timeout: float = USUAL_TIMEOUT
    processes: int | None = None

    def __str__(self) -> str:
        return " ".join(self.words)

    @property
    def most(self) -> int:
        """How many processes run at a time."""
        return self.processes or max(LEAST_PROCESSES, min(4, os.cpu_count() or 1))

    def program(self) -> str:
        """The file to run. Raises CannotStart, which says what is wrong with the command."""
        name = self.words[0]
        if not self.folder.is_dir():
            raise CannotStart(f"'{self}' cannot be started: there is no folder {self.folder}")
        if os.sep not in name and "/" not in name:
            found = shutil.which(name)
            if found is None:
                raise CannotStart(
                    f"'{self}' cannot be started: there is no program '{name}' on PATH; one that is beside "
                    f"the model file is named './{name}'"
                )
            return str(Path(found).absolute())
        path = (self.folder / name).absolute()
        if not path.exists():
            raise CannotStart(f"'{self}' cannot be started: there is no file {path}")
        if path.is_dir():
            raise CannotStart(f"'{self}' cannot be started: {path} is a folder")
        if not os.access(path, os.X_OK):
            raise CannotStart(f"'{self}' cannot be started: {path} is not executable (chmod +x)")
        return str(path)
