"""What clients have seen of a register, and whether it could have been one register: linearizability.

The history is kept by an observer, a node that is told of each operation within the step in which it
begins or ends (`Role.immediate`), so that it adds no step and no order of its own.
"""

from dataclasses import dataclass, replace

from single_decree_paxos.rules import Invoked, Returned


@dataclass(frozen=True)
class Operation:
    """A write, or a read (`value`: what it has read), and what had returned before it began."""

    client: str
    number: int
    writes: str | None = None
    value: str | None = None
    has_returned: bool = False
    after: frozenset[tuple[str, int]] = frozenset()


History = tuple[Operation, ...]


def begun(puts):
    """All writes have begun, and nothing has returned."""
    return tuple(Operation(client, 0, writes=value) for client, value in puts)


def on_returned(context, history, message):
    """The operation of that client that has not returned has."""
    changed = tuple(
        replace(op, has_returned=True, value=message.value)
        if op.client == message.client and not op.has_returned
        else op
        for op in history
    )
    return ((changed, ()),)


def on_invoked(context, history, message):
    """A read begins: after all that has returned."""
    before = frozenset((op.client, op.number) for op in history if op.has_returned)
    number = sum(op.client == message.client for op in history)
    read = Operation(message.client, number, after=before)
    return ((tuple(sorted((*history, read), key=lambda op: (op.client, op.number))), ()),)


RULES = {Returned: on_returned, Invoked: on_invoked}


def is_linearizable(history):
    """Whether one register could have shown this.

    That is so if there is an order of the operations in which each comes after those that had returned
    before it began, and every read has read what was written last.
    """
    return _can_go_on(history, frozenset(), None)


def _can_go_on(history, done, value):
    """The same for what is not `done`, when the register holds `value`; what has not returned may be."""
    left = [op for op in history if (op.client, op.number) not in done]
    if not any(op.has_returned for op in left):
        return True
    return any(
        _can_go_on(history, done | {(op.client, op.number)}, op.writes or value)
        for op in left
        if op.after <= done and (op.writes is not None or not op.has_returned or op.value == value)
    )
