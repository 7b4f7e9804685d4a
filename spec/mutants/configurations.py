"""The configurations that mutants are run in: the smallest that show what they do, as keys of model files.

Each is verified with the protocol's own rules; a mutant is at fault for what happens in it, not the model.
"""

from collections.abc import Mapping
from typing import Any

from checker.modelfiles.protocol import Mutant, Variant

Model = dict[str, Any]


def natural(
    *,
    acceptors: int = 1,
    leaders: int = 1,
    replicas: int = 1,
    clients: int = 0,
    commands: int = 1,
    slots: int = 1,
    rounds: int = 1,
    **others: Any,
) -> Model:
    """Everything from the beginning: requests reach replicas, replicas propose; messages at most once."""
    nodes = {"acceptors": acceptors, "leaders": leaders, "replicas": replicas}
    return {
        "nodes": nodes | ({"clients": clients} if clients else {}),
        "commands": [f"put k{i} v{i}" for i in range(1, commands + 1)],
        "bounds": {"slots": slots, "rounds": rounds, "window": 2},
        "network": "at-most-once",
        **others,
    }


def reconfiguring(
    *,
    acceptors: tuple[int, ...] = (1, 1),
    replicas: int = 2,
    commands: int = 1,
    slots: int = 2,
    window: int = 1,
    **others: Any,
) -> Model:
    """As `natural`, with a leader and so many acceptors in each configuration, and a change to each."""
    changes = [f"reconfigure {i}" for i in range(1, len(acceptors))]
    return {
        "nodes": {"replicas": replicas},
        "configurations": [{"leaders": 1, "acceptors": count} for count in acceptors],
        "commands": [*(f"put k{i} v{i}" for i in range(1, commands + 1)), *changes],
        "bounds": {"slots": slots, "rounds": 1, "window": window},
        "network": "at-most-once",
        **others,
    }


def rivals(*, acceptors: int = 3, leaders: int = 2, rounds: int = 1, **others: Any) -> Model:
    """Every leader has a proposal for slot 1, the first A and the others B; all scouts are on their way.

    The replica holds the requests and proposes no more: its part in this is to learn decisions.
    """
    proposals = {f"leader {i}": {"proposals": {1: "put k B" if i else "put k A"}} for i in range(leaders)}
    initial = others.pop("initial", {})
    return {
        "nodes": {"acceptors": acceptors, "leaders": leaders, "replicas": 1},
        "commands": ["put k A", "put k B"],
        "bounds": {"slots": 1, "rounds": rounds},
        "network": "at-most-once",
        "initial": {
            **proposals,
            "replica 0": {"slot_in": 2, "requests": ["put k A", "put k B"]},
            **initial,
        },
        "symmetry": ["acceptors"],
        **others,
    }


#: What nobody does in `rivals`: requests and proposals are there from the start.
IDLE = ("leader.propose", "replica.request")

#: Leader 0 and leader 1 are active in their first ballots with different commands, after acceptors 0 and
#: 1 adopted both; acceptor 2 has adopted nothing yet. Leader 2 is on its way.
OVERTAKEN = rivals(
    leaders=3,
    initial={
        "leader 0": {"active": True, "proposals": {1: "put k A"}, "commanders": [["0.0", 1, "put k A"]]},
        "leader 1": {"active": True, "proposals": {1: "put k B"}, "commanders": [["0.1", 1, "put k B"]]},
        "acceptor 0": {"ballot": "0.1"},
        "acceptor 1": {"ballot": "0.1"},
    },
    symmetry=[],
)

#: Three acceptors in the middle of things: leader 0 had ballot 0.0 adopted by acceptors 0 and 1, leader 1
#: has ballot 0.1 adopted by acceptors 0 and 2, both are active; leader 2 is on its way.
CROSSED = rivals(
    leaders=3,
    initial={
        "leader 0": {"active": True, "proposals": {1: "put k B"}, "commanders": [["0.0", 1, "put k B"]]},
        "leader 1": {"active": True, "proposals": {1: "put k A"}, "commanders": [["0.1", 1, "put k A"]]},
        "acceptor 0": {"ballot": "0.1"},
        "acceptor 1": {"ballot": "0.0"},
        "acceptor 2": {"ballot": "0.1"},
    },
    symmetry=[],
)

#: One acceptor, two leaders, two replicas that propose different commands for slot 1.
DUEL = natural(leaders=2, replicas=2, commands=2)
#: How lengths in `DUEL` compare with an explorer of acceptors and leaders alone that starts with the
#: proposals and stops when a second commander decides.
DUEL_ACCOUNT = (
    "two requests come first (+2), both decisions are delivered (+2), and `adopted` is no step of its own "
    "(-2)"
)
#: The same for `rivals`.
RIVALS_ACCOUNT = (
    "the proposals are there from the start (-2), both decisions are delivered (+2), and `adopted` is no "
    "step of its own (-2)"
)


def elsewhere(steps: int | str, account: str = "") -> str:
    """An account of a length: what others needed, and what makes the difference."""
    return f"{steps} steps in an independent explorer" + (f": {account}" if account else "")


def by_rule(
    mutant_id: str,
    name: str,
    part: str,
    rules: Mapping[type, Any],
    *,
    role: str = "",
    wakes: Mapping[str, Any] | None = None,
    about: str,
    source: str,
    **entry: Any,
) -> Mutant:
    """A mutant with one part's rules replaced. A scout or a commander is part of a leader."""
    played = role or ("leader" if part in ("scout", "commander") else part)
    variant = Variant(part, name, played, about, source, rules, wakes or {})
    return Mutant(mutant_id, name, about, source, variants=(variant,), **entry)


def by_setting(mutant_id: str, name: str, settings: Model, **entry: Any) -> Mutant:
    """A mutant that is a wrong value in the model file."""
    return Mutant(mutant_id, name, settings=settings, **entry)
