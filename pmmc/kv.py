"""The application that is replicated: a key-value store with put, get, append.

Besides them a no-op or a change of configuration may be decided; neither touches the store.

A store is a set of (key, parts) pairs, at most one for each key; a value is the sequence of the
parts that were put and appended, shown joined. Parts are kept apart so that a value still tells
which commands made it.
"""

from dataclasses import dataclass

Value = tuple[str, ...]
Store = frozenset[tuple[str, Value]]

#: The store before any operation.
EMPTY: Store = frozenset()
#: The value of a key that was never written.
ABSENT: Value = ()


@dataclass(frozen=True, slots=True)
class Put:
    """Write a value; the result is the value written."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"put {self.key} {self.value}"


@dataclass(frozen=True, slots=True)
class Get:
    """Read a value; the result is the value, ABSENT if there is none."""

    key: str

    def __str__(self) -> str:
        return f"get {self.key}"


@dataclass(frozen=True, slots=True)
class Append:
    """Add to the end of a value; the result is the new value."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"append {self.key} {self.value}"


@dataclass(frozen=True, slots=True)
class NoOp:
    """Nothing: what fills a slot that has to be decided for those above it to be performed.

    The result is ABSENT. With a `slot` it is the one that replicas propose for that slot of their own
    accord; see `pmmc.noops`.
    """

    slot: int | None = None

    def __str__(self) -> str:
        return "noop" if self.slot is None else f"noop {self.slot}"


@dataclass(frozen=True, slots=True)
class Reconfigure:
    """Not for the store, but for the protocol: the slots from WINDOW on after this one's are decided by
    another configuration (paper, section 2.1). It is not performed, and nobody is answered.
    """

    configuration: int

    def __str__(self) -> str:
        return f"reconfigure {self.configuration}"


Op = Put | Get | Append | NoOp | Reconfigure


def apply(store: Store, op: Op) -> tuple[Store, Value]:
    """Perform one operation: the new store and the operation's result."""
    if isinstance(op, NoOp | Reconfigure):
        return store, ABSENT
    old = dict(store).get(op.key, ABSENT)
    match op:
        case Get():
            return store, old
        case Put():
            new: Value = (op.value,)
        case Append():
            new = (*old, op.value)
    others = frozenset(entry for entry in store if entry[0] != op.key)
    return others | {(op.key, new)}, new


def parse(text: str) -> Op:
    """Read `put KEY VALUE`, `get KEY`, `append KEY VALUE`, `noop` or `reconfigure NUMBER`.

    Raises ValueError, with what was expected, for anything else.
    """
    match text.split():
        case ["put", key, value]:
            return Put(key, value)
        case ["append", key, value]:
            return Append(key, value)
        case ["get", key]:
            return Get(key)
        case ["noop"]:
            return NoOp()
        case ["reconfigure", number] if number.isascii() and number.isdecimal() and len(number) <= 3:
            return Reconfigure(int(number))
    raise ValueError(
        "expected 'put KEY VALUE', 'append KEY VALUE', 'get KEY', 'noop' or 'reconfigure NUMBER'"
    )
