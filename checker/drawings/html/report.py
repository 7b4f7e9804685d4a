"""The report of a check as one page: nothing is loaded from anywhere, so it can be kept, sent and printed.

What is on it is what the printed report has (checker.text.report), and drawn: the growth of the search, and
each counterexample with its space-time diagram, every state, every property at every step, and what
caused what. Without scripts it shows each counterexample at its end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from checker.checking.judgement import PropertyResult, is_shortest
from checker.checking.result import CheckResult
from checker.drawings import causal as causaldrawing
from checker.drawings import growth, lanes, spacetime, svg
from checker.drawings.html.trace import section
from checker.host.version import own_version
from checker.text.markup import escape
from checker.text.report import Telling, facts, findings, summary_parts
from checker.text.style import colour_of, plural
from checker.traces.retrace import readable

COLOURS = {"green": "good", "red": "bad", "yellow": "warn"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A result, and how its counterexamples are told."""

    result: CheckResult
    telling: Telling


def page(checked: Sequence[Checked]) -> str:
    """The page as HTML."""
    names = ", ".join(one.result.model for one in checked)
    body = "\n".join(line for number, one in enumerate(checked) for line in _result(one, number))
    contents = "\n".join(_contents(checked)) if len(checked) > 1 else ""
    drawings = (svg, spacetime, causaldrawing, growth, lanes)
    style = "".join((*(drawing.STYLE for drawing in drawings), _own("report.css")))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>pmmc: {escape(names)}</title>
<style>{style}</style>
</head>
<body>
{contents}
{body}
<script>{_own("report.js")}</script>
</body>
</html>
"""


def _own(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _contents(checked: Sequence[Checked]) -> Iterator[str]:
    """A table of the models, each a link to its place."""
    yield "<h1>Models</h1><table><tr><th>model</th><th>verdict</th><th>states</th><th>expected</th></tr>"
    for number, one in enumerate(checked):
        result = one.result
        expected = {True: "as expected", False: "not as expected", None: "–"}[result.judged.as_expected]
        yield (
            f'<tr><td><a href="#result-{number}">{escape(result.model)}</a></td><td>{_badge(result)}</td>'
            f'<td class="number">{result.found.states:,}</td><td>{expected}</td></tr>'
        )
    yield "</table>"


def _badge(result: CheckResult) -> str:
    word, _ = summary_parts(result)
    return (
        f'<span class="badge {COLOURS[colour_of(result.verdict, result.exit_code)]}">{escape(word)}</span>'
    )


def _result(one: Checked, number: int) -> Iterator[str]:
    result = one.result
    yield f'<section class="result" id="result-{number}">'
    _, because = summary_parts(result)
    yield f"<h1>{_badge(result)}{escape(result.model)}</h1><p>{escape(because)}</p>"
    if result.about:
        yield f'<p class="dim">{escape(result.about)}</p>'
    for found in findings(result):
        trace = found if one.telling.as_found else readable(found)
        replay = (one.telling.replay or result.replay)(trace)
        yield from section(trace, shortest=is_shortest(result.found, found.claim), replay=replay)
    yield '<div class="columns"><div><h2>What was checked</h2><dl class="facts">'
    for label, said in facts(result):
        text = said if isinstance(said, str) else " · ".join(said)
        if text:
            yield f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>"
    made = f"(pmmc {own_version()}, model sha256 {result.sha256[:12]})"
    yield f"<dt>reproduce</dt><dd><code>{escape(result.command)}</code> <span class=dim>{made}</span></dd>"
    levels = result.found.levels
    told = f"New states by level; {plural(len(levels), 'level')}."
    yield "</dl></div><div><h2>Growth of the search</h2><div class=drawing>"
    yield svg.inline(growth.growth(levels, title=told))
    yield f"</div><p class=dim>{told}</p></div></div>"
    yield from _properties(result)
    yield from _coverage(result)
    yield "</section>"


def _properties(result: CheckResult) -> Iterator[str]:
    yield "<h2>Properties</h2><table><tr><th>property</th><th>verdict</th><th>steps</th><th>claim</th></tr>"
    for p in result.judged.properties:
        length = "" if p.length is None else f"{p.length:,}"
        source = f"({p.kind.value}; {p.claim.source})"
        note = f"<br><span class=dim>{escape(p.claim.note)}</span>" if p.claim.note else ""
        yield (
            f"<tr><td><code>{escape(p.id)}</code></td>"
            f'<td class="verdict {p.verdict.value}">{_verdict(p)}</td><td class="number">{length}</td>'
            f"<td>{escape(p.claim.meaning)} <span class=dim>{escape(source)}</span>{note}</td></tr>"
        )
    yield "</table>"


def _verdict(p: PropertyResult) -> str:
    if p.kind.goal:
        return {"verified": "reached", "violated": "never reached"}.get(p.verdict.value, "not yet reached")
    return p.verdict.value


def _coverage(result: CheckResult) -> Iterator[str]:
    """A bar for each action, as long as the logarithm of how often it fired."""
    yield "<h2>Coverage</h2><table><tr><th>action</th><th>times</th><th></th></tr>"
    most = math.log10(max((*result.found.fired.values(), 9)) + 1)
    for action, times in result.found.fired.items():
        width = 100 * math.log10(times + 1) / most
        bar = f'<span style="width:{width:.0f}%"></span>' if times else "never"
        yield f'<tr><td><code>{escape(action)}</code></td><td class="number">{times:,}</td>'
        yield f'<td class="bar">{bar}</td></tr>'
    yield "</table>"
