"""Mutation: does a protocol that is wrong in one known place raise an alarm, which one, and how soon?

Each mutant is explored with all claims on. The search is breadth first and stops at the first alarm;
the properties that raised it are put aside and the search begins anew, until the one that the mutant
is expected to violate is among them. So every length is that of a shortest counterexample, and each
was confirmed by replay. With reductions only the expected property is asked for: where silent steps
are fused, lengths say little.

A control is explored to the end, and what its model claims must hold.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from checker.checking.check import check
from checker.checking.question import Question
from checker.checking.result import CheckResult
from checker.engines.choose import Means
from checker.engines.contract import EVERY_STATE, Reductions
from checker.host.processes import Died, calls
from checker.model.claims import UnsoundClaim
from checker.model.properties import Property
from checker.model.verdict import Verdict
from checker.modelfiles import onefile
from checker.modelfiles.complaints import Faults
from checker.modelfiles.protocol import Mutant, Protocol, protocols
from checker.modelfiles.runs import ASSUMED

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel


@dataclass(frozen=True, slots=True)
class Listed:
    """A mutant in the list of those of all protocols: there its id is `mutant.id`, and no other's."""

    protocol: Protocol
    #: its place among the mutants of its protocol
    place: int
    mutant: Mutant


@dataclass(frozen=True, slots=True)
class Alarm:
    """A property that a mutant violates, the length of a shortest counterexample, and the cost of it.

    Of a run without end it is that of the way in, and `cycle` are the steps that repeat.
    """

    property: str
    length: int
    reason: str
    states: int
    seconds: float
    cycle: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one mutant: the alarms in the order in which they were raised.

    `unmet` says what is not as the catalogue has it; it is empty for a kill as expected, and for a
    control that stayed green. `states` and `seconds` are those of all searches together. `failed` says
    that nothing is known of the mutant, because the checker failed or its process was killed.
    """

    id: str
    alarms: tuple[Alarm, ...]
    unmet: tuple[str, ...]
    states: int
    seconds: float
    failed: bool = False

    def first(self) -> tuple[Alarm, ...]:
        """The alarms that were raised first, all of one length."""
        shortest = min((alarm.length for alarm in self.alarms), default=0)
        return tuple(alarm for alarm in self.alarms if alarm.length == shortest)


def catalogue(known: Sequence[Protocol]) -> list[Listed]:
    """The mutants of all these protocols.

    An id that a protocol before has too is led by the name of the protocol, as in `acme/A-01`.
    """
    listed: dict[str, Listed] = {}
    for protocol in known:
        for place, mutant in enumerate(protocol.mutants):
            shown = mutant.id
            while shown in listed:
                shown = f"{protocol.name}/{shown}"
            listed[shown] = Listed(protocol, place, replace(mutant, id=shown))
    return list(listed.values())


def text_of(protocol: Protocol, mutant: Mutant, *, original: bool = False) -> str:
    """The mutant's model file; or that of its configuration, with nothing wrong."""
    import yaml  # noqa: PLC0415 - --help must not wait for it

    keys = mutant.original() if original else mutant.mutated()
    keys = {"name": mutant.name, "protocol": protocol.name, **keys}
    head = f"# {mutant.id} {mutant.name}" + (", with nothing wrong" if original else "")
    return f"{head}\n{yaml.safe_dump(keys, sort_keys=False, allow_unicode=True, width=100)}"


def load_mutant(protocol: Protocol, mutant: Mutant, *, original: bool = False) -> LoadedModel:
    """The mutant as a model that can be checked. Raises Faults if it is none."""
    from checker.modelfiles.loading import load_text  # noqa: PLC0415 - imports pydantic

    text = text_of(protocol, mutant, original=original)
    return load_text(text, f"{mutant.id}.yaml", protocols={protocol.name: protocol})


def examine(protocol: Protocol, mutant: Mutant, reductions: Reductions = EVERY_STATE) -> Outcome:
    """Explore one mutant until its expected alarm, or to the end. Raises KeyboardInterrupt."""
    loaded = load_mutant(protocol, mutant)
    begun = time.monotonic()
    alarms: list[Alarm] = []
    states = 0
    unmet: tuple[str, ...] = ()
    for claims in _rounds(protocol, mutant, loaded, alarms, reductions):
        result = check(loaded, Question(Means("native", reductions, workers=1), properties=claims))
        if result.found.interrupted:
            raise KeyboardInterrupt
        states += result.found.states
        alarms += [
            Alarm(p.id, p.length, p.reason or "", result.found.states, result.found.seconds, p.cycle)
            for p in result.violated()
            if p.path is not None and p.length is not None
        ]
        unmet = tuple(_unmet(mutant, alarms, result, reductions))
    return Outcome(mutant.id, tuple(alarms), unmet, states, time.monotonic() - begun)


def _rounds(
    protocol: Protocol, mutant: Mutant, loaded: LoadedModel, alarms: list[Alarm], reductions: Reductions
) -> Iterator[tuple[Property, ...]]:
    """The properties to ask for, again and again, less those that have raised their alarm."""
    claims = tuple(p for p in loaded.system.properties if not p.kind.goal)
    if mutant.property is not None and reductions.every_state:
        claims = all_claims(protocol, mutant, claims)
    before = -1
    while claims and len(alarms) > before:
        before = len(alarms)
        yield claims
        raised = {alarm.property for alarm in alarms}
        if mutant.property is None or mutant.property in raised:
            return
        claims = tuple(p for p in claims if p.id not in raised)


def all_claims(protocol: Protocol, mutant: Mutant, expected: tuple[Property, ...]) -> tuple[Property, ...]:
    """What the protocol claims of such a model by default, and what the mutant is expected to violate."""
    keys = {key: value for key, value in mutant.model.items() if key not in ("properties", *ASSUMED)}
    system = protocol.build(protocol.schema.model_validate({"name": mutant.name, **keys}))
    default = tuple(p for p in system.properties if not p.kind.goal)
    known = {p.id for p in default}
    return (*default, *(p for p in expected if p.id not in known))


def _unmet(
    mutant: Mutant, alarms: Sequence[Alarm], result: CheckResult, reductions: Reductions
) -> Iterator[str]:
    """What differs from the catalogue after the last search."""
    if result.found.raised is not None:
        yield f"the model raised: {result.found.raised.reason}"
    elif result.found.failed is not None:
        yield result.found.failed.reason
    elif result.found.stopped is not None:
        yield result.found.stopped
    lengths = {alarm.property: alarm.length for alarm in alarms}
    if mutant.property is None:
        if alarms or result.verdict is not Verdict.VERIFIED:
            found = ", ".join(lengths) or result.verdict.value
            yield f"a control must be verified: {found}"
    elif mutant.property not in lengths:
        yield f"survives: {mutant.property} is not violated"
    elif mutant.length is None:
        steps = lengths[mutant.property]
        yield f"{mutant.property} is violated after {steps} steps; its entry has no length"
    elif not reductions.fusion and lengths[mutant.property] != mutant.length:
        yield f"expected {mutant.property} after {mutant.length} steps, got {lengths[mutant.property]}"


def examine_all(chosen: Sequence[Listed], reductions: Reductions, jobs: int) -> Iterator[Outcome]:
    """Examine mutants in `jobs` processes at a time, the long ones first; in order of completion.

    There is an outcome for each, whatever becomes of it.
    """
    ordered = sorted(chosen, key=lambda listed: not listed.mutant.heavy)
    if jobs == 1 or len(chosen) == 1:
        for listed in ordered:
            yield examined(listed.protocol, listed.mutant, reductions)
        return
    from checker.engines.native.kernel import machine  # noqa: PLC0415 - imports numpy

    machine.ready(machine.SEARCH)  # compiled once, if need be, and not by each process
    asked = [(listed.protocol.name, onefile.files(), listed.place, reductions) for listed in ordered]
    for number, answer in calls(_examined_by_place, asked, jobs):
        shown = ordered[number].mutant.id
        if isinstance(answer, Died):
            yield _unknown(shown, f"not examined: {answer.how}", failed=True)
        else:
            yield replace(answer, id=shown)


def examined(protocol: Protocol, mutant: Mutant, reductions: Reductions) -> Outcome:
    """As `examine`, and what goes wrong is an outcome too: those of the others are not lost for it."""
    try:
        return examine(protocol, mutant, reductions)
    except (Faults, UnsoundClaim) as fault:
        return _unknown(mutant.id, str(fault), failed=False)
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this mutant
        if os.environ.get("PMMC_TRACEBACK"):
            traceback.print_exception(error)
        return _unknown(mutant.id, f"internal error: {type(error).__name__}: {error}", failed=True)


def _unknown(mutant: str, why: str, *, failed: bool) -> Outcome:
    return Outcome(mutant, (), (why,), 0, 0.0, failed)


def _examined_by_place(
    protocol: str, files: tuple[str, ...], place: int, reductions: Reductions
) -> Outcome:
    """In a process of its own, where a protocol is found by its name, perhaps in one of these files."""
    found = _protocol(protocol, files)
    return examined(found, found.mutants[place], reductions)


@cache
def _protocol(name: str, files: tuple[str, ...]) -> Protocol:
    for file in files:
        onefile.take(file)
    return protocols()[name]


def _known(protocol: Protocol, mutant: Mutant) -> tuple[Property, ...]:
    """The properties that a mutant may be expected to violate."""
    named = load_mutant(protocol, mutant).system.properties if mutant.made_by_a_key() else ()
    return (*protocol.properties.values(), *named)


def needed_by_none(
    protocol: Protocol, mutants: Sequence[Mutant], outcomes: Mapping[str, Outcome]
) -> list[str]:
    """The claims checked by default, or expected of some mutant, that raised no alarm at all.

    Such a property may be superfluous, or a mutant may be missing.
    """
    asked: dict[str, None] = {}
    for mutant in mutants:
        if mutant.property is not None:
            expected = tuple(p for p in _known(protocol, mutant) if p.id == mutant.property)
            asked |= dict.fromkeys(p.id for p in all_claims(protocol, mutant, expected))
    raised = {alarm.property for mutant in mutants for alarm in outcomes[mutant.id].alarms}
    return [name for name in asked if name not in raised]
