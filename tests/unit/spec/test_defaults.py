"""Which properties a model is held to that names none: all, but for those that say otherwise."""

from dataclasses import replace
from functools import partial
from types import MappingProxyType

import pytest

from checker import Kind, Property, View
from checker.modelfiles.loading import load_text
from spec.properties import PROPERTIES
from spec.properties.collection import COLLECTION_PROPERTIES
from spec.properties.configurations import CONFIGURATION_PROPERTIES
from spec.properties.leases import LEASE_PROPERTIES
from spec.properties.liveness import LIVENESS
from spec.properties.messages import MESSAGE_PROPERTIES
from spec.properties.quiescence import QUIESCENCE
from spec.properties.reads import READ_PROPERTIES
from spec.properties.reduction import REDUCTION_PROPERTIES
from spec.properties.servers import SERVER_PROPERTIES
from spec.properties.takeovers import TAKEOVER_PROPERTIES
from spec.properties.tempting import TEMPTING
from spec.protocol import PMMC
from spec.system import build

MODEL = """\
name: small
nodes: {acceptors: 1, leaders: 1, replicas: 1, clients: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
"""
OURS = Property(
    id="ours",
    kind=Kind.NODE,
    meaning="Nothing is wrong.",
    source="ours",
    views=(View("ballot", "acceptor", lambda acceptor: acceptor.ballot),),
    judge=lambda context, ballot: None,
)


def claims(model: str = MODEL, **more: Property) -> list[str]:
    known = MappingProxyType({**PROPERTIES, **more})
    protocol = replace(PMMC, properties=known, build=partial(build, properties=known))
    return [p.id for p in load_text(model, "small.yaml", protocols={"pmmc": protocol}).system.properties]


def test_all_are_checked_but_those_that_do_not_hold_of_every_model() -> None:
    groups = (
        *(MESSAGE_PROPERTIES, QUIESCENCE, LIVENESS, REDUCTION_PROPERTIES, TEMPTING),
        *(CONFIGURATION_PROPERTIES, TAKEOVER_PROPERTIES, READ_PROPERTIES, COLLECTION_PROPERTIES),
        *(SERVER_PROPERTIES, LEASE_PROPERTIES),
    )
    left_out = {p.id for group in groups for p in group}
    left_out |= {"no-abandoned-slot", "nothing-decided", "session-order", "sequentially-consistent"}
    claimed = [i for i, p in PROPERTIES.items() if p.kind is not Kind.SOMETIMES]
    assert claims() == [i for i in claimed if i not in left_out]


def test_answers_are_held_to_be_linearizable_where_there_are_clients() -> None:
    assert {*claims()} - {*claims(MODEL.replace(", clients: 1", ""))} == {
        "response-integrity",
        "linearizable",
    }


def test_what_reconfigurations_may_break_is_checked_where_configurations_are_listed() -> None:
    listed = "nodes: {replicas: 1, clients: 1}\nconfigurations: [{leaders: 1, acceptors: 1}]"
    more = set(claims(MODEL.replace("nodes: {acceptors: 1, leaders: 1, replicas: 1, clients: 1}", listed)))
    assert more - set(claims()) == {"RC-1", "RC-2", "RC-3", "RC-4", "RC-5", "RC-6"}


def test_that_nothing_is_shut_down_too_early_is_checked_where_something_is() -> None:
    listed = (
        "nodes: {replicas: 1, clients: 1}\n"
        "configurations: [{leaders: 1, acceptors: 1}, {leaders: 1, acceptors: 1}]"
    )
    model = MODEL.replace("nodes: {acceptors: 1, leaders: 1, replicas: 1, clients: 1}", listed)
    assert {*claims(f"{model}faults: {{shutdown: known}}\n")} - {*claims(model)} == {"RC-8"}


@pytest.mark.parametrize("default", [True, False])
def test_a_new_property_is_checked_unless_it_says_otherwise(default: bool) -> None:
    assert ("ours" in claims(ours=replace(OURS, default=default))) is default
