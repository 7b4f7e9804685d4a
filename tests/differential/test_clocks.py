"""Clocks that drift: all engines say the same, of random protocols that count down and of leases.

The random protocols have nodes that crash, and nodes that share a machine and its clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from hunt import tables
from hunt.comparing import REDUCTIONS, Effort, compare
from hunt.streams import Stream

from checker import Clocks, Crashes, Machine, Machines, System
from checker.engines.contract import Reductions
from checker.model.environment.crashes import Stable
from checker.model.vocabulary import Member
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC
from spec.variants.leases import LEASE_VARIANTS

#: Seeds in blocks; a test takes one of them. A model with leases takes longer.
BLOCKS = [range(first, first + 15) for first in (0, 15, 30)]
OF_LEASES = [range(first, first + 8) for first in (0, 8, 16)]


@dataclass(frozen=True, slots=True)
class Tick:
    """To a node that counts down: a tick of its clock."""


def counting_down(out: tables.Here | None) -> Callable[..., Any]:
    """A rule that counts a node's number down; when it has run out there may be another state."""

    def on_tick(context: Any, here: tables.Here, message: Tick) -> Any:
        if here.number:
            return ((replace(here, number=here.number - 1), ()),)
        return () if out is None or out.phase <= here.phase else ((out, ()),)

    return on_tick


def timed(stream: Stream, members: tuple[Member, ...], dials: tables.Dials) -> list[Member]:
    """The members, those of some roles with a rule for ticks."""
    names = sorted({m.role.name for m in members} - {"idle"})
    rules = {}
    for k, name in enumerate(names):
        here = stream.at("role", k)
        if k == 0 or here.chance(60):
            out = tables.Here(here.between(0, dials.last), here.below(dials.numbers))
            rules[name] = counting_down(out if here.chance(70) else None)
    return [
        replace(m, role=replace(m.role, rules=MappingProxyType({**m.role.rules, Tick: rules[m.role.name]})))
        if m.role.name in rules
        else m
        for m in members
    ]


def random_system(seed: int, seen: Counter[str]) -> System | None:
    """A random protocol, on machines now and then, with crashes now and then, and with clocks."""
    stream = Stream(seed, "clocks")
    drawn = tables.Dials.drawn(stream.at("dials"))
    drawn = replace(drawn, again=0, idle=min(drawn.idle, 2), burst=min(drawn.burst, 9), late=0, raising=0)
    drawn = replace(drawn, nodes=stream.pick((1, 2, 2, 3)), phases=min(drawn.phases, 3))
    plain = tables.system(seed, drawn)
    members = tuple(timed(stream.at("timed"), plain.members, drawn))
    names = [m.name for m in members if m.role.name != "idle"]
    try:
        if len(names) > 1 and stream.chance(25):
            members = Machines((Machine("m", tuple(stream.shuffled(names)[:2])),)).join(members)
            seen["machines"] += 1
        if stream.chance(40):
            mortal = tuple(m.name for m in members if m.role.name != "idle")[:1]
            stable = {name: Stable(("number",)) for name in ("role0", "role1")}
            members = Crashes(1, mortal, stable).join(members)
            seen["crashes"] += 1
        drift = stream.pick((0, 1, 1, 2))
        seen[f"drift {drift}"] += 1
        return replace(plain, members=Clocks(drift, Tick()).join(members))
    except ValueError:  # processes that cannot share a machine
        return None


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_engines_agree_on_clocks(seeds: range) -> None:
    seen: Counter[str] = Counter()
    for seed in seeds:
        system = random_system(seed, seen)
        if system is None:
            seen["refused"] += 1
            continue
        stream = Stream(seed, "effort")
        effort = Effort((stream.pick((1, 2, 3)),), (stream.pick(REDUCTIONS),), most=2_000)
        seen[compare(system, effort).how] += 1
    assert seen["whole"] >= len(seeds) // 3
    assert seen.keys() >= {"crashes", "machines", "drift 0", "drift 1", "drift 2"}


# Leases ---------------------------------------------------------------------------------------------------

NETWORKS = ("at-most-once", "lossy-duplicating", "reliable", "fifo", "lossy")
RULES = tuple(variant.name for variant in LEASE_VARIANTS)


def text(stream: Stream) -> str:
    """A model file with leases, allowed for as they should be or not."""
    drift = stream.pick((0, 0, 1))
    allowed = stream.pick((drift, drift, 0))
    clients = stream.chance(40)
    model: dict[str, Any] = {
        "name": "leases",
        "nodes": {"acceptors": stream.pick((1, 1, 2)), "leaders": 1, "replicas": 1 if clients else 2},
        "bounds": {"slots": 1, "rounds": 1},
        "network": stream.pick(NETWORKS),
        "rules": {"reads": stream.pick(RULES)},
        "clocks": {
            "lease": 2 * allowed + stream.pick((1, 1, 2)),
            "drift": drift,
            "allowed": allowed,
            "asks": stream.pick((1, 1, 2)) if not clients else 1,
        },
    }
    if clients:
        model["nodes"]["clients"] = 1
        model["commands"] = stream.pick((["put k v"], ["get k"], ["put k v", "get k"]))
    else:
        model["initial"] = {"leader 0": {"scout": False}}
    if stream.chance(40):
        mortal = stream.pick(("acceptor 0", "replica 0"))
        model["faults"] = {"crashes": 1, "nodes": mortal, "restarts": stream.chance(70)}
        if mortal == "acceptor 0" and stream.chance(30):
            model["stable"] = {"acceptor": ["ballot", "accepted"]}
    return yaml.safe_dump(model, sort_keys=False)


@pytest.mark.parametrize("seeds", OF_LEASES, ids=str)
def test_engines_agree_on_leases(seeds: range) -> None:
    seen: Counter[str] = Counter()
    for seed in seeds:
        stream = Stream(seed, "leases")
        written = text(stream)
        system = load_text(written, "m.yaml", protocols={"pmmc": PMMC}).system
        effort = Effort((stream.pick((1, 2, 3)),), (Reductions(), stream.pick(REDUCTIONS)), most=1_000)
        try:
            seen[compare(system, effort).how] += 1
        except Exception as error:
            error.add_note(written)
            raise
    assert seen["whole"] >= len(seeds) // 3
