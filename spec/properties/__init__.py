"""The properties of PMMC by id, each with its meaning and its source."""

from collections.abc import Mapping
from types import MappingProxyType

from checker.properties import Property
from spec.properties.acceptors import ACCEPTOR_PROPERTIES
from spec.properties.goals import GOALS
from spec.properties.leaders import LEADER_PROPERTIES
from spec.properties.replicas import REPLICA_PROPERTIES
from spec.properties.tempting import TEMPTING

#: Every property that a model file may name.
PROPERTIES: Mapping[str, Property] = MappingProxyType(
    {
        p.id: p
        for p in (
            *ACCEPTOR_PROPERTIES,
            *LEADER_PROPERTIES,
            *REPLICA_PROPERTIES,
            *GOALS,
            *TEMPTING,
        )
    }
)
