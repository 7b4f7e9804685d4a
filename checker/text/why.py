"""Why a trace shows what it shows, as text: the story in paragraphs, then a few lines for each answer."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

from checker.explanation.alternatives import Alternatives
from checker.explanation.clauses import listed
from checker.explanation.fates import Fates
from checker.explanation.ownrules import Departure, Effect, How, Own
from checker.explanation.story import Story
from checker.explanation.why import Why
from checker.model.behaviour import Trace, TraceStep, show_path
from checker.model.properties import On, Property
from checker.model.semantics import Transition
from checker.model.system import System
from checker.model.values import show
from checker.model.wording import action_of, group, step_differences
from checker.text.endings import goes_on
from checker.text.narrative import headline
from checker.text.style import LABEL, PLAIN, Style, labelled, plural

#: Columns of a paragraph at most: longer lines are hard to read.
PROSE = 100
#: Steps that exclude something which are told when not all is asked for, those with the last chances first.
EXCLUDING = 6
#: What is not known of a part, by its field: the label under which that is told.
PARTS = {
    "departure": "own rule",
    "alternatives": "any other",
    "fates": "excluded",
    "different": "different",
}
#: What one state that shows something does, and what several do, by what the property is judged on.
SHOWING = {
    On.STEP: ("has a step that violates it", "have a step that violates it"),
    On.END: ("is such an end", "are such an end"),
    On.FUTURE: ("is of no return", "are of no return"),
}
VIOLATES, REACHES = ("violates it", "violate it"), ("reaches it", "reach it")


class Called(NamedTuple):
    """How a trace is called: its file, the command that replays it; whether none has fewer steps."""

    file: str
    replay: str = ""
    shortest: bool = False


def explained(why: Why, called: Called, *, full: bool = False, style: Style = PLAIN) -> list[str]:
    """All that is known, in the order of its importance to a reader; `full`: all steps that exclude it."""
    trace = why.trace
    lines = [*headline(trace, called.file, shortest=called.shortest, style=style), ""]
    lines += [*story_lines(why.story, style)]
    for label, text in (("left out", left_out(why.story, trace)), *goes_on(trace)):
        lines += labelled(label, text, style)
    lines += own_rule_lines(why, style)
    if why.fates is not None and trace.claim is not None:
        lines += fate_lines(trace, trace.claim, why.fates, style, full=full)
    if why.alternatives is not None:
        lines += alternatives_lines(why.alternatives, trace, style)
    lines += different_lines(why, style)
    for part, reason in why.unanswered.items():
        lines += labelled(PARTS[part], reason, style)
    command = f"  {style('replay'.ljust(LABEL), 'dim')}{called.replay}"
    return [*lines, command] if called.replay else lines


def story_lines(story: Story, style: Style = PLAIN) -> list[str]:
    """The paragraphs, each with an empty line after it."""
    lines = []
    width = min(style.width, PROSE)
    for paragraph in story.paragraphs:
        text = " ".join(sentence.text for sentence in paragraph)
        lines += textwrap.wrap(
            text,
            width,
            initial_indent="  ",
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines.append("")
    return lines


def left_out(story: Story, trace: Trace) -> str:
    """Which steps of a trace its story does without; empty if none."""
    out = [n for n in range(1, len(trace.steps) + 1) if n not in story.slice]
    return f"{spans(out)}: nothing in the story rests on {'it' if len(out) == 1 else 'them'}" if out else ""


def fate_lines(
    trace: Trace, claim: Property, fates: Fates, style: Style = PLAIN, *, full: bool = False
) -> list[str]:
    """Which other steps exclude it and up to when, from when on none does, and the count of states."""
    done = "reached" if claim.kind.goal else "violated"
    found = fates.reaching
    lines: list[str] = []
    if not fates.known and found.stopped is not None:
        lines += labelled("excluded", f"not known of every other step: {found.stopped}", style)
    rows = list(excluding(trace, fates))
    if rows:
        opening = f"within these bounds {claim.id} can no longer be {done} after one of these steps:"
        lines += labelled("excluded", opening, style)
        shown = rows if full else rows[:EXCLUDING]
        for text, when in shown:
            lines += labelled("", f"{text}, instead of {when}", style)
        if len(rows) > len(shown):
            lines += labelled("", f"and {len(rows) - len(shown):,} more; --full shows all", style)
    lines += labelled("no return", of_no_return(trace, claim, fates), style)
    if found.stopped is None:
        lines += labelled("states", of_states(claim, fates), style)
    lines += labelled("bounds", ", ".join(f"{n} {show(v)}" for n, v in trace.system.bounds.items()), style)
    return lines


def excluding(trace: Trace, fates: Fates) -> Iterator[tuple[str, str]]:
    """(what other step excludes it, instead of which steps), the one with the last chance first."""
    by_step: dict[str, list[int]] = {}
    for moment in fates.moments:
        taken = trace.steps[moment.number]
        alike = {doing(trace.system, other.step) for other in moment.others if not other.excludes}
        alike.add(doing(trace.system, taken.transition))
        for other in moment.excluding:
            text = doing(trace.system, other.step)
            if text in alike:  # a rule may choose
                text += f": {_outcome(trace.system, TraceStep(other.index, other.step, taken.before))}"
            numbers = by_step.setdefault(text, [])
            numbers += [moment.number + 1] if moment.number + 1 not in numbers else []
    for text, numbers in sorted(by_step.items(), key=lambda one: (-one[1][-1], one[1][0], one[0])):
        yield text, spans(numbers, any_of=True)


def doing(system: System, step: Transition) -> str:
    """Who does what in a step and, if it takes no message, to whom: `environment 0 crash → acceptor 1`."""
    text = f"{show(system.members[step.node].name)} {action_of(step)}"
    watching = {member.name for member in system.observers}
    to = (
        ()
        if step.message is not None
        else dict.fromkeys(name for name, _ in step.sends if name not in watching)
    )
    return f"{text} → {group(to)}" if to else text


def _outcome(system: System, step: TraceStep) -> str:
    """What a step changes and sends, and from whom the message is that it takes."""
    watching = {member.name for member in system.observers}
    sends = tuple(f"{show(what)} to {show(to)}" for to, what in step.transition.sends if to not in watching)
    sender = step.transition.sender
    origin = "" if sender is None else f"from {show(sender)}, "
    return origin + _effect(Effect(tuple(step_differences(system, step)), sends))


def step_of(trace: Trace, number: int) -> str:
    """A step of a trace: its number, who does what."""
    return f"step {number}, {doing(trace.system, trace.steps[number - 1].transition)}"


def of_no_return(trace: Trace, claim: Property, fates: Fates) -> str:
    """From when on no single step excludes it."""
    first = fates.no_return
    if not trace.steps:
        return "it is so from the start"
    if first is None:
        return "not known"
    if first == 0:
        done = "reached" if claim.kind.goal else "violated"
        return (
            f"no single step ever excludes it: at no moment is there one after which {claim.id} "
            f"can no longer be {done}"
        )
    if first == len(trace.steps):
        return f"up to the last step another one excludes it; {step_of(trace, first)}, decides it"
    return f"after {step_of(trace, first)}, no single step excludes it any more"


def of_states(claim: Property, fates: Fates) -> str:
    """Of how many states how many show it, from how many it can still be reached, and the rest."""
    found = fates.reaching
    one, several = REACHES if claim.kind.goal else SHOWING.get(claim.kind.on, VIOLATES)
    shows = one if found.showing == 1 else several
    rest = found.states - found.leading
    never = f", from the other {rest:,} no longer" if rest else ""
    of_states = replace(found.reductions, ordering=False).words()
    counted = ", ".join(words for words in of_states if not words.startswith("no "))
    states = plural(found.states, "state") + (f" (counted with {counted})" if counted else "")
    return (
        f"of {states} {found.showing:,} {shows}; "
        f"from {found.leading:,}, these included, it can still come to that{never}"
    )


def spans(numbers: Sequence[int], *, any_of: bool = False) -> str:
    """`step 3`, `steps 1 to 6`, `steps 1, 3 and 5 to 7`; `any_of`: `one of steps …`."""
    breaks = [0, *(i for i, (a, b) in enumerate(pairwise(numbers), start=1) if b != a + 1), len(numbers)]
    runs = [numbers[a:b] for a, b in pairwise(breaks)]
    parts = [
        text
        for run in runs
        for text in ([str(n) for n in run] if len(run) < 3 else [f"{run[0]} to {run[-1]}"])
    ]
    if len(numbers) == 1:
        return f"step {numbers[0]}"
    if any_of and len(numbers) == 2:
        return f"step {numbers[0]} or {numbers[1]}"
    return f"{'one of ' if any_of else ''}steps {listed(parts)}"


def own_rule_lines(why: Why, style: Style = PLAIN) -> list[str]:
    """The first step at which the protocol's own rules would have done something else, and what."""
    if why.own is None or "departure" in why.unanswered:
        return []
    lines = labelled("rules", listed(list(_in_place(why.own))), style)
    if why.departure is None:
        return lines + labelled(
            "own rule", "the protocol's own rules would have taken each of these steps", style
        )
    for label, text in of_departure(why.departure, why.trace):
        lines += labelled(label, text, style)
    return lines


def _in_place(own: Own) -> Iterator[str]:
    """What stands in the place of what: `acceptor: some-variant, in the place of the protocol's own`."""
    for name, other in zip(own.replaced, own.standing_for, strict=True):
        place = other or "the protocol's own"
        yield f"{name}, in the place of {place}" if name else f"without {other}"


def of_departure(departure: Departure, trace: Trace) -> Iterator[tuple[str, str]]:
    """The first step that the protocol's own rules would not have taken, and what they do, by label."""
    does = " or else: ".join(map(_effect, departure.own))
    if departure.how is How.GOES_ON:
        ahead = "".join(f", {doing(trace.system, step)}" for step in departure.ahead)
        after = f"after the last step{ahead}" if ahead else "after the last step"
        member = show(trace.system.members[departure.node].name)
        action = departure.message or departure.action
        yield "own rule", f"{after} the protocol's own would go on: {member} {action}: {does}"
        return
    step = step_of(trace, departure.step)
    taken = "" if departure.taken is None else f": {_effect(departure.taken)}"
    if departure.how is How.RAISES:
        yield "own rule", f"cannot be asked about {step}: it raises {departure.reason}"
        return
    yield "first", f"{step}, is not what the protocol's own would have done{taken}"
    yield (
        "own rule",
        {
            How.OTHERWISE: f"would have done this instead: {does}",
            How.NOT_AT_ALL: "would have done nothing",
            How.NO_SUCH_STEP: "there is none for such a step",
        }[departure.how],
    )


def _effect(effect: Effect) -> str:
    sends = [f"+ {text}" for text in effect.sends]
    return ", ".join([*effect.changes, *sends]) or "no change"


def alternatives_lines(found: Alternatives, trace: Trace, style: Style = PLAIN) -> list[str]:
    """What does not matter: nodes and values that others could stand for, and orders of steps."""
    any_of: dict[str, list[Any]] = {}
    some = []
    for part in found.parts:
        if part.any:
            any_of.setdefault(part.kind, []).append(part.what)
        elif part.others:
            some.append(f"{show(part.what)}, or {' or '.join(map(show, part.others))}")
    several = (
        f"{group(those)}, {'each ' if len(those) > 1 else ''}or any other" for those in any_of.values()
    )
    swaps: dict[int, list[str]] = {}
    for swap in found.swaps:
        swaps.setdefault(swap.node, []).append(f"{swap.first} and {swap.second}")
    members = trace.system.members
    orders = [f"{show(members[node].name)}: steps {', '.join(pairs)}" for node, pairs in swaps.items()]
    return [*labelled("any other", [*several, *some], style), *labelled("any order", orders, style)]


def different_lines(why: Why, style: Style = PLAIN) -> list[str]:
    """How many essentially different counterexamples there are, and the paths of those that are told."""
    found = why.different
    if found is None:
        return []
    example = "way to it" if why.trace.good else "counterexample"
    many = "ways to it" if why.trace.good else "counterexamples"
    of = f"of {plural(found.length, 'step')}"
    if found.symmetries:
        of += f", up to symmetry of {listed(list(found.symmetries))}"
    if found.stopped is not None:
        counted = plural(found.graphs, example, many)
        reordered = ", none of them another one in another order" if found.graphs > 1 else ""
        text = f"at least {counted} {of}{reordered}; there may be more: {found.stopped}"
    elif found.found == 1 and found.length < len(why.trace.steps):
        text = f"essentially one {example} {of}, fewer than here: any other is that one in another order"
    elif found.found == 1:
        text = f"no essentially different {example} {of}: any other is this one in another order"
    else:
        text = f"{found.found:,} essentially different {many} {of}"
    lines = labelled("different", text, style)
    for one in found.counterexamples:
        if one.trace.path != why.trace.path:
            lines += labelled("", f"such as path {show_path(one.trace.path)}", style)
    return lines
