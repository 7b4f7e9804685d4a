"""Commands that play roles, as model files say them. Whoever loads a model file starts none of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from checker.implementations.command import USUAL_TIMEOUT, Command
from checker.modelfiles.fields import Seconds, Whole, refuse
from checker.modelfiles.schema import Many, Maybe, Part, Words, listed, one_or_more

#: The longest that an answer may be waited for, and the most processes of one command.
MOST_SECONDS = 3600
MOST_PROCESSES = 64

TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}


def _some(value: Any) -> Any:
    if value == []:
        raise refuse("expected a program, and its arguments; the list is empty")
    return value


class CommandPart(Part):
    """A command that plays a role: it is asked over the line protocol (docs/implementations.md)."""

    command: Annotated[Many[Words], BeforeValidator(_some), BeforeValidator(listed), one_or_more(TEXT)]
    """The program and its arguments, as a list. It runs in the folder of the model file; a program that is
    named with a slash is taken from there, any other one from PATH."""
    timeout: Annotated[float, Seconds(MOST_SECONDS)] = USUAL_TIMEOUT
    """How many seconds an answer may take; the first one includes the start of the program."""
    processes: Maybe[Annotated[int, Whole(1, MOST_PROCESSES)]] = None
    """How many of it run at a time. Left out: one for each core, two at least and four at most."""
    timers: Maybe[Many[Words]] = None
    """The timers by which it is woken, by name. Left out: those of the protocol's own rules."""

    def of(self, folder: Path) -> Command:
        """The command of a model file in that folder."""
        return Command(self.command, folder, self.timeout, self.processes)
