"""The story of a trace: its slice told in a few paragraphs, by cause and not by time.

A paragraph is a strand (`checker.explanation.strands`), the last one how the strands meet. A sentence is an
exchange: one node sends something to some others, which answer; or a message that goes one way; or a step
that takes no message. Steps are named by their numbers in the whole trace, each where its message is taken.
What a step changed is named only where it matters for what follows (`checker.explanation.relevance`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from checker.explanation.clauses import Clause, clauses_of, listed
from checker.explanation.relevance import changes_that_matter
from checker.explanation.strands import by_cause, strands_of
from checker.model.behaviour import Trace
from checker.model.semantics import moved
from checker.model.values import compared, show
from checker.model.vocabulary import NodeName
from checker.model.wording import action_of, group, label_of, message_label
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
    """The slice of a trace, by the numbers of its steps, and what is told of it; the last paragraph ends it."""

    slice: tuple[int, ...]
    paragraphs: tuple[Paragraph, ...]


def story_of(trace: Trace) -> Story:
    """The story of what a trace shows. Steps that repeat for ever are all told, in the order they come."""
    known = Causality(trace)
    numbers = slice_of(trace, known)
    told = trace if trace.loop is not None else without(known, frozenset(numbers)) or trace
    return Story(numbers, tuple(_Teller(told, numbers).paragraphs()))


@dataclass(frozen=True, slots=True)
class _Turn:
    """A step and, if it is answered, the step that takes the answer: places in the slice, from 1."""

    step: int
    answer: int | None = None

    @property
    def steps(self) -> tuple[int, ...]:
        return (self.step,) if self.answer is None else (self.step, self.answer)


class _Teller:
    """Tells a trace that is its own slice."""

    def __init__(self, trace: Trace, numbers: Sequence[int]) -> None:
        self.trace, self.numbers = trace, numbers
        self.known = Causality(trace)
        self.told = False
        self.names = [member.name for member in trace.system.members]
        self.watching = {trace.system.positions[m.name] for m in trace.system.observers}
        self.senders: dict[int, NodeName] = {
            step: parcel.sender
            for parcel in self.known.parcels
            for step in parcel.taken
            if not parcel.at_once
        }

    def paragraphs(self) -> Iterator[Paragraph]:
        """All paragraphs."""
        if self.trace.loop is not None:
            yield from self.for_ever(self.trace.loop)
            return
        strands = strands_of(self.known)
        for place, strand in enumerate(strands.strands):
            lead = "" if place == 0 else "Independently of that, " if strand.alone else "Upon that, "
            yield from self.led(lead, strand.steps)
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
        sentences = list(self.sentences(steps))
        if sentences:
            first = sentences[0]
            text = f"{lead}{first.text}" if lead else _capital(first.text)
            told = [replace(first, text=text), *(replace(s, text=_capital(s.text)) for s in sentences[1:])]
            parts = -(-len(steps) // LONGEST)
            size = -(-len(told) // parts)
            yield from (tuple(told[begin : begin + size]) for begin in range(0, len(told), size))

    def sentences(self, steps: Sequence[int]) -> Iterator[Sentence]:
        """The sentences that tell some steps, without capitals."""
        waiting = list(self.alike(list(self.turns(steps))))
        while waiting:
            turns = waiting.pop(0)
            onward = waiting.pop(0)[0] if self.goes_on(turns, waiting) else None
            text = self.sentence(turns, onward)
            turns = turns if onward is None else (*turns, onward)
            alone = self.unasked(turns)
            while alone is not None and waiting and self.unasked(waiting[0]) == alone:
                text += f", then {self.alone(waiting[0][0].step, named=False)}"
                turns = (*turns, *waiting.pop(0))
            numbers = sorted(self.numbers[n - 1] for turn in turns for n in turn.steps)
            yield Sentence(f"{text}.", tuple(numbers))

    def goes_on(self, turns: Sequence[_Turn], waiting: Sequence[Sequence[_Turn]]) -> bool:
        """Whether what follows a message that goes one way is one that its receiver sends, one way too."""
        if len(turns) > 1 or turns[0].answer is not None or not waiting or len(waiting[0]) > 1:
            return False
        following = waiting[0][0]
        return (
            self.sender(turns[0].step) is not None
            and self.known.origins[following.step - 1] == turns[0].step
            and following.answer is None
        )

    def turns(self, steps: Sequence[int]) -> Iterator[_Turn]:
        """The steps in turns: one that is answered, with the step that takes the answer, if that comes next."""
        waiting = list(steps)
        while waiting:
            step = waiting.pop(0)
            following = waiting[0] if waiting else None
            asker = self.sender(step)
            if following is not None and self.known.origins[following - 1] == step and self.name(following) == asker:
                waiting.pop(0)
                yield _Turn(step, following)
            else:
                yield _Turn(step)

    def alike(self, turns: Sequence[_Turn]) -> Iterator[tuple[_Turn, ...]]:
        """Turns in a row that differ by who answers only, told together."""
        together: list[_Turn] = []
        for turn in turns:
            if together and self.kind(turn) != self.kind(together[0]):
                yield tuple(together)
                together = []
            together.append(turn)
        if together:
            yield tuple(together)

    def kind(self, turn: _Turn) -> object:
        """What turns that are told together have in common; nothing in a turn without a message."""
        if self.sender(turn.step) is None:
            return turn
        role = self.trace.system.members[self.node(turn.step)].role.name
        names = tuple(label_of(self.transition(n)).name for n in turn.steps)
        return self.sender(turn.step), role, names, turn.answer is None or self.node(turn.answer)

    def sentence(self, turns: Sequence[_Turn], onward: _Turn | None = None) -> str:
        """What happens in turns that are alike, and in the one that goes on from them."""
        first = turns[0]
        sender = self.sender(first.step)
        if sender is None:
            return self.alone(first.step)
        taken = [turn.step for turn in turns]
        several = len({self.node(n) for n in taken}) > 1
        if self.known.origins[first.step - 1]:
            text = f"{show(sender)} {self.sends(taken)}"
        else:
            text = f"{show(sender)}'s {self.messages(taken)} {self.reaches(taken)}"
        said = _words(self.common(taken), several=several)
        answers = [turn.answer for turn in turns if turn.answer is not None]
        if answers:
            verb = "answer" if several else "answers"
            said = [*said, f"{verb} {self.messages(answers)} ({self.steps(answers)})"]
        if onward is not None:
            said = [*said, self.sends([onward.step])]
        text += f", which {listed(said)}" if said else ""
        if onward is not None:
            then = _words(self.common([onward.step]), several=False)
            return text + (f", which {listed(then)}" if then else "")
        effects = _words(self.all_in_all(answers), several=False) if answers else []
        return text + (f"; {show(sender)} {listed(effects)}" if effects else "")

    def sends(self, steps: Sequence[int]) -> str:
        """`sends … to …`, of one node to those that take steps."""
        lost = ", but that is lost" if self.transition(steps[0]).lost else ""
        return f"sends {self.messages(steps)} to {self.plural(steps)}{lost} ({self.steps(steps)})"

    def reaches(self, steps: Sequence[int]) -> str:
        """`reaches …`, of what was under way from the start."""
        where = f"to {self.plural(steps)} is lost" if self.transition(steps[0]).lost else f"reaches {self.plural(steps)}"
        return f"{where} ({self.steps(steps)})"

    def unasked(self, turns: Sequence[_Turn]) -> int | None:
        """The one node to which steps that take no message do something; None for others."""
        nodes = {node for turn in turns for node, _ in self.matter[turn.step - 1]}
        asked = any(self.sender(turn.step) is not None for turn in turns)
        return None if asked or len(nodes) != 1 else next(iter(nodes))

    def alone(self, step: int, *, named: bool = True) -> str:
        """What happens in a step that takes no message: what it does to nodes, and its name."""
        by_node: dict[int, list[str]] = {}
        for node, field in self.matter[step - 1]:
            by_node.setdefault(node, []).extend(clause.one for clause in clauses_of([field]))
        action = action_of(self.transition(step))
        said = [f"{show(self.names[node]) if named else ''} {listed(words)}".strip() for node, words in by_node.items() if words]
        if not said:
            return f"{show(self.name(step))} does {action} ({self.steps([step])})"
        return f"{listed(said)} ({action}, {self.steps([step])})"

    def meeting(self, steps: Sequence[int], strands: int) -> Sentence:
        """The last paragraph: the steps in which all comes together, and what they show."""
        numbers = tuple(self.numbers[n - 1] for n in steps)
        shown = f": {self.trace.reason}" if self.trace.reason else ""
        if len(steps) == 1:
            lead = ("In the end ", "In the end ", "Both come together where ", "All this comes together where ")
            text = _ended(f"{lead[min(strands, 3)]}{self.sentence([_Turn(steps[0])])}{shown}")
        else:
            text = _ended(f"{'Together' if strands > 1 else 'In the end'}{shown}") if shown else ""
        return Sentence(" ".join(filter(None, [text, self.unmoved()])), numbers)

    def unmoved(self) -> str:
        """Which nodes the reason names that take no part in any step."""
        part = {node for nodes in self.known.nodes for node in nodes}
        part |= {n for n, name in enumerate(self.names) if name in self.senders.values()}
        named = [
            show(name)
            for node, name in enumerate(self.names)
            if node not in part and re.search(rf"\b{re.escape(show(name))}\b", self.trace.reason)
        ]
        if not named:
            return ""
        return _capital(f"{listed(named)} {'is' if len(named) == 1 else 'are'} as at the start.")

    def plural(self, steps: Sequence[int]) -> str:
        """The nodes that take steps: `acceptor 0`, `acceptors 0 and 1`."""
        heads: dict[str, list[str]] = {}
        for name in dict.fromkeys(self.name(n) for n in steps):
            head, _, last = show(name).rpartition(" ")
            heads.setdefault(head, []).append(last)
        return listed([
            f"{head}s {listed(lasts)}" if head and len(lasts) > 1 else " ".join(filter(None, [head, listed(lasts)]))
            for head, lasts in heads.items()
        ])

    def common(self, steps: Sequence[int]) -> list[Clause]:
        """What matters of what steps changed at their own nodes, if it is the same in all."""
        said = [clauses_of(f for node, f in self.matter[n - 1] if node == self.node(n)) for n in steps]
        return said[0] if all(one == said[0] for one in said) else []

    def all_in_all(self, steps: Sequence[int]) -> list[Clause]:
        """What matters of what the last of some steps of one node changed, told for all of them together."""
        node = self.node(steps[0])
        names = {field.name for at, field in self.matter[steps[-1] - 1] if at == node}
        before = self.trace.steps[steps[0] - 1].before[node].local
        after = self.trace.steps[steps[-1] - 1].after[node].local
        fields = compared(before, after)
        return clauses_of(f for f in fields if f.name in names and f.before != f.after)

    @cached_property
    def matter(self) -> list[list[tuple[int, object]]]:
        """By step, what of its changes matters."""
        return [
            [(node, field) for node, field in changes_that_matter(self.trace, n) if node not in self.watching]
            for n in range(1, len(self.trace.steps) + 1)
        ]

    def messages(self, steps: Sequence[int]) -> str:
        """The messages that steps take: whole if they are the same, else what they have in common."""
        texts = dict.fromkeys(label_of(self.transition(n)._replace(lost=False)).text for n in steps)
        return next(iter(texts)) if len(texts) == 1 else label_of(self.transition(steps[0])).name

    def steps(self, steps: Sequence[int]) -> str:
        """The numbers of steps; what these numbers are is said at the first ones."""
        word, self.told = "" if self.told else "steps " if len(steps) > 1 else "step ", True
        return word + ", ".join(str(self.numbers[n - 1]) for n in steps)

    def transition(self, step: int):
        return self.trace.steps[step - 1].transition

    def node(self, step: int) -> int:
        return self.transition(step).node

    def name(self, step: int) -> NodeName:
        return self.names[self.node(step)]

    def name_text(self, step: int) -> str:
        return show(self.name(step))

    def sender(self, step: int) -> NodeName | None:
        """Who sent what a step takes; None if it takes nothing."""
        return None if self.known.origins[step - 1] is None else self.senders[step]


def _words(clauses: Sequence[Clause], *, several: bool) -> list[str]:
    return [clause.several if several else clause.one for clause in clauses]


def _ended(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
