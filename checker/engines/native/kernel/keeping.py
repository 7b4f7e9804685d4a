"""Compiled code, kept on disk for the next time.

What is read here is run, with all that its user may do. So folder and file must belong to the user (or
to root, who may do anything anyway) and nobody else may write to them; what is not so is not used, and a
line says why. A file holds a checksum of its content: one that is damaged, in whatever way, is none.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from checker.host.files import write_whole

#: Name of a kernel → its symbol and its object code.
Code = Mapping[str, tuple[str, bytes]]
#: No link is followed, and nothing is waited for, should it be a pipe.
_READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_READING |= getattr(os, "O_BINARY", 0)
_CHECKSUM = "sha256"


def folder() -> Path:
    """Where compiled code belongs: PMMC_CACHE_DIR, or the platform's place for caches.

    An empty or relative path in the platform's own variable counts as none, as the XDG specification has
    it: what lies in the current folder may be anybody's. Raises RuntimeError where the user has no home.
    """
    given = os.environ.get("PMMC_CACHE_DIR")
    if given:
        return Path(given)
    if sys.platform == "win32":
        return _absolute("LOCALAPPDATA", "AppData/Local") / "pmmc" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "pmmc"
    return _absolute("XDG_CACHE_HOME", ".cache") / "pmmc"


def _absolute(variable: str, usual: str) -> Path:
    given = Path(os.environ.get(variable, ""))
    return given if given.is_absolute() else Path.home() / usual


def place(name: str) -> Path | None:
    """The path for a file of this name, in a folder that can be trusted; None if there is none."""
    try:
        path = folder()
        if not path.is_absolute():
            _say(f"{path} is not used: PMMC_CACHE_DIR must be an absolute path")
            return None
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        objection = _objection(path.stat())
    except (OSError, RuntimeError):
        return None
    if objection is not None:
        _say(f"{path} is not used: the folder {objection}")
        return None
    return path / name


def load(path: Path, names: set[str]) -> dict[str, tuple[str, bytes]] | None:
    """The code that a file holds, if it is that of all these kernels; None for any other file."""
    try:
        with open(path, "rb", opener=lambda name, _: os.open(name, _READING)) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                return None
            objection = _objection(found)
            if objection is None:
                return _unfolded(json.loads(file.read()), names)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, RecursionError, AttributeError):
        objection = "is damaged"
    _say(f"{path} is not used: it {objection}")
    return None


def save(path: Path, code: Code) -> None:
    """Write the code for the next time; where that is not possible there is no next time."""
    stored = {name: [symbol, base64.b64encode(text).decode()] for name, (symbol, text) in code.items()}
    with suppress(OSError):
        write_whole(path, (json.dumps({**stored, _CHECKSUM: _checksum(stored)}),), 0o600)


def _unfolded(stored: dict[str, Any], names: set[str]) -> dict[str, tuple[str, bytes]]:
    """What was saved. Raises ValueError, TypeError or AttributeError for anything that was not."""
    checksum = stored.pop(_CHECKSUM, None)
    if checksum != _checksum(stored) or set(stored) != names:
        raise ValueError("not what was saved")
    code = {}
    for name, (symbol, text) in stored.items():
        if not isinstance(symbol, str):
            raise TypeError("a symbol is a text")
        code[name] = (symbol, base64.b64decode(text, validate=True))
    return code


def _checksum(stored: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(stored, sort_keys=True).encode()).hexdigest()


def _objection(found: os.stat_result) -> str | None:
    """Why what somebody else might have written must not be run; None if nobody else can have."""
    if sys.platform == "win32":
        return None  # what is in a user's profile is that user's
    if found.st_uid not in (0, os.geteuid()):
        return "belongs to another user"
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "may be written to by others (chmod go-w)"
    return None


def _say(text: str) -> None:
    print(f"compiled kernels: {text}", file=sys.stderr, flush=True)
