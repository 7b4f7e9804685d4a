"""The folder of a cluster: what it is, for a later run and clients; one run at a time has it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from checker.cluster.setup import LOCALHOST, file_name
from checker.host.files import write_whole

FORMAT = 1
#: What a run puts into its folder, and may take away again.
OURS = ("logs", "disk", "counters", "clients", "cluster.json", "model.yaml", "complaints.txt")


class Misplaced(Exception):  # noqa: N818 - what is wrong with how a folder is used
    """A folder that cannot be used for what was asked: why, in words."""


@dataclass(frozen=True, slots=True)
class Plot:
    """What a cluster is, as its folder has it: its protocol, its sizes, where everybody is.

    `model` says whether there is a model file of it beside. `faults` are those of its network.
    """

    protocol: str
    model: bool = False
    servers: int | None = None
    apart: bool = False
    clients: int = 0
    ports: Mapping[str, int] = field(default_factory=dict)
    faults: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Put it there. Raises OSError."""
        told = json.dumps({"format": FORMAT, **asdict(self)}, indent=2)
        write_whole(folder / "cluster.json", [told, "\n"])


def read(folder: Path) -> Plot | None:
    """What stands in a folder; None if there is no cluster. Raises Misplaced."""
    path = folder / "cluster.json"
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.pop("format") != FORMAT:
            raise Misplaced(f"{path}: of another version; --fresh begins anew")
        return Plot(**told)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Misplaced(f"{path}: cannot be read as a cluster: {error}") from None


def known(folder: Path) -> Plot:
    """What stands in a folder, which holds a cluster. Raises Misplaced."""
    plot = read(folder)
    if plot is None:
        raise Misplaced(f"{folder} holds no cluster: `pmmc run {folder}` starts one")
    return plot


def require_ours(folder: Path) -> None:
    """Raise Misplaced for a folder with something in it that is no earlier run."""
    if folder.exists() and not folder.is_dir():
        raise Misplaced(f"{folder} is no folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "cluster.json").exists():
        raise Misplaced(f"{folder} is no folder of an earlier run, and not empty")


def clear(folder: Path) -> None:
    """Take away what an earlier run has left."""
    for name in OURS:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def lock(path: Path, wait: str) -> int:
    """Have a file to oneself as long as this process lives. Raises Misplaced, saying `wait`."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise Misplaced(wait) from None
    return file


def free_ports(names: Iterable[str]) -> dict[str, int]:
    """A port of this machine for each of these, that nobody has."""
    lines = {name: socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for name in names}
    for line in lines.values():
        line.bind((LOCALHOST, 0))
    ports = {name: line.getsockname()[1] for name, line in lines.items()}
    for line in lines.values():
        line.close()
    return ports


def take_numbers(folder: Path, names: Iterable[str], many: int) -> tuple[str, int, int]:
    """Be one of these clients, that nobody is now: its name, the next number of its calls, and a lock.

    So many numbers are taken: a call has a number that no other has had. Raises Misplaced.
    """
    place = folder / "clients"
    place.mkdir(exist_ok=True)
    for name in names:
        with suppress(Misplaced):
            held = lock(place / f"{file_name(name)}.lock", "")
            path = place / file_name(name)
            following = int(path.read_text(encoding="ascii")) if path.exists() else 1
            write_whole(path, [str(following + many)])
            return name, following, held
    raise Misplaced("too many ask at a time; try again")
