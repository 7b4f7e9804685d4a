"""Groups of renamings: all that some of them generate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Images = Mapping[Any, Any]

#: A group of more renamings than this is refused.
MOST = 5040


def compose(first: Images, second: Images) -> dict[Any, Any]:
    """First the one renaming, then the other."""
    names = {**first, **second}
    return {name: second.get(first.get(name, name), first.get(name, name)) for name in names}


def generated(generators: list[Images]) -> list[Images]:
    """All renamings that the generators make, the identity first. Raises GroupTooLargeError."""
    names = dict.fromkeys(name for g in generators for name in (*g.keys(), *g.values()))
    identity = {name: name for name in names}
    group: list[Images] = [identity]
    known = {frozenset(identity.items())}
    for element in group:
        for generator in generators:
            product = compose(element, generator)
            key = frozenset(product.items())
            if key not in known:
                known.add(key)
                group.append(product)
        if len(group) > MOST:
            raise GroupTooLargeError(f"it has more than {MOST:,} renamings")
    return group


class GroupTooLargeError(Exception):
    """Generators make more renamings than are looked at."""


def same(one: Images, other: Images) -> bool:
    """Whether two renamings are one: what is not mentioned stays."""
    names = {*one, *other}
    return all(one.get(name, name) == other.get(name, name) for name in names)
