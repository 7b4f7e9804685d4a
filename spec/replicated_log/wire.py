"""The wire form of a replicated log: requests, responses, what servers show; all else is their own."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from checker.model.vocabulary import Local, NodeName
from checker.model.wire import Json, Misfit, WireFault, WirePath, text
from checker.modelfiles.complaints import nearest
from pmmc import kv
from pmmc.values import Command, Node
from spec.replicated_log.values import (
    CLEARED,
    EMPTY,
    NOTHING,
    STATUSES,
    Message,
    Nothing,
    Request,
    Response,
    Server,
    Setting,
    Shown,
    Slot,
    message_class,
)

_CLIENT = re.compile(r"client (0|[1-9][0-9]{0,5})")
_SLOT = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class LogWire:
    """How one model is written and read: who takes part, what servers are told, the types of messages.

    With no `types` all that servers send each other is of one class, whatever its type.
    """

    setting: Setting
    options: Mapping[str, Json]
    types: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)

    def write_node(self, name: NodeName) -> str:
        """The name of a node."""
        return str(name)

    def read_node(self, written: Json) -> Node:
        """The node of that name. Raises WireFault if there is none."""
        nodes = {str(node): node for node in (*self.setting.servers, *self.setting.clients)}
        if not isinstance(written, str) or written not in nodes:
            _misfit((), f"expected the name of a node{_near(written, nodes)}", written)
        return nodes[written]

    def write_message(self, message: Any) -> Json:
        """A message as it was sent, but for the stage."""
        if isinstance(message, Request):
            return {"type": "request", **write_command(message.command)}
        if isinstance(message, Response):
            return {"type": "response", "cid": message.cid, "result": message.result}
        return json.loads(message.text)

    def read_message(self, written: Json) -> Request | Response | Message:
        """What a server sends: a response, a request passed on, or anything of another type."""
        if not isinstance(written, dict) or not isinstance(written.get("type"), str):
            _misfit((), "expected an object with a 'type', which is text", written)
        kind = written["type"]
        fields = {name: value for name, value in written.items() if name != "type"}
        if kind == "request":
            command = read_command(fields, ())
            if not isinstance(command, Command):
                _misfit((), "expected a command that a client asks for", written)
            return Request(command)
        if kind == "response":
            return _response(fields, written)
        if self.types and kind not in self.types:
            known = f"a type of 'messages' in the model file ({', '.join(self.types)})"
            _misfit(("type",), f"expected {known}{_near(kind, self.types)}", kind)
        return (message_class(kind) if self.types else Message)(text(written))

    def write_state(self, local: Local) -> Json:
        """What a server shows."""
        shown = local.shown if isinstance(local, Server) else local
        log = {str(s.slot): {"status": s.status, "command": _written(s.command)} for s in shown.log}
        if shown.performed is None:
            return {"log": log}
        return {"log": log, "performed": [write_command(command) for command in shown.performed]}

    def read_state(self, written: Json, like: Local) -> Shown:
        """What a server shows, by its `view`. Raises WireFault with all that is wrong with it."""
        if not isinstance(written, dict):
            _misfit((), "expected a view, an object with a 'log'", written)
        wrong = _others(written, ("log", "performed"), (), "a view")
        log = _log(written.get("log"), wrong)
        performed = _performed(written.get("performed"), wrong)
        if wrong:
            raise WireFault(wrong)
        return Shown(log, performed)

    def read_fields(self, written: Json, like: Local) -> Mapping[str, Any]:
        """What a server shows, by name."""
        shown = self.read_state(written, like)
        return {"log": shown.log, "performed": shown.performed}

    def config(self) -> Json:
        """What servers are told as they begin."""
        return {
            "servers": [str(node) for node in self.setting.servers],
            "clients": [str(node) for node in self.setting.clients],
            "options": dict(self.options),
        }

    def schema(self) -> Mapping[str, Json]:
        """JSON schemas of what passes, and of what servers show."""
        return SCHEMA


def write_command(command: Command) -> dict[str, Json]:
    """A command."""
    return {"client": str(command.client), "cid": command.cid, "op": str(command.op)}


def _written(command: Command | Nothing | None) -> Json:
    if command is None:
        return None
    return "noop" if isinstance(command, Nothing) else write_command(command)


def read_command(written: Json, path: WirePath) -> Command | Nothing:
    """A command of a client, or a no-op: `"noop"`, or an object whose operation is that."""
    if written == "noop":
        return NOTHING
    if not isinstance(written, dict):
        _misfit(path, 'expected a command, an object with client, cid and op, or "noop"', written)
    if written.get("op") == "noop":
        return NOTHING
    wrong = [
        Misfit((*path, name), f"a command has {what}", written.get(name))
        for name, what, is_right in (
            ("client", 'a client, such as "client 0"', _is_client),
            ("cid", "a number, from 1", _is_number),
            ("op", "an operation: put KEY VALUE, append KEY VALUE, get KEY", _is_operation),
        )
        if not is_right(written.get(name))
    ]
    wrong += _others(written, ("client", "cid", "op"), path, "a command")
    if wrong:
        raise WireFault(wrong)
    return Command(
        Node("client", int(written["client"].split()[1])), written["cid"], kv.parse(written["op"])
    )


def _is_client(value: Json) -> bool:
    return isinstance(value, str) and _CLIENT.fullmatch(value) is not None


def _is_number(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_operation(value: Json) -> bool:
    try:
        return isinstance(value, str) and isinstance(kv.parse(value), kv.Put | kv.Get | kv.Append)
    except ValueError:
        return False


def _response(fields: dict[str, Json], written: Json) -> Response:
    wrong = [
        Misfit((name,), f"a response has {what}", fields.get(name))
        for name, what, is_right in (
            ("cid", "the number of the command, from 1", _is_number),
            ("result", "a result, which is text", lambda value: isinstance(value, str)),
        )
        if not is_right(fields.get(name))
    ]
    wrong += _others(fields, ("cid", "result"), (), "a response")
    if wrong:
        raise WireFault(wrong)
    return Response(fields["cid"], fields["result"])


def _log(written: Json, wrong: list[Misfit]) -> tuple[Slot, ...]:
    if not isinstance(written, dict):
        wrong.append(Misfit(("log",), "expected an object with slots as keys", written))
        return ()
    found = [_slot(name, entry, wrong) for name, entry in written.items()]
    return tuple(sorted((s for s in found if s is not None), key=lambda s: s.slot))


def _slot(name: str, entry: Json, wrong: list[Misfit]) -> Slot | None:
    """One slot; None if it is empty or faulty."""
    path: WirePath = ("log", name)
    if not _SLOT.fullmatch(name):
        wrong.append(Misfit(path, "expected the number of a slot, from 1, as its key", name))
        return None
    if not isinstance(entry, dict):
        wrong.append(Misfit(path, "expected an object with status and command", entry))
        return None
    wrong += _others(entry, ("status", "command"), path, "a slot")
    return _entry(int(name), entry.get("status"), entry.get("command"), wrong)


def _entry(slot: int, status: Json, command: Json, wrong: list[Misfit]) -> Slot | None:
    path: WirePath = ("log", str(slot))
    if status not in STATUSES:
        near = _near(status, STATUSES)
        wrong.append(Misfit((*path, "status"), f"expected one of {', '.join(STATUSES)}{near}", status))
        return None
    at = (*path, "command")
    if status in {EMPTY, CLEARED}:
        if command is not None:
            wrong.append(Misfit(at, f"a slot that is {status} has no command: expected null", command))
        return None if status == EMPTY else Slot(slot, status)
    if command is None:
        wrong.append(Misfit(at, f"a slot that is {status} has a command", command))
        return None
    try:
        return Slot(slot, status, read_command(command, at))
    except WireFault as fault:
        wrong.extend(fault.misfits)
        return None


def _performed(written: Json, wrong: list[Misfit]) -> tuple[Command, ...] | None:
    """The commands that were performed, no-ops left out."""
    if written is None:
        return None
    if not isinstance(written, list):
        wrong.append(Misfit(("performed",), "expected an array of commands", written))
        return ()
    found = []
    for i, one in enumerate(written):
        try:
            command = read_command(one, ("performed", i))
        except WireFault as fault:
            wrong.extend(fault.misfits)
        else:
            found.append(command)
    return tuple(command for command in found if isinstance(command, Command))


def _others(value: Mapping[str, Json], known: tuple[str, ...], path: WirePath, what: str) -> list[Misfit]:
    """The fields of an object that it must not have."""
    expected = f"{what} has {' and '.join(known)}, and nothing else"
    return [Misfit((*path, name), expected, value[name]) for name in sorted(value.keys() - {*known})]


def _misfit(path: WirePath, expected: str, found: Json) -> NoReturn:
    raise WireFault([Misfit(path, expected, found)])


def _near(name: Json, known: Collection[str]) -> str:
    """The nearest known name, as a message goes on with it."""
    near = nearest(name, known) if isinstance(name, str) else None
    return "" if near is None else f" (did you mean '{near}'?)"


_COMMAND = {
    "type": "object",
    "properties": {
        "client": {"type": "string", "pattern": "^client [0-9]+$"},
        "cid": {"type": "integer", "minimum": 1},
        "op": {"type": "string"},
    },
    "required": ["client", "cid", "op"],
    "additionalProperties": False,
}
_LOGGED = {"anyOf": [{"$ref": "#/$defs/command"}, {"const": "noop"}, {"type": "null"}]}
#: JSON schemas by name.
SCHEMA: Mapping[str, Json] = {
    "command": _COMMAND,
    "message": {"type": "object", "properties": {"type": {"type": "string"}}, "required": ["type"]},
    "config": {
        "type": "object",
        "properties": {
            "servers": {"type": "array", "items": {"type": "string"}},
            "clients": {"type": "array", "items": {"type": "string"}},
            "options": {"type": "object"},
        },
        "required": ["servers", "clients", "options"],
        "additionalProperties": False,
    },
    "server state": {
        "type": "object",
        "properties": {
            "log": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "properties": {"status": {"enum": list(STATUSES)}, "command": _LOGGED},
                    "required": ["status"],
                    "additionalProperties": False,
                },
            },
            "performed": {"type": "array", "items": {"$ref": "#/$defs/command"}},
        },
        "required": ["log"],
        "additionalProperties": False,
    },
}
