"""What two engines must agree on, and the comparison of one system in all ways that there are.

Where no state is left out the native engine agrees with the reference engine in every number that it
reports, with any number of workers, whether all interleavings are followed or each once. With reductions it
finds the verdict of every property that an exhaustive search of the reference engine finds, and a path
that shows it; a shortest one, as long as no steps are fused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from checker import Means, Options, Verdict, verify
from checker.checking.confirm import confirm, confirm_raised
from checker.engines import reference
from checker.engines.contract import EVERY_STATE, UNREDUCED, Exploration, Limits, Reductions
from checker.engines.native.engine import explore
from checker.model.behaviour import replay
from checker.model.judging import Finding, Judge
from checker.model.properties import Kind
from checker.model.semantics import ModelError, State, successors
from checker.model.system import System

#: Every way to leave out states; each interleaving is followed once.
REDUCTIONS = [Reductions(*map(bool, on)) for on in product((0, 1), repeat=3) if any(on)]


class Disagreement(Exception):  # noqa: N818 - the disagreement is what a reader must see
    """Two engines say different things of one system."""


def account(found: Exploration) -> dict[str, Any]:
    """All that two engines must agree on."""
    return {
        "states": found.states,
        "depth": found.depth,
        "levels": found.levels,
        "generated": found.generated,
        "frontier": found.frontier,
        "terminal": found.terminal,
        "cut": found.cut,
        "fired": found.fired,
        "stopped": found.stopped,
        "violations": {d.property: d.length for d in found.violations},
        "witnesses": {d.property: d.length for d in found.witnesses},
        "raised": found.raised is not None,
    }


def confirm_all(system: System, found: Exploration) -> None:
    """Replay every finding. Raises trace.InternalMismatch."""
    for discovery in (*found.violations, *found.witnesses):
        if discovery.path is not None:
            confirm(system, discovery)
    if found.raised is not None:
        confirm_raised(system, found.raised)


class _Counting(Judge):
    """A judge that counts the terminal states that it is asked about."""

    ends = 0

    def terminal(self, state: State) -> list[Finding]:
        self.ends += 1
        return super().terminal(state)


class Everything(reference._Search):
    """A search that a violation does not end: it collects every finding, and the length of its path."""

    def run(self) -> None:
        self.truth: dict[str, int] = {}
        self.judge: _Counting = _Counting(self.system)
        super().run()

    def note(self, findings: list[Any], state: int, *last: int) -> None:
        for claim, _ in findings:
            self.judge.retire(claim)
            self.truth[claim.id] = len(self.walk.path_to(state)) + len(last)


def demand(name: str, found: Any, wanted: Any) -> None:
    """Raise Disagreement unless both are equal, and say where they differ."""
    if found == wanted:
        return
    if isinstance(found, dict) and isinstance(wanted, dict):
        keys = [key for key in wanted if found.get(key) != wanted[key]]
        name = f"{name}, {' and '.join(keys)}"
        found, wanted = ({key: which.get(key) for key in keys} for which in (found, wanted))
    raise Disagreement(f"{name}: {found}, wanted {wanted}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was compared: how many states, how (all of them, only the first levels, up to what raises).

    `ends` are claims about terminal states that were judged somewhere, `hit` those that are violated.
    """

    states: int
    how: str
    ends: int = 0
    hit: int = 0


@dataclass(frozen=True, slots=True)
class Effort:
    """How thoroughly a system is compared: the numbers of workers, the ways to reduce, the most states.

    Of systems with more states than `most` only as much is compared with the reference engine.
    """

    workers: tuple[int, ...] = (1, 2, 3)
    reductions: tuple[Reductions, ...] = tuple(REDUCTIONS)
    most: int = 50_000


def compare(system: System, effort: Effort) -> Outcome:
    """Compare the engines on a system in all ways. Raises Disagreement, or whatever an engine raises."""
    # plain Python need not go through what is too large to be compared as a whole
    ahead = explore(system, Limits(max_states=effort.most, past_violations=True), reductions=UNREDUCED)
    if ahead.raised is None and ahead.stopped is not None and ahead.states >= effort.most:
        return Outcome(_compare_begun(system, effort), "begun")
    everything = Everything(system, Limits(max_states=effort.most), None)
    try:
        everything.run()
    except ModelError:
        _compare_raised(system, effort)
        return Outcome(everything.result.states, "raises")
    if everything.result.stopped is not None:
        return Outcome(_compare_begun(system, effort), "begun")
    goals = {p.id for p in system.properties if p.kind is Kind.SOMETIMES}
    violated = everything.truth.keys() - goals
    wanted = account(reference.explore(system)) if violated else _ended(everything)
    agree_unreduced(system, effort.workers, Limits(), wanted)
    for reductions in fitting(system, effort.reductions):
        agree_reduced(system, reductions, everything.truth, wanted)
    agree_verdicts(system, Means("auto", workers=effort.workers[-1]), everything)
    ends = [p.id for p in system.properties if p.kind is Kind.TERMINAL and everything.judge.ends]
    hit = [claim for claim in ends if claim in everything.truth]
    return Outcome(everything.result.states, "whole", len(ends), len(hit))


def _ended(everything: Everything) -> dict[str, Any]:
    """The account of a search in which nothing was violated."""
    return {**account(everything.finish()), "witnesses": everything.truth}


# No state left out ----------------------------------------------------------------------------------------


def agree_unreduced(
    system: System, workers: Sequence[int], limits: Limits, wanted: dict[str, Any] | None
) -> Exploration:
    """Explore with each number of workers; all agree with what is wanted, and in every path.

    The last number of workers once more with nothing left out at all; then paths may be other ones, of the
    same length.
    """
    paths: Any = None
    for count, reductions in (*((count, EVERY_STATE) for count in workers), (workers[-1], UNREDUCED)):
        found = explore(system, limits, reductions=reductions, workers=count)
        confirm_all(system, found)
        wanted = account(found) if wanted is None else wanted
        ordered = _name(reductions) or "unreduced"
        demand(f"{ordered}, {count} workers", account(found), wanted)
        all_followed = found.followed == found.generated
        demand(f"{ordered}, steps followed", found.followed <= found.generated, True)
        demand(f"{ordered}, all steps followed", all_followed or found.reductions.ordering, True)
        shown = [(d.property, d.reason, d.path) for d in (*found.violations, *found.witnesses)]
        paths = shown if paths is None else paths
        if reductions == EVERY_STATE:
            demand(f"paths with {count} workers", shown, paths)
    return found


def _compare_begun(system: System, effort: Effort) -> int:
    """A system that is too large for the reference engine: its first levels, then native against native.

    How many states were compared.
    """
    ahead = explore(system, Limits(max_states=effort.most), reductions=UNREDUCED)
    depth = max(2, ahead.depth - 1)
    limits = Limits(max_depth=depth)
    agree_unreduced(system, effort.workers[:1], limits, account(reference.explore(system, limits)))
    return agree_unreduced(system, effort.workers, Limits(max_depth=depth + 1), None).states


def _compare_raised(system: System, effort: Effort) -> None:
    """A rule raises: every engine finds that, or a violation before it, and can show it.

    How much of the last level an engine has seen by then is its own business, and which steps it knows of a
    state in which a rule raises.
    """
    wanted = reference.explore(system)
    kept = [d for d in wanted.violations if not _raises_at_the_last_step(system, d.path or ())]
    last = effort.workers[-1]
    for workers, way in (*((count, EVERY_STATE) for count in effort.workers), (last, UNREDUCED)):
        found = explore(system, reductions=way, workers=workers)
        confirm_all(system, found)
        for name, length in account(replace(wanted, violations=kept))["violations"].items():
            demand(f"{name} beside what raises", account(found)["violations"].get(name), length)
        lengths = [r and len(r.path) for r in (found.raised, wanted.raised)]
        demand(f"raises, {workers} workers", *lengths)
    for reductions in fitting(system, effort.reductions):
        found = explore(system, reductions=reductions)
        confirm_all(system, found)
        if not found.violations and found.raised is None:
            raise Disagreement(f"nothing raises with {reductions}")


def _raises_at_the_last_step(system: System, path: tuple[int, ...]) -> bool:
    """Whether a rule raises in the state out of which the last step of a path leads."""
    try:
        list(successors(system, replay(system, path[:-1]).final))
    except ModelError:
        return bool(path)
    return False


# With reductions ------------------------------------------------------------------------------------------


def fitting(system: System, reductions: Sequence[Reductions]) -> Iterator[Reductions]:
    """Those that differ on a system that may have no symmetry and no settling."""
    settles = any(m.role.settle is not None for m in system.members) and system.network.unordered
    unlike = {
        replace(r, settling=r.settling and settles, symmetry=r.symmetry and bool(system.symmetries))
        for r in reductions
    }
    yield from sorted((r for r in unlike if not r.every_state), key=str)


def agree_reduced(
    system: System, reductions: Reductions, truth: dict[str, int], first: dict[str, Any]
) -> None:
    """All properties together, what is violated each by itself, and what is not without the rest.

    `truth` is what an exhaustive search finds, `first` the account of one that a violation ends.
    """
    violated = {p.id for p in system.properties if p.id in truth and p.kind is not Kind.SOMETIMES}
    shown, loose = _shown(system, reductions, truth)
    if not violated:
        demand(f"{_name(reductions)}: what is found", shown, set(truth))
        return
    if not loose:
        told = {*first["violations"], *first["witnesses"]}
        demand(f"{_name(reductions)}: what is found first", shown, told)
    elif not violated & shown:
        raise Disagreement(f"{_name(reductions)}: of {sorted(violated)} nothing is found")
    for claim in (p for p in system.properties if p.id in violated):
        alone, _ = _shown(replace(system, properties=(claim,)), reductions, truth)
        demand(f"{_name(reductions)}: found alone", alone, {claim.id})
    rest = tuple(p for p in system.properties if p.id not in violated)
    others, _ = _shown(replace(system, properties=rest), reductions, truth)
    demand(f"{_name(reductions)}: found without what is violated", others, truth.keys() - violated)


def _shown(system: System, reductions: Reductions, truth: dict[str, int]) -> tuple[set[str], bool]:
    """What a search finds, each confirmed and its length compared; and whether its levels are others."""
    found = explore(system, reductions=reductions)
    confirm_all(system, found)
    if found.stopped is not None or found.raised is not None:
        raise Disagreement(f"{_name(reductions)}: {found.stopped or found.raised}")
    fused = found.reductions.fusion
    # what is dropped may have to be sent or taken before nothing more can happen, see unfold.Walk.rest
    goes_on = found.reductions.settling
    kinds = {p.id: p.kind for p in system.properties}
    for discovery in (*found.violations, *found.witnesses):
        if discovery.property not in truth:
            raise Disagreement(f"{_name(reductions)}: {discovery.property} is found, and nothing shows it")
        shortest, length = truth[discovery.property], discovery.length
        loose = fused or (goes_on and kinds[discovery.property] is Kind.TERMINAL)
        if length is not None and (length < shortest if loose else length != shortest):
            raise Disagreement(
                f"{_name(reductions)}: {discovery.property} in {length} steps, wanted {shortest}"
            )
    loose = fused or (goes_on and Kind.TERMINAL in kinds.values())
    return {d.property for d in (*found.violations, *found.witnesses)}, loose


def _name(reductions: Reductions) -> str:
    return " and ".join(each.name for each in fields(reductions) if getattr(reductions, each.name))


# Verdicts, as a user gets them ----------------------------------------------------------------------------


def agree_verdicts(system: System, means: Means, everything: Everything) -> None:
    """The verdict of each property; it may be open only if a violation ended the search."""
    result = verify(system, Options(means))
    for told in result.judged.properties:
        right = Verdict.VERIFIED
        if (told.id in everything.truth) != (told.kind is Kind.SOMETIMES):
            right = Verdict.VIOLATED
        elif told.kind is Kind.TERMINAL and not everything.judge.ends:
            right = Verdict.INCONCLUSIVE
        early = told.verdict is Verdict.INCONCLUSIVE and not result.found.complete
        if told.verdict is not right and not early:
            raise Disagreement(f"{means.engine}: {told.id} is {told.verdict.value}, wanted {right.value}")
    wanted = any(p.id in everything.truth for p in system.properties if p.kind is not Kind.SOMETIMES)
    if wanted and not result.violated():
        raise Disagreement(f"{means.engine}: {result.verdict.value}, and some property is violated")
