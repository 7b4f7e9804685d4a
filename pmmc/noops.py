"""No-ops when nothing is submitted, so that a reconfiguration takes effect.

A reconfiguration that is decided in slot s governs the slots from s + WINDOW on; those between are still
decided by the old configuration. A replica without requests proposes nothing for them, so if nobody submits
anything they stay open, and the old configuration is needed for ever. The paper does not say what to do
(section 2.1). Here a replica that has performed a reconfiguration, and has nothing else to propose, fills
these slots with no-ops. The authors' program submits WINDOW - 1 of them after a reconfiguration; in the
paper a replica that reads fills slots with them (section 4.5).
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from pmmc.kv import Reconfigure
from pmmc.replica import Replica, decided_below, propose
from pmmc.values import Context, Step, Wake, filler, slots_of


def fill(context: Context, replica: Replica) -> tuple[Step, ...]:
    """Without requests: a no-op for each slot that the configuration decides which is to be replaced."""
    return fill_below(context, replica, takes_effect(context, replica))


def fill_below(context: Context, replica: Replica, end: int) -> tuple[Step, ...]:
    """Without requests: a no-op for each open slot of the window below `end`."""
    known = slots_of(replica.decisions)
    slots = range(replica.slot_in, min(end, replica.slot_out + context.deployment.window))
    fillers = tuple(filler(slot) for slot in slots if slot not in known)
    if replica.requests or not fillers:
        return ()
    return (propose(context, replace(replica, requests=fillers)),)


def takes_effect(context: Context, replica: Replica) -> int:
    """The slot from which on the last reconfiguration governs that this replica has performed; else 0.

    One that an earlier slot has had already is none.
    """
    performed = (
        p.slot
        for p in replica.decisions
        if isinstance(p.command.op, Reconfigure)
        and p.slot < replica.slot_out
        and not decided_below(replica, p.slot, p.command)
    )
    return max((slot + context.deployment.window for slot in performed), default=0)


#: What a replica does of its own accord when it has no requests.
FILLING: Mapping[str, Wake[Replica]] = MappingProxyType({"fill": fill})
