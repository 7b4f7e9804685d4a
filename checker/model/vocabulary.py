"""The words a protocol is described in: node, role, rule, wake, step, view, system.

A protocol is written without this package: a *rule* is a pure function
`(context, local state, message) → steps`, and a step is a pair (next local state, sends), where
sends is a tuple of (destination, message) pairs. Any pair will do; `Step` is one with names.
A system puts roles on nodes, gives each its first local state and first messages, and names the
network semantics and the properties.

Local states, messages and node names are any immutable, hashable values with a readable `str`.
Equal values must be interchangeable; frozen dataclasses, tuples and frozensets are right. So must be
what a view shows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, TypeVar

from checker.model.modelcode import PASSED_ON, CodeError, told, written_at
from checker.model.values import canonical, show

Local = Any
Message = Hashable
NodeName = Hashable
Sends = tuple[tuple[NodeName, Message], ...]
E = TypeVar("E")

#: (context, local state, message) → steps; no steps: the message is ignored and stays where it is.
Rule = Callable[[Any, Any, Any], Iterable[tuple[Any, Sends]]]
#: (context, local state) → steps: what a node may do without a message.
Wake = Callable[[Any, Any], Iterable[tuple[Any, Sends]]]


class Step(NamedTuple):
    """The effect of a rule: the next local state, and the messages sent as (destination, message)."""

    state: Local
    sends: Sends = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message as a role gets it that asks for senders (`Role.senders`)."""

    sender: NodeName
    message: Message

    def __str__(self) -> str:
        return f"{show(self.message)} from {show(self.sender)}"


@dataclass(frozen=True, slots=True)
class Addressed:
    """A message as a machine gets it if its type does not tell for which of its processes it is."""

    process: NodeName
    message: Message

    def __str__(self) -> str:
        return f"{show(self.message)} for {show(self.process)}"


_WRAPPERS = (Envelope, Addressed)


def kind_of(message: Message) -> type:
    """The type that a message is dispatched by: its own or, of what is wrapped, that of what is in it."""
    while isinstance(message, _WRAPPERS):
        message = message.message
    return type(message)


class Seen(NamedTuple):
    """What an observer is told of a step: who took it, how, and what came of it.

    `message` is what was taken (None for a wake), `sends` what the rule sends.
    """

    node: NodeName
    action: str
    before: Local
    message: Message | None
    after: Local
    sends: Sends


def _empty() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Role:
    """A table of rules, one for each message type, and of wakes by name.

    `cut(context, local state)` names the bound that keeps a node in this state from going on as the
    protocol would without the bound (None: no bound does). A terminal state with such a node is no
    evidence about the protocol, so terminal properties are not judged there.

    Messages of a type in `immediate` do not go through the network: the receiver handles them within
    the step that sends them. Their rules are functions (at most one step) and send nothing. A crash
    is one: its sender is the environment, which has a budget of them.

    With `senders` each message comes in an `Envelope`, which says who sent it; the table goes by the type
    of what is in it. Equal messages of different senders are then two.

    With `begin(context, local state)` it is what plays the node that knows where it begins; the member's
    local state is a stand-in, and `begin` the step to the true one. See `checker.model.outside`.

    `observe(seen)` makes observers of the role's nodes: it is told of every step of a node that is none, or
    of those it `watches` if it says which; and what it answers, unless that is None, they handle within
    that step; of a list all, in that order. See `observer`.

    These are claims about the rules, which the checker proves or does without:
    `settle(context, local state, message)` is the representative of a message that this node cannot
    tell from it from now on, or None for one that can never matter again; see `reductions.settling`.
    """

    name: str
    rules: Mapping[type, Rule]
    wakes: Mapping[str, Wake] = field(default_factory=_empty)
    cut: Callable[[Any, Any], str | None] | None = None
    settle: Callable[[Any, Any, Any], Message | None] | None = None
    immediate: frozenset[type] = frozenset()
    senders: bool = False
    observe: Callable[[Seen], Message | list[Message] | None] | None = None
    watches: frozenset[NodeName] | None = None
    begin: Callable[[Any, Any], tuple[Any, Sends]] | None = None

    def with_rules(
        self,
        rules: Mapping[type, Rule],
        wakes: Mapping[str, Wake] = MappingProxyType({}),
        settle: Callable[[Any, Any, Any], Message | None] | None = None,
    ) -> Role:
        """The same role with some rules replaced: how a variant or a mutant is made.

        `settle` was a claim about the rules as they were, so the new role has only what is given here.
        """
        return replace(
            self,
            rules=MappingProxyType({**self.rules, **rules}),
            wakes=MappingProxyType({**self.wakes, **wakes}),
            settle=settle,
        )

    def actions(self) -> tuple[str, ...]:
        """The names of all the role's actions, as coverage reports them.

        Handling an immediate message is no action of its own: it belongs to the step that sends it.
        """
        names = [action_name(kind) for kind in self.rules if kind not in self.immediate]
        return tuple(f"{self.name}.{name}" for name in (*names, *self.wakes))


def observer(
    name: str,
    observe: Callable[[Seen], Message | list[Message] | None],
    rules: Mapping[type, Rule],
    watches: frozenset[NodeName] | None = None,
) -> Role:
    """The role of a node that keeps a history beside the others: it sends nothing, and nobody waits for it.

    `rules` say what it makes of each type of event that `observe` answers; `watches` are the nodes of whose
    steps it is told, if not of all.
    """
    return Role(name, rules, immediate=frozenset(rules), observe=observe, watches=watches)


def events_in(answer: E | list[E] | None) -> list[E]:
    """What `observe` has answered, in order: one event, several, or none."""
    events = answer if isinstance(answer, list) else [answer]
    return [event for event in events if event is not None]


@cache
def action_name(message_type: type) -> str:
    """The name of the action that takes a message of this type: the type's, first letter lowered."""
    name = message_type.__name__
    return name[:1].lower() + name[1:]


@dataclass(frozen=True, slots=True)
class Down:
    """The local state of a node that has crashed: `saved` is what it will begin with (see `Crashes`).

    `happens` is how it is told that a node comes to be so.
    """

    happens: ClassVar[str] = "goes down"
    saved: Local


@dataclass(frozen=True, slots=True)
class View:
    """A function of a local state of one role: what a property reads of it.

    What it shows of a node that is down is what the node will begin with.

    With `inbox` it is a function of what waits for a node of that role instead, of all that is under way
    to it: a tuple of messages, in envelopes if the role asks for senders (`Network.held`). Such a view
    costs more than others: it has another value in almost every state.
    """

    name: str
    role: str
    function: Callable[[Any], Any]
    inbox: bool = False

    def __call__(self, local: Local | tuple[Message, ...]) -> Any:
        """What the view shows of a local state, or of what waits for a node. Raises CodeError."""
        try:
            seen = self.function(local.saved if isinstance(local, Down) else local)
        except PASSED_ON:
            raise
        except BaseException as error:
            raise CodeError(f"{self._of(local)} raised {told(error, self.function)}") from error
        try:
            hash(seen)
        except TypeError as error:
            fault = f"shows what cannot be hashed ({error}); use tuples and frozensets"
            raise CodeError(f"{self._of(local)} {fault} ({written_at(self.function)})") from error
        return seen

    def _of(self, local: Local | tuple[Message, ...]) -> str:
        of = "to which there is under way" if self.inbox else "in state"
        return f"view {self.name} of {self.role} {of} {show(local)}"


@dataclass(frozen=True, slots=True)
class Member:
    """A node of a system: its name, its role, what it is told (context), and how it begins.

    `inbox` holds the first messages, each with its sender, in the order of sending. A sender need
    not be a node of the system.

    A machine has `parts`, the processes that it hosts, each as it would be if it were a node; its local
    state is a `Hosted` of theirs, in that order. See `checker.model.environment.machines`.
    """

    name: NodeName
    role: Role
    context: Any
    local: Local
    inbox: Sequence[tuple[NodeName, Message]] = ()
    parts: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Symmetry:
    """A claim that some names or values are interchangeable.

    Each generator maps a name or value to its image (what it does not mention stays); together they
    generate the group. The engine checks the claim on all that occurs before it relies on it. One that
    fails ends the check, unless it is `assumed`: nobody made it of this model in particular, and where
    it does not hold it is left off, and the report says so.

    Raises ValueError for a generator that is no permutation.
    """

    name: str
    generators: tuple[Mapping[Any, Any], ...]
    assumed: bool = False

    def __post_init__(self) -> None:
        for generator in self.generators:
            if set(generator) != set(generator.values()):
                raise ValueError(
                    f"symmetry {self.name}: {shown_images(generator)} is no permutation: the things it "
                    "names and those that they become must be the same"
                )


def shown_images(images: Mapping[Any, Any]) -> str:
    """For people: what a renaming makes of the names that it changes, in an order of its own."""
    moved = [(a, b) for a, b in images.items() if a != b]
    return ", ".join(f"{show(a)} → {show(b)}" for a, b in sorted(moved, key=canonical)) or "nothing"


@dataclass(frozen=True, slots=True)
class Colouring:
    """What drawings tell messages apart by: its name (such as ballot), and a message's own (None: none)."""

    name: str
    key: Callable[[Any], Hashable | None]
