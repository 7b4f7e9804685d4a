"""The config that a start event tells, as a model of which nothing is bounded that is not bounded there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from checker.model.wire import Json, Misfit, WireFault
from checker.modelfiles.complaints import unknown
from spec.schema import MOST_SLOTS, PmmcModel

#: Keys that a config may have, and what those have that must be there.
LISTS = ("acceptors", "leaders", "replicas", "clients")
KEYS = (*LISTS, "window", "slots", "rounds", "ballots", "configurations", "leases", "rules")


def model_of(config: Json, rules: Mapping[str, str]) -> PmmcModel:
    """A model of that deployment, with these variants beside those of the config. Raises WireFault."""
    wrong: list[Misfit] = []
    if not isinstance(config, dict):
        raise WireFault([Misfit((), "expected an object with acceptors, leaders, replicas", config)])
    wrong += [
        Misfit((name,), unknown("key", name, KEYS), config[name]) for name in config if name not in KEYS
    ]
    for name in LISTS:
        wrong += _numbered(name, config.get(name, []))
    if not wrong and config.get("leases") is not None:
        wrong.append(
            Misfit(("leases",), "logs with leases are held against a model only", config["leases"])
        )
    chosen = config.get("rules", {})
    if not isinstance(chosen, dict):
        wrong.append(Misfit(("rules",), "expected an object: part → variant", chosen))
    if wrong:
        raise WireFault(wrong)
    data = _data(config, {**chosen, **rules})
    try:
        return PmmcModel.model_validate(data)
    except ValidationError as error:
        faults = [Misfit(tuple(e["loc"]), e["msg"], e["input"]) for e in error.errors(include_url=False)]
        raise WireFault(faults) from None


def _numbered(name: str, given: Json) -> list[Misfit]:
    """Nodes of a role are numbered from 0 on."""
    expected = [f"{name[:-1]} {i}" for i in range(len(given) if isinstance(given, list) else 0)]
    if given == expected:
        return []
    return [Misfit((name,), f"expected an array such as {[f'{name[:-1]} 0', f'{name[:-1]} 1']}", given)]


def _data(config: Mapping[str, Any], rules: Mapping[str, str]) -> dict[str, Any]:
    several = config.get("configurations") or []
    nodes = {"replicas": len(config.get("replicas", [])), "clients": len(config.get("clients", []))}
    data: dict[str, Any] = {
        "protocol": "pmmc",
        "name": "log",
        "nodes": nodes,
        "bounds": {
            "slots": 1 if config.get("slots") is None else min(config["slots"], MOST_SLOTS),
            "rounds": 1 if config.get("rounds") is None else min(config["rounds"], MOST_SLOTS),
            "window": config.get("window", 2),
        },
        "network": "lossy-duplicating",
    }
    if len(several) > 1:
        data["configurations"] = [_configuration(one) for one in several]
    else:
        nodes |= {"acceptors": len(config.get("acceptors", [])), "leaders": len(config.get("leaders", []))}
        quorums = _quorums(several[0].get("quorums", {})) if several else {}
        if quorums:
            data["quorums"] = quorums
    if rules:
        data["rules"] = dict(rules)
    return data


def _configuration(one: Mapping[str, Any]) -> dict[str, Any]:
    quorums = _quorums(one.get("quorums", {}))
    return {
        "leaders": len(one.get("leaders", [])),
        "acceptors": len(one.get("acceptors", [])),
        **({"quorums": quorums} if quorums else {}),
        **({"replicas": one["replicas"]} if one.get("replicas") else {}),
    }


def _quorums(given: Mapping[str, Any]) -> dict[str, Any]:
    return {phase: quorum for phase, quorum in given.items() if quorum not in (None, "majority")}
