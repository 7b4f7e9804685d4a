"""The properties of PMMC by id, each with its meaning and its source."""

from collections.abc import Mapping
from types import MappingProxyType

from checker.model.consistency import LINEARIZABLE, SEQUENTIALLY_CONSISTENT
from checker.model.properties import Property
from spec.properties.acceptors import ACCEPTOR_PROPERTIES
from spec.properties.collection import COLLECTION_GOALS, COLLECTION_PROPERTIES
from spec.properties.configurations import CONFIGURATION_GOALS, CONFIGURATION_PROPERTIES
from spec.properties.goals import GOALS
from spec.properties.leaders import LEADER_PROPERTIES
from spec.properties.leases import LEASE_GOALS, LEASE_PROPERTIES
from spec.properties.liveness import LIVENESS
from spec.properties.messages import MESSAGE_PROPERTIES
from spec.properties.quiescence import QUIESCENCE
from spec.properties.reads import READ_PROPERTIES
from spec.properties.reduction import REDUCTION_PROPERTIES
from spec.properties.replicas import REPLICA_PROPERTIES
from spec.properties.servers import SERVER_PROPERTIES
from spec.properties.takeovers import TAKEOVER_PROPERTIES
from spec.properties.tempting import TEMPTING
from spec.views import BY_SLOT

#: Every property that a model file may name.
PROPERTIES: Mapping[str, Property] = MappingProxyType(
    {
        p.id: p
        for p in (
            *ACCEPTOR_PROPERTIES,
            *REDUCTION_PROPERTIES,
            *LEADER_PROPERTIES,
            *REPLICA_PROPERTIES,
            *CONFIGURATION_PROPERTIES,
            *SERVER_PROPERTIES,
            *TAKEOVER_PROPERTIES,
            *(LINEARIZABLE, SEQUENTIALLY_CONSISTENT),
            *READ_PROPERTIES,
            *LEASE_PROPERTIES,
            *MESSAGE_PROPERTIES,
            *COLLECTION_PROPERTIES,
            *QUIESCENCE,
            *LIVENESS,
            *GOALS,
            *CONFIGURATION_GOALS,
            *COLLECTION_GOALS,
            *LEASE_GOALS,
            *TEMPTING,
        )
    }
)

#: The properties that say nothing across slots.
SLOT_BY_SLOT = frozenset(
    {
        *("A4", "A5", "C1", "C2", "R1", "RC-1", "RC-2", "RC-3"),
        *("decided-is-chosen", "one-order", "order-is-safe", "validity"),
    }
)
#: Those that say something of each slot, and something more of none.
SLOT_BY_SLOT_AND_NONE = frozenset({"told-is-kept"})


def by_slot(claim: Property, slots: int | None) -> Property:
    """The property to be judged slot by slot, if it says nothing across slots and the log is bounded."""
    if slots is None or claim.id not in SLOT_BY_SLOT | SLOT_BY_SLOT_AND_NONE:
        return claim
    none = (None,) if claim.id in SLOT_BY_SLOT_AND_NONE else ()
    numbers = (*none, *range(1, slots + 1))
    return claim.sliced(tuple(tuple(BY_SLOT[view](s) for view in claim.views) for s in numbers))
