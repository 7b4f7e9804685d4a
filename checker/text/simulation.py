"""The report of a simulation as text."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from checker.checking.question import STDIN, option
from checker.engines.simulating import ENDS, Walked, Walks
from checker.model.properties import On
from checker.model.verdict import Verdict
from checker.simulation.account import bound, local_steps, never_taken
from checker.simulation.simulate import Simulated
from checker.text.facts import Fact, bounds_and_network
from checker.text.report import Telling, examples, findings, summary
from checker.text.style import LABEL, PLAIN, Style, duration, labelled, plural


def report(result: Simulated, *, telling: Telling, style: Style = PLAIN) -> list[str]:
    """All about one simulation: what was found, then what was walked and what that says."""
    lines = examples(result.check, telling=telling, style=style)
    lines.append(summary(result.check, style))
    for label, text in facts(result):
        lines += labelled(label, text, style)
    return [*lines, *commands(result, telling, style)]


def facts(result: Simulated) -> Iterator[Fact]:
    """What there is to say, by label."""
    check, walked = result.check, result.walked
    yield "bounds", bounds_and_network(check)
    yield "walked", _walked(walked)
    yield "ended", [f"{count:,} {ENDS[end]}" for end, count in walked.ends.items()]
    yield "states", _states(walked)
    yield "steps", _steps(walked)
    yield "never", ", ".join(never_taken(walked))
    goals = [f"{p.id}: {'reached' if p.verdict is Verdict.VERIFIED else 'not yet'}" for p in check.goals()]
    yield "sometimes", goals
    shortened = [
        f"{claim}: run {result.runs[claim]:,}, {plural(long, 'step')} shortened to {p.length}"
        for p in check.violated()
        for claim, long in result.lengths.items()
        if claim == p.id
    ]
    yield "shown by", shortened
    least = bound(result)
    if least is not None:
        said = f"{plural(walked.whole, 'run')}: with 95 % confidence a run by this scheduler shows a "
        said += f"violation with a probability below {least:.2g}; of other schedulers, of longer runs, of "
        yield "nothing in", f"{said}what no run can show, and of what was not judged, this says nothing"
    yield "not told", _untold(walked)
    yield "not judged", list(not_judged(result))
    yield "expected", _expected(result)
    yield "failed", "" if check.found.failed is None else check.found.failed.reason


def _walked(walked: Walked) -> str:
    asked = walked.asked
    by = asked.scheduler + (" (uniform, pct and swarm by turns)" if asked.scheduler == "mix" else "")
    by += f", depth {asked.depth}" if asked.scheduler in ("mix", "pct") else ""
    rate = f", {walked.steps / walked.seconds:,.0f} steps/s" if walked.seconds > 0.1 else ""
    cut = f" and {walked.unfinished:,} that a limit cut short" if walked.unfinished else ""
    text = f"{plural(walked.runs, 'run')}{cut}, {plural(walked.steps, 'step')} (the longest run "
    text += f"{walked.longest:,} of at most {asked.steps:,}), seed {asked.seed}, scheduler {by}, "
    return text + f"{duration(walked.seconds)}{rate}"


def _untold(walked: Walked) -> str:
    if not walked.untold:
        return ""
    ids = " ".join(walked.untold)
    return f"{ids}: shown by a run of the last block; a limit came before it was known by which"


def _states(walked: Walked) -> str:
    new, runs = walked.fresh
    if not runs:
        return ""
    text = f"{walked.states:,} distinct (by hashes of 64 bits)"
    if walked.counted_runs < walked.whole:
        text = f"more than {text}, of the first {walked.counted_runs:,} runs; then memory was full"
    return f"{text}; the last {plural(runs, 'run')} found {new:,} that were new"


def _steps(walked: Walked) -> str:
    offered, taken = local_steps(walked)
    actions = len(walked.fired)
    text = f"{actions - len(never_taken(walked))} of {plural(actions, 'action')} taken; of "
    text += f"{plural(offered, 'local step')} that runs came across {taken:,} were"
    most = sorted(((walked.offered[a] - walked.taken[a], a) for a in walked.offered), reverse=True)
    missing = [f"{action} {count:,}" for count, action in most if count][:4]
    return f"{text}; not taken: {', '.join(missing)}" if missing else text


def not_judged(result: Simulated) -> Iterator[str]:
    """What a walk says nothing about, of what the model claims."""
    claims = [p for p in result.check.judged.properties if p.verdict is not Verdict.VIOLATED]
    futures = [p.id for p in claims if p.kind.on is On.FUTURE]
    if futures:
        yield f"{' '.join(futures)}: but in states where nothing leads on, none was judged"
    temporal = [p.id for p in claims if p.kind.on is On.RUN]
    if temporal:
        judged = plural(len(result.walked.ended_runs), "run")
        yield f"{' '.join(temporal)}: judged on {judged} that came to an end, on none that go on for ever"
    for p in claims:
        if p.reason is not None and p.verdict is Verdict.INCONCLUSIVE:
            yield f"{p.id}: {p.reason}"
    ends = [p.id for p in claims if p.kind.on is On.END]
    if ends and not result.walked.ended_states_judged:
        yield f"{' '.join(ends)}: no run came to where nothing leads on"


def _expected(result: Simulated) -> str:
    judged = result.check.judged
    if judged.not_applied is not None:
        return f"expect not applied: {judged.not_applied}"
    return "as found" if judged.as_expected else "; ".join(judged.unmet)


def words(walks: Walks) -> tuple[str, ...]:
    """The options of `pmmc simulate` that say how to walk; what is as usual needs none."""
    usual = Walks()
    given: list[str] = []
    for name in ("runs", "steps", "seed", "scheduler", "depth"):
        if getattr(walks, name) != getattr(usual, name):
            given += option(name, getattr(walks, name))
    return (*given, *(("--continue",) if walks.past_violations else ()))


def reproduce(result: Simulated) -> str:
    """The command that walks the same way; empty if no command line can name the model."""
    check = result.check
    if check.named in ("", STDIN):
        return ""
    instead = check.question.instead()
    return shlex.join(
        ("pmmc", "simulate", check.named, *check.loading, *instead, *words(result.walked.asked))
    )


def commands(result: Simulated, telling: Telling, style: Style) -> list[str]:
    """How to go on from a simulation."""
    check = result.check
    if check.named in ("", STDIN):
        return []
    ways = {}
    wrong = findings(check)
    if wrong and wrong[0].claim is not None:
        ways["why"] = telling.replays(check, telling.shown(wrong[0])).replace("replay", "why", 1)
    ways["again"] = reproduce(result)
    return [f"  {style(label.ljust(LABEL), 'dim')}{command}" for label, command in ways.items()]


def progress(walked: Walked) -> str:
    """How far a simulation is."""
    if walked.shortening is not None:
        claim, left = walked.shortening
        return f"{claim}: a run is being shortened, {plural(left, 'step')} left"
    words = [f"runs {walked.runs:,}", f"steps {walked.steps:,}", f"distinct {walked.states:,}"]
    whole = int(walked.seconds)
    return "  ".join([*words, f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"])
