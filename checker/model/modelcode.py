"""Calls into the model's own code: rules, views, properties, settles, builds and plugins of others.

Whatever such code raises is a mistake of its own and not of the checker, an attempt to end the process
included: it is said who was called, with what, and at which line it went wrong. Only KeyboardInterrupt,
which is the user's, and a lack of memory, which is nobody's, are passed on as they are.
"""

from __future__ import annotations

import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any


class Awaited(BaseException):
    """An answer from outside of this process is not there yet: it was noted, to be asked with others."""


#: What the model's own code may let through.
PASSED_ON = (KeyboardInterrupt, MemoryError, Awaited)

_CHECKER = str(Path(__file__).parents[1]) + os.sep
_PYTHON = str(Path(os.__file__).parent) + os.sep
#: Where packages are installed, and those of them that the checker itself calls.
_INSTALLED = tuple(f"{os.sep}{folder}{os.sep}" for folder in ("site-packages", "dist-packages"))
_OURS = ("numpy", "numba", "llvmlite", "networkx", "pydantic", "pydantic_core", "yaml")


class CodeError(Exception):
    """The model's own code went wrong: it raised, or answered what is no answer.

    The message says who was called and what went wrong, with the line of the model's code where that is
    known.
    """

    def in_full(self) -> str:
        """The message, with the traceback if the environment asks for it by PMMC_TRACEBACK."""
        return "\n".join(filter(None, (str(self), os.environ.get("PMMC_TRACEBACK") and self.traceback)))

    @property
    def traceback(self) -> str:
        """How the model's code came to raise, without the checker's part in it; empty if it did not."""
        return "" if self.__cause__ is None else traceback_of(self.__cause__)


class OutsideError(CodeError):
    """What plays a role outside of this process went wrong; the message says all, its place included."""


def call(
    who: Callable[[], str],
    function: Callable[..., Any],
    *arguments: Any,
    passing: tuple[type[Exception], ...] = (),
) -> Any:
    """What the model's own `function` answers.

    Raises CodeError, which names `who()`, if it raises anything but what it may, which is `passing`.
    """
    try:
        return function(*arguments)
    except PASSED_ON:
        raise
    except passing:
        raise
    except BaseException as error:
        raise CodeError(f"{who()} raised {told(error, function)}") from error


def told(error: BaseException, function: Callable[..., Any] | None = None) -> str:
    """An exception of the model's code in one line, with its place, else with that of `function`."""
    if isinstance(error, OutsideError):
        return str(error)
    said = text_of(error.msg if isinstance(error, SyntaxError) else error)
    place = place_of(error) or (written_at(function) if function is not None else None)
    return f"{type(error).__name__}{f': {said}' if said else ''}{f' ({place})' if place else ''}"


def text_of(value: Any) -> str:
    """The text of a value, whose own `__str__` may go wrong."""
    try:
        return str(value)
    except PASSED_ON:
        raise
    except BaseException as error:  # noqa: BLE001 - the model's own code
        return f"<{type(value).__name__}, whose __str__ raises {type(error).__name__}>"


def require_hashable(value: Any, what: str) -> None:
    """Raise TypeError, which says `what` it is, if a value cannot be hashed."""
    try:
        hash(value)
    except TypeError as error:
        advice = "make its class frozen, and use tuples and frozensets in it"
        raise TypeError(f"{what} cannot be hashed ({text_of(error)}): {advice}") from error


def place_of(error: BaseException) -> str | None:
    """`file:line in function`: the innermost line of the model's code on the way to an exception."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f"{relative(error.filename)}:{error.lineno}"
    return next((_shown(frame) for frame in reversed(list(_frames(error))) if _is_theirs(frame)), None)


def blames(error: BaseException) -> bool:
    """Whether it was the model's code that raised, called by the checker: by comparing values, say."""
    frames = list(_frames(error))
    ours = max((i for i, frame in enumerate(frames) if frame.filename.startswith(_CHECKER)), default=-1)
    return any(map(_is_theirs, frames[ours + 1 :]))


def written_at(function: Callable[..., Any]) -> str | None:
    """`file:line in function`: where a function is written; None if that is not known."""
    function = inspect.unwrap(function)
    while isinstance(function, partial):
        function = inspect.unwrap(function.func)
    code = getattr(function, "__code__", None)
    return None if code is None else f"{relative(code.co_filename)}:{code.co_firstlineno} in {code.co_name}"


def traceback_of(error: BaseException) -> str:
    """The traceback of an exception as Python shows it, without the lines of the checker."""
    shown = traceback.TracebackException.from_exception(error)
    theirs = [frame for frame in shown.stack if not frame.filename.startswith(_CHECKER)]
    shown.stack = traceback.StackSummary.from_list(theirs)
    return "".join(shown.format()).rstrip("\n")


def _frames(error: BaseException) -> Iterator[traceback.FrameSummary]:
    yield from traceback.extract_tb(error.__traceback__)


def _is_theirs(frame: traceback.FrameSummary) -> bool:
    """Whether a frame is of the model's code: not ours, nor of Python or of a library that we call."""
    file = frame.filename
    if file.startswith((_CHECKER, "<")):
        return False
    installed = next((rest for folder in _INSTALLED if (rest := file.partition(folder)[2])), None)
    if installed is not None:
        return installed.partition(os.sep)[0] not in _OURS
    return not file.startswith(_PYTHON)


def _shown(frame: traceback.FrameSummary) -> str:
    return f"{relative(frame.filename)}:{frame.lineno} in {frame.name}"


def relative(file: str) -> str:
    """A path relative to the current folder or, outside it, to where Python found it; with slashes.

    The same on every machine, which is what reports are compared by.
    """
    try:
        path, here = Path(file).resolve(), Path.cwd()
        bases = (here, *sorted({Path(entry).resolve() for entry in sys.path}, reverse=True))
    except OSError:  # the current folder is gone
        return Path(file).as_posix()
    for base in bases:
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return path.as_posix()
