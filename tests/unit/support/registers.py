"""A register on a primary and a backup, to which each write is copied some time after it was answered.

Reads at the backup are stale; a client that asks now the one and now the other sees time go backwards. Also
a protocol that `--load` takes.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal

from checker import (
    LINEARIZABILITY,
    LINEARIZABLE,
    SEQUENTIAL_CONSISTENCY,
    SEQUENTIALLY_CONSISTENT,
    Histories,
    Invocation,
    Member,
    ModelFile,
    Protocol,
    Response,
    Role,
    Seen,
    SequentialObject,
    Whole,
    system_of,
)
from checker.checking.check import check
from checker.checking.question import Options
from checker.engines.choose import Means
from checker.model.behaviour import Trace
from checker.modelfiles.loading import LoadedModel, load_text


@dataclass(frozen=True)
class Op:
    """Write a value or, without one, read."""

    number: int
    value: str | None = None

    def __str__(self) -> str:
        return "read" if self.value is None else f"write {self.value}"


@dataclass(frozen=True)
class Ask:
    """Client → server."""

    client: str
    op: Op


@dataclass(frozen=True)
class Answer:
    """Server → client."""

    number: int
    result: str


@dataclass(frozen=True)
class Copy:
    """Primary → backup: what is written."""

    value: str


@dataclass(frozen=True)
class Client:
    """What is still to be asked for, which of it is not answered, and what was."""

    todo: tuple[Op, ...]
    waiting: Op | None = None
    answers: tuple[tuple[Op, str], ...] = ()


def on_ask(me: str, value: str, ask: Ask) -> Any:
    after = ask.op.value or value
    copy = (("backup", Copy(after)),) if ask.op.value else ()
    return ((after, ((ask.client, Answer(ask.op.number, after)), *copy)),)


def on_copy(me: str, value: str, copy: Copy) -> Any:
    return ((copy.value, ()),)


def ask(context: tuple[str, tuple[str, ...]], client: Client) -> Any:
    """Ask the primary to write; ask servers in turn for what there is to read."""
    me, servers = context
    if client.waiting is not None or not client.todo:
        return ()
    op, *rest = client.todo
    server = "primary" if op.value else servers[op.number % len(servers)]
    return ((replace(client, todo=tuple(rest), waiting=op), ((server, Ask(me, op)),)),)


def on_answer(context: object, client: Client, answer: Answer) -> Any:
    if client.waiting is None or client.waiting.number != answer.number:
        return ()
    return (
        (replace(client, waiting=None, answers=(*client.answers, (client.waiting, answer.result))), ()),
    )


def event(seen: Seen) -> Invocation | Response | None:
    before, after = seen.before, seen.after
    if before.waiting == after.waiting:
        return None
    op = after.waiting or before.waiting
    call = (seen.node, op.number)
    if after.waiting is not None:
        return Invocation(seen.node, call, op)
    return Response(seen.node, call, op, after.answers[-1][1])


REGISTER = SequentialObject("0", lambda value, op: (op.value or value,) * 2)
PROPERTIES = {claim.id: claim for claim in (LINEARIZABLE, SEQUENTIALLY_CONSISTENT)}
SERVER = Role("server", {Ask: on_ask, Copy: on_copy})
CLIENT = Role("client", {Answer: on_answer}, {"ask": ask})


class Model(ModelFile):
    """What a model file of this protocol may say, beside what all model files may."""

    reads: Annotated[int, Whole(1, 3)]
    """How often the second client reads."""
    reading: list[Literal["primary", "backup"]]
    """Whom it asks, in turn."""


def build(model: Any) -> Any:
    servers = [Member(name, SERVER, name, "0") for name in ("primary", "backup")]
    programs = {"client 0": (Op(0, "A"),), "client 1": tuple(map(Op, range(model.reads)))}
    clients = [Member(n, CLIENT, (n, tuple(model.reading)), Client(todo)) for n, todo in programs.items()]
    watched = tuple(programs)
    joins = [
        Histories(REGISTER, event, watched, consistency=consistency).join
        for consistency in (LINEARIZABILITY, SEQUENTIAL_CONSISTENCY)
        if consistency.judged_by.id in (model.properties or ())
    ]
    return system_of(model, [*servers, *clients], PROPERTIES, environments=joins)


PROTOCOL = Protocol("registers", "A register and its copy.", Model, build, PROPERTIES)

#: A read at the backup, which has not heard of the write.
STALE_READ = """
name: stale-read
protocol: registers
reads: 1
reading: [backup]
network: at-most-once
properties: [linearizable]
"""
#: Two reads of one client, the second at the backup.
BACKWARDS = """
name: backwards
protocol: registers
reads: 2
reading: [primary, backup]
network: at-most-once
properties: [sequentially-consistent]
"""
#: Nothing but reads at the primary.
CONSISTENT = """
name: consistent
protocol: registers
reads: 1
reading: [primary]
network: at-most-once
properties: [linearizable]
"""
UNJUDGED = STALE_READ.replace("[linearizable]", "[]")


@cache
def loaded(text: str) -> LoadedModel:
    return load_text(text, "registers.yaml", protocols={"registers": PROTOCOL})


@cache
def violation(text: str) -> Trace:
    """The shortest violation of what a model claims."""
    (found,) = check(loaded(text), Options(Means("reference"))).traces.values()
    return found
