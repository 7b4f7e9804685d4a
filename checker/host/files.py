"""Files that are written whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

#: What is created must be new, and no link to elsewhere.
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
#: The mode of a new file, less what the user's mask takes away.
USUAL = 0o666


def is_read_only(path: Path) -> bool:
    """Whether somebody has said that this file is not to be written to; root is told so as well."""
    return path.exists() and (not os.access(path, os.W_OK) or not path.stat().st_mode & 0o222)


def write_whole(path: Path, pieces: Iterable[str], mode: int = USUAL) -> None:
    r"""Write a file as UTF-8, so that it is at any time either the old one or the new one.

    The new one is written beside the old one, under a name that nobody can guess, and when it is safely
    on the disk takes its place. It keeps mode and, where that is allowed, owner of the old one; other
    hard links go on to name the old one. Characters that UTF-8 lacks (lone surrogates) become `\udc80`.
    Raises OSError; PermissionError if there is a file that is read-only.
    """
    with _replacing(path, mode) as (written, its_mode):
        _write_new(written, pieces, its_mode)


def make_whole(path: Path, make: Callable[[Path], None], mode: int = USUAL) -> None:
    """The same for a file that something else writes: `make` is told the path of a new, empty one."""
    with _replacing(path, mode) as (written, its_mode):
        os.close(_create(str(written), os.O_WRONLY, mode=its_mode))
        make(written)
        with written.open("rb+") as file:
            os.fsync(file.fileno())


@contextmanager
def _replacing(path: Path, mode: int) -> Iterator[tuple[Path, int]]:
    """The path and the mode of a file that takes the place of another one when it is there."""
    if is_read_only(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    old = path.stat() if path.exists() else None
    # named before it is there: so it goes again even if a signal comes between
    written = path.with_name(f".{os.urandom(8).hex()}.tmp")
    try:
        yield written, mode if old is None else old.st_mode & 0o777
        if old is not None:
            _give_to_owner_of(old, written)
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises FileExistsError; or another OSError, and leaves none."""
    try:
        _write_new(path, (text,), USUAL)
    except FileExistsError:
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write_new(path: Path, pieces: Iterable[str], mode: int) -> None:
    opener = partial(_create, mode=mode)
    with open(path, "w", encoding="utf-8", errors="backslashreplace", opener=opener) as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())


def _create(name: str, flags: int, *, mode: int) -> int:
    return os.open(name, _NEW, mode)


def _give_to_owner_of(old: os.stat_result, path: Path) -> None:
    if hasattr(os, "chown"):
        with suppress(PermissionError):
            os.chown(path, old.st_uid, old.st_gid)
    path.chmod(old.st_mode & 0o777)
