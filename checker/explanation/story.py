"""The story of a trace: its slice told in a few paragraphs, by cause and not by time.

A paragraph is a strand (`checker.explanation.strands`), the last one how the strands meet. A sentence is an
exchange: one node sends something to some others, which answer; or a message that goes one way; or a step
that takes no message. Steps are named by their numbers in the whole trace, each where its message is taken.
What a step changed is named only where it matters for what follows (`checker.explanation.relevance`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from checker.explanation.clauses import Clause, clauses_of, listed
from checker.explanation.relevance import changes_that_matter
from checker.explanation.strands import Strand, by_cause, strands_of
from checker.explanation.turns import Steps, Turn, Turns
from checker.model.behaviour import Trace
from checker.model.values import Field, compared, show
from checker.model.wording import action_of, label_of
from checker.traces.causality import Causality
from checker.traces.slicing import slice_of, without

#: Steps that one paragraph tells, about; one of more is told as several.
LONGEST = 16


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the steps (numbers in the whole trace) that it tells of."""

    text: str
    steps: tuple[int, ...]


Paragraph = tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """The slice of a trace, by the numbers of its steps, and what is told of it, the end last."""

    slice: tuple[int, ...]
    paragraphs: tuple[Paragraph, ...]


def story_of(trace: Trace) -> Story:
    """The story of what a trace shows. Of a run that repeats for ever all steps are told, in two parts."""
    known = Causality(trace)
    numbers = slice_of(trace, known)
    told = trace if trace.loop is not None else without(known, frozenset(numbers)) or trace
    return Story(numbers, tuple(_Teller(told, numbers).paragraphs()))


class _Teller:
    """Tells a trace that is its own slice; `numbers` are those of its steps in the whole trace."""

    def __init__(self, trace: Trace, numbers: Sequence[int]) -> None:
        self.trace, self.numbers = trace, numbers
        self.known = Causality(trace)
        self.steps = Steps(trace, self.known)
        watching = {trace.system.positions[member.name] for member in trace.system.observers}
        #: by step, what of its changes matters: (node, field)
        self.matter = [
            [change for change in changes_that_matter(trace, number) if change[0] not in watching]
            for number in range(1, len(trace.steps) + 1)
        ]
        #: whether it was said already that numbers are those of steps
        self.explained = False

    def paragraphs(self) -> Iterator[Paragraph]:
        """All paragraphs."""
        if self.trace.loop is not None:
            yield from self.for_ever(self.trace.loop)
            return
        strands = strands_of(self.known)
        for place, strand in enumerate(strands.strands):
            yield from self.led("" if place == 0 else _lead(strand), strand.steps)
        yield (self.meeting(strands.meeting, len(strands.strands)),)

    def for_ever(self, loop: int) -> Iterator[Paragraph]:
        """A run that repeats: the way in, what comes again and again, and what that shows."""
        count = len(self.trace.steps)
        yield from self.led("", by_cause(self.known, range(1, loop + 1)))
        lead = f"{'Then again' if loop else 'Again'} and again, for ever: "
        yield from self.led(lead, by_cause(self.known, range(loop + 1, count + 1)))
        if self.trace.reason:
            yield (Sentence(_ended(_capital(self.trace.reason)), tuple(self.numbers[loop:])),)

    def led(self, lead: str, steps: Sequence[int]) -> Iterator[Paragraph]:
        """The paragraphs that tell some steps, the first one with these words before it."""
        told = list(self.sentences(steps))
        if not told:
            return
        told = [replace(s, text=_capital(f"{lead}{s.text}" if s is told[0] else s.text)) for s in told]
        parts = -(-len(steps) // LONGEST)
        size = -(-len(told) // parts)
        yield from (tuple(told[begin : begin + size]) for begin in range(0, len(told), size))

    def sentences(self, steps: Sequence[int]) -> Iterator[Sentence]:
        """The sentences that tell some steps, without capitals."""
        waiting = list(self.steps.turns(steps))
        while waiting:
            turns, text = self.clause(waiting)
            subject = self.subject(turns)
            while subject is not None and waiting and self.subject(waiting[0]) == subject:
                text += f", then {self.unasked(waiting[0][0].step, named=False)}"
                turns = (*turns, *waiting.pop(0))
            if waiting and self.is_sent_by(waiting[0], turns):
                more, rest = self.clause(waiting)
                text += f" and {rest.removeprefix(f'{show(self.steps.name(turns[-1].step))} ')}"
                turns = (*turns, *more)
            numbers = sorted(self.numbers[n - 1] for turn in turns for n in turn.steps)
            yield Sentence(f"{text}.", tuple(numbers))

    def clause(self, waiting: list[Turns]) -> tuple[Turns, str]:
        """What the next turns are and tell, with the one that goes on from them; these wait no more."""
        turns = waiting.pop(0)
        if not waiting or not self.steps.goes_on(turns, waiting[0]):
            return turns, self.sentence(turns)
        onward = waiting.pop(0)[0]
        return (*turns, onward), self.sentence(turns, onward)

    def is_sent_by(self, turns: Turns, before: Turns) -> bool:
        """Whether turns take what the step before sent, which took nothing and changed only its node."""
        last = before[-1].step
        alone = self.steps.sender(last) is None and all(t.answer is None for t in before)
        told = {node for turn in before for node, _ in self.matter[turn.step - 1]}
        sent = all(self.known.origins[turn.step - 1] == last for turn in turns)
        return alone and sent and told <= {self.steps.node(last)}

    def sentence(self, turns: Turns, onward: Turn | None = None) -> str:
        """What happens in turns that are told together, and in the one that goes on from them."""
        first = turns[0]
        sender = self.steps.sender(first.step)
        if sender is None:
            return self.unasked(first.step)
        taken = [turn.step for turn in turns]
        answers = [turn.answer for turn in turns if turn.answer is not None]
        several = len({self.steps.node(n) for n in taken}) > 1
        sent = bool(self.known.origins[first.step - 1])
        text = f"{show(sender)} {self.sends(taken)}" if sent else f"{show(sender)}'s {self.reaches(taken)}"
        said = [clause.several if several else clause.one for clause in self.alike(taken)]
        if answers:
            verb = "answer" if several else "answers"
            said.append(f"{verb} {self.messages(answers)} ({self.count(answers)})")
        if onward is not None:
            said.append(self.sends([onward.step]))
        text += f", which {listed(said)}" if said else ""
        then = [] if onward is None else [clause.one for clause in self.alike([onward.step])]
        text += f", which {listed(then)}" if then else ""
        effects = [clause.one for clause in self.in_all(answers)] if answers else []
        return text + (f"; {show(sender)} {listed(effects)}" if effects else "")

    def sends(self, steps: Sequence[int]) -> str:
        """`sends … to …`, of one node to those that take steps."""
        lost = ", but that is lost" if self.steps.taken(steps[0]).lost else ""
        return f"sends {self.messages(steps)} to {self.nodes(steps)}{lost} ({self.count(steps)})"

    def reaches(self, steps: Sequence[int]) -> str:
        """`… reaches …`, of what was under way from the start."""
        where = self.nodes(steps)
        what = f"to {where} is lost" if self.steps.taken(steps[0]).lost else f"reaches {where}"
        return f"{self.messages(steps)} {what} ({self.count(steps)})"

    def unasked(self, step: int, *, named: bool = True) -> str:
        """What happens in a step that takes no message: what it does to nodes, and its name."""
        members = self.trace.system.members
        action = action_of(self.steps.taken(step))
        by_node: dict[int, list[Field]] = {}
        for node, field in self.matter[step - 1]:
            by_node.setdefault(node, []).append(field)
        told = {
            node: listed([clause.one for clause in clauses_of(those)]) for node, those in by_node.items()
        }
        said = [f"{show(members[node].name)} {text}" if named else text for node, text in told.items()]
        if not said:
            return f"{show(self.steps.name(step))} does {action} ({self.count([step])})"
        return f"{listed(said)} ({action}, {self.count([step])})"

    def subject(self, turns: Turns) -> int | None:
        """The one node to which steps that take no message do something; None for others."""
        nodes = {node for turn in turns for node, _ in self.matter[turn.step - 1]}
        asked = any(self.steps.sender(turn.step) is not None for turn in turns)
        return None if asked or len(nodes) != 1 else next(iter(nodes))

    def meeting(self, steps: Sequence[int], strands: int) -> Sentence:
        """The last paragraph: the steps in which all comes together, and what they show."""
        numbers = tuple(self.numbers[n - 1] for n in steps)
        shown = f": {self.trace.reason}" if self.trace.reason else ""
        if len(steps) == 1:
            lead = (
                "In the end"
                if strands < 2
                else f"{'Both come' if strands == 2 else 'All this comes'} together where"
            )
            text = _ended(f"{lead} {self.sentence((Turn(steps[0]),))}{shown}")
        else:
            text = _ended(f"{'Together' if strands > 1 else 'In the end'}{shown}")
        return Sentence(" ".join(filter(None, [text, self.untouched()])), numbers)

    def untouched(self) -> str:
        """Which nodes the reason names that neither take a step nor sent what one takes."""
        names = [member.name for member in self.trace.system.members]
        part = {names[node] for nodes in self.known.nodes for node in nodes} | set(
            self.steps.senders.values()
        )
        named = [
            show(name)
            for name in names
            if name not in part and re.search(rf"\b{re.escape(show(name))}\b", self.trace.reason)
        ]
        return (
            _capital(f"{listed(named)} {'is' if len(named) == 1 else 'are'} as at the start.")
            if named
            else ""
        )

    def alike(self, steps: Sequence[int]) -> list[Clause]:
        """What matters of what steps changed at their own nodes, if it is the same in all."""
        said = [
            clauses_of(field for node, field in self.matter[n - 1] if node == self.steps.node(n))
            for n in steps
        ]
        return said[0] if all(one == said[0] for one in said) else []

    def in_all(self, steps: Sequence[int]) -> list[Clause]:
        """What steps of one node changed taken together, of that which matters after the last of them."""
        node = self.steps.node(steps[0])
        names = {field.name for at, field in self.matter[steps[-1] - 1] if at == node}
        before = self.trace.steps[steps[0] - 1].before[node].local
        after = self.trace.steps[steps[-1] - 1].after[node].local
        fields = compared(before, after)
        return clauses_of(f for f in fields if f.name in names and f.before != f.after)

    def messages(self, steps: Sequence[int]) -> str:
        """The message that steps take, or the name of messages that are not the same."""
        labels = [label_of(self.steps.taken(n)._replace(lost=False)) for n in steps]
        return labels[0].text if len(set(labels)) == 1 else labels[0].name

    def nodes(self, steps: Sequence[int]) -> str:
        """The nodes that take steps: `acceptor 0`, `acceptors 0 and 1`."""
        heads: dict[str, list[str]] = {}
        for name in dict.fromkeys(self.steps.name(n) for n in steps):
            head, _, last = show(name).rpartition(" ")
            heads.setdefault(head, []).append(last)
        said = [
            f"{head}{'s' if head and len(lasts) > 1 else ''} {listed(lasts)}".strip()
            for head, lasts in heads.items()
        ]
        return listed(said)

    def count(self, steps: Sequence[int]) -> str:
        """The numbers of steps; at the first ones it is said that they are that."""
        word, self.explained = "" if self.explained else "steps " if len(steps) > 1 else "step ", True
        return word + ", ".join(str(self.numbers[n - 1]) for n in steps)


def _lead(strand: Strand) -> str:
    """How a strand goes with those before; where a node has a part in both, their order may matter."""
    if not strand.alone:
        return "Upon that, "
    return "Independently of that, " if strand.apart else "Besides, "


def _ended(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
