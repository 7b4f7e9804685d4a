"""How text looks: colours, if the reader's terminal has them, and the layout of labelled lines."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from checker.model.verdict import ExitCode, Verdict

#: Columns of a report that goes to a file or a pipe; a terminal has its own number, within bounds.
WIDTH = 120
NARROWEST = 80
#: What drawings in text are made of.
LINES = "├─┤╌✗"
#: Columns of a label in a block of labelled lines, the blank behind it included.
LABEL = 12

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


@dataclass(frozen=True, slots=True)
class Style:
    """Marks text for a terminal, and knows its width; without colour every text stays as it is.

    `lines` is whether there are lines to draw with; what is drawn without them is drawn with letters.
    """

    colour: bool = False
    width: int = WIDTH
    lines: bool = True

    def __call__(self, text: str, *looks: str) -> str:
        """The text with these looks (bold, dim, red, green, yellow, cyan)."""
        if not self.colour or not text:
            return text
        codes = ";".join(_CODES[look] for look in looks)
        return f"\x1b[{codes}m{text}\x1b[0m"


PLAIN = Style()


def style_for(stream: IO[str], choice: str) -> Style:
    """The style for what goes to a stream, `choice` being what `--color` says."""
    width = WIDTH
    if stream.isatty():
        width = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDTH)
    return Style(wants_colour(choice, stream), width, _has_lines(stream))


def _has_lines(stream: IO[str]) -> bool:
    """Whether the characters of drawings can be written to a stream; if not, it would show ? for each."""
    try:
        LINES.encode(getattr(stream, "encoding", None) or "utf-8")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def wants_colour(choice: str, stream: IO[str]) -> bool:
    """Whether to colour what goes to `stream`: `always`, `never`, or `auto`.

    `auto` asks NO_COLOR first, then FORCE_COLOR, then whether it is a terminal.
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def colour_of(verdict: Verdict, code: ExitCode) -> str:
    """Green is for what is well, red for a violation nobody expected, yellow for all between."""
    if code is ExitCode.OK:
        return "green"
    bad = verdict is Verdict.VIOLATED or code in {ExitCode.MODEL_RAISED, ExitCode.INTERNAL}
    return "red" if bad else "yellow"


def labelled(label: str, text: str | Sequence[str], style: Style = PLAIN, indent: str = "  ") -> list[str]:
    """`label  text`, all of it in one column; items are parted by dots; no line if there is no text.

    A label that is too long for its column moves the first line of the text to the right.
    """
    if not text:
        return []
    pad = " " * (len(indent) + LABEL)
    room = style.width - len(pad)
    if isinstance(text, str):
        lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
    else:
        lines = flow(text, room, " · ")
    shown = style(f"{label} ".ljust(LABEL), "dim")
    return [f"{indent}{shown}{lines[0]}", *(pad + line for line in lines[1:])]


def flow(items: Iterable[str], room: int, gap: str = "   ") -> list[str]:
    """Items side by side, as many on a line as there is room for; a longer one is wrapped."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(gap) + len(item) <= room:
            lines[-1] += gap + item
        else:
            lines += textwrap.wrap(
                item,
                max(room, 20),
                subsequent_indent="  ",
                break_on_hyphens=False,
                break_long_words=False,  # in the middle of a word anything may stand
            ) or [item]
    return lines


def clip(text: str, room: int) -> str:
    """The text, cut short with … if there is not room for all of it."""
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…"


def plural(count: int, noun: str, many: str | None = None) -> str:
    """`1 step`, `2 steps`, `1,000 steps`; `many` is the plural where -s is wrong."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def lengths(way: int, cycle: int | None) -> str:
    """How long a way is, and the cycle after it: `8 steps`, or `4 steps, then 12 for ever`."""
    steps = plural(way, "step")
    return steps if cycle is None else f"{steps}, then {cycle:,} for ever"


def duration(seconds: float) -> str:
    """Seconds as people read them: 0.04 s, 12.3 s, 3:05 min, 1:02:03 h."""
    if seconds < 100:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02} min"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02} h"
