"""The reductions of a search are told by values; their words are for people and decide nothing."""

import pytest

from checker.checking.judgement import comparable
from checker.engines.contract import Applied, Exploration, Reductions, Refused

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
