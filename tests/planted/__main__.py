"""A table of all planted faults, or of those named, and what notices them.

Ends with 1 if one survives, 2 if there is none of a name, else 0.
"""

from __future__ import annotations

import sys
import time

from .trial import FAULTS, Outcome, tried_twice

COLUMNS = "{:<52}  {:<18}  {:<22}  {:<26}  {:>7}"


def main() -> int:
    """Try all, or those that are named."""
    named = sys.argv[1:]
    unknown = set(named) - {fault.id for fault in FAULTS}
    if unknown:
        print(f"no such fault: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    chosen = [fault for fault in FAULTS if not named or fault.id in named]
    print(COLUMNS.format("fault", "in", "noticed by", "without pair assertions", "seconds"))
    survived = 0
    for fault in chosen:
        begun = time.monotonic()
        paired, alone = tried_twice(fault)
        seconds = f"{time.monotonic() - begun:.2f}"
        print(COLUMNS.format(fault.id, fault.room, told(paired), told(alone), seconds), flush=True)
        survived += paired.by is None or alone.by is None
    print(f"{len(chosen)} faults, {len(chosen) - survived} noticed")
    return int(survived > 0)


def told(outcome: Outcome) -> str:
    """One word for the table."""
    return outcome.by or "SURVIVES"


if __name__ == "__main__":
    raise SystemExit(main())
