"""Steps of a log, read: what the node took, what it sent, and what it knew then, as values of the model."""

from __future__ import annotations

from typing import NamedTuple

from checker.model.vocabulary import NodeName
from checker.model.wire import WireFault
from checker.modelfiles.complaints import unknown
from checker.validation.events import Event, EventKind, worded
from checker.validation.local import Heard, Node
from checker.validation.reading import Reader
from checker.validation.steps import LoggedStep
from checker.validation.words import Word, Words


class Pending(NamedTuple):
    """A step that was read and waits for what it takes to be sent."""

    step: LoggedStep
    heard: Heard
    word: Word | None
    sends: tuple[tuple[str, Word], ...]
    sender: str | None


class Hearing:
    """Reads steps. What cannot be read is a fault of the log."""

    def __init__(self, words: Words, reader: Reader) -> None:
        self.words, self.reader = words, reader
        self._faulty: Event
        self._faulty_part = ""

    def heard(self, node: Node, step: LoggedStep, *, begun: bool) -> Pending | None:
        """A step as it is said in the log, read; None, with a fault, for what cannot be read."""
        at = step.first
        try:
            return self._read(node, step, begun=begun)
        except WireFault as fault:
            self.reader.fault(self._faulty.place, worded(fault, self._faulty_part))
        except ValueError as error:
            self.reader.fault(at.place, str(error))
        self.reader.stop_if_faulty()
        return None

    def _read(self, node: Node, step: LoggedStep, *, begun: bool) -> Pending:
        """Raises WireFault, ValueError."""
        word, sender, opening = None, None, step.opening
        action = "" if opening is not None or begun else "start"
        fields = None
        self._faulty, self._faulty_part = step.first, "message"
        if opening is not None:
            sender = opening.body.get("from")
            match opening.kind:
                case EventKind.RECEIVE:
                    word = self.words.read(opening.body["message"])
                    action = str(opening.body["message"].get("type"))
                case EventKind.WAKE:
                    action = opening.body["name"]
                    if action not in node.member.role.wakes:
                        raise ValueError(unknown("wake", action, [*node.member.role.wakes]))
                case kind:
                    action = kind.value
                    if opening.body.get("state") is not None:
                        fields = self._fields(node, opening)
        sends = []
        for event in step.sends:
            self._faulty, self._faulty_part = event, "to"
            self.words.name(event.body["to"])
            self._faulty_part = "message"
            sends.append((event.body["to"], self.words.read(event.body["message"])))
        if step.state is not None:
            fields = self._fields(node, step.state)
        made = tuple((self.words.name(to), sent.message) for to, sent in sends)
        who = None if sender is None or opening is None else self._sender(sender, opening)
        message = None if word is None else word.message
        heard = Heard(action, message, who, made, fields, step.cut, step.torn)
        return Pending(step, heard, word, tuple(sends), sender)

    def _sender(self, written: str, opening: Event) -> NodeName:
        self._faulty, self._faulty_part = opening, "from"
        return self.words.name(written)

    def _fields(self, node: Node, event: Event) -> dict[str, object]:
        self._faulty, self._faulty_part = event, "state"
        return dict(self.words.fields(node.name, event.body["state"], node.member.local))
