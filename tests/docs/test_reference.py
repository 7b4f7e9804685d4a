"""docs/reference.md: every public name, with the parameters that it really has, and no other name."""

import ast
import inspect
import re
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import checker
import spec.protocol

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
#: The entries: what stands in code at the beginning of an item, over the end of a line if need be.
ENTRIES = {
    re.match(r"[\w.]+", " ".join(code.split()))[0]: " ".join(code.split())
    for code in re.findall(r"^\* `([^`]+)`", PAGE, re.MULTILINE)
}
#: What is only ever handed out.
ANSWERS = {"CheckResult", "LoadedModel"}
PYTHON = {
    *("str", "int", "float", "bool", "type", "tuple", "frozenset", "list"),
    *("Any", "Callable", "Collection", "Hashable", "Iterable", "Mapping", "Path", "Sequence"),
}
#: Names for what may be anything, for what `verify` takes, for places in model files, which are tuples, and
#: for functions: what tells the events of a step, and what joins an environment to members. And for what is
#: held to vectors, these, the wire form, and what logs are held against: what is given there is told
#: beside it.
ALIASES = {
    *("Local", "Message", "NodeName", "Sends", "Model", "Unknown"),
    *("Call", "Operation", "Result", "Events", "Orders", "Join"),
    *("Implementation", "Suite", "Wire", "Logs"),
}


def parameters(what: Any) -> list[str]:
    """The parameters as the page writes them."""
    shown, by_name = [], False
    for p in inspect.signature(what).parameters.values():
        if p.kind is p.KEYWORD_ONLY and not by_name:
            shown.append("*")
            by_name = True
        shown.append(p.name if p.default is p.empty else f"{p.name}=…")
    return shown


def test_every_public_name_has_an_entry_and_every_entry_is_one() -> None:
    of_checker = {name for name in ENTRIES if "." not in name}
    assert sorted(of_checker) == sorted(checker.__all__)


@pytest.mark.parametrize("name", [name for name, code in ENTRIES.items() if "(" in code])
def test_signatures_are_the_real_ones(name: str) -> None:
    if name.startswith("spec."):
        module, _, attribute = name.rpartition(".")
        what = getattr(import_module(module), attribute)
    else:
        what = getattr(checker, name)
    inside = ENTRIES[name].removeprefix(f"{name}(").removesuffix(")")
    shown = [part.strip() for part in inside.split(",")] if inside else []
    real = parameters(what)
    if shown[-1:] == ["…"]:
        assert shown[:-1] == real[: len(shown) - 1]
        assert all(p.endswith("=…") for p in real[len(shown) - 1 :])
    else:
        assert shown == real


@pytest.mark.parametrize("name", ["Kind", "Verdict"])
def test_enumerations_are_whole(name: str) -> None:
    members: type[Enum] = getattr(checker, name)
    assert {f"{name}.{member.name}" for member in members} <= set(re.findall(rf"`({name}\.\w+)`", PAGE))


def test_names_in_spec_are_there() -> None:
    for name in re.findall(r"`(spec\.[\w.]+)", PAGE):
        module, _, attribute = name.rpartition(".")
        assert hasattr(import_module(module), attribute), name


def test_what_public_names_take_is_public() -> None:
    """Whoever makes or annotates what is handed to a public name finds the type among the public ones."""
    known = {*checker.__all__, *PYTHON, *ALIASES}
    unknown = {}
    for name in checker.__all__:
        what = getattr(checker, name)
        if (isinstance(what, type) and issubclass(what, Enum | Exception)) or name in ANSWERS:
            continue
        try:
            signature = inspect.signature(what)
        except (TypeError, ValueError):
            continue
        for p in signature.parameters.values():
            if isinstance(p.annotation, str):
                used = {n.id for n in ast.walk(ast.parse(p.annotation)) if isinstance(n, ast.Name)}
                unknown |= {f"{name}({p.name})": used - known} if used - known else {}
    assert unknown == {}


def test_every_public_name_of_the_vocabulary_is_in_a_page_that_explains() -> None:
    pages = [ROOT / "docs" / name for name in ("writing.md", "reference.md", "one-file.md", "ci.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert [name for name in checker.__all__ if not re.search(rf"\b{name}\b", text)] == []
    assert spec.protocol.derive.__name__ in text
