"""`pmmc mutate`: every mutant is run, and what raised the alarm is shown as a matrix."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from os import cpu_count
from typing import IO

from checker.checking.judgement import combine
from checker.cli.models import OURS, installed, protocols_asked
from checker.cli.output import STDOUT, require_writable, write_json
from checker.cli.usage import UsageFault
from checker.data.mutation import to_json
from checker.engines.contract import EVERY_STATE, Reductions
from checker.model.verdict import ExitCode
from checker.modelfiles.complaints import unknown
from checker.mutation.examine import (
    Listed,
    Outcome,
    catalogue,
    examine_all,
    needed_by_none,
    text_of,
)
from checker.text.matrix import foot, matrix, told
from checker.text.style import style_for


def mutate(args: Namespace) -> ExitCode:
    """Run the mutants that the command line names; without names all of them. Raises UsageFault."""
    if args.json is not None:
        require_writable(args.json)
    chosen = _chosen(args)
    if args.print:
        print("---\n".join(text_of(listed.protocol, listed.mutant) for listed in chosen), end="")
        return ExitCode.OK
    reductions = Reductions() if args.reductions == "on" else EVERY_STATE
    begun = time.monotonic()
    outcomes: dict[str, Outcome] = {}
    codes = [ExitCode.OK]
    try:
        for outcome in examine_all(chosen, reductions, args.jobs or cpu_count() or 1):
            outcomes[outcome.id] = outcome
            if not args.quiet:
                _tell(chosen, outcomes, outcome)
    except KeyboardInterrupt:
        codes.append(ExitCode.INTERRUPTED)
    codes += [ExitCode.INTERNAL if o.failed else ExitCode.UNMET for o in outcomes.values() if o.unmet]
    code = combine(codes)
    unneeded = list(_unneeded(chosen, outcomes)) if reductions.every_state else []
    stream: IO[str] = sys.stderr if args.json == STDOUT else sys.stdout
    style = style_for(stream, args.color)
    mutants = [listed.mutant for listed in chosen]
    lines = [] if args.quiet else [*matrix(mutants, outcomes, style), ""]
    lines += foot(mutants, outcomes, unneeded, time.monotonic() - begun, style)
    print("\n".join(lines), file=stream, flush=True)
    if args.json is not None:
        write_json(to_json(chosen, outcomes, unneeded, code), args.json)
    return code


def _tell(chosen: Sequence[Listed], outcomes: Mapping[str, Outcome], outcome: Outcome) -> None:
    mutant = next(listed.mutant for listed in chosen if listed.mutant.id == outcome.id)
    count = f"{len(outcomes)}/{len(chosen)}"
    print(f"{count:>7}  {told(mutant, outcome)}", file=sys.stderr, flush=True)


def _unneeded(chosen: Sequence[Listed], outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    """The claims that no mutant of a protocol needs, for each protocol all of whose mutants were explored.

    A claim of another protocol than ours is led by the protocol's name.
    """
    explored: dict[str, list[Listed]] = {}
    for listed in chosen:
        if listed.mutant.id in outcomes and outcomes[listed.mutant.id].states:
            explored.setdefault(listed.protocol.name, []).append(listed)
    for name, done in explored.items():
        protocol = done[0].protocol
        if len(done) == len(protocol.mutants):
            found = needed_by_none(protocol, [listed.mutant for listed in done], outcomes)
            yield from (claim if name == OURS else f"{name}/{claim}" for claim in found)


def _chosen(args: Namespace) -> list[Listed]:
    """The mutants of these ids or names, in the order of the catalogue. Raises UsageFault."""
    everything = catalogue(list(protocols_asked(installed(), args).values()))
    if not everything:
        of = f"in {', '.join(args.load)}" if args.load else "that is installed"
        of = of if args.protocol is None else f"called '{args.protocol}'"
        raise UsageFault(f"there is no protocol {of} that has mutants")
    known = {listed.mutant.id: listed for listed in everything}
    for listed in everything:
        name = listed.mutant.name
        known[f"{listed.protocol.name}/{name}" if name in known else name] = listed
    wrong = [f"pmmc: {unknown('mutant', i, list(known))}" for i in args.ids if i not in known]
    if wrong:
        raise UsageFault.joined(wrong)
    named = {known[i].mutant.id for i in args.ids}
    return [listed for listed in everything if not args.ids or listed.mutant.id in named]
