"""Vectors as files: a folder that is written whole or not at all, and read only if it is whole.

The manifest says what the vectors are of, with the size and hash of each other file: one with the vectors
of each role, one with the runs, and the JSON schema of their lines.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from checker.conformance.suite import FORMAT, KIND, LINE_PROTOCOL, Suite, Vector
from checker.host.files import write_new
from checker.host.reading import Unreadable, read_file
from checker.model.plaintext import printable
from checker.model.wire import Json, text

MANIFEST, SCHEMA, RUNS = "manifest.json", "schema.json", "runs.jsonl"
#: Bytes of one of the files at most.
MOST_BYTES = 1 << 30
#: The highest index of a step; no state has that many.
LARGEST_STEP = 999_999
#: What nodes are asked.
DO = ("init", "step", "wake", "crash", "restart")


class FolderFault(Exception):  # noqa: N818 - a fault of a folder, not of the program
    """A folder cannot be written, or holds no vectors that can be used: all that is wrong with it."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(map(printable, faults))
        super().__init__("\n".join(self.faults))


def require_place(folder: Path) -> None:
    """Raise FolderFault if vectors cannot be written there: something else is there, or it is forbidden."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FolderFault([f"cannot write {folder}: it is no folder"])
    if folder.is_dir() and any(folder.iterdir()) and not _holds_vectors(folder):
        raise FolderFault(
            [f"cannot write {folder}: it holds something else than vectors; name a new folder"]
        )
    parent = folder.absolute().parent
    if not parent.is_dir():
        raise FolderFault([f"cannot write {folder}: there is no folder {parent}"])
    if not os.access(parent, os.W_OK | os.X_OK):
        raise FolderFault([f"cannot write {folder}: permission denied"])


def _holds_vectors(folder: Path) -> bool:
    """Whether all that is in a folder are vectors that we have written."""
    try:
        manifest = json.loads(read_file(folder / MANIFEST, MOST_BYTES))
        ours = {MANIFEST, *manifest["files"]}
    except (Unreadable, ValueError, KeyError, TypeError):
        return False
    return manifest.get("kind") == KIND and {one.name for one in folder.iterdir()} <= ours


def write(folder: Path, suite: Suite, schema: Json) -> None:
    """Write vectors. What was in the folder before, other vectors, is replaced. Raises FolderFault."""
    require_place(folder)
    beside = folder.absolute().parent / f".{os.urandom(8).hex()}.tmp"
    try:
        beside.mkdir()
        _fill(beside, suite, schema)
        _put(beside, folder.absolute())
    except OSError as error:
        raise FolderFault([f"cannot write {folder}: {error.strerror}"]) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _put(new: Path, folder: Path) -> None:
    """Have a folder take the place of another one, which is kept until it has."""
    if not folder.exists():
        new.rename(folder)
        return
    old = folder.parent / f".{os.urandom(8).hex()}.tmp"
    folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _fill(folder: Path, suite: Suite, schema: Json) -> None:
    lines = {
        f"{role}.jsonl": [v.document() for v in suite.vectors if v.role == role] for role in suite.roles
    }
    texts = {
        **{name: _lines(those) for name, those in lines.items()},
        RUNS: _lines(suite.runs),
        SCHEMA: json.dumps(schema, indent=2, ensure_ascii=False) + "\n",
    }
    files = {}
    for name, content in texts.items():
        write_new(folder / name, content)
        data = content.encode("utf-8")
        files[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest = {**suite.manifest, "files": files}
    write_new(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def _lines(values: Iterable[Json]) -> str:
    return "".join(text(value) + "\n" for value in values)


def read(folder: Path) -> Suite:
    """Read vectors. Raises FolderFault, with all that is missing or not as it was written."""
    manifest = _manifest(folder)
    contents, wrong = {}, []
    for name, told in manifest["files"].items():
        try:
            data = read_file(folder / name, MOST_BYTES)
        except Unreadable as error:
            wrong.append(f"{folder / name}: cannot be read: {error}")
            continue
        if hashlib.sha256(data).hexdigest() != told["sha256"]:
            sizes = f"{len(data):,} bytes, and was {told['bytes']:,}"
            wrong.append(f"{folder / name}: it is not as it was written ({sizes}): write the vectors anew")
        contents[name] = data.decode("utf-8", "replace")
    if wrong:
        raise FolderFault(wrong)
    try:
        runs = tuple(_runs(contents[RUNS]))
        by_role = {role: [*_vectors(role, contents[f"{role}.jsonl"], runs)] for role in manifest["roles"]}
        for role, told in manifest["roles"].items():
            if told["vectors"] != len(by_role[role]):
                counted = f"{len(by_role[role]):,} vectors, and the manifest counts {told['vectors']:,}"
                raise FolderFault([f"{folder / role}.jsonl: {counted}: write the vectors anew"])
        vectors = [vector for those in by_role.values() for vector in those]
        ids = [vector.id for vector in vectors]
        _require(ids, len(set(ids)) == len(ids))
    except (ValueError, KeyError, TypeError) as error:
        raise FolderFault([f"{folder}: no vectors of format {FORMAT}: {error!r}"]) from None
    return Suite(manifest, tuple(sorted(vectors, key=lambda v: v.id)), runs)


def _runs(content: str) -> Iterator[Mapping[str, Json]]:
    """The table of runs. Raises ValueError, KeyError or TypeError for one that is none."""
    for number, run in enumerate(_values(content)):
        _require(run["run"], run["run"] == number)
        if number:  # it goes on from one before it: so there is an end to going back
            _require(run["after"], 0 <= run["after"] < number)
            _require(run["step"], 0 <= run["step"] <= LARGEST_STEP)
        yield run


def _vectors(role: str, content: str, runs: Sequence[object]) -> Iterator[Vector]:
    """The vectors of a role. Raises ValueError, KeyError or TypeError for what is none."""
    for value in _values(content):
        request, answer, run = value["request"], value["answer"], value["run"]
        _require(run, 0 <= run < len(runs))
        _require(request["id"], request["id"] == answer["id"])
        _require(request["do"], request["do"] in DO)
        _require(request["node"], isinstance(request["node"], str))
        yield Vector(role, request, answer, run)


def _values(content: str) -> Iterator[Any]:
    return (json.loads(line) for line in content.splitlines())


def _require(value: Any, is_right: object) -> None:
    if not is_right:
        raise ValueError(f"{value!r} cannot be")


def _manifest(folder: Path) -> Mapping[str, Any]:
    """The manifest, of a form that is known. Raises FolderFault."""
    path = folder / MANIFEST
    try:
        found = json.loads(read_file(path, MOST_BYTES))
    except Unreadable as error:
        hint = "" if folder.is_dir() else "; expected the folder that `pmmc vectors MODEL -o FOLDER` wrote"
        raise FolderFault([f"{path}: cannot be read: {error}{hint}"]) from None
    except ValueError as error:
        raise FolderFault([f"{path}: no JSON: {error}"]) from None
    if not isinstance(found, dict) or found.get("kind") != KIND:
        raise FolderFault([f"{path}: not the manifest of vectors that pmmc wrote"])
    for name, known in (("format", FORMAT), ("line_protocol", LINE_PROTOCOL)):
        if found.get(name) != known:
            said = printable(str(found.get(name)))
            raise FolderFault(
                [f"{path}: {name} {said}; this version reads {known}: write the vectors anew"]
            )
    missing = [name for name, is_right in FIELDS.items() if not is_right(found.get(name))]
    if missing:
        raise FolderFault([f"{path}: nothing under '{name}' that can be used" for name in missing])
    lacking = {RUNS, *(f"{role}.jsonl" for role in found["roles"])} - found["files"].keys()
    if lacking:
        raise FolderFault([f"{path}: nothing under 'files' of {name}" for name in sorted(lacking)])
    return found


def _has(**kinds: type) -> Callable[[Any], bool]:
    """Whether a value is an object with such fields."""
    return lambda value: (
        isinstance(value, dict) and all(isinstance(value.get(name), kind) for name, kind in kinds.items())
    )


def _holds(inner: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Whether a value is an object with such values, under names that lead to no other folder."""
    return lambda value: (
        isinstance(value, dict)
        and all(Path(name).name == name and inner(one) for name, one in value.items())
    )


#: What must stand in a manifest for vectors to be used.
FIELDS: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "files": _holds(_has(bytes=int, sha256=str)),
        "roles": _holds(_has(vectors=int)),
        "model": _has(name=str, file=str, sha256=str, text=str),
        "search": _has(states=int),
        "config": _has(),
        "left_out": _has(),
        "version": lambda value: isinstance(value, str),
    }
)
