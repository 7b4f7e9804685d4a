"""Random properties: predicates that are sensitive to every value they read.

A predicate holds of a value or not by a hash of the value's canonical text. One engine that reads a state
wrongly reads another value, and says something else of it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

from checker.model.properties import Kind, Property
from checker.model.values import canonical
from checker.model.vocabulary import View

from .streams import Stream

#: Of so many values one is hit. The rarest hits nothing: such a claim is verified.
RARITIES = (30, 100, 1000, 10**4, 10**6, 1 << 40)
#: Terminal states are few, and what is found in one ends no search before it has begun.
AT_THE_END = (2, 4, 10, 30, 1000, 1 << 40)

#: From what a property reads to what its predicate is about; a symmetric one leaves names out.
Abstract = Callable[..., Any]


def as_it_is(*read: Any) -> Any:
    """All that is read, names included."""
    return tuple(tuple(sorted(r.items())) if isinstance(r, dict) else r for r in read)


def predicate(salt: str, rarity: int, about: Abstract) -> Callable[..., str | None]:
    """A judge that finds something in one of so many values, the same ones in every process."""

    def judge(_: Any, *read: Any) -> str | None:
        text = canonical(about(*read))
        hit = zlib.crc32(f"{salt} {text}".encode()) * 0x9E3779B97F4A7C15 % (1 << 64) >> 20
        return f"{salt} in {text}" if hit % rarity == 0 else None

    return judge


def random_claim(
    stream: Stream, name: str, kind: Kind, views: Sequence[View], *, more: Sequence[View] = ()
) -> Property:
    """A property of this kind over some of the views, and over `more`."""
    if kind in (Kind.NODE, Kind.ACTION):
        return claim_about(stream, name, kind, (stream.pick(views),))
    most = min(3, len(views))
    some = stream.shuffled(views)[: stream.between(0 if stream.chance(5) else 1, most)]
    claim = claim_about(stream, name, kind, (*some, *more))
    return claim.sliced(slices_of(claim.views)) if stream.chance(25) else claim


def claim_about(
    stream: Stream, name: str, kind: Kind, views: tuple[View, ...], about: Abstract = as_it_is
) -> Property:
    """A property of this kind that finds something in some of all values."""
    rarity = stream.pick(AT_THE_END if kind is Kind.TERMINAL else RARITIES)
    judge = predicate(f"{name}.{stream.below(1000)}", rarity, about)
    return Property(name, kind, f"One of {rarity:,} values is hit.", "hunt", views, judge)


def slices_of(views: Sequence[View]) -> tuple[tuple[View, ...], ...]:
    """Two readings: of each view what is even of its canonical text's hash, and what is odd."""
    return tuple(tuple(_part(view, half) for view in views) for half in (0, 1))


def _part(view: View, half: int) -> View:
    def part(local: Any) -> Any:
        seen = view.function(local)
        return (half, seen) if zlib.crc32(canonical(seen).encode()) % 2 == half else None

    return View(f"{view.name}/{half}", view.role, part, view.inbox)


def all_kinds(stream: Stream, most: int) -> list[Kind]:
    """Kinds for so many claims; terminal ones are the most frequent."""
    kinds = [Kind.TERMINAL, Kind.STATE, Kind.NODE, Kind.ACTION, Kind.SOMETIMES, Kind.TERMINAL]
    return [stream.pick(kinds) for _ in range(most)]


def masked(claims: Sequence[Property], mask: int) -> tuple[Property, ...]:
    """The claims whose bit is set."""
    return tuple(claim for k, claim in enumerate(claims) if mask >> k & 1)
