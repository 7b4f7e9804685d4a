"""`auto` tries a model in plain Python, and gives up early where that is in vain."""

from functools import partial

import pytest

from checker.engines import reference
from checker.engines.choose import (
    STATES_BEFORE_NATIVE,
    STEPS_BEFORE_NATIVE,
    Means,
    choose_engine,
    too_wide,
)
from checker.engines.contract import Limits
from checker.modelfiles.loading import load
from checker.modelfiles.protocol import Protocol
from spec.protocol import PMMC
from spec.replicated_log.protocol import REPLICATED_LOG

TRIED = Limits(max_states=STATES_BEFORE_NATIVE, max_generated=STEPS_BEFORE_NATIVE)
SHIPPED = [(owner, path.name) for owner in (PMMC, REPLICATED_LOG) for path in owner.model_files()]


@pytest.mark.parametrize(
    ("nodes", "levels", "over"),
    [
        (5, (1,), False),
        (5, (1, 10), False),
        (5, (1, 11), True),
        (4, (1, 11), False),
        (5, (1, 3, 7, 12, 19, 27, 35, 36, 32, 23), False),
        (5, (9, 30), False),
        (5, (8, 30), True),
        (5, (60, 64), False),
        (5, (64, 65), True),
        (5, (200, 65), True),
        (4, (1, 4, 14, 34, 66, 104), False),
        (4, (104, 111), True),
        (4, (10, 42), True),
    ],
)
def test_a_wide_level_is_the_end_of_it(nodes: int, levels: tuple[int, ...], *, over: bool) -> None:
    assert too_wide(nodes, levels) is over


@pytest.mark.parametrize(
    ("model", "engine", "states"),
    [
        ("messages-not-stable", "reference", 54),
        ("commander-as-printed-adopt-higher", "reference", 330),
        ("same-ballot-again", "reference", 378),
        ("majorities", "native", None),
    ],
)
def test_the_engine_depends_on_the_model(model: str, engine: str, states: int | None) -> None:
    system = load(PMMC.models / f"{model}.yaml", protocols={"pmmc": PMMC}).system
    found = choose_engine(Means())(system, Limits(), None)
    assert found.engine == engine
    assert states in (None, found.states)


def test_nothing_is_explored_once_it_is_enough() -> None:
    system = load(PMMC.models / "duel.yaml", protocols={"pmmc": PMMC}).system
    seen: list[tuple[int, ...]] = []

    def enough(levels: object) -> bool:
        seen.append(tuple(levels))
        return len(seen) == 3

    found = reference.explore(system, enough=enough)
    assert seen == [(1,), (1, 3), (1, 3, 8)]
    assert (found.states, found.stopped) == (12, "told that it is enough")


@pytest.mark.slow
@pytest.mark.parametrize(("protocol", "name"), SHIPPED, ids=lambda value: getattr(value, "name", value))
def test_no_shipped_model_is_given_up_that_would_be_through(protocol: Protocol, name: str) -> None:
    """What ends the trial early ends none that would have come to its end."""
    system = load(protocol.models / name, protocols={protocol.name: protocol}).system
    enough = partial(too_wide, len(system.members))
    whole, tried = reference.explore(system, TRIED), reference.explore(system, TRIED, enough=enough)
    assert (whole.stopped is None) == (tried.stopped is None)
    assert whole.stopped is not None or (whole.states, whole.generated) == (tried.states, tried.generated)
