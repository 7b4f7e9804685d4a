"""The reductions of a search are told by values; their words are for people and decide nothing."""

from dataclasses import fields, replace

import pytest

from checker.checking.judgement import comparable
from checker.engines.contract import EVERY_STATE, UNREDUCED, Applied, Exploration, Reductions, Refused

EVERYTHING = Reductions()


@pytest.mark.parametrize(
    ("applied", "figures"),
    [
        (Applied(), {"length", "states"}),
        (Applied(EVERYTHING), {"length", "states"}),
        (Applied(EVERYTHING, fusion=True), {"reduced"}),
        (Applied(EVERYTHING, settling=True), {"length", "reduced"}),
        (Applied(Reductions(fusion=False), settling=True), {"length"}),
        # names that once would have been read as "off", and as "fused"
        (Applied(EVERYTHING, symmetry=("no names",), renamings=2), {"length", "reduced"}),
        (Applied(EVERYTHING, refused=Refused("fusion")), {"length", "states"}),
        # ordering leaves out no state, so whether it is on, or was asked for, makes no difference
        (Applied(EVERY_STATE, ordering=True), {"length", "states"}),
        (Applied(EVERYTHING, settling=True, ordering=True), {"length", "reduced"}),
        (Applied(Reductions(ordering=False), settling=True), {"length", "reduced"}),
        (Applied(Reductions(fusion=False, ordering=False), settling=True), {"length"}),
    ],
)
def test_what_may_be_compared_depends_on_what_was_on(applied: Applied, figures: set[str]) -> None:
    assert comparable(Exploration("test", reductions=applied)) == figures


def test_words_name_what_was_on_and_why_the_rest_was_not() -> None:
    refused = Refused("it never ends", None, ((("nodes", "names"), "a rule counts"),))
    applied = Applied(EVERYTHING, settling=True, symmetry=("clients",), renamings=6, refused=refused)
    assert applied.words() == (
        "no fusion (it never ends)",
        "settling",
        "symmetry (clients, 6 renamings)",
        "no symmetry of nodes and names (a rule counts)",
    )


def test_ordering_is_told_with_the_others_and_why_it_is_not_on() -> None:
    assert Applied(EVERYTHING, settling=True, ordering=True).words() == ("settling", "ordering")
    refused = Refused(ordering="there are too many renamings")
    assert Applied(EVERYTHING, refused=refused).words() == ("no ordering (there are too many renamings)",)


@pytest.mark.parametrize("name", [each.name for each in fields(Reductions)])
def test_only_ordering_leaves_out_no_state(name: str) -> None:
    """A reduction that is added must say on which side it is."""
    alone = replace(UNREDUCED, **{name: True})
    assert alone.every_state == (name == "ordering")
