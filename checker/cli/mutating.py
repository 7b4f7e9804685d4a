"""`pmmc mutate`: every mutant is run, and what raised the alarm is shown as a matrix."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from os import cpu_count
from typing import IO, TYPE_CHECKING

from checker.cli.finding import installed
from checker.cli.output import STDOUT, require_writable, write_json
from checker.cli.usage import UsageFault
from checker.exploration import Reductions
from checker.faults import unknown
from checker.matrix import foot, matrix, told
from checker.mutation import NO_REDUCTIONS, Outcome, examine_all, needed_by_none, text_of, to_json
from checker.style import style_for
from checker.verdict import ExitCode

if TYPE_CHECKING:
    from checker.protocol import Mutant, Protocol


def mutate(args: Namespace) -> ExitCode:
    """Run the mutants that the command line names; without names all of them."""
    if args.json is not None:
        require_writable(args.json)
    protocol, chosen = _chosen(args.ids)
    if args.print:
        print("---\n".join(text_of(mutant) for mutant in chosen), end="")
        return ExitCode.OK
    reductions = Reductions() if args.reductions == "on" else NO_REDUCTIONS
    begun = time.monotonic()
    outcomes: dict[str, Outcome] = {}
    for outcome in examine_all(protocol, chosen, reductions, args.jobs or cpu_count() or 1):
        outcomes[outcome.id] = outcome
        if not args.quiet:
            mutant = next(m for m in chosen if m.id == outcome.id)
            count = f"{len(outcomes)}/{len(chosen)}"
            print(f"{count:>7}  {told(mutant, outcome)}", file=sys.stderr, flush=True)
    code = ExitCode.UNMET if any(o.unmet for o in outcomes.values()) else ExitCode.OK
    everything = len(chosen) == len(protocol.mutants) and reductions == NO_REDUCTIONS
    unneeded = needed_by_none(protocol, chosen, outcomes) if everything else []
    stream: IO[str] = sys.stderr if args.json == STDOUT else sys.stdout
    style = style_for(stream, args.color)
    lines = [] if args.quiet else [*matrix(chosen, outcomes, style), ""]
    seconds = time.monotonic() - begun
    lines += foot(chosen, outcomes, unneeded, seconds, style)
    print("\n".join(lines), file=stream, flush=True)
    if args.json is not None:
        write_json(to_json(chosen, outcomes, unneeded, code), args.json)
    return code


def _chosen(ids: Sequence[str]) -> tuple[Protocol, list[Mutant]]:
    """The mutants of these ids or names, all of one protocol. Raises UsageFault."""
    protocol = next((p for p in installed().values() if p.mutants), None)
    if protocol is None:
        raise UsageFault("no protocol that is installed has mutants")
    known = {m.name: m for m in protocol.mutants} | {m.id: m for m in protocol.mutants}
    wrong = [f"pmmc: {unknown('mutant', i, list(known))}" for i in ids if i not in known]
    if wrong:
        raise UsageFault.joined(wrong)
    named = {known[i].id for i in ids}
    return protocol, [m for m in protocol.mutants if not ids or m.id in named]
