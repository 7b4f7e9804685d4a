"""Text that is nothing but text: what a terminal, or the runner of a CI, would obey instead of show.

Names come from model files and from the command line, and may be anybody's. What cannot be shown is
refused where it comes in, and escaped wherever a message quotes it.
"""

from __future__ import annotations

import re

#: Control characters, line ends among them; marks that reorder what is shown; halves of characters.
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
#: What runs over several lines may have these two.
_LAYOUT = "\t\n"
#: How a command to GitHub's runner begins: the one anywhere in a line, the other where a line begins.
_COMMAND = re.compile(r"##\[|(?<!\S)::")


def printable(text: str) -> str:
    """The text on one line, with what cannot be shown escaped as YAML writes it."""
    return _UNSHOWABLE.sub(lambda found: _escaped(found[0]), text).replace("##[", r"##\x5b")


def _escaped(character: str) -> str:
    code = ord(character)
    named = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\x1b": r"\e"}
    return named.get(character, rf"\x{code:02x}" if code < 0x100 else rf"\u{code:04x}")


def objection(text: str, *, lines: bool = False) -> str | None:
    """What in a text is no text, in words; None if all of it is. With `lines` it may have several."""
    found = next((c for c in _UNSHOWABLE.findall(text) if not (lines and c in _LAYOUT)), None)
    if found is not None:
        code = f"U+{ord(found):04X}"  # the name of a file that is not UTF-8 has such halves, too
        return f"{code}, which is no character" if found >= "\ud800" else f"the control character {code}"
    command = None if lines else _COMMAND.search(text)
    if command is None:
        return None
    mark = "'::'" if command[0] == "::" else "'##' before '['"
    return f"{mark}, which begins a command to GitHub's runner"
