"""A command as an implementation that is asked vectors: its processes, and what it is told at first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from checker.conformance.conforming import Asked
from checker.conformance.suite import Suite
from checker.implementations import lines
from checker.implementations.command import Command
from checker.implementations.pool import VERSION, Fault, Pool
from checker.model.wire import Json


@contextmanager
def asking(command: Command, suite: Suite) -> Iterator[Asked]:
    """Processes of a command that are told the config of these vectors; they are ended with this."""
    config = lines.written(suite.manifest["config"])
    pool = Pool(command, f'"do":"hello","protocol":{VERSION},"config":{config}')

    def ask(requests: Sequence[Json], *, again: bool = False) -> Sequence[Json | Fault]:
        slots = pool.slots_for(len(requests))
        if again and command.most == 1:
            pool.close()  # another process can only be one that begins anew
        asked = [(slot + again) % command.most for slot in slots]
        return pool.ask([body_of(request) for request in requests], asked)

    try:
        yield ask
    finally:
        pool.close()


def body_of(request: Json) -> str:
    """A request as it is written, but for the braces and its number."""
    return lines.written({key: value for key, value in request.items() if key != "id"})[1:-1]
