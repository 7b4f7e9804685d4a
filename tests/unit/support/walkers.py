"""A node that goes from number to number: the smallest systems with runs without end."""

from typing import Any

from checker.model.fairness import Assumption, Fairness
from checker.model.network import AtMostOnce
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, View

AT = View("at", "walker", lambda at: at)
GO = Fairness(weak=(Assumption("go", frozenset({("w", "go")})),))
#: From 0 to 1, from where it goes round for ever by 2 and 3, or stays at 4.
STEPS = {0: (1,), 1: (2, 4), 2: (3,), 3: (2, 1), 4: (4,)}


def at(*wanted: int) -> Property:
    """The goal that the walker is at one of some places."""

    def judge(_: Any, seen: Any) -> str | None:
        return "it is there" if {*seen.values()} & {*wanted} else None

    name = "-or-".join(f"at-{place}" for place in wanted)
    return Property(name, Kind.SOMETIMES, f"It is {name}.", "this test", (AT,), judge)


def walker(
    *properties: Property,
    steps: dict[int, tuple[int, ...]],
    fairness: Fairness = GO,
    stops: tuple[int, ...] = (),
) -> System:
    """A node that goes from number to number, from 0; a bound stops it at some."""

    def go(_: Any, here: int) -> Any:
        return tuple((to, ()) for to in steps.get(here, ()))

    cut = (lambda _, at: "steps" if at in stops else None) if stops else None
    members = (Member("w", Role("walker", {}, {"go": go}, cut=cut), None, 0),)
    return System("walker", members, AtMostOnce(), properties, fairness=fairness)
