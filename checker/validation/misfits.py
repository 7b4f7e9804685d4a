"""What is told of an event that does not fit: what the rule would have done, and what comes nearest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from checker.model.logs import Explained, Logged, Taken
from checker.model.modelcode import CodeError
from checker.model.values import show
from checker.model.vocabulary import Local, Sends, action_name, kind_of
from checker.model.wire import Json
from checker.validation.events import Event
from checker.validation.local import Heard, Node, Posted
from checker.validation.reading import Reader
from checker.validation.result import Difference, Misfit, Outcome, Why
from checker.validation.steps import LoggedStep
from checker.validation.words import Word, Words, names_of_fields, written_fields

#: Outcomes of a rule that are told.
MOST_OUTCOMES = 3


class Misfits:
    """Tells misfits of one validation."""

    def __init__(self, words: Words, logged: Logged, reader: Reader) -> None:
        self._words, self._logged, self._reader = words, logged, reader

    def explained(self, node: Node, heard: Heard) -> Explained | None:
        """Another rule than the system's that makes the step, if one is known."""
        if self._logged.explain is None or heard.action in ("start", "recover", ""):
            return None
        fields = heard.fields or {}
        return self._logged.explain(node.member, node.local, heard.message, heard.sends, fields)

    def by(self, explained: Explained, node: Node, heard: Heard) -> tuple[Local, tuple[Taken, ...]]:
        """What a node is to go on from if another rule explains its step."""
        after, sends = explained.step
        return after, (
            Taken(node.member.name, heard.action, node.local, heard.message, after, tuple(sends)),
        )

    def adopt(self, node: Node, heard: Heard) -> bool:
        """Go on from what the log says, and otherwise from what the rule makes; whether it says all."""
        local = node.local
        best = self._best(node, heard)
        after = local if best is None else best[0]
        fields = {n: v for n, v in (heard.fields or {}).items() if n in names_of_fields(after)}
        if fields:
            after = replace(after, **fields)
        node.adopt(after)
        return bool(fields) and len(fields) == len(names_of_fields(after))

    def told(
        self,
        node: Node,
        step: LoggedStep,
        heard: Heard,
        word: Word | None,
        why: Why | None,
        offered: Iterable[Word],
    ) -> Misfit:
        """A misfit, with all that is to be known of it."""
        event = step.first
        misfit = Misfit(
            why=why or _usual(heard),
            node=node.name,
            place=self._reader.named(event.place),
            seq=event.seq,
            event=event.kind.value,
            reason="",
            taken=None if word is None else word.written,
            before=self._state(node.local),
            sends=tuple((e.body["to"], e.body["message"]) for e in step.sends),
            state=None if step.state is None else step.state.body["state"],
        )
        if why in (Why.NEVER_SENT, Why.TOO_OFTEN, Why.CYCLE, Why.ORDER):
            assert word is not None
            return replace(misfit, reason=_of_network(why, word), nearest=_nearest(word, offered))
        if why is Why.AGAIN:
            return replace(misfit, reason="a node that begins again after a crash logs a recover event")
        outcomes = self._outcomes(node, heard)
        told = tuple(self._outcome(*outcome) for outcome in outcomes[:MOST_OUTCOMES])
        place, reason, differences = self._reason(node, step, heard)
        return replace(
            misfit,
            outcomes=told,
            place=self._reader.named(place.place),
            seq=place.seq,
            event=place.kind.value,
            reason=reason,
            differences=differences,
            nearest=self._instead(node, heard, offered),
        )

    def _outcomes(self, node: Node, heard: Heard) -> list[tuple[Local, Sends]]:
        if not heard.action:
            return [(node.local, ())]
        return node.outcomes(node.local, heard)

    def _best(self, node: Node, heard: Heard) -> tuple[Local, Sends] | None:
        """What the rule makes of it that is nearest to what the log says."""
        try:
            outcomes = self._outcomes(node, heard)
        except CodeError:
            return None
        return min(outcomes, key=lambda outcome: _distance(outcome, heard), default=None)

    def _reason(
        self, node: Node, step: LoggedStep, heard: Heard
    ) -> tuple[Event, str, tuple[Difference, ...]]:
        best = self._best(node, heard)
        if best is None:
            kind = "" if heard.message is None else action_name(kind_of(heard.message))
            return step.first, f"role {node.member.role.name} has no rule for {kind or heard.action}", ()
        after, made = best
        made = tuple(one for one in made if one not in node.unlogged(made))
        differences = self._differences(after, step, heard)
        extra = _more(heard.sends, made)
        if extra:
            to, message = extra[0]
            event = step.sends[heard.sends.index(extra[0])]
            return event, f"sends {show(message)} to {show(to)}, and the rule does not", differences
        missing = () if heard.cut else _more(made, heard.sends)
        if missing:
            to, message = missing[0]
            said = f"the rule sends {show(message)} to {show(to)}, and the log tells of no such send"
            return step.first, said, differences
        if differences:
            one, *others = differences
            more = f"; and {', '.join(d.field for d in others)}" if others else ""
            event = step.state or step.first
            return event, f"{one.field} is not what {_maker(heard)} makes it{more}", differences
        return step.first, "the step fits by itself, and not with what was told of the node before", ()

    def _differences(self, after: Local, step: LoggedStep, heard: Heard) -> tuple[Difference, ...]:
        fields = heard.fields or {}
        apart = [name for name, value in fields.items() if getattr(after, name, None) != value]
        if not apart:
            return ()
        written = written_fields(self._words.wire, after)
        said: Any = step.state or step.opening
        log = {} if said is None else said.body.get("state") or {}
        return tuple(Difference(name, written.get(name), log.get(name)) for name in apart)

    def _instead(self, node: Node, heard: Heard, offered: Iterable[Word]) -> str | None:
        """Another message that was sent to the node, of which its rule makes what the log tells."""
        if heard.message is None:
            return None
        for word in dict.fromkeys(reversed([w.message for w in offered])):
            if word != heard.message and node.would(heard._replace(message=word)):
                return f"it would fit if {show(word)} had been taken, which was sent to it too"
        return None

    def _outcome(self, after: Local, sends: Sends) -> Outcome:
        wire = self._words.wire
        return Outcome(
            self._state(after), tuple((wire.write_node(to), wire.write_message(m)) for to, m in sends)
        )

    def _state(self, local: Local) -> Json:
        return self._words.wire.write_state(local)


def _usual(heard: Heard) -> Why:
    return {"start": Why.BEGINNING, "recover": Why.RECOVERY}.get(heard.action, Why.RULE)


def _maker(heard: Heard) -> str:
    return {"start": "the model", "recover": "stable storage"}.get(heard.action, "the rule")


def _more(some: Posted, others: Posted) -> Posted:
    """What is among some and not among others, as often as it is."""
    left = list(others)
    more = []
    for one in some:
        if one in left:
            left.remove(one)
        else:
            more.append(one)
    return tuple(more)


def _distance(outcome: tuple[Local, Sends], heard: Heard) -> tuple[int, int]:
    after, sends = outcome
    fields: Mapping[str, Any] = heard.fields or {}
    apart = sum(getattr(after, name, None) != value for name, value in fields.items())
    return len(_more(heard.sends, sends)) + len(_more(sends, heard.sends)), apart


def _of_network(why: Why, word: Word) -> str:
    said = show(word.message)
    return {
        Why.NEVER_SENT: f"takes {said}, which nobody is told to have sent",
        Why.TOO_OFTEN: f"takes {said} once more than it was sent, and the network does not duplicate",
        Why.ORDER: f"takes {said} before older ones of the same sender, and the network keeps their order",
        Why.CYCLE: f"takes {said} before it can have been sent",
    }[why]


def _nearest(word: Word, offered: Iterable[Word]) -> str | None:
    """Of what was sent to the node what is most like a message."""
    alike = [one for one in offered if one.digest != word.digest and _type(one) == _type(word)]
    if not alike:
        return None
    nearest = min(alike, key=lambda one: len(_apart(one.written, word.written)))
    apart = ", ".join(_apart(nearest.written, word.written))
    return f"the nearest that was sent to it is {show(nearest.message)}; they differ in {apart}"


def _type(word: Word) -> Json:
    return word.written.get("type") if isinstance(word.written, dict) else None


def _apart(one: Json, other: Json) -> list[str]:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return []
    return [name for name in one if one[name] != other.get(name)]
