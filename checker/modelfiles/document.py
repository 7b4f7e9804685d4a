"""Reading YAML with the place of every key and value remembered.

YAML is a large language; a model file needs little of it. So this reads a part, strictly:

* plain scalars follow YAML 1.2: `true`, `false`, `null`, decimal whole numbers; all else is text
  (`no`, `on`, `12:30:00` and, because ballots are written so, `3.0`);
* a key that occurs twice, a tag, a second document are faults;
* two escapes that are the halves of one character, as JSON writes it, are that character; a half alone
  is a fault;
* aliases are followed, but not round in circles, and not to more than MAX_NODES values in all, so
  that a few lines cannot stand for more than memory holds.

PyYAML scans, parses and composes; nothing of its construction of values is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from checker.modelfiles.complaints import Fault, Faults, Path, Unknown, shown

MAX_CHARACTERS = 1_000_000
MAX_NODES = 50_000
MAX_DEPTH = 40

_INTEGER = re.compile(r"[-+]?[0-9]+")
_CONSTANTS = {"": None, "~": None} | {
    form(word): value
    for word, value in (("true", True), ("false", False), ("null", None))
    for form in (str.lower, str.capitalize, str.upper)
}
#: Halves of characters beyond U+FFFF, which only an escape can write.
_HALF = re.compile(r"[\ud800-\udfff]")
_PAIR = re.compile(r"[\ud800-\udbff][\udc00-\udfff]")
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}

Place = tuple[int, int]


@dataclass(slots=True)
class Document:
    """Plain data, where each part of it stands (line, column, both from 1), and what is wrong so far.

    Of a key that occurs twice `data` keeps the first value.
    """

    file: str
    data: Any = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Where the value (or the key) at a path stands, or else the nearest part around it."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))

    def fault(self, path: Path, message: str | Unknown, *, key: bool = False) -> Fault:
        """A fault at a path."""
        return Fault(self.file, *self.place(path, key=key), message)


def read(text: str, file: str) -> Document:
    """Read one YAML document. Raises Faults if nothing can be made of it."""
    if len(text) > MAX_CHARACTERS:
        raise Faults([Fault(file, 1, 1, f"the file is longer than {MAX_CHARACTERS:,} characters")])
    root = _compose(text, file)
    if root is None:
        raise Faults([Fault(file, 1, 1, "the file is empty")])
    walk = _Walk(Document(file))
    walk.document.data = walk.value(root, ())
    return walk.document


class _Composer(yaml.SafeLoader):
    """Composes nodes without resolving plain scalars, and refuses tags and bottomless nesting."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "tag", None) is not None:
            raise yaml.composer.ComposerError(None, None, "tags (!) are not supported", event.start_mark)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            nested = f"nested more than {MAX_DEPTH} deep"
            raise yaml.composer.ComposerError(None, None, nested, event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return _Alias(node, event) if isinstance(event, yaml.AliasEvent) else node


class _Alias(yaml.Node):
    """An alias of YAML: its place, and the node that it refers to."""

    def __init__(self, node: Any, event: Any) -> None:
        super().__init__("", node, event.start_mark, event.end_mark)


def _compose(text: str, file: str) -> yaml.Node | None:
    composer: _Composer | None = None
    try:
        composer = _Composer(text)
        node: yaml.Node | None = composer.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise Faults([Fault(file, *place, _syntax(error))]) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position].splitlines() or [""]
        message = f"the character U+{ord(text[error.position]):04X} is not allowed in YAML"
        raise Faults([Fault(file, len(before), len(before[-1]) + 1, message)]) from None
    except (ValueError, OverflowError) as error:  # an escape or a version that is out of range
        mark = composer.get_mark() if composer is not None else None
        place = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise Faults([Fault(file, *place, f"not valid YAML: {error}")]) from None
    return node


def _syntax(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "broken"
    if problem == "but found another document":
        return "a second document begins here; a model file holds one"
    if isinstance(error, yaml.composer.ComposerError):
        return problem
    context = f" {error.context}" if error.context else ""
    return f"not valid YAML{context}: {problem}"


class _Walk:
    """Turns composed nodes into plain data, and notes what is wrong on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.left = MAX_NODES
        self.around: set[int] = set()
        self.alias: yaml.Node | None = None

    def value(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, _Alias):
            outermost, self.alias = self.alias, self.alias or node
            followed = self.value(node.value, path)
            self.alias = outermost
            return followed
        self.document.values[path] = _start(node)
        self.left -= 1
        if self.left < 0:
            self.object_to(
                self.alias or node, f"more than {MAX_NODES:,} values, those repeated by aliases included"
            )
            raise Faults(self.document.faults)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        if id(node) in self.around:
            self.object_to(node, "an alias to what it is a part of")
            return None
        self.around.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            data: Any = [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        else:
            data = self.mapping(node, path)
        self.around.discard(id(node))
        return data

    def mapping(self, node: yaml.Node, path: Path) -> dict[str | int, Any]:
        data: dict[str | int, Any] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node)
            if key is None:
                continue
            if key in data:
                first = self.document.keys[*path, key][0]
                self.object_to(key_node, f"key {shown(key)} occurs twice, first on line {first}")
                continue
            self.document.keys[*path, key] = _start(key_node)
            data[key] = self.value(value_node, (*path, key))
        return data

    def key(self, node: yaml.Node) -> str | int | None:
        """The key, or None with a fault noted if it is not text or a number."""
        node = node.value if isinstance(node, _Alias) else node
        key = self.scalar(node) if isinstance(node, yaml.ScalarNode) else node
        if isinstance(key, bool) or not isinstance(key, str | int):
            said = "a list or mapping" if isinstance(key, yaml.Node) else shown(key)
            self.object_to(node, f"a key must be text or a number, not {said}")
            return None
        return key

    def scalar(self, node: yaml.ScalarNode) -> str | int | bool | None:
        text = self.joined(node)
        if node.style is not None:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if not _INTEGER.fullmatch(text):
            return text
        if len(text) > 30:
            self.object_to(node, "a number with more than 30 digits")
            return 0
        return int(text)

    def joined(self, node: yaml.ScalarNode) -> str:
        """The text of a scalar, halves of characters joined; one that is alone is noted, and replaced."""
        text = _PAIR.sub(_character, str(node.value))
        lone = _HALF.search(text)
        if lone is not None:
            self.object_to(node, f"U+{ord(lone[0]):04X} is half of a character; the other half is missing")
        return _HALF.sub("\ufffd", text)

    def object_to(self, node: yaml.Node, message: str) -> None:
        self.document.faults.append(Fault(self.document.file, *_start(node), message))


def _character(halves: re.Match[str]) -> str:
    return halves[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _start(node: yaml.Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1
