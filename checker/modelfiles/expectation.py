"""Rewriting `expect` in the text of a model file, and nothing else: comments, order and layout stay.

Every edit is a small one at a place that PyYAML's node marks give: a value is replaced, a key is added
or removed. After each the text is read anew, so no edit has to know of another. Comments inside what
goes are put on lines of their own above it. Where marks do not tell enough (an alias, `? key`), the
whole entry is written anew. A text is handed on only if it says what it should and keeps every comment.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import yaml

from checker.modelfiles import document as yamlmarks
from checker.modelfiles.complaints import Faults

KEY = "expect"
#: Columns after which a flow mapping goes on on a new line.
WIDTH = 100
#: Small edits at most; more keys than these `expect` does not have.
MOST_EDITS = 100
#: Text that needs no quotes.
_PLAIN = re.compile(r"[A-Za-z][\w-]*(\.[\w-]+)*")
_CONSTANTS = {"true", "false", "null"}
#: How a line may end in YAML, as PyYAML reads it.
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_COMMENT = re.compile("#[^\r\n\x85\u2028\u2029]*")

Wanted = Mapping[str, Any]


class NotEditable(Exception):  # noqa: N818 - what is so is the file
    """`expect` cannot be rewritten without changing the rest of the file."""


def with_expect(text: str, expect: Wanted) -> str:
    """The text of a model file with `expect` saying this and no more. The text must be a valid one.

    Raises NotEditable if the rest of the file rests on what `expect` says, by an alias.
    """
    for edit in (_edited, _rewritten):
        try:
            edited = edit(text, expect)
            if _is_wanted(text, edited, expect):
                return edited
        except (yaml.YAMLError, Faults, ValueError, AssertionError):
            continue
    raise NotEditable("'expect' is entangled with the rest of the file by anchors and aliases")


def _is_wanted(before: str, after: str, expect: Wanted) -> bool:
    """Whether a text says what the other did, but for `expect`, and has all of its comments."""
    document = yamlmarks.read(after, KEY)
    said = {**yamlmarks.read(before, KEY).data, KEY: _plain(expect)}
    comments = [Counter(text[a:b].rstrip() for a, b in _comments(text)) for text in (before, after)]
    return not document.faults and document.data == said and comments[0] <= comments[1]


def _plain(value: Any) -> Any:
    """Plain data as a file holds it: tuples are lists there."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _edited(text: str, expect: Wanted) -> str:
    """The text after one small edit after the other. Raises ValueError if they come to no end."""
    for _ in range(MOST_EDITS):
        edited = _one_edit(text, _root(text), {KEY: expect}, exact=False)
        if edited is None:
            return text
        text = edited
    raise ValueError("the edits come to no end")


def _rewritten(text: str, expect: Wanted) -> str:
    """The text with the whole entry of `expect` written anew. Raises ValueError if there is none."""
    start, end = _entry(text)
    before = text[:start].rstrip()
    if before.endswith("?"):  # `? key` on a line of its own
        start = len(before) - 1
    written = _wrapped(f"{KEY}: {_written(expect)}").replace("\n", _newline(text))
    return _keeping_comments(text, start, end, written)


def _entry(text: str) -> tuple[int, int]:
    """From where to where the entry of `expect` goes, its aliases not followed."""
    depth, nodes, start, end = 0, 0, -1, 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        begins, ends = _span(event)
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.NodeEvent) and depth == 1:
            nodes += 1
            if nodes % 2 and start >= 0:
                break
            if nodes % 2 and getattr(event, "value", None) == KEY:
                start = begins
        if start >= 0 and depth > 0 and ends > begins:  # the end of a block has no length
            end = ends
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
    if start < 0:
        raise ValueError(f"there is no {KEY}")
    return start, end


def _comments(text: str) -> list[tuple[int, int]]:
    """From where to where each comment goes: they are what the scanner passes over."""
    found: list[tuple[int, int]] = []
    here = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        start, end = _span(token)
        found += (match.span() for match in _COMMENT.finditer(text, here, max(start, here)))
        if getattr(token, "style", None) in {"|", ">"}:  # a block of text may have one on its first line
            first = _BREAK.search(text, start)
            found += (m.span() for m in _COMMENT.finditer(text, start, first.start() if first else end))
        here = max(here, end)
    return [*found, *(match.span() for match in _COMMENT.finditer(text, here))]


def _span(marked: Any) -> tuple[int, int]:
    """From where to where an event or a token of PyYAML goes."""
    return marked.start_mark.index, marked.end_mark.index


def _keeping_comments(text: str, start: int, end: int, written: str) -> str:
    """The text with a part replaced; the comments in it go on lines of their own above."""
    kept = [text[a:b].rstrip() for a, b in _comments(text) if start <= a < end]
    line = _line(text, start)
    indent = re.match(r"[ ]*", text[line:])
    above = "".join(f"{indent[0] if indent else ''}{comment}{_newline(text)}" for comment in kept)
    return text[:line] + above + text[line:start] + written + text[end:]


def _line(text: str, index: int) -> int:
    """Where the line begins that a place is on."""
    return max((found.end() for found in _BREAK.finditer(text, 0, index)), default=0)


def _next_line(text: str, index: int) -> int:
    """Where the line after a place begins; the end of the text if there is none."""
    found = _BREAK.search(text, index)
    return len(text) if found is None else found.end()


def _newline(text: str) -> str:
    """How the lines of a text end."""
    found = _BREAK.search(text)
    return "\n" if found is None else found[0]


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
        return _keeping_comments(text, start, max(end, start), f" {_written(wanted)}")
    return _keeping_comments(text, start, end, _written(wanted))


def _without(text: str, node: yaml.MappingNode, key: yaml.Node, value: yaml.Node) -> str:
    position = [k for k, _ in node.value].index(key)
    start, end = key.start_mark.index, _end(value)
    if not node.flow_style:
        end = end if _BREAK.fullmatch(text, end - 1, end) else _next_line(text, end)
        return _keeping_comments(text, _line(text, start), end, "")
    if position + 1 < len(node.value):
        end = node.value[position + 1][0].start_mark.index
    elif position:
        start = _end(node.value[position - 1][1])
    return _keeping_comments(text, start, end, "")


def _with(text: str, node: yaml.MappingNode, name: str, value: Any) -> str:
    newline = _newline(text)
    if node.flow_style:
        end = _end(node.value[-1][1]) if node.value else node.start_mark.index + 1
        entry = f"{name}: {_written(value)}"
        line = text[_line(text, end) : end]
        space = f"{newline}  " if len(line) + len(entry) + 3 > WIDTH else " "
        return f"{text[:end]}{',' + space if node.value else ''}{entry}{text[end:]}"
    column = node.value[0][0].start_mark.column
    end = _end(node.value[-1][1])
    end = end if _line(text, end) == end else _next_line(text, end)
    before = text[:end] + ("" if _line(text, end) == end else newline)
    lines = _wrapped(f"{' ' * column}{name}: {_written(value)}")
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
