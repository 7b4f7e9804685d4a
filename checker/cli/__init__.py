"""The command line `pmmc`: reads the arguments, runs a command, turns what goes wrong into exit codes.

Results go to stdout, progress and complaints to stderr. No library is imported before a command runs,
so that `--help` and `--version` answer at once.
"""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module

from checker.cli.arguments import parser
from checker.cli.usage import UsageFault
from checker.faults import Faults, UnsoundClaim
from checker.modelcode import CodeError
from checker.verdict import ExitCode

#: The exit code of a shell for a program whose reader went away; it is no verdict of ours.
BROKEN_PIPE = 141

#: There is next to no cyclic garbage here, but many objects that would be looked at in vain.
OBJECTS_BETWEEN_COLLECTIONS = 200_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Never lets an exception out, but for argparse's own exit."""
    _keep_printing()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    # none of our arrays is for BLAS, whose threads would only wait, busily, for work
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    args = parser().parse_args(arguments)
    try:
        code = _run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_stdout()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED
    finally:
        gc.freeze()  # tables may hold millions of objects, which need not be looked through at the end
    return code


def _run(args: Namespace) -> int:
    try:
        module, name = args.command
        return int(getattr(import_module(module), name)(args))
    except (UsageFault, Faults, UnsoundClaim) as fault:
        print(fault, file=sys.stderr)
        return ExitCode.USAGE
    except CodeError as error:
        print(error.in_full(), file=sys.stderr)
        return ExitCode.MODEL_RAISED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last resort: one line instead of a traceback
        return _internal(error, traceback=getattr(args, "verbose", False))


def _internal(error: Exception, *, traceback: bool) -> int:
    """Say that the checker itself failed; with a traceback only for those who ask."""
    if traceback or os.environ.get("PMMC_TRACEBACK"):
        import traceback as tracebacks  # noqa: PLC0415 - rarely needed

        tracebacks.print_exception(error)
    print(f"internal error: {type(error).__name__}: {error}", file=sys.stderr)
    print(
        "This is a bug of the checker, not of the model; nothing is known of the model. "
        "PMMC_TRACEBACK=1 shows where it happened.",
        file=sys.stderr,
    )
    return ExitCode.INTERNAL


def _keep_printing() -> None:
    """Print ? for a character that the terminal's encoding lacks, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _abandon_stdout() -> None:
    """Let Python's own flush at exit go nowhere: the reader of our output is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
