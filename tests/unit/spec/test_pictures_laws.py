"""What the pictures show agrees with the states: nothing is made up, and what is lost is said to be."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from picturelaws import assert_ballots_agree, assert_logs_agree, kept
from sometraces import OWN, ROOT, model, walk

from checker.model.behaviour import replay
from checker.model.pictures import BAD, Table, drawn
from checker.text.pictures import picture_lines
from checker.text.style import Style
from checker.traces.causality import Causality
from checker.traces.colours import colours_of
from pmmc.ballots import Ballot
from spec.pictures.ballots import ballot_table
from spec.pictures.logs import log_table

#: Model files for whose sake a picture has to show something else than that of the others.
WALKED = (
    *OWN,
    "collection",
    "collection-replaces-replica",
    "duel-endless",
    "duel-keep-highest",
    "flexible-by-sets",
    "leased-reads",
    "majorities-two-slots-duplicating",
    "reconfiguration-two-commands",
    "reconfigurations-applied-again",
    "servers-collect",
    "servers-crash",
    "sessions",
    "stable-nothing",
)
ALL = sorted(path.stem for path in (ROOT / "spec" / "models").glob("*.yaml"))
LONG = 60
#: Of accept-any-ballot: R1 is violated.
PATH = (2, 0, 1, 0, 1, 1, 0, 1, 5, 1, 0, 0, 3, 3)


def every(quick: Sequence[str], names: Sequence[str]) -> list[Any]:
    """The names, all but the quick ones for `--slow`."""
    marks = pytest.mark.slow
    return [pytest.param(name, marks=[] if name in quick else [marks]) for name in dict.fromkeys(names)]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", every(WALKED, (*WALKED, *ALL)))
def test_what_is_shown_at_any_moment_is_what_the_nodes_hold(name: str, seed: int) -> None:
    trace = walk(name, seed, LONG)
    system, states = trace.system, trace.states
    for moment in {*range(0, len(states), 7), len(states) - 1}:
        assert_ballots_agree(system, states[: moment + 1])
        assert_logs_agree(system, states[: moment + 1])


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", ["crashes", "duel-keep-highest", "collection", "stable-nothing"])
def test_what_was_shown_stays(name: str, seed: int) -> None:
    trace = walk(name, seed, LONG)
    for draw in (ballot_table, log_table):
        shown = [kept(draw(trace.system, trace.states[:end])) for end in range(1, len(trace.states) + 1)]
        assert all(before <= after for before, after in pairwise(shown))


@pytest.mark.parametrize("name", every(WALKED, ALL))
def test_nothing_is_in_conflict_where_the_model_is_verified(name: str) -> None:
    expect = model(name).model.expect
    if expect is None or expect.verdict is None or expect.verdict.value != "verified":
        pytest.skip("it is not")
    for seed in range(4):
        trace = walk(name, seed, LONG)
        for picture, table in drawn(trace.system, trace.states):
            assert isinstance(table, Table)
            marked = [e for row in table.rows for cell in row.cells for e in cell if e.mark == BAD]
            assert not marked, picture.name


def test_ballots_have_the_colours_of_the_steps_above_them() -> None:
    trace = replay(model("accept-any-ballot").system, PATH)
    style = Style(colour=True)
    (low,) = (line for line in picture_lines(trace, style=style) if "0.0\x1b" in line)
    colours = colours_of(Causality(trace))
    assert low.lstrip().startswith(style("0.0", "bold", colours[Ballot(0, 0)]))
    assert style("x", colours[Ballot(0, 0)]) != style("x", colours[Ballot(0, 1)])


def test_what_breaks_agreement_is_marked_in_both_pictures_and_not_before() -> None:
    trace = replay(model("accept-any-ballot").system, PATH)
    for picture, first in zip(trace.system.pictures, (11, 14), strict=True):
        marks = [
            any(mark == BAD for *_, mark, _ in kept(picture.draw(trace.system, trace.states[: n + 1])))
            for n in range(len(trace.states))
        ]
        assert marks.index(True) == first
