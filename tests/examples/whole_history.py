"""Registers with an observer that keeps the whole history, as Stateright's tester does.

It tells the numbers of states and steps: `python -m tests.examples.whole_history FILE…`, where the example
is installed.
"""

import sys
from dataclasses import dataclass, replace

from registers.protocol import REGISTERS, events

from checker import Invocation, Means, Member, Options, Reductions, Response, load, observer, verify

UNREDUCED = Options(Means("native", Reductions(fusion=False, settling=False, symmetry=False)))


@dataclass(frozen=True)
class Kept:
    """Of each client what has returned, and what it waits for; each after what of others had returned."""

    returned: tuple
    waiting: tuple


def on_invocation(clients, kept, event):
    """It waits, after what has returned to others."""
    me = clients.index(event.client)
    before = tuple(len(done) for client, done in enumerate(kept.returned) if client != me)
    return ((replace(kept, waiting=_with(kept.waiting, me, (event.operation, before))), ()),)


def on_response(clients, kept, event):
    """It has returned, with this result."""
    me = clients.index(event.client)
    returned = (*kept.returned[me], (*kept.waiting[me], event.result))
    waiting = _with(kept.waiting, me, None)
    return ((Kept(_with(kept.returned, me, returned), waiting), ()),)


def _with(values, place, value):
    return (*values[:place], value, *values[place + 1 :])


def keeping(system):
    """The same system, whose observer keeps the whole history and judges nothing."""
    (judging,) = system.observers
    calls = sorted(judging.local.waiting, key=lambda call: call.client)
    clients = tuple(call.client for call in calls)
    first = Kept(tuple(() for _ in calls), tuple((call.operation, ()) for call in calls))
    told = observer("history", events, {Invocation: on_invocation, Response: on_response})
    told = replace(told, watches=judging.role.watches)
    others = tuple(member for member in system.members if member is not judging)
    return replace(system, members=(*others, Member("history", told, clients, first)), properties=())


if __name__ == "__main__":
    for file in sys.argv[1:]:
        found = verify(keeping(load(file, protocols={"registers": REGISTERS}).system), UNREDUCED).found
        print(f"{found.states:,} ({found.generated:,})")
