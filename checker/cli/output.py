"""Writing results: to stdout, or to a file that is either the old one or the new one, never half of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from os import W_OK, access
from pathlib import Path
from typing import Any

from checker.cli.usage import UsageFault
from checker.host.files import is_read_only, make_whole, write_whole

STDOUT = "-"


def require_writable(destination: str) -> None:
    """Complain before the work begins if a file cannot be written after it. Raises UsageFault."""
    if destination == STDOUT:
        return
    try:
        objection = _objection(Path(destination))
    except OSError as error:  # a name that is too long, links that go round in circles
        objection = error.strerror
    if objection is not None:
        raise UsageFault(f"cannot write {destination}: {objection}")


def _objection(path: Path) -> str | None:
    with suppress(FileNotFoundError, NotADirectoryError):
        path.stat()
    if path.is_dir():
        return "it is a folder"
    if not _is_replaced(path):
        return None if access(path, W_OK) else "permission denied"
    path = path.resolve()
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    if is_read_only(path):
        return "it is read-only"
    return None if access(path.parent, W_OK) else "permission denied"


def write_json(document: Any, destination: str) -> None:
    """Write a document as JSON. Raises UsageFault if the file cannot be written."""
    if destination == STDOUT:
        unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        print(json.dumps(document, indent=2, ensure_ascii=not unicode))
        return
    write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", destination)


def write_text(text: str, destination: str) -> None:
    """Write a file, `-` being stdout. Raises UsageFault if it cannot be written."""
    write_pieces((text,), destination)


def write_pieces(pieces: Iterable[str], destination: str) -> None:
    """The same for a text that comes in pieces and need not be held as a whole.

    It is UTF-8, to stdout as well: XML and HTML say of themselves that they are.
    """
    if destination == STDOUT:
        with _utf8_stdout():
            sys.stdout.writelines(pieces)
        return
    path = Path(destination)
    try:
        if _is_replaced(path):
            write_whole(path.resolve(), pieces)
        else:
            with path.open("w", encoding="utf-8", errors="backslashreplace") as device:
                device.writelines(pieces)
    except OSError as error:
        raise UsageFault(f"cannot write {destination}: {error.strerror}") from error


def make_file(make: Callable[[Path], None], destination: str) -> None:
    """Have a file written by `make`, which is told the path of a new one. Raises UsageFault."""
    path = Path(destination)
    try:
        make_whole(path.resolve(), make)
    except OSError as error:
        raise UsageFault(f"cannot write {destination}: {error.strerror}") from error


def require_file(destination: str) -> None:
    """Complain about what is no file and cannot be replaced by one. Raises UsageFault."""
    if destination == STDOUT or not _is_replaced(Path(destination)):
        raise UsageFault(f"cannot write {destination}: what is written there is a file of its own")


@contextmanager
def _utf8_stdout() -> Iterator[None]:
    stream = sys.stdout
    if not isinstance(stream, TextIOWrapper):
        yield
        return
    encoding, errors = stream.encoding, stream.errors
    stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        yield
    finally:
        stream.reconfigure(encoding=encoding, errors=errors)


def _is_replaced(path: Path) -> bool:
    """Whether a new file takes the place of this one; a device or a pipe is written to instead."""
    return path.is_file() or not path.exists()
