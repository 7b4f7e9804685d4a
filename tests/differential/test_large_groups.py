"""Symmetry groups that the kernel does not try all of: nothing that is found is lost on the way back."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from checker.checking.confirm import confirm
from checker.engines.contract import UNREDUCED, Limits, Reductions
from checker.engines.groups import generated
from checker.engines.native.engine import explore
from checker.engines.native.reductions.action import ENUMERATED
from tests.differential.elections import (
    ENDS,
    SAFETY,
    election,
    on_ask,
    on_ask_again,
    on_ask_forgetting,
)

REDUCED = [Reductions(fusion, settling=True, symmetry=True) for fusion in (False, True)]


@pytest.mark.parametrize(
    ("on_asked", "servers", "reductions"),
    [
        *product((on_ask_forgetting, on_ask_again), (4, 5, 6), REDUCED),
        (on_ask_forgetting, 7, REDUCED[1]),
    ],
)
def test_violations_among_many_alike_are_told(
    on_asked: Callable[..., Any], servers: int, reductions: Reductions
) -> None:
    system = election(servers, on_asked)
    assert (len(generated(list(system.symmetries[0].generators))) > ENUMERATED) == (servers > 4)
    found = explore(system, reductions=reductions)
    assert [d.property for d in found.violations] == ["one-leader"]
    for discovery in (*found.violations, *found.witnesses):
        confirm(system, discovery)
    if servers < 6 and not reductions.fusion:
        assert found.violations[0].length == explore(system, reductions=UNREDUCED).violations[0].length


@pytest.mark.parametrize("servers", [5, 6])
def test_witnesses_and_passes_among_many_alike(servers: int) -> None:
    system = election(servers)
    found = explore(system, Limits(max_depth=None if servers == 5 else 9))
    assert not found.violations
    (witness,) = found.witnesses
    confirm(system, witness)


def test_terminal_properties_among_many_alike() -> None:
    for on_asked in (on_ask, on_ask_forgetting):
        system = replace(election(5, on_asked), properties=(ENDS,))
        found, plain = explore(system), explore(system, reductions=UNREDUCED)
        assert [d.length for d in found.violations] == [d.length for d in plain.violations]
        assert bool(found.violations) == (on_asked is on_ask_forgetting)
        assert found.terminal_judged > 0
        for discovery in found.violations:
            confirm(system, discovery)


def test_reduced_states_are_never_more_than_the_plain_ones() -> None:
    system = replace(election(5), properties=(SAFETY,))
    plain = explore(system, reductions=UNREDUCED)
    reduced = explore(system, reductions=Reductions(fusion=False, settling=False, symmetry=True))
    assert plain.complete
    assert reduced.complete
    assert plain.states / 120 <= reduced.states < plain.states / 20
