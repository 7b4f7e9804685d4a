"""How text looks: colours, if the reader's terminal has them, and the layout of labelled lines."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from checker.model.verdict import ExitCode, Verdict

#: Columns of a report that goes to a file or a pipe; a terminal has its own number. Prose is no wider.
WIDTH = 120
#: Columns at least, however narrow a terminal is: of fewer nothing is left beside names and numbers.
NARROWEST = 40
#: What drawings in text are made of.
LINES = "├─┤╌✗"
#: Columns of a label in a block of labelled lines, the blank behind it included.
LABEL = 12

#: What stands for a blank at which no line should end.
_TIE = "\0"
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
#: The colours of what messages are told apart by, like those of drawings: in the 256 colours of most
#: terminals, and in the eight that all have.
_KEYS = ("33", "166", "36", "134", "136", "168", "38", "137")
_FEW_KEYS = ("34", "33", "32", "35", "93", "95", "94", "92")


@dataclass(frozen=True, slots=True)
class Style:
    """Marks text for a terminal, and knows its width; without colour every text stays as it is.

    `lines` is whether there are lines to draw with; what is drawn without them is drawn with letters.
    `many` is whether there are 256 colours.
    """

    colour: bool = False
    width: int = WIDTH
    lines: bool = True
    many: bool = False

    def __call__(self, text: str, *looks: str) -> str:
        """The text with these looks: bold, dim, red, green, yellow, cyan; k0 to k7, the colours of keys."""
        codes = ";".join(filter(None, map(self._code, looks)))
        return f"\x1b[{codes}m{text}\x1b[0m" if self.colour and text and codes else text

    def _code(self, look: str) -> str:
        if look.startswith("k"):
            number = int(look[1:])
            return f"38;5;{_KEYS[number]}" if self.many else _FEW_KEYS[number]
        return _CODES[look] if look else ""

    @property
    def prose(self) -> int:
        """Columns of sentences: lines that are too long are hard to read."""
        return min(self.width, WIDTH)


PLAIN = Style()


def style_for(stream: IO[str], choice: str) -> Style:
    """The style for what goes to a stream, `choice` being what `--color` says."""
    width = max(_columns(stream), NARROWEST)
    return Style(wants_colour(choice, stream), width, _has_lines(stream), _has_many_colours())


def _columns(stream: IO[str]) -> int:
    """What COLUMNS says, else the width of the terminal, if there is one."""
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdecimal() and 0 < len(said) < LABEL and int(said):
        return int(said)
    try:
        return os.get_terminal_size(stream.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


def _has_many_colours() -> bool:
    """Whether the terminal says that it has 256 colours or more."""
    return "256color" in os.environ.get("TERM", "") or bool(os.environ.get("COLORTERM"))


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
    if isinstance(text, str):
        lines = wrapped(text, style.prose - len(pad), "")
    else:
        lines = flow(text, style.width - len(pad), " · ")
    shown = style(f"{label} ".ljust(LABEL), "dim")
    return [f"{indent}{shown}{lines[0]}", *(pad + line for line in lines[1:])]


def flow(items: Iterable[str], room: int, gap: str = "   ") -> list[str]:
    """Items side by side, as many on a line as there is room for; a longer one is wrapped."""
    return [gap.join(text for _, text in line) for line in flowing(items, room, gap)]


def flowing(items: Iterable[str], room: int, gap: str = "   ") -> list[list[tuple[int, str]]]:
    """The lines of `flow`, each as the parts that are joined: (number of the item, its text there)."""
    lines: list[list[tuple[int, str]]] = []
    used = 0
    for number, item in enumerate(items):
        if lines and used + len(gap) + len(item) <= room:
            lines[-1].append((number, item))
            used += len(gap) + len(item)
        else:
            parts = wrapped(item, room)
            lines += [[(number, part)] for part in parts]
            used = len(parts[-1])
    return lines


def wrapped(text: str, room: int, indent: str = "  ") -> list[str]:
    """The text in lines, the later ones indented; words stay whole: anything may stand in one.

    Where that takes no more lines they end behind commas and before arrows, and not within brackets.
    """

    def lines(of: str) -> list[str]:
        return textwrap.wrap(
            of, max(room, 1), subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
        )

    if len(text) <= room:
        return [text]
    plain = lines(text) or [text]
    for tied in _tied(text):
        better = lines(tied)
        if len(better) <= len(plain) and all(len(line) <= room for line in better):
            return [line.replace(_TIE, " ") for line in better]
    return plain


def _tied(text: str) -> Iterator[str]:
    """The text with words held together, the better ways to end lines first."""
    for within, listed in ((False, True), (False, False), (True, True)):
        depth, letters = 0, []
        for before, letter, after in zip(" " + text, text, text[1:] + " ", strict=False):
            depth += (letter in "([{⟨") - (letter in ")]}⟩")
            ends = before == "," or after in "→+−" or not (listed or before in "→+−")
            letters.append(_TIE if letter == " " and not (ends and (within or depth <= 0)) else letter)
        yield "".join(letters)


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
