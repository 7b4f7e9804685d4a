"""Clients and replicas of every kind together: the engines agree, and nobody is answered wrongly."""

from itertools import product

import pytest

from checker.engines import reference
from checker.engines.contract import UNREDUCED, Exploration, Limits, Reductions
from checker.engines.native import engine as native
from checker.model.system import System
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC

CLIENTS = ("", "client: asks-in-turn", "client: session", "client: pipelining")
CALLS = ("", "calls: given-up")
REPLICAS = (
    "",
    "replica: answers-again",
    "replica: reply-cache",
    "replica: in-number-order",
    "replica: sessions",
)
COMBINATIONS = [", ".join(filter(None, parts)) for parts in product(CLIENTS, CALLS, REPLICAS)]
#: On fifo there is no end of what may be asked again.
CASES = [
    pytest.param(network, rules, id=f"{network}, {rules}")
    for network, rules in product(("at-most-once", "fifo"), COMBINATIONS)
    if network != "fifo" or "asks-in-turn" not in rules
]


def system(rules: str, network: str) -> System:
    text = f"""\
name: all-kinds
nodes: {{acceptors: 1, leaders: 1, replicas: 1, clients: 2}}
commands: [put k a, append k b, get k]
bounds: {{slots: 3, rounds: 1}}
network: {network}
rules: {{{rules}}}
properties: [R1, exactly-once, prefix-agreement, linearizable, GC-7]
"""
    return load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system


def figures(found: Exploration) -> tuple[object, ...]:
    """All that was counted, and what was found."""
    violated = [(d.property, d.length) for d in found.violations]
    return found.states, found.depth, found.generated, found.terminal, found.cut, found.fired, violated


#: Of models with more states than these the reference engine is asked for the first levels only.
MOST = 800


@pytest.mark.parametrize(("network", "rules"), CASES)
def test_the_engines_agree_and_nobody_is_answered_wrongly(network: str, rules: str) -> None:
    one = system(rules, network)
    found = native.explore(one, reductions=UNREDUCED)
    assert found.violations == []
    limits = Limits() if found.states <= MOST else Limits(max_depth=8)
    assert figures(native.explore(one, limits, reductions=UNREDUCED)) == figures(
        reference.explore(one, limits)
    )
    reduced = native.explore(one, reductions=Reductions())
    assert reduced.violations == []
    assert reduced.states <= found.states
