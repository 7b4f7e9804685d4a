"""Checkpoints as those know them who ask for one: where it is, what it is of, and what may not differ.

A checkpoint is a folder. What is in it is told by its manifest, which is written last and takes the place
of the one before it in one step; so at any time there is one whole checkpoint, or none yet. How the native
engine writes and reads the rest is told in `checker.engines.native.checkpoints`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from checker.engines.contract import Limits, Reductions
from checker.host.files import write_whole
from checker.host.version import own_version
from checker.model.system import System

#: What the form of the files is called; another form gets another number.
FORMAT = "pmmc-checkpoint/1"
#: The file that says what a checkpoint is made of.
MANIFEST = "manifest.json"
#: Seconds of work that lie behind the last checkpoint before another one is worth its while.
EVERY = 10.0


class CheckpointError(Exception):
    """Nothing can go on from this checkpoint: it is damaged, or of something else. The message says why."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where a search keeps its checkpoints, and whether it is to go on from the one that is there.

    `about` is what is asked beside what the engine knows itself, as texts by label: a checkpoint of
    anything else is refused. At the end of a level one is written if `every` seconds of work lie behind.
    `command` goes on from there, as a command line.
    """

    folder: Path
    resume: bool = False
    about: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    every: float = EVERY
    command: str = ""


def about_search(system: System, reductions: Reductions, limits: Limits) -> dict[str, str]:
    """What decides how a search goes, beside the rules, as texts by label."""
    off = [f.name for f in fields(reductions) if not getattr(reductions, f.name)]
    return {
        "version": own_version(),
        "network": system.network.name,
        "nodes": ", ".join(str(member.name) for member in system.members),
        "properties": ", ".join(claim.id for claim in system.properties) or "none",
        "reductions off": ", ".join(off) or "none",
        "past violations": "yes" if limits.past_violations else "no",
    }


def differing(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What a checkpoint is of and what is asked now, wherever these differ."""
    labels = dict.fromkeys((*then, *now))
    nothing = "(not given)"
    return [
        f"{label}: {then.get(label, nothing)} in the checkpoint, {now.get(label, nothing)} now"
        for label in labels
        if then.get(label) != now.get(label)
    ]


def require_same(folder: Path, then: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Refuse a checkpoint of something else, with all that differs. Raises CheckpointError."""
    if found := differing(then, now):
        raise CheckpointError("\n".join([f"{folder} is a checkpoint of another check:", *_indented(found)]))


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def is_there(folder: Path) -> bool:
    """Whether there is a checkpoint in a folder, damaged or not."""
    return (folder / MANIFEST).exists()


def _digest(said: Mapping[str, Any]) -> str:
    text = json.dumps(said, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def write_json(path: Path, said: Mapping[str, Any]) -> None:
    """Write a document, with a digest of it, whole or not at all. Raises OSError."""
    whole = {"format": FORMAT, "digest": _digest(said), "said": said}
    write_whole(path, [json.dumps(whole, indent=1, sort_keys=True), "\n"])


def read_json(path: Path) -> dict[str, Any]:
    """What such a document says. Raises CheckpointError if it is not there, damaged, or of another form."""
    try:
        whole = json.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint in {path.parent}: {path.name} is missing") from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise CheckpointError(f"{path}: damaged: it is no JSON document") from None
    form = whole.get("format") if isinstance(whole, dict) else None
    if not isinstance(form, str) or not isinstance(said := whole.get("said"), dict):
        raise CheckpointError(f"{path}: damaged, or not written by `pmmc check --checkpoint`")
    if form != FORMAT:
        raise CheckpointError(f"{path}: of the form {form}; this version reads {FORMAT}")
    if whole.get("digest") != _digest(said):
        raise CheckpointError(f"{path}: damaged: it does not have the digest that it names")
    return said
