"""One model compared, kept if it fails and made smaller; and the table of what was hunted."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from . import coverage
from .comparing import Effort, Outcome, compare
from .recipes import CLASSES, EVERY, Recipe, chosen, class_of, smaller
from .streams import Stream

#: The engine shares levels from so many states on; usually from 16,384.
FEW = (4, 4, 64, 16_384)
#: Seconds of the processor that one comparison may take, and seconds for making a failing model smaller.
PATIENCE = 300
SHRINKING = 120


class Stuck(Exception):  # noqa: N818 - says what happened
    """A comparison that does not come to an end."""


@dataclass(slots=True)
class Catch:
    """What became of one seed: its recipe, how it was compared, and what failed ('' if nothing did)."""

    seed: int
    recipe: str
    outcome: Outcome | None = None
    failure: str = ""
    smallest: str = ""
    seconds: float = 0.0
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def signature(self) -> str:
        """What failures of one cause have in common, as far as their words tell."""
        return re.sub(
            r"\d[\d,]*|claim\w+|\(.*\)|\{.*\}|'.*'", "…", self.failure.split("\n", maxsplit=1)[0]
        )[:90]


def hunt(
    seed: int, largest: int, effort: Effort, generators: Sequence[str] = EVERY, known: Sequence[str] = ()
) -> Catch:
    """Compare the engines on the model of a seed; a failure that is not `known` is made smaller."""
    begun = time.monotonic()
    recipe = chosen(seed, largest, generators)
    catch = tried(seed, recipe, effort)
    if catch.failure and catch.signature not in known:
        catch.smallest = str(smallest(recipe, effort, catch.signature))
    catch.seconds = time.monotonic() - begun
    return catch


def tried(seed: int, recipe: Recipe, effort: Effort) -> Catch:
    """The comparison of one recipe."""
    catch = Catch(seed, str(recipe))
    few = Stream(seed, "few").pick(FEW)
    try:
        with alarm(PATIENCE), coverage.shared_early(few), coverage.counting(catch.seen):
            catch.outcome = compare(recipe.system(), effort)
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is what is hunted
        catch.failure = f"{type(error).__name__}: {error}"
    return catch


def smallest(recipe: Recipe, effort: Effort, signature: str) -> Recipe:
    """A recipe that fails in the same way, of which no smaller one does, as far as time allows."""
    end = time.monotonic() + SHRINKING
    while time.monotonic() < end:
        for other in smaller(recipe):
            if time.monotonic() >= end:
                break
            if tried(recipe.seed, other, effort).signature == signature:
                recipe = other
                break
        else:
            break
    return recipe


@contextmanager
def alarm(seconds: int) -> Iterator[None]:
    """Raise Stuck here after so long, by the processor's time."""

    def ring(*_: object) -> None:
        raise Stuck(f"no end after {seconds} seconds")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


# The table ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Bag:
    """All that was caught so far, in numbers, by generator."""

    models: Counter[str] = field(default_factory=Counter)
    figures: dict[str, Counter[str]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, catch: Catch) -> None:
        """Count one more."""
        generator = catch.recipe.split(":", maxsplit=1)[0]
        self.models[generator] += 1
        figures = self.figures.setdefault(generator, Counter())
        figures.update(f"with {feature}" for feature in catch.seen)
        if catch.failure:
            self.failures[catch.signature] += 1
            figures["failures"] += 1
        if catch.outcome is not None:
            figures[_class_name(class_of(catch.outcome.states))] += 1
            figures[catch.outcome.how] += 1
            figures["terminal judged"] += catch.outcome.ends
            figures["terminal violated"] += catch.outcome.hit

    def table(self) -> str:
        """A row for each figure, a column for each generator."""
        names = sorted(self.models)
        rows: list[tuple[str, Callable[[str], int]]] = [("models", lambda name: self.models[name])]
        figures = [
            *map(_class_name, CLASSES),
            *("whole", "begun", "raises"),
            *("terminal judged", "terminal violated"),
            *(f"with {feature}" for feature in coverage.FEATURES),
            "failures",
        ]
        rows += [(figure, lambda name, figure=figure: self.figures[name][figure]) for figure in figures]
        lines = [f"{'':24}" + "".join(f"{name:>10}" for name in (*names, "all"))]
        for title, value in rows:
            values = [value(name) for name in names]
            lines.append(f"{title:24}" + "".join(f"{n:10,}" for n in (*values, sum(values))))
        lines += [
            f"failed {count:,} times: {signature}" for signature, count in self.failures.most_common()
        ]
        return "\n".join(lines)


def _class_name(most: int) -> str:
    return f"< {most:,} states"


def told(catch: Catch) -> str:
    """A failure for the report: one line that says how to run it again."""
    smallest_one = f"  smallest {catch.smallest}" if catch.smallest else ""
    return f"{catch.seed}  {catch.recipe}{smallest_one}  {catch.failure.splitlines()[0]}"


def say(text: str) -> None:
    """Print at once."""
    print(text)
    sys.stdout.flush()
