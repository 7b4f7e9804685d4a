"""Models of PMMC as users write them: the paper's rules, or a variant or mutant of one part of a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import yaml

from checker.model.consistency import LINEARIZABLE, SEQUENTIALLY_CONSISTENT
from checker.model.properties import Kind, On
from checker.model.system import System
from checker.modelfiles.complaints import Faults
from checker.modelfiles.loading import load_text
from spec.mutants import MUTANTS
from spec.mutants.collection import COLLECTION_CONTROLS, COLLECTION_MUTANTS
from spec.mutants.leases import LEASE_CONTROLS, LEASE_MUTANTS
from spec.mutants.reconfigurations import RECONFIGURATION_CONTROLS, RECONFIGURATION_MUTANTS
from spec.mutants.servers import SERVER_CONTROLS, SERVER_MUTANTS
from spec.mutants.takeovers import TAKEOVER_MUTANTS
from spec.properties import PROPERTIES
from spec.properties.collection import COLLECTION_GOALS, COLLECTION_PROPERTIES
from spec.properties.configurations import CONFIGURATION_GOALS, CONFIGURATION_PROPERTIES
from spec.properties.leases import LEASE_GOALS, LEASE_PROPERTIES
from spec.properties.reads import READ_PROPERTIES
from spec.properties.servers import SERVER_PROPERTIES
from spec.properties.takeovers import TAKEOVER_PROPERTIES
from spec.protocol import PMMC
from spec.variants.retransmissions import RETRANSMISSION_VARIANTS
from spec.variants.rules import VARIANTS

NETWORKS: tuple[Any, ...] = ("lossy-duplicating", "at-most-once", "fifo", {"kind": "fifo", "loss": 1})
COMMANDS = (
    [],
    ["put k v"],
    ["put k v", "put l w"],
    ["append k v", "append k w"],
    ["get k", "put k v"],
    ["put k v", "put k w", "get k"],
)
INITIAL: tuple[dict[str, Any], ...] = (
    {},
    {"leader 0": {"proposals": {1: "put k v"}}},
    {"leader 0": {"active": True, "proposals": {1: "put k v"}, "commanders": [["0.0", 1, "put k v"]]}},
    {"acceptor 0": {"ballot": "0.0", "accepted": [["0.0", 1, "put k v"]]}, "leader 0": {"scout": False}},
)
#: Rules and properties of models with several configurations, collection, reads, leases, servers or calls
#: are left out: of those there are tests of their own, such as test_configurations.py, test_clients.py.
_MUTANTS = (
    *(*RECONFIGURATION_MUTANTS, *RECONFIGURATION_CONTROLS, *TAKEOVER_MUTANTS),
    *(*COLLECTION_MUTANTS, *COLLECTION_CONTROLS, *SERVER_MUTANTS, *SERVER_CONTROLS),
    *(*LEASE_MUTANTS, *LEASE_CONTROLS),
)
RULES_OF_OTHERS = {
    *((v.part, v.name) for mutant in _MUTANTS for v in mutant.variants),
    *((v.part, v.name) for v in VARIANTS if v.part in ("collection", "reads", "no-ops", "reconfiguration")),
    *((rule.part, rule.name) for rule in MUTANTS if rule.part == "reads"),
    *(("replica", "forgetful"), ("election", "by-ping-own-leader")),
    # of clients and how they are served: test_clients.py
    *(("client", name) for name in ("asks-in-turn", "asks-one", "session")),
    *(("replica", name) for name in ("appends-twice", "reply-cache", "sessions")),
    *(("commander", name) for name in ("answered-and-overtaken", "answers-when-one-accepts")),
    ("calls", "given-up"),
}
OF_OTHERS = {
    claim.id
    for claim in (
        *(*CONFIGURATION_PROPERTIES, *CONFIGURATION_GOALS, *TAKEOVER_PROPERTIES, *READ_PROPERTIES),
        *(*COLLECTION_PROPERTIES, *COLLECTION_GOALS, *SERVER_PROPERTIES),
        *(*LEASE_PROPERTIES, *LEASE_GOALS),
        *(LINEARIZABLE, SEQUENTIALLY_CONSISTENT, PROPERTIES["session-order"]),
    )
}
HELD = {i: claim for i, claim in PROPERTIES.items() if i not in OF_OTHERS}
#: What is sent again makes states without end, but on networks that merge equal messages.
AGAIN = {v.part for v in RETRANSMISSION_VARIANTS}
#: Rules that are last, for recipes were written before there were any.
LATER = {("acceptor", "keep-highest-only"), ("commander", "lower-ballot-deactivates")}
LATER_PARTS = {"election", "detector", "time-outs"}
#: Nothing replaced, or one part of a node: (part, name of the variant or mutant).
RULES = (
    None,
    *sorted(
        {(v.part, v.name) for v in (*VARIANTS, *MUTANTS) if v.part not in AGAIN} - RULES_OF_OTHERS,
        key=lambda rule: (rule in LATER or rule[0] in LATER_PARTS, rule),
    ),
)
CRASHING = ("acceptors", "leaders", "replicas")
GOALS = [p.id for p in HELD.values() if p.kind is Kind.SOMETIMES]
#: Those that read what is under way are last: recipes were written before there were any. What is said of
#: runs rests on assumptions, and has tests of its own.
CLAIMS = sorted(
    (p.id for p in HELD.values() if p.kind is not Kind.SOMETIMES and p.kind.on is not On.RUN),
    key=lambda claim: any(view.inbox for view in PROPERTIES[claim].views),
)
AT_THE_END = [p.id for p in HELD.values() if p.kind is Kind.TERMINAL]
#: The dials that a model's size depends on.
SIZES = ("acceptors", "leaders", "slots", "rounds", "commands", "crashes", "initial")


class Source(Protocol):
    """What draws: a stream of the hunt, or Hypothesis."""

    def pick(self, options: Sequence[Any]) -> Any:
        """One of some options."""


@dataclass(frozen=True, slots=True)
class Dials:
    """A model file in numbers. `claims` is a mask of `CLAIMS`, 0 the default ones; so is `crashing`."""

    acceptors: int
    leaders: int
    replicas: int
    clients: int
    commands: int
    slots: int
    rounds: int
    window: int
    crashes: int
    crashing: int
    restarts: int
    initial: int
    rule: int
    network: int
    claims: int

    @classmethod
    def drawn(cls, source: Source, options: Mapping[str, Sequence[int]] | None = None) -> Dials:
        """Dials out of these options for each; `LARGER` if none are given."""
        drawn = {name: source.pick(choices) for name, choices in (options or LARGER).items()}
        for _ in range(drawn.pop("chosen")):
            known = AT_THE_END if drawn["terminal"] else CLAIMS
            drawn["claims"] |= 1 << CLAIMS.index(source.pick(known))
        del drawn["terminal"]
        return cls(**drawn)


#: The family of small models: options for each dial, and for how many claims are chosen.
SMALL: Mapping[str, Sequence[int]] = {
    "acceptors": (1, 2, 3),
    "leaders": (1, 2),
    "replicas": (1, 1, 0, 2),
    "clients": (0, 1, 2),
    "commands": range(5),
    "slots": (1, 2),
    "rounds": (1, 2),
    "window": (1, 2),
    "crashes": (0, 0, 1),
    "crashing": (1, 2),
    "restarts": (1,),
    "initial": range(len(INITIAL)),
    "rule": range(len(RULES)),
    "network": range(len(NETWORKS)),
    "claims": (0,),
    "terminal": (0,),
    "chosen": (0, 0, 1, 2, 3, 4),
}
#: Larger ones, with more that crashes, and idle clients that make every node's field narrow.
LARGER = {
    **SMALL,
    "acceptors": (1, 2, 2, 3, 4),
    "leaders": (1, 2, 2, 3),
    "replicas": (1, 1, 1, 2, 0),
    "clients": (0, 0, 1, 2, 4, 7),
    "commands": range(len(COMMANDS)),
    "crashes": (0, 0, 1, 1, 2),
    "crashing": range(1, 8),
    "restarts": (0, 1),
    "initial": (0, 0, 0, 1, 2, 3),
    "rule": (*[0] * (len(RULES) // 2), *range(len(RULES))),
    "terminal": (0, 1, 1),
    "chosen": (0, 1, 2, 2, 3),
}


def system(seed: int, dials: Dials) -> System:
    """The system of a model file with these dials; where nodes may not begin as they say, as usual."""
    if dials.clients and dials.replicas != 1:
        dials = replace(dials, clients=0)
    try:
        return load_text(text(dials), "m", protocols={"pmmc": PMMC}).system
    except Faults:  # another ballot system writes its ballots otherwise, or the command is not there
        return load_text(text(replace(dials, initial=0)), "m", protocols={"pmmc": PMMC}).system


def text(dials: Dials) -> str:
    """The model file."""
    sizes = {f"{role}s": getattr(dials, f"{role}s") for role in ("acceptor", "leader", "replica", "client")}
    rule = RULES[dials.rule]
    crashing = [name for k, name in enumerate(CRASHING) if dials.crashing >> k & 1 and sizes[name]]
    present = {name[:-1] for name, count in sizes.items() if count}
    fitting = {p.id for p in PROPERTIES.values() if {v.role for v in p.views} <= present}
    claimed = [claim for k, claim in enumerate(CLAIMS) if dials.claims >> k & 1 and claim in fitting]
    model = {
        "name": "small",
        "nodes": sizes,
        "commands": COMMANDS[dials.commands],
        "bounds": {"slots": dials.slots, "rounds": dials.rounds, "window": dials.window},
        "network": NETWORKS[dials.network],
        "rules": dict([rule] if rule else []),
        "initial": INITIAL[dials.initial],
        "sometimes": [goal for goal in GOALS if goal in fitting],
    }
    if dials.crashes and crashing:
        model["faults"] = {"crashes": dials.crashes, "nodes": crashing, "restarts": bool(dials.restarts)}
    if claimed:
        model["properties"] = claimed
    return yaml.safe_dump(model, allow_unicode=True, sort_keys=False)
