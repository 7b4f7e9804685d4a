"""A protocol in one file: what a Python file holds at its top level, taken as if it were installed."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from checker.host.reading import Unreadable, read_file
from checker.model.modelcode import PASSED_ON, CodeError, told
from checker.modelfiles.protocol import TAKEN, Protocol, protocols

#: Bytes of such a file at most.
MOST_BYTES = 10_000_000


@contextmanager
def taken(files: Iterable[str]) -> Iterator[None]:
    """Take the protocols of these files, for as long as this lasts. Raises CodeError."""
    before = dict(TAKEN)
    try:
        for file in files:
            take(file)
        yield
    finally:
        TAKEN.clear()
        TAKEN.update(before)


def take(file: str) -> None:
    """Take the protocols that a file holds; it may import from its own folder, after all other places.

    A protocol that it only imports from a package that is installed is known as it is. Raises CodeError
    if the file cannot be run, holds no protocol, or holds one whose name is taken.
    """
    try:
        text = read_file(file, MOST_BYTES)
    except Unreadable as error:
        raise CodeError(f"{file}: cannot be read: {error}") from None
    try:
        module = _imported(Path(file).resolve())
    except PASSED_ON:
        raise
    except BaseException as error:
        raise CodeError(f"{file}: {told(error)}") from error
    held = {id(what): (name, what) for name, what in vars(module).items() if isinstance(what, Protocol)}
    if not held:
        raise CodeError(f"{file}:1: there is no Protocol at the top level; one is made by Protocol(…)")
    for name, protocol in held.values():
        known = protocols().get(protocol.name)
        if known is None:
            TAKEN[protocol.name] = (protocol, file)
        elif known is not protocol:
            other = TAKEN[protocol.name][1] if protocol.name in TAKEN else "an installed package"
            raise CodeError(f"{file}:{_line(text, name)}: {other} has a protocol '{protocol.name}' too")


def words_for(protocol: str) -> tuple[str, ...]:
    """The option of the command line that makes this protocol known; none if it is installed."""
    return ("--load", TAKEN[protocol][1]) if protocol in TAKEN else ()


def files() -> tuple[str, ...]:
    """The files whose protocols are taken, for a process that is to know the same."""
    return tuple(dict.fromkeys(file for _, file in TAKEN.values()))


def _imported(path: Path) -> ModuleType:
    """The file as a module: the one that everybody has who imports it by its name."""
    name = _module_name(path)
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("the name of a Python file ends in .py")
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _module_name(path: Path) -> str:
    """The name of the file, or all of its path if the name means something else in Python."""
    name = path.stem
    if not name.isidentifier():
        return str(path)
    if name in sys.modules:
        origin = getattr(sys.modules[name], "__file__", None) or ""
    else:
        spec = find_spec(name)
        origin = str(path) if spec is None else spec.origin or ""
    return name if origin and Path(origin).resolve() == path else str(path)


def _line(text: bytes, name: str) -> int:
    """The line of the last statement at the top level that gives something this name."""
    named = (
        statement.lineno
        for statement in ast.parse(text).body
        for node in ast.walk(statement)
        if name in {getattr(node, "asname", None), getattr(node, "name", None)}
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name)
    )
    return max(named, default=1)
