"""The report of a check as text: counterexamples, the closing block, and the table of a suite.

Everything printed is defined: `distinct`, `generated` and `depth` in `checker.engines.contract`; a state
is `terminal` if nothing leads on from it, and `cut` if a bound keeps one of its nodes from going on
as the protocol would. What is not known is not printed.
"""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from checker.checking.judgement import is_shortest
from checker.checking.question import STDIN
from checker.checking.result import CheckResult
from checker.host.version import own_version
from checker.model.behaviour import Trace
from checker.model.plaintext import printable
from checker.model.verdict import ExitCode, Verdict
from checker.text.facts import essentials, facts
from checker.text.runs import assumed, so_long
from checker.text.style import LABEL, PLAIN, Style, colour_of, duration, flow, labelled, plural

#: How it is said that a finding is what the model file expects.
AS_EXPECTED = ", as expected"


@dataclass(frozen=True, slots=True)
class Telling:
    """How counterexamples are told.

    `full`: whole states after each step. `as_found`: in the order of the search, not in the one that reads
    best. `replay` makes the command that replays a trace; None: the result says it. `deltas`: all that each
    step changes, however long that is.
    """

    full: bool = False
    as_found: bool = False
    replay: Callable[[Trace], str] | None = None
    deltas: bool = False

    def shown(self, found: Trace) -> Trace:
        """A trace as it is told."""
        from checker.traces.retrace import readable  # noqa: PLC0415 - most checks of a suite find nothing

        return found if self.as_found else readable(found)

    def replays(self, result: CheckResult, shown: Trace) -> str:
        """The command that replays a trace as it is told; empty if the model is in no file."""
        return (self.replay or result.replay)(shown)


def report(result: CheckResult, *, telling: Telling = Telling(), style: Style = PLAIN) -> list[str]:
    """All about one check: what decided it, then the closing block."""
    told = examples(result, telling=telling, style=style)
    return [*told, *closing(result, style), *commands(result, telling=telling, style=style)]


def examples(result: CheckResult, *, telling: Telling = Telling(), style: Style = PLAIN) -> list[str]:
    """The violation that matters most as a trace, and the way to where the model's code raised.

    That is the one the model file expects, else the first found. With it the others found on the
    same level are only named, unless all is asked for.
    """
    wrong = findings(result)
    if wrong:  # most checks of a suite find nothing, and need nothing that tells of it
        from checker.text.narrative import brief, headline, narrate  # noqa: PLC0415

    lines: list[str] = []
    file = file_of(result)
    for number, found in enumerate(wrong):
        trace = telling.shown(found)
        shortest = is_shortest(result.found, found.claim)
        replay = telling.replays(result, trace)
        if number == 0 or telling.full or telling.deltas or trace.claim is None:
            lines += [*headline(trace, file, shortest=shortest, style=style), ""]
            told = narrate(trace, full=telling.full, deltas=telling.deltas, style=style, replay=replay)
            lines += [*told, ""]
        else:
            lines += [*brief(trace, file, shortest=shortest, style=style, replay=replay), ""]
    return [*lines, *of_code(result, style)]


def file_of(result: CheckResult) -> str:
    """The model's file; a model that ships by its name."""
    return result.file if result.named in ("", STDIN) else result.named


def of_code(result: CheckResult, style: Style = PLAIN) -> list[str]:
    """What no trace tells of the model's code that raised: which code, if it was no rule's, and how.

    The traceback only if the environment asks for it, by PMMC_TRACEBACK.
    """
    raised, lines = result.found.raised, []
    if raised is None:
        return []
    if raised.path is None:
        reason = flow([raised.reason], style.width - 2)
        lines += [
            f"{style('RAISED', 'bold', 'red')}   {file_of(result)}",
            *(f"  {line}" for line in reason),
            "",
        ]
    if raised.traceback and os.environ.get("PMMC_TRACEBACK"):
        lines += [*(f"  {line}" for line in raised.traceback.splitlines()), ""]
    return lines


def findings(result: CheckResult) -> list[Trace]:
    """The traces of what is wrong, as they were found, the most important one first."""
    traces = [result.traces[p.id] for p in result.violated() if p.path is not None]
    expected = result.expect.property if result.expect is not None else None
    traces.sort(key=lambda trace: trace.claim is None or trace.claim.id != expected)
    return traces if result.raised is None else [*traces, result.raised]


def summary(result: CheckResult, style: Style = PLAIN) -> str:
    """The headline of the closing block: the verdict in capitals, the model, and why."""
    word, because = summary_parts(result)
    colour = "red" if word == "VIOLATED" else colour_of(result.verdict, result.exit_code)
    if result.judged.as_expected:
        because = because.removesuffix(AS_EXPECTED) + style(AS_EXPECTED, "green")
    return f"{style(word, 'bold', colour)}  {style(result.model, 'bold')}: {because}"


def summary_parts(result: CheckResult) -> tuple[str, str]:
    """The verdict in capitals, and why."""
    return _word(result), _because(result)


def _word(result: CheckResult) -> str:
    if result.exit_code is ExitCode.UNMET:
        return "UNMET"
    if result.verdict is Verdict.VIOLATED:
        return "VIOLATED"
    if result.found.raised is not None:
        return "RAISED"
    return "ERROR" if result.found.failed is not None else result.verdict.value.upper()


def _because(result: CheckResult) -> str:
    judged, found = result.judged, result.found
    if result.exit_code is ExitCode.UNMET:
        several = f"{len(judged.unmet)} expectations unmet"
        return printable(judged.unmet[0]) if len(judged.unmet) == 1 else several
    violated = result.violated()
    if violated:
        lengths = ((p.id, so_long(p)) for p in violated)
        text = " and ".join(name if long is None else f"{name} ({long})" for name, long in lengths)
        text += " violated"
    elif found.raised is not None:
        text = "the model's own code raised"
    elif found.failed is not None:
        text = "the check failed"
    elif result.verdict is Verdict.INCONCLUSIVE:
        text = found.stopped or "nothing was checked"
    else:
        text = _established(result)
    return text + (AS_EXPECTED if judged.as_expected else "")


def _established(result: CheckResult) -> str:
    parts = []
    if result.claims():
        count = plural(len(result.claims()), "property", "properties")
        parts.append(f"{count} over the whole bounded model")
    if result.goals():
        parts.append(f"{plural(len(result.goals()), 'goal')} reached")
    rests_on = assumed(result)
    if rests_on is None:
        return ", ".join(parts)
    cut = sum(result.found.cut.values())
    open_ = f"; open after {plural(cut, 'cut state')}" if cut else ""
    return f"{', '.join(parts)} (assuming {rests_on}{open_})"


def closing(result: CheckResult, style: Style = PLAIN, *, verbose: bool = False) -> list[str]:
    """The closing block: the verdict, how much was seen, and what is not as usual.

    `verbose` tells all that is known, and how to get it again.
    """
    lines = [summary(result, style)]
    for label, text in facts(result) if verbose else essentials(result):
        lines += labelled(label, text, style)
    if verbose and result.command:
        made = f"pmmc {own_version()}, Python {platform.python_version()}"
        made += f", model sha256 {result.sha256[:12]}…"
        lines.append(_command("reproduce", f"{result.command}   ({made})", style))
    return lines


def commands(result: CheckResult, *, telling: Telling = Telling(), style: Style = PLAIN) -> list[str]:
    """How to go on from a check; nothing if its model is in no file."""
    if result.named in ("", STDIN):
        return []
    wrong = findings(result)
    walk = telling.replays(result, telling.shown(wrong[0])) if wrong else result.begin()
    ways = {"why": walk} if wrong and wrong[0].claim is not None else {}
    lines = [_command(way, walk.replace("replay", way, 1), style) for way in (*ways, "explore")]
    return [*lines, _command("report", f"{result.command} --html report.html", style)]


def _command(label: str, command: str, style: Style) -> str:
    """A command on one line, however long, to be pasted."""
    return f"  {style(label.ljust(LABEL), 'dim')}{command}"


#: The table of a suite: heading and columns; text is aligned left, numbers right.
COLUMNS = (("verdict", -13), ("states", 11), ("depth", 5), ("time", 9), ("expected", -1))


def table_head(names: Sequence[str], style: Style = PLAIN) -> str:
    """The heading of a table with these models."""
    cells = [_aligned(heading, width) for heading, width in COLUMNS]
    return style("  ".join(["model".ljust(_name_width(names)), *cells]).rstrip(), "dim")


def table_row(result: CheckResult, names: Sequence[str], style: Style = PLAIN) -> list[str]:
    """The line of one model, and below it what is unmet."""
    found = result.found
    colour = colour_of(result.verdict, result.exit_code)
    values = ("", f"{found.states:,}", str(found.depth), duration(found.seconds), _compared(result))
    cells = [_aligned(value, width) for value, (_, width) in zip(values, COLUMNS, strict=True)]
    cells[0] = style(_aligned(_outcome(result), COLUMNS[0][1]), colour)
    line = "  ".join([result.model.ljust(_name_width(names)), *cells]).rstrip()
    indent = " " * (_name_width(names) + 2)
    wrong = list(result.judged.unmet)
    if found.failed is not None and found.failed.reason not in wrong:
        wrong.append(found.failed.reason)
    return [line, *(f"{indent}{style(printable(text), colour)}" for text in wrong)]


def _outcome(result: CheckResult) -> str:
    word = _word(result)
    return word.lower() if word in {"RAISED", "ERROR"} else result.verdict.value


def _compared(result: CheckResult) -> str:
    if result.judged.as_expected is None:
        return f"not applied: {result.judged.not_applied}" if result.judged.not_applied else "–"
    return "yes" if result.judged.as_expected else "NO"


def _name_width(names: Sequence[str]) -> int:
    return max(map(len, (*names, "model")))


def _aligned(text: str, width: int) -> str:
    return text.rjust(width) if width > 0 else text.ljust(-width)


def table_foot(results: Sequence[CheckResult], models: int, seconds: float, style: Style = PLAIN) -> str:
    """The last line of a table: how many models, how they fared, how long it took."""
    fared = Counter(_fared(result) for result in results)
    text, colour = plural(models, "model"), "green"
    if set(fared) == {"as expected"} and len(results) == models:
        text += ", all as expected"
    else:
        fared["not checked"] = models - len(results)
        text += ": " + ", ".join(f"{count} {word}" for word, count in fared.items() if count)
        if any(result.exit_code is not ExitCode.OK for result in results):
            colour = "red"
    return f"{style(text, 'bold', colour)}, {duration(seconds)}"


def _fared(result: CheckResult) -> str:
    return "as expected" if result.judged.as_expected else _word(result).lower()
