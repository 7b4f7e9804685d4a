"""Lines of the protocol: one JSON value each, in UTF-8, as bytes come in and go out."""

from __future__ import annotations

import json
import math
from typing import Any

#: The most bytes of a line that is taken for an answer.
LONGEST = 16 << 20
#: How much of a line is shown.
SHOWN = 200


class NoJson(ValueError):  # noqa: N818 - a property of the line
    """A line is no JSON value; the message says why."""


def written(value: Any) -> str:
    """The canonical text of a JSON value: the same for equal ones, on one line, in ASCII."""
    return _WRITER(value)


_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def read(line: bytes) -> Any:
    """The JSON value on a line. Raises NoJson."""
    try:
        return _READER(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NoJson(f"byte 0x{line[error.start]:02X} at {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise NoJson(f"{error.msg[:1].lower()}{error.msg[1:]} at column {error.colno}") from None
    except RecursionError:
        raise NoJson("it is nested too deeply") from None
    except ValueError as error:
        raise NoJson(str(error)) from None


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large a number")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object has {twice!r} twice")
    return found


_READER = json.JSONDecoder(parse_constant=_constant, parse_float=_float, object_pairs_hook=_object).decode


def excerpt(line: bytes) -> str:
    """The beginning of a line, for people."""
    text = line[: 4 * SHOWN].decode("utf-8", "replace")
    return text if len(text) <= SHOWN and len(line) <= 4 * SHOWN else f"{text[:SHOWN]}…"


class Cutter:
    """Cuts what arrives into lines. A line longer than `longest` bytes is never kept whole."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._parts: list[bytes] = []
        self._size = 0
        #: whether a line is longer than what is allowed; nothing is cut any more
        self.too_long = False

    def cut(self, data: bytes) -> list[bytes]:
        """The lines that this completes, without their ends."""
        if self.too_long:
            return []
        *ended, rest = data.split(b"\n")
        lines: list[bytes] = []
        for end in ended:
            line = b"".join((*self._parts, end))
            self._parts, self._size = [], 0
            if len(line) > self._longest:
                self.too_long = True
                return lines
            lines.append(line.removesuffix(b"\r"))
        self._size += len(rest)
        if rest:
            self._parts.append(rest)
        self.too_long = self._size > self._longest
        return lines

    @property
    def rest(self) -> bytes:
        """What there is of a line that is not ended."""
        return b"".join(self._parts)
