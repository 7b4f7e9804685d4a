"""What a node is told of a model when it begins: who takes part, the bounds, the rules that were chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from checker.model.wire import Json
from pmmc.ballots import BallotSystem, IntegerBallots, LeastIntegerBallots, PairBallots
from pmmc.quorums import Count, QuorumSystem, Sets, Weights
from pmmc.values import Configuration, Deployment, Node
from spec.variants.ballots import LeaderFirstBallots
from spec.wire.codecs import object_schema

#: The systems of ballots by the names that model files have for them.
BALLOTS: Mapping[type[BallotSystem], str] = MappingProxyType(
    {
        PairBallots: "pairs",
        IntegerBallots: "integers",
        LeastIntegerBallots: "least-integers",
        LeaderFirstBallots: "leader-first",
    }
)


def written_config(deployment: Deployment, rules: Mapping[str, str]) -> Json:
    """The deployment, and the variants by the parts that they vary."""
    leases = deployment.leases
    terms = (
        None
        if leases is None
        else {"length": leases.length, "allowed": leases.allowed, "asks": leases.asks}
    )
    return {
        "acceptors": _names(deployment.acceptors),
        "leaders": _names(deployment.leaders),
        "replicas": _names(deployment.replicas),
        "clients": _names(deployment.clients),
        "window": deployment.window,
        "slots": deployment.slots,
        "rounds": deployment.ballots.rounds,
        "ballots": BALLOTS[type(deployment.ballots)],
        "configurations": [_configuration(one) for one in deployment.configurations],
        "leases": terms,
        "rules": dict(rules),
    }


def _names(nodes: Iterable[Node]) -> list[str]:
    return [str(node) for node in nodes]


def _configuration(one: Configuration) -> Json:
    return {
        "leaders": _names(one.leaders),
        "acceptors": _names(one.acceptors),
        "replicas": _names(one.replicas),
        "quorums": {"phase1": _quorum(one.quorums.phase1), "phase2": _quorum(one.quorums.phase2)},
    }


def _quorum(system: QuorumSystem) -> Json:
    """As model files say it: a number, weights, or sets; majorities by that word."""
    match system:
        case Count():
            return system.least
        case Weights():
            return {
                "weights": {str(name): weight for name, weight in system.weights},
                "least": system.least,
            }
        case Sets():
            return sorted(sorted(str(name) for name in one) for one in system.sets)
    return "majority"


_NAMES = {"type": "array", "items": {"$ref": "#/$defs/node"}}
_COUNT = {"type": ["integer", "null"], "minimum": 0}
_QUORUM = {
    "description": "majority; a number of acceptors; weights, and the least of a quorum; or a list of sets",
    "anyOf": [
        {"const": "majority"},
        {"type": "integer", "minimum": 1},
        object_schema(
            {
                "weights": {"type": "object", "additionalProperties": {"type": "integer"}},
                "least": {"type": "integer"},
            }
        ),
        {"type": "array", "items": _NAMES},
    ],
}
#: The JSON schema of it.
CONFIG_SCHEMA: Mapping[str, Json] = MappingProxyType(
    object_schema(
        {
            **dict.fromkeys(("acceptors", "leaders", "replicas", "clients"), _NAMES),
            "window": {"type": "integer", "minimum": 1},
            "slots": {**_COUNT, "description": "how many slots the log has; null: no bound"},
            "rounds": {**_COUNT, "description": "how many ballots each leader has; null: no bound"},
            "ballots": {"enum": [*BALLOTS.values()]},
            "configurations": {
                "type": "array",
                "items": object_schema(
                    {
                        **dict.fromkeys(("leaders", "acceptors", "replicas"), _NAMES),
                        "quorums": object_schema({"phase1": _QUORUM, "phase2": _QUORUM}),
                    }
                ),
            },
            "leases": {
                "anyOf": [
                    {"type": "null"},
                    object_schema({name: {"type": "integer"} for name in ("length", "allowed", "asks")}),
                ]
            },
            "rules": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    )
)
