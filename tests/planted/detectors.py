"""What must notice a fault: the project's own means, the same ones for every fault.

* *pair assertion*: two forms of one value differ (checker/engines/native/states/pairing.py);
* *comparison*: the native engine says something else than the reference engine, or than itself with
  another number of workers or with reductions; or a shipped model is not what its file expects;
* *replay*: a path is none, or shows nothing;
* *refusal*: a claim for a reduction that is false is not refused;
* *judging*: a verdict or exit code does not follow from what was found.

Whatever else the checker raises, where nothing is wrong, is a *crash*: exit code 70, and no verdict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from checker.checking.check import check, check_system, confirmed
from checker.checking.confirm import InternalMismatch, confirm, confirm_raised
from checker.checking.question import Options
from checker.engines import reference
from checker.engines.choose import Means
from checker.engines.contract import (
    EVERY_STATE,
    UNREDUCED,
    Discovery,
    Exploration,
    Limits,
    Reductions,
    Watch,
)
from checker.engines.native import tuning
from checker.engines.native.engine import Run, explore
from checker.engines.native.paths.unfold import UnfoldError
from checker.engines.native.reductions.claims import Refused
from checker.engines.native.reductions.settling import ReductionError
from checker.engines.native.search.search import Search
from checker.engines.native.sightings import Guide
from checker.engines.native.states import pairing
from checker.engines.native.states.pairing import Mismatch
from checker.engines.native.tuning import Tuning
from checker.model.claims import UnsoundClaim
from checker.model.fairness import Assumption, Fairness
from checker.model.properties import Kind
from checker.model.system import System
from checker.model.verdict import ExitCode
from tests.unit.native.test_symmetry import FALSE, PROMISED, first_promised, with_claim

from . import answers, clocks, elsewhere, histories, kept, ordering, systems, walks
from .systems import AT, at, never, shipped, walker

EACH = [
    Reductions(fusion=f, settling=True, symmetry=s) for f, s in ((True, True), (False, True), (True, False))
]


class Noticed(Exception):  # noqa: N818 - that is what it is
    """A detector has noticed something; its first word says which one."""


def demand(detector: str, found: Any, wanted: Any) -> None:
    """Raise Noticed unless both are equal."""
    if found != wanted:
        raise Noticed(f"{detector}: {found}, wanted {wanted}")


# Comparison and replay ------------------------------------------------------------------------------------


def account(found: Exploration) -> dict[str, Any]:
    """All that two engines must agree on."""
    kept = (
        "states",
        "depth",
        "generated",
        "frontier",
        "levels",
        "terminal",
        "terminal_judged",
        "cut",
        "fired",
        "futures",
    )
    figures = {name: getattr(found, name) for name in (*kept, "stopped", "idle")}
    told = (*found.violations, *found.witnesses)
    decided = {d.property: (d.length, d.loop and len(d.path or ()), d.shortest) for d in told}
    waits = {i: w if i not in decided else w.cyclic for i, w in found.waits.items()}
    return {**figures, "decided": decided, "waits": waits, "raised": found.raised is not None}


def replayed(system: System, found: Exploration) -> Exploration:
    """What was found, after all of it was replayed."""
    for discovery in (*found.violations, *found.witnesses):
        confirm(system, discovery)
    if found.raised is not None:
        confirm_raised(system, found.raised)
    return found


def agree(system: System, workers: tuple[int, ...] = (1, 3), ways: Sequence[Reductions] = EACH) -> None:
    """Compare the engines on a system, with all states, steps in all orders and in one, and reduced."""
    wanted = replayed(system, reference.explore(system))
    for count, way in ((count, way) for way in (UNREDUCED, EVERY_STATE) for count in workers):
        found = replayed(system, explore(system, reductions=way, workers=count))
        if wanted.raised is None:  # else it is an engine's own business where on the last level it stops
            demand("comparison", account(found), account(wanted))
        demand("comparison", found.raised is None, wanted.raised is None)
    for reductions in ways:
        agree_reduced(system, reductions, wanted, workers)


def agree_reduced(
    system: System, reductions: Reductions, wanted: Exploration, workers: tuple[int, ...]
) -> None:
    """Compare a reduced search with what the reference engine found, and with one of more workers."""
    one, *others = (replayed(system, explore(system, reductions=reductions, workers=n)) for n in workers)
    names = [{d.property for d in each.violations} for each in (one, wanted)]
    demand("comparison", *names)
    demand("comparison", one.raised is None, wanted.raised is None)
    if not one.violations and one.raised is None:
        demand("comparison", *({d.property for d in each.witnesses} for each in (one, wanted)))
    for other in others if one.raised is None else ():
        demand("comparison", account(other), account(one))
        demand("comparison", [d.path for d in other.violations], [d.path for d in one.violations])


class Walking(Run):
    """A search that goes back from many of the states it has found last, whatever they show."""

    def _explain(self, search: Search) -> None:
        level = len(search.stores[0].levels) - 2
        states = [tuple(row) for cells in search.states_of(level) for row in cells.tolist()]
        for state in states[::16]:
            Guide(self.tables, search)._walk(level, state)


def walked() -> None:
    """Among many alike, real steps lead to states of which only some images are known."""
    asked = systems.five_alike()
    Walking(asked, Watch(Limits(max_depth=9)), Reductions(fusion=False), Refused(), 1).run()


def as_expected(name: str, workers: int, reductions: Reductions) -> None:
    """A shipped model is what its file expects, down to the figures."""
    result = check(shipped(name), Options(Means("native", reductions, workers)))
    unfailed(result.found)
    demand("comparison", (result.exit_code, result.judged.unmet), (ExitCode.OK, ()))


def unfailed(found: Exploration) -> None:
    """Raise Noticed if a check failed."""
    if found.failed is not None:
        paired = found.failed.reason.startswith("internal error: Mismatch")
        raise Noticed(f"{'pair assertion' if paired else 'replay'}: {found.failed.reason}")


# Refusal --------------------------------------------------------------------------------------------------


def refused(build: Callable[[], System], message: str, reductions: Reductions = Reductions()) -> None:
    """A false claim is refused, in the words that are meant for it."""
    try:
        explore(build(), Limits(max_depth=8), reductions=reductions)
    except ReductionError as error:
        if re.search(message, str(error)):
            return
        raise Noticed(f"refusal: {error}") from error
    raise Noticed(f"refusal: nobody said {message}")


def refused_shift(asked: System, engine: str) -> None:
    """A shift that is none is refused."""
    run = explore if engine == "native" else reference.explore
    try:
        run(asked, Limits(max_states=200))
    except UnsoundClaim as error:
        if "shift" in str(error):
            return
        raise Noticed(f"refusal: {error}") from error
    raise Noticed(f"refusal: the {engine} engine took a shift on trust")


def left_off() -> None:
    """A symmetry that was only assumed, and is none, is not used."""
    asked = with_claim(first_promised, Kind.STATE, PROMISED)
    assumed = tuple(replace(s, assumed=True) for s in asked.symmetries)
    found = explore(replace(asked, symmetries=assumed))
    without = [word.split(" (")[0] for word in found.reductions.words() if word.startswith("no ")]
    demand("refusal", without, ["no symmetry of acceptors"])


# Judging --------------------------------------------------------------------------------------------------


def judged(system: System, code: ExitCode, unmet: tuple[str, ...] = (), limits: Limits = Limits()) -> None:
    """Both engines come to this exit code, and to what is unmet."""
    for engine in ("native", "reference"):
        result = check_system(system, Options(Means(engine, UNREDUCED, 1), limits))
        unfailed(result.found)
        demand("judging", (result.exit_code, result.judged.unmet), (code, unmet))


def made_up() -> None:
    """A finding whose path shows nothing is not told as one."""
    asked = walker(at(Kind.STATE, 3))
    found = Exploration("native", violations=[Discovery("place", "it is there", (0,))])
    traces, _ = confirmed(asked, found)
    told = bool(traces or found.violations), found.failed and found.failed.code
    demand("judging", told, (False, ExitCode.INTERNAL))


STOPS = "stops a node before what it asks for comes"
GOES = Fairness(weak=(Assumption("go", frozenset({("w", "go")})),))
#: What is checked, the exit code, and what is unmet.
VERDICTS: dict[str, tuple[System, ExitCode, tuple[str, ...]]] = {
    "all is well": (walker(never(Kind.STATE, AT), at(Kind.SOMETIMES, 2)), ExitCode.OK, ()),
    "violated": (walker(at(Kind.STATE, 2)), ExitCode.SAFETY, ()),
    "stuck": (walker(at(Kind.TERMINAL, -1), stops=True), ExitCode.DEADLOCK, ()),
    "a goal out of reach": (walker(at(Kind.SOMETIMES, 9)), ExitCode.UNMET, ("place was never reached",)),
    "no end but at a bound": (
        walker(never(Kind.TERMINAL, AT)),
        ExitCode.UNMET,
        ("never: nothing to judge: in every terminal state the bound on steps keeps a node from going on",),
    ),
    "no run but to a bound": (
        replace(walker(at(Kind.EVENTUALLY, 9)), fairness=GOES),
        ExitCode.UNMET,
        (f"place: nothing to judge: in every run the bound on steps {STOPS}",),
    ),
    "a run that may stop": (walker(at(Kind.EVENTUALLY, 2)), ExitCode.LIVENESS, ()),
    "a run that may not stop": (replace(walker(at(Kind.EVENTUALLY, 2)), fairness=GOES), ExitCode.OK, ()),
    "nothing to check": (
        walker(),
        ExitCode.UNMET,
        ("nothing was checked: there are no properties",),
    ),
}
#: The pair assertions.
PAIRED = (
    "same_packing",
    "same_states",
    "same_number",
    "kept",
    "kept_last",
    "owned",
    "least",
    "lowered",
    "shown",
    "same_cells",
    "all_asleep",
    "all_reached",
    "all_new",
    "all_expanded",
    "all_received",
)
#: Limits that are reached before all was seen of something that is well.
LIMITS = {"levels": Limits(max_depth=2), "states": Limits(max_states=40)}

# All of them ----------------------------------------------------------------------------------------------


Detectors = Iterator[tuple[str, Callable[[], None]]]


def detectors(first: str | None = None) -> Detectors:
    """All that is tried: what is about faults of the kind `first`, then the least expensive first."""
    groups: dict[str, Callable[[], Detectors]] = {
        "meaning": verdicts,
        "claims": claims,
        "histories": lambda: histories.detectors(demand),
        "clocks": lambda: clocks.detectors(demand),
        "small": small,
        "shifts": lambda: unreduced(systems.shifted()),
        "wide": lambda: unreduced(systems.wide()),
        "runs": lambda: unreduced(systems.running()),
        "ordering": lambda: ordering.detectors(demand, agree),
        "walks": lambda: walks.detectors(demand),
        "answers": lambda: answers.detectors(demand),
        "kept": lambda: kept.detectors(demand, account),
        "elsewhere": lambda: elsewhere.detectors(demand, account),
        "large": large,
    }
    for name in sorted(groups, key=lambda name: name != first):
        yield from groups[name]()


def small() -> Detectors:
    """Small systems, and shipped models."""
    for name, asked in systems.small():
        yield name, partial(agree, asked, (1,))
    for name in systems.SHIPPED:
        for workers, reductions in ((1, Reductions()), (3, UNREDUCED)):
            yield f"{name}, {workers} workers", partial(as_expected, name, workers, reductions)
    yield "five alike", walked


def unreduced(asked: Iterable[tuple[str, System]]) -> Detectors:
    """Systems on which the engines are compared without reductions."""
    for name, system in asked:
        yield name, partial(agree, system, ways=())


def large() -> Detectors:
    """Systems that outgrow the first tables."""
    for name, asked in systems.large():
        yield name, partial(agree, asked)


def verdicts() -> Detectors:
    """What follows from what is found."""
    for name, (asked, code, unmet) in VERDICTS.items():
        yield f"verdict: {name}", partial(judged, asked, code, unmet)
    for name, limits in LIMITS.items():
        long = walker(never(Kind.STATE, AT), bound=90)
        yield f"verdict: a limit of {name}", partial(judged, long, ExitCode.INCONCLUSIVE, limits=limits)
    yield "verdict: a finding that is made up", made_up


def claims() -> Detectors:
    """False claims for reductions."""
    for name, asked, message in systems.unsound():
        yield name, partial(refused, lambda asked=asked: asked, message)
    for name, (build, message) in FALSE.items():
        only = Reductions(fusion=False, settling=name == "settling", symmetry=True)
        yield f"symmetry: {name}", partial(refused, build, message, only)
    yield "symmetry: assumed", left_off
    for name, asked in systems.no_shifts():
        for engine in ("native", "reference"):
            yield f"shift: {name}, {engine}", partial(refused_shift, asked, engine)
    for name, asked in systems.no_ageing():
        yield f"shift: {name}", partial(refused_shift, asked, "native")


def noticed(error: Exception) -> str:
    """Which detector an exception comes from."""
    if isinstance(error, Noticed):
        return str(error).split(":", maxsplit=1)[0]
    if isinstance(error, Mismatch):
        return "pair assertion"
    return (
        "replay" if isinstance(error, InternalMismatch | UnfoldError) else f"crash ({type(error).__name__})"
    )


# The surroundings -----------------------------------------------------------------------------------------


def early() -> AbstractContextManager[Any]:
    """Levels are shared, batches sent and tables outgrown as soon as there are a few states."""
    early = Tuning(few=2, alone=0, piece=32, outbox=64, lately=64, first_slots=64)
    return patch.object(tuning, "USUAL", early)


def pairing_set(*, on: bool) -> AbstractContextManager[Any]:
    """Pair assertions compare all, or nothing."""
    stack = ExitStack()
    stack.enter_context(patch.object(pairing, "THOROUGH", on))
    for name in () if on else PAIRED:
        stack.enter_context(patch.object(pairing, name, lambda *_, **__: None))
    return stack
