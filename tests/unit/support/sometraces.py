"""Traces to inspect: those of shipped models, those of mutants, and random walks."""

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

from checker.checking.check import check
from checker.checking.question import Options
from checker.engines.choose import Means
from checker.engines.contract import UNREDUCED
from checker.model.behaviour import Trace, replay
from checker.model.properties import Kind, Property
from checker.model.semantics import initial_state, successors
from checker.model.vocabulary import View
from checker.modelfiles.loading import LoadedModel, load, load_text
from spec.protocol import PMMC

ROOT = Path(__file__).parents[3]
PROTOCOLS = {"pmmc": PMMC}

#: Crashes, restarts, eight nodes: everything that a diagram may have to show.
CRASHES = """
name: crashes
nodes: {acceptors: 3, leaders: 2, replicas: 2}
commands: [put k1 v1, put k2 v2]
bounds: {slots: 1, rounds: 2}
network: lossy-duplicating
faults: {crashes: 2, nodes: [acceptors, leaders]}
"""
#: Queues that lose messages.
LOSSES = """
name: losses
nodes: {acceptors: 1, leaders: 2, replicas: 2}
commands: [put k1 v1, put k2 v2]
bounds: {slots: 2, rounds: 2}
network: {kind: fifo, loss: 2}
"""
#: Two clients, and commands on two keys.
TWO_KEYS = """
name: two-keys
nodes: {acceptors: 1, leaders: 1, replicas: 2, clients: 2}
commands: [put k1 a, append k2 b, get k1, get k2]
bounds: {slots: 4, rounds: 1}
network: at-most-once
"""
OWN = {"crashes": CRASHES, "losses": LOSSES, "two-keys": TWO_KEYS}
#: Shipped models that show something, quickly.
VIOLATED = (
    "accept-any-ballot",
    "apart-by-sets",
    "commander-as-printed",
    "log-without-holes",
    "one-active-leader",
    "one-command-one-slot",
    "slot-in-within-window",
)
WALKED = (
    "crashes",
    "losses",
    "one-client",
    "fifo-loss",
    "duel-duplicating",
    "two-slots",
    "any-request",
    "noop-fills-a-gap",
    "flexible-by-weight",
)


@cache
def model(name: str) -> LoadedModel:
    if name in OWN:
        return load_text(OWN[name], f"{name}.yaml", protocols=PROTOCOLS)
    return load(ROOT / "spec" / "models" / f"{name}.yaml", protocols=PROTOCOLS)


@cache
def found(name: str) -> dict[str, Trace]:
    """What a check of a shipped model shows, by property."""
    return dict(check(model(name), Options(Means("native", UNREDUCED, 1))).traces)


def violation(name: str) -> Trace:
    loaded = model(name)
    assert loaded.model.expect is not None
    assert loaded.model.expect.property is not None
    return found(name)[loaded.model.expect.property]


def walk(name: str, seed: int, steps: int = 25) -> Trace:
    """A behaviour that takes any step, and seldom one that changes nothing."""
    chance = random.Random(seed)
    system = model(name).system
    state, path = initial_state(system), []
    for _ in range(steps):
        options = list(successors(system, state))
        open_ = [i for i, t in enumerate(options) if t.state != state or chance.random() < 0.1]
        if not open_:
            break
        path.append(chance.choice(open_))
        state = options[path[-1]].state
    return replay(system, tuple(path))


def ending_at(trace: Trace) -> Trace:
    """The trace with a claim that its last state breaks, as far as local states go."""
    system = trace.system
    wanted = {m.name: cell.local for m, cell in zip(system.members, trace.final, strict=True)}
    roles = dict.fromkeys(member.role.name for member in system.members)
    views = tuple(View("everything", role, lambda local: local) for role in roles)

    def judge(_: object, *groups: dict[object, object]) -> str | None:
        there = {name: local for group in groups for name, local in group.items()}
        return "reached" if there == wanted else None

    claim = Property("not-there", Kind.STATE, "That state is not reached.", "this test", views, judge)
    return replace(trace, claim=claim, reason="reached")
