"""Model files of replicated logs: who takes part, what plays the servers, bounds, faults, stages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from checker.implementations.command import USUAL_TIMEOUT, Command
from checker.modelfiles.commands import MOST_PROCESSES, MOST_SECONDS, TEXT
from checker.modelfiles.fields import Flag, OneOf, Seconds, Whole, refuse
from checker.modelfiles.schema import Goal, Many, Maybe, ModelFile, Part, Words, listed, one_or_more
from pmmc import kv

MOST_NODES = 100
MOST_SLOTS = 1000
MOST_TIMES = 100
#: The servers that come with the checker: a name instead of a command.
REFERENCE = "multi-paxos"

_NODE = {"type": "string", "pattern": "^(servers|clients|(server|client) [0-9]+)$"}
#: Groups of nodes, or single ones.
NodeNames = Annotated[Many[Words], BeforeValidator(listed), one_or_more(_NODE)]


def _operation(text: str) -> str:
    """The text of an operation with single spaces."""
    try:
        op = kv.parse(text)
    except ValueError:
        op = None
    if not isinstance(op, kv.Put | kv.Get | kv.Append):
        raise refuse(f"expected 'put KEY VALUE', 'append KEY VALUE' or 'get KEY', not '{text}'")
    return str(op)


def _options(value: Any) -> Any:
    if not isinstance(value, dict):
        raise refuse("expected a mapping, which servers are told as it is")
    return value


_TIMES = Whole(0, MOST_TIMES)


def _times(value: Any) -> Any:
    if not isinstance(value, dict):
        return _TIMES.read(value)
    return {name: _TIMES.read(times) for name, times in value.items()}


class Played(Part):
    """What plays the servers."""

    command: Maybe[Annotated[Many[Words], BeforeValidator(listed), one_or_more(TEXT)]] = None
    """The program and its arguments, as a list, asked over the line protocol. It runs in the folder of the
    model file; a program that is named with a slash is taken from there, any other one from PATH."""
    reference: Maybe[Annotated[str, OneOf("reference", (REFERENCE,))]] = None
    """Instead of a command: servers that come with the checker."""
    timers: Many[Words] = ()
    """The timers of servers, by name; each may go off as often as `bounds` says."""
    options: Annotated[dict[str, Any], BeforeValidator(_options), WithJsonSchema({"type": "object"})] = (
        Field(default_factory=dict)
    )
    """What servers are told besides, as it stands."""
    timeout: Annotated[float, Seconds(MOST_SECONDS)] = USUAL_TIMEOUT
    """How many seconds an answer may take; the first one includes the start of the program."""
    processes: Maybe[Annotated[int, Whole(1, MOST_PROCESSES)]] = None
    """How many of it run at a time. Left out: one for each core, two at least and four at most."""

    def of(self, folder: Path) -> Command:
        """The command of a model file in that folder."""
        assert self.command is not None
        return Command(self.command, folder, self.timeout, self.processes)


class Bounds(Part):
    """What makes the model finite."""

    slots: Maybe[Annotated[int, Whole(1, MOST_SLOTS)]] = None
    """The longest log: a server that shows a slot beyond it is cut, and does nothing any more. Left out:
    logs are as long as servers make them."""
    timers: Annotated[
        int | dict[str, int],
        BeforeValidator(_times),
        WithJsonSchema(
            {"anyOf": [_TIMES.json(), {"type": "object", "additionalProperties": _TIMES.json()}]}
        ),
    ] = 1
    """How often each timer of each server may go off, or a mapping server → how often its own may
    (those that are left out: never). A server one of whose timers has gone off so often is cut."""
    resends: Annotated[int, Whole(0, MOST_TIMES)] = 0
    """How often each client may ask once more for what was not answered."""


class LossyLink(Part):
    """Ways from node to node on which messages are lost; of what is left out, any."""

    senders: Maybe[NodeNames] = Field(default=None, alias="from")
    """Who sends: servers, clients, or single ones."""
    to: Maybe[NodeNames] = None
    """For whom it is."""
    messages: Maybe[Annotated[Many[Words], BeforeValidator(listed), one_or_more(TEXT)]] = None
    """Which messages: request, response, or types under `messages`."""
    loses: Annotated[str, OneOf("loss", ("all", "some"))] = "all"
    """all: none of them arrives; some: each of them arrives or does not."""


class Split(Part):
    """A partition: nodes of one group are connected, and no others."""

    groups: Many[NodeNames]
    """Who is connected with whom; those named nowhere are one more group."""
    heals: Annotated[bool, Flag()] = True
    """Whether it may heal, once and at any time."""


class Faults(Part):
    """What may go wrong: servers crash, links lose messages, the network is partitioned."""

    crashes: Annotated[int, Whole(0, MOST_NODES)] = 0
    """How many crashes there may be in a run, of all servers together."""
    servers: Maybe[NodeNames] = None
    """Who may crash; left out, all servers."""
    restarts: Annotated[bool, Flag()] = True
    """Whether a server that is down may begin again, with what its disk holds."""
    links: Many[LossyLink] = ()
    """Links that lose messages."""
    partition: Maybe[Split] = None
    """A partition of the network, there from the start."""


class Way(Part):
    """Ways from node to node; of what is left out, any."""

    senders: Maybe[NodeNames] = Field(default=None, alias="from")
    """Who sends."""
    to: Maybe[NodeNames] = None
    """For whom it is."""


class Stage(Part):
    """One part of a scenario: who is connected, whose timers run, and when the next one may begin."""

    partition: Maybe[Many[NodeNames]] = None
    """Who is connected with whom, as lists of nodes; those named nowhere are one more group."""
    cut: Many[Way] = ()
    """Links over which nothing arrives while this lasts."""
    timers: Annotated[bool, Flag()] = True
    """Whether timers go off, and clients ask again."""
    silent: NodeNames = ()
    """Nodes that do nothing of their own accord: no timers, no new commands."""
    drop: Many[Way] = ()
    """Links on which all that is under way is lost for good as this begins."""
    until: Maybe[Goal] = None
    """The next stage begins at any time while this is so: a goal by name, or a mapping node → what it
    shows. Left out: at any time."""


class LogModel(ModelFile):
    """A model of a replicated log."""

    foundations: ClassVar[frozenset[str]] = frozenset(
        {"servers", "clients", "commands", "implementation", "bounds", "stages"}
    )

    servers: Annotated[int, Whole(1, MOST_NODES)]
    """How many servers there are: `server 0`, `server 1`, …"""
    clients: Annotated[int, Whole(1, MOST_NODES)] = 1
    """How many clients there are: `client 0`, … Each asks for one command at a time."""
    commands: Annotated[Many[Annotated[Words, AfterValidator(_operation)]], Field(min_length=1)]
    """What clients ask for, dealt to them in turn: 'put KEY VALUE', 'append KEY VALUE' or 'get KEY', no two
    the same."""
    asks: Maybe[NodeNames] = None
    """Whom clients ask; left out, all servers."""
    implementation: Played
    """What plays the servers."""
    messages: Maybe[Many[Words]] = None
    """The types of the messages that servers send each other. Each is then an action of its own in reports,
    and one of another type is a fault. Left out: they are one action, of any type."""
    bounds: Bounds = Bounds()
    """What makes the model finite."""
    faults: Maybe[Faults] = None
    """What may go wrong; left out, nothing but what the network does."""
    stages: Maybe[Annotated[Many[Stage], Field(min_length=2)]] = None
    """The parts of a scenario, one after the other; the first one is there from the start."""

    def types(self) -> Mapping[str, str]:
        """The actions of the types of messages, by type."""
        return {name: name[:1].lower() + name[1:] for name in self.messages or ()}
