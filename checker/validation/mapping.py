"""Mapping files: how the logs of a program that has its own names say what ours say.

A mapping turns each event into events of our own form ("pmmc log 1"): other names of keys, of events and
nodes, other messages and states (`checker.validation.templates`), and what such a program does not log: how
a node came to begin, and of what its clients made up their minds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from checker.host.reading import Unreadable, read_file
from checker.model.wire import Json, WireFault
from checker.modelfiles import document as yamlmarks
from checker.modelfiles.complaints import Fault, Faults, Objection, Path, shown, unknown
from checker.modelfiles.loading import MOST_BYTES, decoded
from checker.validation.templates import Around, Compiler, Pattern, Template, fault, fill

#: The keys of an event, and what they are called if the file does not say otherwise.
FIELDS = ("event", "node", "seq", "time", "from", "to", "message", "state", "config", "type")
#: The events that a mapping knows.
EVENTS = ("start", "receive", "send", "state", "wake", "recover")
#: The keys of a mapping file: what each must be.
KEYS: Mapping[str, type] = {
    "mapping": int,
    "about": str,
    "kind": str,
    "rules": dict,
    "fields": dict,
    "events": dict,
    "unlogged": list,
    "nodes": dict,
    "forms": dict,
    "messages": dict,
    "states": dict,
    "config": dict,
    "starts": dict,
    "submits": dict,
}
#: The version of mapping files.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Start:
    """What a node has taken before its first event, which is not logged: from whom, and which message."""

    sender: Template
    message: Template


@dataclass(frozen=True, slots=True)
class LogMapping:
    """A mapping file, read: see its page in the documentation.

    `kind` is the reading of the protocol that the logs are of, `rules` variants that they are held to,
    `unlogged` the types, in our names, of messages whose sending is not logged.
    """

    name: str
    about: str
    kind: str
    rules: Mapping[str, str]
    unlogged: frozenset[str]
    fields: Mapping[str, str]
    events: Mapping[str, str | None]
    nodes: tuple[tuple[Pattern, str], ...]
    messages: Mapping[str, Template]
    states: Mapping[str, Template]
    config: Template | None
    starts: Mapping[str, Start]
    submits: Mapping[str, str] = field(default_factory=dict)

    def translator(self) -> Translator:
        """What turns the events of a run into ours, from the first one on."""
        return Translator(self)

    def our_name(self, theirs: str) -> str:
        """Our name of a node: that of the first pattern which its own name matches, else that itself."""
        for pattern, ours in self.nodes:
            parts = pattern.match(theirs)
            if parts is not None:
                return fill(ours, parts)
        return theirs


class Translator:
    """Turns events into ours, in the order in which they are read; it remembers who has begun."""

    def __init__(self, mapping: LogMapping) -> None:
        self._of = mapping
        self._names: dict[str, str] = {}
        self._begun: set[str] = set()
        self._last: dict[str, Json] = {}
        self._configurations: list[tuple[frozenset[str], frozenset[str]]] = []

    def translate(self, raw: Mapping[str, Json]) -> list[dict[str, Json]]:
        """The events of ours that an event says: none, one, or that and what came before it unlogged.

        All have its `seq` and `time`, and those that are not logged have `implied`. Raises WireFault.
        """
        event = self._value(raw, "event")
        if event not in self._of.events:
            raise fault(("event",), unknown("event", event, [*self._of.events]), event)
        kind = self._of.events[event]
        if kind is None:
            return []
        node = self._value(raw, "node")
        if not isinstance(node, str):
            raise fault((self._of.fields["node"],), "expected the name of a node", node)
        ours: dict[str, Json] = {"event": kind, "node": self._name(node)}
        for key in ("seq", "time"):
            if self._of.fields[key] in raw:
                ours[key] = raw[self._of.fields[key]]
        return [*self._say(kind, raw, ours, node)]

    def _say(
        self, kind: str, raw: Mapping[str, Json], ours: dict[str, Json], node: str
    ) -> Iterator[dict[str, Json]]:
        match kind:
            case "receive" | "send":
                with_whom = "from" if kind == "receive" else "to"
                other = self._value(raw, with_whom)
                if not isinstance(other, str):
                    raise fault((self._of.fields[with_whom],), "expected the name of a node", other)
                ends = (other, node) if kind == "receive" else (node, other)
                outside = {"node": node, "from": ends[0], "to": ends[1]}
                message = self._message(raw, outside)
                yield from self._before(ours, kind, raw, outside, message)
                yield {**ours, with_whom: self._name(other), "message": message}
            case "start":
                yield {**ours, "config": self._config(raw, node)}
            case "state" | "recover":
                yield {**ours, "state": self._state(raw, ours["node"], node)}
            case _:
                name = "name"
                yield {**ours, name: raw.get(name)}

    def _before(
        self,
        ours: dict[str, Json],
        kind: str,
        raw: Mapping[str, Json],
        outside: Mapping[str, Json],
        message: Json,
    ) -> Iterator[dict[str, Json]]:
        """What a node did before this event and did not log."""
        node, theirs = ours["node"], raw[self._of.fields["message"]]
        role = node.partition(" ")[0]
        start, wake = self._of.starts.get(role), self._of.submits.get(role)
        if start is not None and node not in self._begun:
            self._begun.add(node)
            around = self._around(outside)
            taken = start.message(theirs, around, ("message",))
            sender = self._name(str(start.sender(theirs, around, ("message",))))
            yield {**ours, "event": "receive", "from": sender, "message": taken, "implied": True}
        if wake is not None and kind == "send" and self._last.get(node) != message:
            self._last[node] = message
            yield {**ours, "event": "wake", "name": wake, "implied": True}

    def _message(self, raw: Mapping[str, Json], outside: Mapping[str, Json]) -> Json:
        theirs, key, type_key = (
            self._value(raw, "message"),
            self._of.fields["message"],
            self._of.fields["type"],
        )
        name = theirs.get(type_key) if isinstance(theirs, dict) else None
        if not isinstance(name, str) or name not in self._of.messages:
            raise fault((key, type_key), unknown("message", name, [*self._of.messages]), name)
        made = self._of.messages[name](theirs, self._around(outside), (key,))
        return {"type": name, **made} if isinstance(made, dict) else made

    def _config(self, raw: Mapping[str, Json], node: str) -> Json:
        config = self._value(raw, "config")
        if self._of.config is None:
            return config
        made = self._of.config(config, self._around({"node": node}), (self._of.fields["config"],))
        told = _sets(made, self._name)
        if told is not None and told not in self._configurations:
            self._configurations.append(told)
        return made

    def _state(self, raw: Mapping[str, Json], ours: str, node: str) -> Json:
        state = self._value(raw, "state")
        template = self._of.states.get(ours.partition(" ")[0])
        if template is None:
            return state
        return template(state, self._around({"node": node}), (self._of.fields["state"],))

    def _around(self, outside: Mapping[str, Json]) -> Around:
        return Around(outside, self._name, self._number)

    def _number(self, told: Json) -> int | None:
        """The number of the configuration of these acceptors and leaders."""
        asked = _sets(told, self._name)
        return self._configurations.index(asked) if asked in self._configurations else None

    def _name(self, theirs: str) -> str:
        known = self._names.get(theirs)
        if known is None:
            known = self._names[theirs] = self._of.our_name(theirs)
        return known

    def _value(self, raw: Mapping[str, Json], key: str) -> Json:
        name = self._of.fields[key]
        if name not in raw:
            raise fault((), f"expected an object with '{name}'", dict(raw))
        return raw[name]


def _sets(told: Json, names: Callable[[str], str]) -> tuple[frozenset[str], frozenset[str]] | None:
    """The acceptors and the leaders of a configuration, as lists or as text with commas."""
    found = []
    for key in ("acceptors", "leaders"):
        inner = told.get(key) if isinstance(told, dict) else None
        listed = inner.split(",") if isinstance(inner, str) else inner
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            return None
        found.append(frozenset(map(names, listed)))
    return found[0], found[1]


def load_mapping(name: str | FilePath, shipped: Mapping[str, FilePath]) -> LogMapping:
    """A mapping file, by its path, or by its name if it is one of the `shipped`. Raises Faults."""
    path = shipped.get(str(name), name)
    try:
        data = read_file(path, MOST_BYTES)
    except Unreadable as error:
        known = f"; shipped are: {', '.join(shipped)}" if shipped else ""
        raise Faults([Fault(str(name), 1, 1, f"cannot be read: {error}{known}")]) from None
    return read_mapping(decoded(data, str(path)), str(path), str(name))


def read_mapping(text: str, filename: str, name: str = "") -> LogMapping:
    """A mapping file from its text; `filename` is what faults name. Raises Faults."""
    document = yamlmarks.read(text, filename)
    wrong: list[Objection] = []
    if not isinstance(document.data, dict):
        message = f"expected keys such as 'mapping:' and 'messages:' at the top, not {shown(document.data)}"
        raise Faults([*document.faults, document.fault((), message)])
    mapping = _Reader(document.data, wrong).mapping(name or filename)
    found = [document.fault(o.path, o.message, key=o.key) for o in wrong]
    if document.faults or found:
        raise Faults([*document.faults, *found])
    return mapping


class _Reader:
    """What the data of a mapping file say; what is wrong with them goes into `wrong`."""

    def __init__(self, data: Mapping[Any, Json], wrong: list[Objection]) -> None:
        self._wrong = wrong
        self._data: dict[str, Any] = {}
        for key, value in data.items():
            kind = KEYS.get(key)
            if kind is None:
                self._object((key,), unknown("key", key, [*KEYS]), key=True)
            elif not isinstance(value, kind):
                words = {dict: "a mapping", list: "a list", str: "text", int: "a number"}[kind]
                self._object((key,), f"expected {words}, not {shown(value)}")
            else:
                self._data[key] = value
        if "mapping" not in data or self._data.get("mapping", VERSION) != VERSION:
            self._object(("mapping",), f"expected 'mapping: {VERSION}', the version of mapping files")
        if "messages" not in data or self._data.get("messages") == {}:
            self._object(("messages",), "expected the messages, by the names of their types")
        self._compiler = Compiler(self._data.get("forms", {}), wrong)

    def _object(self, path: Path, message: str, *, key: bool = False) -> None:
        self._wrong.append(Objection(path, message, key=key))

    def mapping(self, name: str) -> LogMapping:
        """The mapping, of no use if something is wrong."""
        self._compiler.compile_forms()
        fields = {key: key for key in FIELDS} | self._texts("fields", FIELDS)
        config = self._data.get("config")
        return LogMapping(
            name,
            self._data.get("about", ""),
            self._data.get("kind", ""),
            self._texts("rules"),
            frozenset(self._names("unlogged")),
            fields,
            self._events(),
            tuple(self._nodes()),
            self._templates("messages"),
            self._templates("states"),
            None if config is None else self._compiler.template(("config",), config),
            dict(self._starts()),
            self._texts("submits"),
        )

    def _names(self, key: str) -> Iterator[str]:
        for i, name in enumerate(self._data.get(key, [])):
            if isinstance(name, str):
                yield name
            else:
                self._object((key, i), f"expected text, not {shown(name)}")

    def _texts(self, key: str, allowed: tuple[str, ...] | None = None) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in self._data.get(key, {}).items():
            if allowed is not None and name not in allowed:
                self._object((key, name), unknown("name", name, allowed), key=True)
            elif not isinstance(value, str):
                self._object((key, name), f"expected text, not {shown(value)}")
            else:
                found[str(name)] = value
        return found

    def _events(self) -> dict[str, str | None]:
        given = self._data.get("events")
        if given is None:
            return {name: name for name in EVENTS}
        found: dict[str, str | None] = {}
        for name, ours in given.items():
            if ours is not None and ours not in EVENTS:
                self._object(("events", name), unknown("event", ours, EVENTS))
            found[str(name)] = ours
        return found

    def _nodes(self) -> Iterator[tuple[Pattern, str]]:
        for written, ours in self._texts("nodes").items():
            try:
                pattern = Pattern.of(written)
            except ValueError as error:
                self._object(("nodes", written), str(error), key=True)
                continue
            unmatched = [name for name in Pattern.of(ours).names if name not in pattern.names]
            for name in unmatched:
                self._object(("nodes", written), unknown("name", f"{{{name}}}", pattern.names))
            yield pattern, ours

    def _templates(self, key: str) -> dict[str, Template]:
        given = self._data.get(key, {})
        return {str(name): self._compiler.template((key, name), value) for name, value in given.items()}

    def _starts(self) -> Iterator[tuple[str, Start]]:
        for role, given in self._data.get("starts", {}).items():
            path = ("starts", role)
            if not isinstance(given, dict) or set(given) != {"from", "message"}:
                self._object(path, "expected a mapping with 'from' and 'message'")
                continue
            made = [self._compiler.template((*path, key), given[key]) for key in ("from", "message")]
            yield str(role), Start(*made)


__all__ = ["LogMapping", "Translator", "WireFault", "load_mapping", "read_mapping"]
