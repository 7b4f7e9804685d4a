"""GitHub Actions: annotations on stdout, and a summary of the job with the counterexamples drawn.

An annotation is a line `::error title=…,file=…,line=…::text`; the summary is appended to the file that
the environment names in GITHUB_STEP_SUMMARY.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from checker.checking.result import CheckResult
from checker.ci.cases import Case, Outcome, cases
from checker.drawings import mermaid
from checker.model.behaviour import show_path
from checker.model.modelcode import relative
from checker.model.verdict import ExitCode
from checker.modelfiles.places import WHOLE, Place
from checker.text.report import summary as headline
from checker.text.runs import assumed
from checker.text.style import duration, plural

#: The environment variable that names the summary's file.
SUMMARY = "GITHUB_STEP_SUMMARY"
#: Bytes of a summary at most; GitHub drops one that is longer than 1 MiB.
ROOM = 1_000_000
#: What has a meaning in Markdown as GitHub reads it, or begins an address that would become a link.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|&~!@$^]|:(?=//)|(?<=www)\.", re.IGNORECASE)
#: Counterexamples drawn for each model; of others only the first sentence is told.
DRAWN = 3


def annotated(result: CheckResult) -> Iterator[str]:
    """A line for each case that did not pass."""
    for case in cases(result):
        if case.outcome is Outcome.PASSED:
            continue
        place = result.places.get(case.name) or result.places.get(WHOLE) or Place(result.file, 1)
        said = [case.message]
        if case.trace is not None:
            loop = "" if case.trace.loop is None else f", loop {case.trace.loop}"
            said.append(f"path {show_path(case.trace.path)}{loop}")
        said.append(f"reproduce: {result.command}")
        fields = {
            "title": f"pmmc: {result.model}, {case.name}",
            "file": relative(place.file),
            "line": str(place.line),
        }
        head = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
        text = _data("\n".join(said))
        yield f"::error {head}::{text}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def append_summary(checked: Sequence[CheckResult]) -> None:
    """Append the summary of a run, if the environment names a file for it. Raises OSError."""
    file = os.environ.get(SUMMARY)
    if file:
        with Path(file).open("a", encoding="utf-8") as stream:
            stream.write(summary(checked))


def summary(checked: Sequence[CheckResult]) -> str:
    """The summary in Markdown: a table of the models, then what is wrong with each, drawn."""
    bad = [result for result in checked if result.exit_code is not ExitCode.OK]
    title = plural(len(checked), "model")
    title += f", {len(bad)} not as it should be" if bad else ", all as expected"
    lines = [
        f"## pmmc: {title}",
        "",
        "| | model | verdict | states | depth | time |",
        "|---|---|---|---:|---:|---:|",
    ]
    lines += [_row(result) for result in checked]
    text = "\n".join([*lines, "", *_resting(checked)])
    for result in checked:
        for part in _findings(result):
            if len((text + part).encode("utf-8")) > ROOM:
                return text + "\nThe rest is left out: a summary has room for 1 MiB.\n"
            text += part
    return text


def _resting(checked: Iterable[CheckResult]) -> Iterator[str]:
    """What verdicts about runs rest on: they are as good as that."""
    lines = [
        f"* {_cell(r.model)} assumes {_cell(text)}" for r in checked if (text := assumed(r)) is not None
    ]
    yield from [*lines, ""] if lines else ()


def _row(result: CheckResult) -> str:
    found = result.found
    mark = "✅" if result.exit_code is ExitCode.OK else "❌"
    cells = (
        mark,
        _cell(result.model),
        result.verdict.value,
        f"{found.states:,}",
        str(found.depth),
        duration(found.seconds),
    )
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Text in a cell of a table, a heading or a line: no markup, no link, no mention, as it stands."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", " ".join(text.split()))


def _findings(result: CheckResult) -> Iterator[str]:
    if result.exit_code is ExitCode.OK:
        return
    yield f"\n### {_cell(headline(result))}\n"
    wrong = [case for case in cases(result) if case.outcome is not Outcome.PASSED]
    drawn = [case for case in wrong if case.trace is not None][:DRAWN]
    for case in drawn:
        yield _drawn(case)
    yield from _told(case for case in wrong if case not in drawn)
    yield f"\nReproduce: <code>{_cell(result.command)}</code>\n"


def _drawn(case: Case) -> str:
    assert case.trace is not None
    return (
        f"\n**{_cell(case.message)}**\n"
        f"\n{_fenced(mermaid.sequence(case.trace), 'mermaid')}"
        f"\n<details><summary>step by step</summary>\n\n{_fenced(case.text)}\n</details>\n"
    )


def _fenced(text: str, language: str = "text") -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _told(rest: Iterable[Case]) -> Iterator[str]:
    lines = [f"* {_cell(case.message)}" for case in rest]
    if lines:
        yield "\n" + "\n".join(lines) + "\n"
