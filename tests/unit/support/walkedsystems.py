"""Small systems for random walks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from checker import AtMostOnce, Kind, Member, Property, Role, System, View
from checker.model.network import Network

ONCE = AtMostOnce()


@dataclass(frozen=True)
class Note:
    """A number on its way to a node."""

    n: int


def counter(properties: tuple[Property, ...] = (), network: Network = ONCE) -> System:
    """Two nodes: one has seven messages of which it keeps a list, the other three things to do."""

    def note(_: Any, seen: tuple[int, ...], message: Note) -> Any:
        return (((*seen, message.n), ()),)

    def do(k: int) -> Any:
        return lambda _, done: (((done | {k}), ()),) if k not in done else ()

    first = tuple(("a", Note(n)) for n in range(7))
    list_ = Member("a", Role("list", {Note: note}), None, (), first)
    wakes = {f"do{k}": do(k) for k in range(3)}
    other = Member("b", Role("other", {}, wakes), None, frozenset())
    return System("counter", (list_, other), network, properties)


def in_order(*wanted: int) -> Property:
    """Violated once these were taken in this order, whatever else comes between."""

    def judge(_: Any, seen: tuple[int, ...]) -> str | None:
        rest = iter(seen)
        return "in order" if all(n in rest for n in wanted) else None

    name = "-".join(map(str, wanted))
    view = View("seen", "list", lambda seen: seen)
    return Property(f"p{name}", Kind.NODE, "No such order.", "this test", (view,), judge)


def of_list(kind: Kind, judge: Callable[..., str | None], **more: Any) -> Property:
    """What a property says of lists."""
    view = View("seen", "list", lambda seen: seen)
    return Property("p", kind, "A claim.", "this test", (view,), judge, **more)
