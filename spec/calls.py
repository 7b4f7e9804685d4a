"""The calls of clients: how it is judged what they are answered, and of what `pmmc cost` asks the price.

Observers of them (`checker.model.environment.histories`) are in a model only if it claims one of the two:
there are more states with them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from checker.model.consistency import LINEARIZABLE, SEQUENTIALLY_CONSISTENT
from checker.model.vocabulary import Seen
from checker.modelfiles.assembly import Join
from checker.modelfiles.complaints import Objection
from checker.modelfiles.protocol import Variant
from checker.modelfiles.selection import select_variants
from pmmc import kv
from pmmc.client import Client
from pmmc.values import Command, Deployment, Node
from spec.crashes import stables
from spec.machines import Hosting
from spec.schema import PmmcModel
from spec.setting import Setting

if TYPE_CHECKING:
    from checker.model.calls import Calls
    from checker.model.linearizability import Event
    from checker.model.system import System

#: What is judged by observers of calls → their role.
BY_ROLE = {claim.id: claim.views[0].role for claim in (LINEARIZABLE, SEQUENTIALLY_CONSISTENT)}
#: The roles of the observers.
OBSERVERS = tuple(BY_ROLE.values())


def events_of(seen: Seen) -> list[Event]:
    """What a step of a client is in the history: commands leave what it has to do, or are answered.

    Ours do one of these in a step. Where both are done, what waited is answered before another is asked.
    """
    from checker.model.linearizability import Invocation, Response  # noqa: PLC0415 - as in `observers`

    before, after = seen.before, seen.after
    assert isinstance(before, Client)
    asked = before.todo[: len(before.todo) - len(after.todo)]
    invoked = [Invocation(seen.node, sent_as(before, after, command), command.op) for command in asked]
    answered = [
        Response(seen.node, command, command.op, result)
        for command, result in after.answers[len(before.answers) :]
    ]
    at_once = [response for response in answered if response.call in {event.call for event in invoked}]
    return [*(response for response in answered if response not in at_once), *invoked, *at_once]


def sent_as(before: Client, after: Client, command: Command) -> Command:
    """What a client waits for when it has sent a command: that, or the same with a number of its own."""
    sent = after.waiting
    new = sent is not None and sent != before.waiting and sent.op == command.op
    return sent if new and sent is not None else command


def key_of(op: kv.Op) -> str | None:
    """The key that an operation touches: what it does to others, and learns of them, is nothing."""
    return None if isinstance(op, kv.NoOp | kv.Reconfigure) else op.key


def observers(
    deployment: Deployment,
    commands: Sequence[Command],
    claims: Collection[str],
    begun: Collection[Command],
    hosting: Hosting,
) -> Iterator[Join]:
    """What joins those who observe the calls of clients to others, if one of `claims` needs them.

    `begun` are commands that nodes have when the model begins: their clients have asked for them. Clients
    on machines are not observed.
    """
    observable = deployment.clients and not any(client in hosting.home for client in deployment.clients)
    if not observable or not set(BY_ROLE).intersection(claims):
        return
    from checker.model.environment.histories import LINEARIZABILITY, Histories  # noqa: PLC0415 - not in all
    from checker.model.environment.sequential_consistency import SEQUENTIAL_CONSISTENCY  # noqa: PLC0415
    from checker.model.linearizability import Invocation, SequentialObject  # noqa: PLC0415

    store = SequentialObject(kv.EMPTY, kv.apply, key_of)
    called = [command for command in commands if command.client in deployment.clients]
    keys = tuple(dict.fromkeys(key for c in called if (key := key_of(c.op)) is not None))
    last = {c.client: c.cid for c in called if c in begun}
    for consistency in (LINEARIZABILITY, SEQUENTIAL_CONSISTENCY):
        if consistency.judged_by.id in claims:
            # in its program a call comes after all of lower numbers, whichever of them are known
            before = {c for c in called if not consistency.local and c.cid <= last.get(c.client, 0)}
            wait = tuple(Invocation(c.client, c, c.op) for c in called if c in begun or c in before)
            yield Histories(store, events_of, deployment.clients, keys, consistency, Node, wait).join


def object_to_unobserved(
    model: PmmcModel, deployment: Deployment, hosting: Hosting, wrong: list[Objection]
) -> None:
    """Object to claims of a file about answers to clients, if there are none that can be observed."""
    hosted = next((client for client in deployment.clients if client in hosting.home), None)
    for i, name in enumerate(model.properties or ()):
        if name not in BY_ROLE:
            continue
        about = f"'{name}' is about the answers to clients, and"
        if not deployment.clients:
            wrong.append(Objection(("properties", i), f"{about} no client takes part"))
        elif hosted is not None:
            where = f"{hosted} is a process on {hosting.home[hosted]}: only nodes can be observed"
            wrong.append(Objection(("properties", i), f"{about} {where}"))


def priced(model: PmmcModel, system: System, variants: Sequence[Variant]) -> Calls:
    """What `pmmc cost` asks of: the commands of clients that take part, and what is in stable storage.

    What a client knows is its own affair, and nothing that the service writes. `variants` are the rules
    that a model file may name.
    """
    from checker.model.calls import Calls  # noqa: PLC0415 - as in `observers`

    setting: Setting = system.setting
    clients = setting.deployment.clients
    submitted = tuple(command for command in setting.commands if command.client in clients)
    kept = stables(model, select_variants(model, variants, []), lambda _: None)
    return Calls(submitted, clients, events_of, {role: stable.fields for role, stable in kept.items()})
