"""The report of a check as one page: nothing is loaded from anywhere, so it can be kept, sent and printed.

What is on it is what the printed report has (checker.text.report), and drawn: the growth of the search, and
each counterexample and each goal that was reached with its space-time diagram, every state, every property
at every step, and what caused what. Without scripts it shows each of them at its end.

Of several models each stands in a line that can be unfolded; those that are not as expected are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from checker.checking.judgement import PropertyResult, is_shortest
from checker.checking.result import CheckResult
from checker.drawings import growth, svg
from checker.drawings.html import page as pages
from checker.drawings.html.page import badge
from checker.drawings.html.trace import section
from checker.host.version import own_version
from checker.model.behaviour import Trace
from checker.model.verdict import ExitCode, Verdict
from checker.text.facts import facts
from checker.text.markup import escape
from checker.text.report import Telling, findings, summary_parts
from checker.text.style import plural
from checker.traces.retrace import readable

LOOKS = {Verdict.VERIFIED: "good", Verdict.VIOLATED: "bad", Verdict.INCONCLUSIVE: "warn"}
#: Words for a verdict that are something else than the verdict: that it failed or raised.
FAILED = ("RAISED", "ERROR")


@dataclass(frozen=True, slots=True)
class Checked:
    """A result, and how its counterexamples are told."""

    result: CheckResult
    telling: Telling


def page(checked: Sequence[Checked], report: Callable[[int], None] = lambda _: None) -> str:
    """The page as HTML; `report` is told after each model how many are drawn."""
    title = ", ".join(one.result.model for one in checked[:3]) + (", …" if len(checked) > 3 else "")
    if len(checked) == 1:
        return pages.page(title, _result(checked[0]))
    body = [f"<h1>{plural(len(checked), 'model')}</h1>"]
    for number, one in enumerate(checked):
        body += _folded(one, number)
        report(number + 1)
    return pages.page(title, body, looks="many", before="".join(_index(checked)))


def _index(checked: Sequence[Checked]) -> Iterator[str]:
    """What stays in sight of a page of many models: the names of all, a filter, where one is."""
    yield '<nav class="index" aria-label="models"><details class="all"><summary>all models</summary><ul>'
    for number, one in enumerate(checked):
        looks = _looks(one.result)
        yield f'<li class="{looks}"><a href="#result-{number}">{escape(one.result.model)}</a></li>'
    yield '</ul></details><input type="search" placeholder="name, verdict, property" '
    yield 'aria-label="show only models with" hidden><output class="dim" hidden></output>'
    yield '<a class="where" hidden></a><button class="fold" hidden>fold all</button></nav>'


def _badges(result: CheckResult) -> str:
    """The verdict, and whether that is what the model file expects."""
    word, _ = summary_parts(result)
    badges = badge(word if word in FAILED else result.verdict.value.upper(), _looks(result))
    expected = result.judged.as_expected
    if expected is None:
        return badges if result.exit_code is not ExitCode.UNMET else badges + badge("unmet", "bad")
    return badges + (badge("as expected", "good") if expected else badge("not as expected", "bad"))


def _looks(result: CheckResult) -> str:
    return "bad" if summary_parts(result)[0] in FAILED else LOOKS[result.verdict]


def _folded(one: Checked, number: int) -> Iterator[str]:
    """A model of several, folded to a line unless something is not as expected."""
    result = one.result
    opened = " open" if result.exit_code is not ExitCode.OK else ""
    _, because = summary_parts(result)
    yield (
        f'<details class="result"{opened}><summary id="result-{number}"><h1>{escape(result.model)}</h1>'
        f'<span class="badges">{_badges(result)}</span><span class="number">{result.found.states:,}'
        f'<span class="dim"> states</span></span><span class="because">{escape(because)}</span></summary>'
    )
    yield from _about(one, brief=True)
    yield "</details>"


def _result(one: Checked) -> Iterator[str]:
    """The only model of a page."""
    _, because = summary_parts(one.result)
    yield f'<section class="result"><h1>{_badges(one.result)}{escape(one.result.model)}</h1>'
    yield f"<p>{escape(because)}</p>"
    yield from _about(one, brief=False)
    yield "</section>"


def _about(one: Checked, *, brief: bool) -> Iterator[str]:
    """All there is of a model below its verdict; goals are drawn in full unless it is to be `brief`."""
    result = one.result
    if result.about:
        yield f'<p class="dim">{escape(result.about)}</p>'
    for found in findings(result):
        yield from _trace(one, found)
    for goal in result.goals():
        yield from _goal(one, goal, brief=brief)
    yield from _checked(result)
    yield from _properties(result)
    yield from _coverage(result)


def _trace(one: Checked, found: Trace, *, folded: bool = False, brief: bool = False) -> Iterator[str]:
    trace = found if one.telling.as_found else readable(found)
    replay = (one.telling.replay or one.result.replay)(trace)
    shortest = is_shortest(one.result.found, found.claim)
    return section(trace, shortest=shortest, replay=replay, folded=folded, brief=brief)


def _goal(one: Checked, goal: PropertyResult, *, brief: bool) -> Iterator[str]:
    """How a goal is reached, folded; or that it is not, or that it is not known how."""
    trace = one.result.traces.get(goal.id)
    if trace is not None:
        yield from _trace(one, trace, folded=True, brief=brief)
        return
    told = one.result.no_path(goal) or goal.reason
    yield f'<p class="goal"><b>{escape(goal.id)}</b> is {_verdict(goal)}'
    yield f"<span class=dim>: {escape(told)}</span></p>" if told else "</p>"


def _checked(result: CheckResult) -> Iterator[str]:
    yield '<div class="columns"><div><h2>What was checked</h2><dl class="facts">'
    for label, said in facts(result):
        text = said if isinstance(said, str) else " · ".join(said)
        if text:
            yield f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>"
    made = f"(pmmc {own_version()}, model sha256 {result.sha256[:12]})"
    yield f"<dt>reproduce</dt><dd><code>{escape(result.command)}</code> <span class=dim>{made}</span></dd>"
    levels = result.found.levels
    told = f"New states by level; {plural(len(levels), 'level')}."
    yield "</dl></div><div><h2>Growth of the search</h2>"
    yield '<div class="drawing" role="group" aria-label="growth of the search" tabindex=0>'
    yield svg.inline(growth.growth(levels, title=told))
    yield f"</div><p class=dim>{told}</p></div></div>"


def _properties(result: CheckResult) -> Iterator[str]:
    yield '<h2>Properties</h2><table class="claims"><thead><tr><th>property</th><th>verdict</th>'
    yield "<th>steps</th><th>claim</th></tr></thead><tbody>"
    for p in result.judged.properties:
        length = "" if p.length is None else f"{p.length:,}"
        source = f"({p.kind.value}; {p.claim.source})"
        note = f"<br><span class=dim>{escape(p.claim.note)}</span>" if p.claim.note else ""
        yield (
            f"<tr><th scope=row><code>{escape(p.id)}</code></th>"
            f'<td class="verdict {p.verdict.value}">{_verdict(p)}</td><td class="number">{length}</td>'
            f"<td>{escape(p.claim.meaning)} <span class=dim>{escape(source)}</span>{note}</td></tr>"
        )
    yield "</tbody></table>"


def _verdict(p: PropertyResult) -> str:
    if p.kind.goal:
        return {"verified": "reached", "violated": "never reached"}.get(p.verdict.value, "not yet reached")
    return p.verdict.value


def _coverage(result: CheckResult) -> Iterator[str]:
    """A bar for each action, as long as the logarithm of how often it fired."""
    yield '<h2>Coverage</h2><table class="coverage"><thead><tr><th>action</th><th>times</th>'
    yield "<th>log scale</th></tr></thead><tbody>"
    most = math.log10(max((*result.found.fired.values(), 9)) + 1)
    for action, times in result.found.fired.items():
        width = 100 * math.log10(times + 1) / most
        bar = f'<span style="width:{width:.0f}%"></span>' if times else "never"
        yield f'<tr><th scope=row><code>{escape(action)}</code></th><td class="number">{times:,}</td>'
        yield f'<td class="share">{bar}</td></tr>'
    yield "</tbody></table>"
