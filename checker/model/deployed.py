"""A system that runs: the same pure functions, on nodes that are processes of an operating system.

Where a model lets a wake take place at any time, in a run a timer decides; where a model has a bound, a run
has none. What a protocol gives for that is a `Deployed`: who there is, how each node is played, and how
what clients do looks from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from checker.model.vocabulary import Local, NodeName, Role, Sends
from checker.model.wire import Wire


@dataclass(frozen=True, slots=True)
class Timer:
    """When a wake is tried in a run: `first` seconds after it was last, and later each time that it acts.

    The interval grows by `factor`, up to `most` seconds, as long as the wake has something to do, and
    falls back when it has not, or when the node takes a message of a type in `restarted_by`, which also
    starts the time anew. With `first` 0 the wake is tried after each step of its node.
    """

    first: float
    factor: float = 1.0
    most: float = 10.0
    restarted_by: frozenset[type] = frozenset()


@dataclass(frozen=True, slots=True)
class Played:
    """How a node is played: its role and context, where it begins, and what survives a crash of it.

    `sends` is what it has sent when it begins. `stable` names the fields that belong in stable storage;
    `recover(saved)` begins again after a crash, with `saved` as in `begin` but for those.
    """

    name: NodeName
    role: Role
    context: Any
    begin: Local
    sends: Sends = ()
    stable: tuple[str, ...] = ()
    recover: Callable[[Local], tuple[Local, Sends]] = lambda saved: (saved, ())
    timers: Mapping[str, Timer] = field(default_factory=lambda: MappingProxyType({}))


class Called(NamedTuple):
    """What a step of a client shows of a call: its number, its text; the answer, if it has come.

    `answer` is None when the call begins.
    """

    number: int
    text: str
    answer: str | None = None


class Acknowledged(NamedTuple):
    """A call of a client that was answered: when it was made and when the answer came, on one clock."""

    client: NodeName
    number: int
    text: str
    answer: str
    began: float
    ended: float


class Found(NamedTuple):
    """What was looked at when a run was over, in words, and what is wrong."""

    says: str
    wrong: Sequence[str]


class Examine(Protocol):
    """Says what is wrong when a run is over.

    It is given the states in which nodes ended, the messages of types in `deciding` that were sent (None:
    nobody has logged them), the calls, and whether there was time for nodes to come equally far.
    """

    def __call__(
        self,
        states: Mapping[Any, Local],
        decided: Iterable[Any] | None,
        acknowledged: Sequence[Acknowledged],
        *,
        settled: bool,
    ) -> Found:
        """What was looked at, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A system to be run.

    `hosts` says which nodes a process hosts, by the name of the process. `clients` are for the load,
    `prompts` for whoever asks by hand. `playing(node, texts, first)` says how a node is played; a client
    with these calls, numbered from `first`. `calls(before, after)` is what a client's step shows of them.
    `load(index, count, random)` are the calls of the client of that index, and `check(text)` raises
    ValueError for what is no call.

    When all is quiet, `digest(local)` is what is equal for nodes that have come equally far, or None
    for nodes of which nothing is said; `examine` says what is wrong in the end. `priced` is the model that
    `pmmc cost` knows the price of a call in, if the run's is like it.
    """

    name: str
    wire: Wire
    hosts: Mapping[str, tuple[NodeName, ...]]
    clients: tuple[NodeName, ...]
    prompts: tuple[NodeName, ...]
    playing: Callable[[NodeName, Sequence[str], int], Played]
    calls: Callable[[Local, Local], Iterable[Called]]
    load: Callable[[int, int, Any], Sequence[str]]
    check: Callable[[str], None]
    messages: tuple[str, ...]
    deciding: frozenset[type]
    digest: Callable[[Local], str | None]
    examine: Examine
    priced: str | None = None
