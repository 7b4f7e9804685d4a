"""Writing results: to stdout, or to a file that is either the old one or the new one, never half of it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from checker.cli.usage import UsageFault

STDOUT = "-"


def require_writable(destination: str) -> None:
    """Complain before the work begins if a file cannot be written after it. Raises UsageFault."""
    if destination == STDOUT:
        return
    path = Path(destination).resolve()
    if path.is_dir():
        raise UsageFault(f"cannot write {destination}: it is a folder")
    if not path.parent.is_dir():
        raise UsageFault(f"cannot write {destination}: there is no folder {path.parent}")
    writable = path if path.exists() and not path.is_file() else path.parent
    if not os.access(writable, os.W_OK):
        raise UsageFault(f"cannot write {destination}: permission denied")


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
    """The same for a text that comes in pieces and need not be held as a whole."""
    if destination == STDOUT:
        sys.stdout.writelines(pieces)
        return
    try:
        _write(Path(destination).resolve(), pieces)
    except OSError as error:
        raise UsageFault(f"cannot write {destination}: {error.strerror}") from error


def _write(path: Path, pieces: Iterable[str]) -> None:
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8") as device:
            device.writelines(pieces)  # a device or a pipe is written to, not replaced
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
        if path.exists():
            temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
