"""Rewriting `expect` in the text of a model file, and nothing else: comments, order and layout stay.

Every edit is a small one at a place that PyYAML's node marks give: a value is replaced, a key is added
or removed. After each the text is read anew, so no edit has to know of another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from checker import yamlmarks
from checker.faults import Faults

KEY = "expect"
#: Columns after which a flow mapping goes on on a new line.
WIDTH = 100
#: Text that needs no quotes.
_PLAIN = re.compile(r"[A-Za-z][\w-]*(\.[\w-]+)*")
_CONSTANTS = {"true", "false", "null"}

Wanted = Mapping[str, Any]


def with_expect(text: str, expect: Wanted) -> str:
    """The text of a model file with `expect` saying this and no more. The text must be a valid one."""
    while (edited := _one_edit(text, _root(text), {KEY: expect}, exact=False)) is not None:
        text = edited
    return text


def _root(text: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    return root


def _one_edit(text: str, node: yaml.MappingNode, wanted: Wanted, *, exact: bool) -> str | None:
    """The text one edit closer to `wanted`; None if there is nothing to edit.

    With `exact`, what is not wanted is removed.
    """
    entries = {str(key.value): (key, value) for key, value in node.value}
    for name, (key, value) in entries.items():
        if name not in wanted:
            if exact:
                return _without(text, node, key, value)
        elif isinstance(wanted[name], Mapping) and isinstance(value, yaml.MappingNode) and value.value:
            edited = _one_edit(text, value, wanted[name], exact=True)
            if edited is not None:
                return edited
        elif _data(text, value) != wanted[name]:
            return _replaced(text, key, value, wanted[name])
    for name, value in wanted.items():
        if name not in entries:
            return _with(text, node, name, value)
    return None


def _data(text: str, node: yaml.Node) -> Any:
    """What a node says, read as model files are; aliases in it are not followed."""
    source = text[node.start_mark.index : _end(node)]
    try:
        return yamlmarks.read(" " * node.start_mark.column + source, KEY).data
    except Faults:
        return None


def _end(node: yaml.Node) -> int:
    """Where the text of a node ends; a block's own mark stands after the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    index = node.end_mark.index
    return int(index)


def _replaced(text: str, key: yaml.Node, value: yaml.Node, wanted: Any) -> str:
    start, end = value.start_mark.index, _end(value)
    if value.start_mark.line != key.end_mark.line or start == end:
        start = text.index(":", key.end_mark.index) + 1
        return f"{text[:start]} {_written(wanted)}{text[max(end, start) :]}"
    return text[:start] + _written(wanted) + text[end:]


def _without(text: str, node: yaml.MappingNode, key: yaml.Node, value: yaml.Node) -> str:
    position = [k for k, _ in node.value].index(key)
    start, end = key.start_mark.index, _end(value)
    if not node.flow_style:
        line, following = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        return text[:line] + (text[following + 1 :] if following >= 0 else "")
    if position + 1 < len(node.value):
        return text[:start] + text[node.value[position + 1][0].start_mark.index :]
    return text[: _end(node.value[position - 1][1]) if position else start] + text[end:]


def _with(text: str, node: yaml.MappingNode, name: str, value: Any) -> str:
    if node.flow_style:
        end = _end(node.value[-1][1]) if node.value else node.start_mark.index + 1
        entry = f"{name}: {_written(value)}"
        line = text[text.rfind("\n", 0, end) + 1 : end]
        space = "\n  " if len(line) + len(entry) + 3 > WIDTH else " "
        return f"{text[:end]}{',' + space if node.value else ''}{entry}{text[end:]}"
    column = node.value[0][0].start_mark.column
    end = _end(node.value[-1][1])
    if text[end - 1] != "\n":
        end = text.find("\n", end) + 1 or len(text)
    before = text[:end] if text[:end].endswith("\n") else text[:end] + "\n"
    lines = _wrapped(f"{' ' * column}{name}: {_written(value)}")
    newline = "\r\n" if "\r\n" in text else "\n"
    return before + lines.replace("\n", newline) + newline + text[end:]


def _wrapped(line: str) -> str:
    """A long line with a flow mapping on it, broken after commas."""
    if len(line) <= WIDTH:
        return line
    break_at = line.rfind(", ", 0, WIDTH)
    if break_at < 0:
        return line
    return f"{line[: break_at + 1]}\n{_wrapped('  ' + line[break_at + 2 :])}"


def _written(value: Any) -> str:
    """A value as it is written in a model file, in flow style."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, int):
        return str(value)
    plain = _PLAIN.fullmatch(value) and value.casefold() not in _CONSTANTS
    return value if plain else json.dumps(value, ensure_ascii=False)
