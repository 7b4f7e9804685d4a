"""One run of the command line: the arguments, the command, and exit codes for what goes wrong."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import current_thread, main_thread
from types import FrameType

from checker.cli import streams
from checker.cli.grammar.parser import parser
from checker.cli.registry import command_named
from checker.cli.usage import UsageFault
from checker.host.later import ENDING, ONE_WISH
from checker.model.claims import UnsoundClaim
from checker.model.modelcode import CodeError
from checker.model.plaintext import printable
from checker.model.verdict import ExitCode
from checker.modelfiles.complaints import Faults

#: The exit code of a shell for a program whose reader went away; it is no verdict of ours.
BROKEN_PIPE = 141

#: There is next to no cyclic garbage here, but many objects that would be looked at in vain.
OBJECTS_BETWEEN_COLLECTIONS = 200_000


def run(arguments: Sequence[str] | None) -> int:
    """Run one command; the exit code. Never lets an exception out."""
    streams.prepare()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    # none of our arrays is for BLAS, whose threads would only wait, busily, for work
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        with _interrupted_by_signals():
            code = _interruptible(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        streams.abandon_stdout()
        return BROKEN_PIPE
    finally:
        gc.freeze()  # tables may hold millions of objects, which need not be looked through at the end
    fault = streams.fault()
    if fault is not None:
        streams.abandon_stdout()
        print(f"pmmc: cannot write to stdout: {fault.strerror}", file=sys.stderr)
    return code or (ExitCode.OK if fault is None else ExitCode.USAGE)


class _Interrupt:
    """Raises KeyboardInterrupt; for a moment after that, what more signals come are the same wish."""

    def __init__(self) -> None:
        self.last: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.last is None or time.monotonic() - self.last > ONE_WISH:
            self.last = time.monotonic()
            raise KeyboardInterrupt


@contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """Treat what asks us to end as Ctrl-C: what was found is told, and no file is left behind by half.

    But for what is ignored, as under nohup.
    """
    known = {signal.SIG_DFL, signal.default_int_handler}
    numbers = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: handler for number, handler in before.items() if handler in known}
    if current_thread() is not main_thread():
        before = {}
    interrupt = _Interrupt()
    try:
        for number in before:
            signal.signal(number, interrupt)
        yield
    finally:
        if interrupt.last is None:  # else the process is about to end, and deaf to more of the same
            for number, handler in before.items():
                signal.signal(number, handler)


def _interruptible(arguments: Sequence[str] | None) -> int:
    try:
        words = sys.argv[1:] if arguments is None else arguments
        args = parser(words).parse_args(words)
    except SystemExit as end:  # argparse has said what there is to say
        return int(end.code or 0)
    try:
        return _carried_out(args)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED


def _carried_out(args: Namespace) -> int:
    try:
        with _known(getattr(args, "load", None) or ()):
            return int(command_named(args.command)(args))
    except (UsageFault, Faults, UnsoundClaim) as fault:
        print(fault, file=sys.stderr)
        return ExitCode.USAGE
    except CodeError as error:
        print(error.in_full(), file=sys.stderr)
        return ExitCode.MODEL_RAISED
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001 - the last resort: one line instead of a traceback
        return _internal(error, traceback=getattr(args, "verbose", False))


@contextmanager
def _known(files: Sequence[str]) -> Iterator[None]:
    """Take the protocols of the files that `--load` names. Raises UsageFault."""
    with ExitStack() as stack:
        if files:
            from checker.modelfiles.onefile import taken  # noqa: PLC0415 - rarely wanted

            try:
                stack.enter_context(taken(files))
            except CodeError as error:
                raise UsageFault(f"--load {error.in_full()}") from None
        yield


def _internal(error: BaseException, *, traceback: bool) -> int:
    """Say that the checker itself failed; with a traceback only for those who ask."""
    if traceback or os.environ.get("PMMC_TRACEBACK"):
        import traceback as tracebacks  # noqa: PLC0415 - rarely needed

        tracebacks.print_exception(error)
    print(f"internal error: {printable(f'{type(error).__name__}: {error}')}", file=sys.stderr)
    print(
        "This is a bug of the checker, not of the model; nothing is known of the model. "
        "PMMC_TRACEBACK=1 shows where it happened.",
        file=sys.stderr,
    )
    return ExitCode.INTERNAL
