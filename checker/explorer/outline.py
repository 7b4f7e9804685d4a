"""A state with what changed since the one before: node by node, field by field, item by item.

Marks are `added`, `removed`, `changed` or nothing. Sets and lists are shown by their items, so that a
reader sees which one came or went; a record inside a record is shown by its own fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import is_dataclass
from difflib import SequenceMatcher
from typing import Any, TypedDict

from checker.model.network import in_order, merges
from checker.model.semantics import Cell
from checker.model.system import System
from checker.model.values import compared, has_text, show


class Item(TypedDict):
    """One item of a set or list."""

    text: str
    mark: str


class Row(TypedDict):
    """One field: its dotted name, its text, the text before if it changed, its items if it has any."""

    name: str
    text: str
    old: str | None
    mark: str
    items: list[Item] | None


def outline(before: Any, after: Any, prefix: str = "") -> Iterator[Row]:
    """The fields of a local state, in their own order, each with what became of it."""
    for name, old, new in compared(before, after, prefix):
        if type(old) is type(new) or not is_dataclass(new) or has_text(new):
            yield _row(name, old, new)
            continue
        # a record came in place of something else: what was there is shown once, in a row of its own
        if name:
            yield {"name": name, "text": "", "old": show(old), "mark": "changed", "items": None}
        yield from outline(new, new, name)


def _row(name: str, before: Any, after: Any) -> Row:
    changed = before != after
    items = _items(before, after)
    return {
        "name": name,
        "text": show(after),
        "old": show(before) if changed else None,
        "mark": "changed" if changed else "",
        "items": items,
    }


def _items(before: Any, after: Any) -> list[Item] | None:
    """The items of a set or list, those that are gone included; None if the value is no such thing."""
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        both = in_order(before | after)
        return [
            _item(value, "removed" * (value not in after) or "added" * (value not in before))
            for value in both
        ]
    if type(before) is tuple and type(after) is tuple:
        return list(in_sequence(before, after))
    return None


def _item(value: Any, mark: str) -> Item:
    return {"text": show(value), "mark": mark}


def in_sequence(before: Sequence[Any], after: Sequence[Any]) -> Iterator[Item]:
    """The items of a list, those that are gone where they were."""
    for what, i, j, k, m in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if what == "equal":
            yield from (_item(value, "") for value in after[k:m])
        else:
            yield from (_item(value, "removed") for value in before[i:j])
            yield from (_item(value, "added") for value in after[k:m])


def inbox(system: System, before: Cell, after: Cell) -> list[Item]:
    """The messages that the network holds for a node."""
    old, new = system.network.held(before.inbox), system.network.held(after.inbox)
    if merges(system.network):
        return _items(frozenset(old), frozenset(new)) or []
    return list(in_sequence(old, new))
