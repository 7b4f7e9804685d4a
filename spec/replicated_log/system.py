"""From a model file of a replicated log to a system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from checker.model.consistency import LINEARIZABLE
from checker.model.environment.crashes import RESTART, Crashes, Stable
from checker.model.environment.crashes import ROLE as ENVIRONMENT
from checker.model.environment.links import FaultyLinks, Link
from checker.model.environment.partitions import Partition
from checker.model.network import NETWORKS
from checker.model.system import System
from checker.model.vocabulary import Local, Member, NodeName
from checker.modelfiles.assembly import Join, system_of
from checker.modelfiles.complaints import Objection, Path, Unknown
from pmmc import kv
from pmmc.values import Command, Node
from spec.replicated_log import clients, patterns, servers, stages
from spec.replicated_log.names import Names
from spec.replicated_log.properties import PROPERTIES, slot_by_slot
from spec.replicated_log.schema import LogModel
from spec.replicated_log.servers import Bounded
from spec.replicated_log.values import Here, Message, Request, Response, Setting, Shown, message_class
from spec.replicated_log.wire import LogWire

if TYPE_CHECKING:
    from checker.implementations.implementation import Implementation
    from checker.implementations.within import Answering

#: The node that crashes servers.
CRASHING = Node(ENVIRONMENT, 0)
#: Types of messages that are not servers' own, and those of actions of ours.
TAKEN = ("request", "response")
#: Roles that a model may do without.
BESIDE = (ENVIRONMENT, patterns.ROLE, LINEARIZABLE.views[0].role)


def build(model: LogModel, *, answering: Answering | None = None) -> System:
    """The system that a model file describes. Raises Objections that name all faults.

    `answering` is what plays the servers instead of the reference: what the line protocol asks, answered in
    this process.
    """
    wrong: list[Objection] = []
    setting = set_up(model, wrong)
    names = Names(setting, wrong)
    types = _types(model, wrong)
    wire = LogWire(setting, model.implementation.options, tuple(model.messages or ()))
    process = played(model, setting, wire, answering, wrong)
    bounded = Bounded(process, _timers(model, wrong), _times(model, names), model.bounds.slots)
    mortal = _mortal(model, names)
    members = [bounded.member(node, setting, types, mortal=node in mortal) for node in setting.servers]
    asked = setting.servers if model.asks is None else names.servers(("asks",), model.asks)
    for node in setting.clients:
        todo = tuple(c for c in setting.commands if c.client == node)
        role = clients.role(asked, model.bounds.resends)
        members.append(Member(node, role, Here(node, setting), clients.Client(todo)))
    staged = stages.read(model, names, wrong)
    system = system_of(
        model,
        members,
        PROPERTIES,
        default=default(model),
        roles=BESIDE,
        setting=setting,
        bounds=_bounds(model),
        environments=[
            *_crashes(model, mortal, bounded, setting),
            *staged.environments(setting),
            *_links(model, names, types, staged, wrong),
            *_observers(model, setting),
        ],
        goal=partial(patterns.read_goal, setting, len(staged.stages)),
        refine=partial(slot_by_slot, setting),
        objections=wrong,
    )
    return replace(system, outside=(process,)) if model.implementation.command is not None else system


def wire_of(model: LogModel, system: System) -> LogWire:
    """How messages and what servers show are written."""
    return LogWire(system.setting, model.implementation.options, tuple(model.messages or ()))


def set_up(model: LogModel, wrong: list[Objection]) -> Setting:
    """Who takes part, and the commands, dealt to the clients in turn."""
    asking = tuple(Node(clients.ROLE, i) for i in range(model.clients))
    commands = []
    for i, text in enumerate(model.commands):
        if text in model.commands[:i]:
            message = f"'{text}' is listed twice; commands are told apart by their text"
            wrong.append(Objection(("commands", i), message))
        commands.append(Command(asking[i % len(asking)], i // len(asking) + 1, kv.parse(text)))
    slots = len(commands) if model.bounds.slots is None else model.bounds.slots
    known = tuple(Node(servers.ROLE, i) for i in range(model.servers))
    return Setting(known, asking, tuple(commands), slots)


def _types(model: LogModel, wrong: list[Objection]) -> Sequence[type]:
    """The classes of the messages of servers."""
    if model.messages is None:
        return (Message,)
    seen: dict[str, str] = {}
    for i, (name, action) in enumerate(model.types().items()):
        if name in TAKEN or action in TAKEN:
            wrong.append(Objection(("messages", i), f"'{name}' is what clients are asked and answered by"))
        elif action in seen:
            wrong.append(Objection(("messages", i), f"'{name}' and '{seen[action]}' are one action"))
        elif not name.replace("_", "").replace("-", "").isalnum():
            wrong.append(Objection(("messages", i), f"expected a name of letters and digits, not '{name}'"))
        seen[action] = name
    if len(set(model.messages)) < len(model.messages):
        twice = next(name for name in model.messages if model.messages.count(name) > 1)
        wrong.append(Objection(("messages",), f"'{twice}' is listed twice"))
    return tuple(map(message_class, model.types()))


def played(
    model: LogModel,
    setting: Setting,
    wire: LogWire,
    answering: Answering | None,
    wrong: list[Objection],
) -> Implementation:
    """What plays the servers."""
    given = model.implementation
    like: dict[NodeName, Local] = dict.fromkeys(setting.servers, Shown())
    if (given.command is None) is (given.reference is None):
        which = "not both" if given.command is not None else "one of them"
        wrong.append(Objection(("implementation",), f"give 'command' or 'reference', {which}"))
    if given.command is None:
        from checker.implementations.within import Within  # noqa: PLC0415 - as below
        from spec.replicated_log.reference import answer  # noqa: PLC0415

        return Within("multi-paxos", answering or answer, lambda: wire, like)
    from checker.implementations.implementation import Implementation  # noqa: PLC0415 - when it is asked for

    return Implementation(given.of(model.folder), lambda: wire, like, opaque=True)


def _timers(model: LogModel, wrong: list[Objection]) -> Sequence[str]:
    timers = model.implementation.timers
    own = {RESTART, *TAKEN, *model.types().values(), "message"}
    for i, timer in enumerate(timers):
        path = ("implementation", "timers", i)
        if timer in own:
            wrong.append(
                Objection(path, f"'{timer}' is another action of servers; a timer needs another name")
            )
        elif timer in timers[:i]:
            wrong.append(Objection(path, f"'{timer}' is listed twice"))
    return timers


def _times(model: LogModel, names: Names) -> Mapping[Node, int]:
    """How often each timer of a server may go off."""
    given = model.bounds.timers
    if isinstance(given, int):
        return dict.fromkeys(names.setting.servers, given)
    path = ("bounds", "timers")
    return {node: n for name, n in given.items() for node in names.servers((*path, name), [name])}


def default(model: LogModel) -> list[str]:
    """The properties that are checked when the file names none."""
    usual = [i for i, p in PROPERTIES.items() if p.default and not p.kind.goal]
    lossless = not NETWORKS[model.network.kind].lossy and not model.network.loss
    settled = lossless or model.network.kind == "at-most-once"
    failing = model.faults is not None or model.stages is not None
    is_cut = bool(model.implementation.timers)  # when nothing can happen any more, all have gone off
    ends = ["answered-in-the-end"] if settled and not failing and not is_cut else []
    return [*usual, LINEARIZABLE.id, *ends]


def _mortal(model: LogModel, names: Names) -> tuple[Node, ...]:
    """The servers that may crash."""
    faults = model.faults
    if faults is None or not faults.crashes:
        return ()
    if faults.servers is None:
        return names.setting.servers
    return names.servers(("faults", "servers"), faults.servers)


def _crashes(model: LogModel, mortal: Sequence[Node], bounded: Bounded, setting: Setting) -> Iterator[Join]:
    faults = model.faults
    if faults is not None and mortal:
        stable = {servers.ROLE: Stable(recover=bounded.recover)}
        here = Here(CRASHING, setting)
        yield Crashes(faults.crashes, tuple(mortal), stable, faults.restarts, CRASHING, here).join


def _links(
    model: LogModel,
    names: Names,
    types: Sequence[type],
    staged: stages.Staged,
    wrong: list[Objection],
) -> Iterator[Join]:
    """Links that lose messages, and a partition that never heals."""
    faults = model.faults
    if faults is None:
        return
    if not faults.model_fields_set & {"crashes", "links", "partition"}:
        wrong.append(Objection(("faults",), "nothing fails: give 'crashes', 'links' or 'partition'"))
    known: dict[str, type] = {"request": Request, "response": Response}
    known |= dict(zip(model.types(), types, strict=False)) if model.messages else {}
    links = []
    for i, link in enumerate(faults.links):
        path: Path = ("faults", "links", i)
        for k, name in enumerate(link.messages or ()):
            if name not in known:
                wrong.append(Objection((*path, "messages", k), Unknown.of("message", name, known)))
        kinds = None if link.messages is None else frozenset(known[n] for n in link.messages if n in known)
        senders, to = names.ends((*path, "from"), link.senders), names.ends((*path, "to"), link.to)
        links.append(Link(senders, to, kinds, some=link.loses == "some"))
    if links:
        yield FaultyLinks(tuple(links)).join
    split = faults.partition
    if split is not None and not split.heals:
        yield Partition(names.groups(("faults", "partition", "groups"), split.groups), heals=False).join


def _observers(model: LogModel, setting: Setting) -> Iterator[Join]:
    """Those who observe the calls of clients, if it is claimed that these are linearizable."""
    if LINEARIZABLE.id not in (model.properties if model.properties is not None else default(model)):
        return
    from checker.model.environment.histories import Histories  # noqa: PLC0415 - not in all models
    from checker.model.linearizability import SequentialObject  # noqa: PLC0415

    store = SequentialObject(kv.EMPTY, apply, clients.key_of)
    keys = tuple(dict.fromkeys(clients.key_of(command.op) for command in setting.commands))
    yield Histories(store, clients.events_of, setting.clients, keys, named=Node).join


def apply(store: kv.Store, op: kv.Op) -> tuple[kv.Store, str]:
    """Perform one operation: the new store, and the result as clients are told it."""
    after, result = kv.apply(store, op)
    return after, "".join(result)


def _bounds(model: LogModel) -> Mapping[str, Any]:
    """What is shown of the bounds."""
    shown: dict[str, Any] = {"slots": model.bounds.slots or "any"}
    if model.implementation.timers:
        times = model.bounds.timers
        each = times if isinstance(times, int) else ", ".join(f"{n}: {k}" for n, k in times.items())
        shown["timers"] = f"{', '.join(model.implementation.timers)} ({each})"
    if model.bounds.resends:
        shown["resends"] = model.bounds.resends
    if model.faults is not None:
        split = model.faults.partition
        shown["crashes"] = model.faults.crashes
        if model.faults.links:
            shown["faulty links"] = len(model.faults.links)
        if split is not None:
            shown["partition"] = "heals" if split.heals else "for good"
    if model.stages is not None:
        shown["stages"] = len(model.stages)
    return shown
