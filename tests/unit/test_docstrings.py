"""What docstrings and comments name exists; what is imported is a dependency; no text in odd pieces.

Names in docstrings are `like.this`: of a module, by its path or the end of it, of a class, or of what a
variable of that name would be (`mutant.id` is a field of Mutant).
"""

import ast
import importlib
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("pmmc", "spec", "checker")
FILES = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
NAME = re.compile(
    r"`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|[A-Z][a-z]+(?:[A-Z][a-z]+)*)`|(?<![\w.])((?:pmmc|spec|checker)(?:\.[a-z]\w+)+)\b"
)
FILE = re.compile(r"(?<![\w/.-])([\w/-]+\.(?:py|pyi|md|yaml|yml|toml))\b")
#: Names in docstrings that are nothing of ours: what a reader's own code or file has.
OF_READERS = {"All"}


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def trees() -> dict[Path, ast.Module]:
    """Parsed when the first test wants it: all workers import this file, to know which tests there are."""
    return {path: ast.parse(text_of(path)) for path in FILES}


def said(path: Path) -> Iterator[str]:
    """The docstrings and comments of a file."""
    for node in ast.walk(trees()[path]):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(text_of(path)).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def names_in(body: list[ast.stmt]) -> set[str]:
    """What a module or class defines or imports, and what methods set on `self`."""
    found = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.attr)
            elif isinstance(node, ast.alias):
                found.add((node.asname or node.name).split(".")[0])
    return found


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def modules() -> dict[str, set[str]]:
    """Module → what it offers; a package also what its `_HOMES` lists (see checker/__init__.py)."""
    found = {module_of(path): names_in(tree.body) for path, tree in trees().items()}
    found["checker"] |= set(importlib.import_module("checker").__all__)
    return found


@cache
def classes() -> dict[str, set[str]]:
    """Class → what it and others of its name have."""
    found: dict[str, set[str]] = {}
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, set()).update(names_in(node.body))
    return found


@cache
def exists(name: str) -> bool:
    """Whether there is something that is called so."""
    parts = name.split(".")
    if len(parts) == 1:
        return name in classes() or any(name in names for names in modules().values()) or name in OF_READERS
    whole = "." + name
    if any(("." + module).endswith(whole) for module in modules()):
        return True
    head, last = ".".join(parts[:-1]), parts[-1]
    if any(last in names for module, names in modules().items() if ("." + module).endswith("." + head)):
        return True
    owner = parts[-2]
    if last in classes().get(owner, ()) or last in classes().get(owner.capitalize(), ()):
        return True
    return parts[0] not in ROOMS and is_of_a_library(parts)


def is_of_a_library(parts: list[str]) -> bool:
    try:
        thing = importlib.import_module(parts[0])
    except ImportError:
        return False
    return len(parts) == 2 and hasattr(thing, parts[1])


def test_what_is_named_exists() -> None:
    missing = {}
    for path in sorted(FILES):
        room = path.relative_to(ROOT).parts[0]
        text = "\n".join(said(path))
        named = {quoted or plain for quoted, plain in NAME.findall(text)}
        stale = [name for name in sorted(named) if not exists(name)]
        stale += [name for name in FILE.findall(text) if not is_file(name, room)]
        if stale:
            missing[str(path.relative_to(ROOT))] = stale
    assert missing == {}


@cache
def is_file(name: str, room: str) -> bool:
    """Whether there is a file of this name or path, beside all rooms or somewhere in this one."""
    return (ROOT / name).exists() or any((ROOT / room).rglob(name))


def test_a_name_that_is_stale_is_found() -> None:
    assert exists("semantics.successors")
    assert exists("System.members")
    assert not exists("semantics.predecessors")
    assert not exists("checker.reductions")
    assert not exists("Abstraction")
    assert is_file("loading.py", "checker")
    assert not is_file("loading.py", "pmmc")


def third_party() -> set[str]:
    """The distributions that our packages import from."""
    imported = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
    outside = imported - set(ROOMS) - sys.stdlib_module_names - {"_typeshed"}  # for types only
    known = packages_distributions()
    return {distribution.lower() for module in outside for distribution in known[module]}


def test_dependencies_are_what_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.split(r"[<>=]", need)[0] for need in project["dependencies"]}
    tested = {re.split(r"[<>=]", need)[0] for need in project["optional-dependencies"]["test"]}
    assert named <= third_party(), "a dependency that nothing imports"
    assert third_party() - named - {"pydantic_core"} <= tested, "pytest, for its plugin"


#: A piece of a text, but for the last, is as long as the line has room for, or ends where a line does.
SHORT = 30


def pieces(path: Path) -> Iterator[tuple[tokenize.TokenInfo, tokenize.TokenInfo]]:
    """Plain strings that follow one another and are one text."""
    skipped = {tokenize.NL, tokenize.COMMENT}
    text = io.StringIO(text_of(path))
    tokens = [token for token in tokenize.generate_tokens(text.readline) if token.type not in skipped]
    for one, other in pairwise(tokens):
        if one.type == other.type == tokenize.STRING:
            yield one, other


def test_texts_are_not_in_odd_pieces() -> None:
    odd = [
        f"{path.relative_to(ROOT)}:{one.start[0]}: {one.string} {other.string}"
        for path in FILES
        for one, other in pieces(path)
        if len(one.string) < SHORT and one.string[0] in "'\"" and not one.string.endswith((r"\n\"", r"\n'"))
    ]
    assert odd == []
