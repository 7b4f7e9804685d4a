"""A trace that was replayed, as a page: how that ended, and all that the report of a check shows of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checker.drawings.html import page as pages
from checker.drawings.html.page import badge
from checker.drawings.html.trace import section
from checker.model.behaviour import Trace
from checker.text.markup import escape


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a replay ended: a word, how that looks (good, bad, warn), the name of what was replayed.

    `told` are lines of what there is to say beside what the trace itself shows. `replay` is the command
    that does it again.
    """

    word: str
    looks: str
    name: str
    told: Sequence[str]
    replay: str


def page(trace: Trace, outcome: Outcome) -> str:
    """The page as HTML; a claim and a reason of the trace are taken as shown by it."""
    return pages.page(outcome.name, _body(trace, outcome))


def _body(trace: Trace, outcome: Outcome) -> Iterator[str]:
    yield f'<section class="result"><h1>{badge(outcome.word, outcome.looks)}{escape(outcome.name)}</h1>'
    if outcome.told:
        told = "\n".join(outcome.told)
        yield f"<pre tabindex=0>{escape(told)}</pre>"
    yield from section(trace, shortest=False, replay=outcome.replay)
    yield "</section>"
