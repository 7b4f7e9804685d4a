"""Faults of every sort together, and quorums, by each engine and with all reductions: random model files.

Nodes crash or are down, links lose messages of some types or of all, the network is partitioned and may be
healed, quorums are by number, by weight or one by one; on each network, with a mutant's rule now and then,
and with symmetry as it is taken by itself: each fault names nodes that are alike otherwise.
"""

from collections import Counter
from typing import Any

import pytest
import yaml
from hunt import paxos
from hunt.comparing import REDUCTIONS, Effort, compare
from hunt.coverage import counting, shared_early
from hunt.streams import Stream

from checker.engines.contract import Reductions
from checker.modelfiles.loading import Faults, load_text
from spec.protocol import PMMC

#: Seeds in blocks; a test takes one of them.
BLOCKS = [
    pytest.param(range(first, first + 10), marks=[pytest.mark.slow] * (first > 0))
    for first in range(0, 60, 10)
]
MESSAGES = ("p1a", "p1b", "p2a", "p2b", "propose", "decision", "request")


def nodes_of(sizes: dict[str, int]) -> list[str]:
    return [f"{role[:-1]} {k}" for role, count in sizes.items() for k in range(count)]


def quorums(stream: Stream, acceptors: int) -> Any:
    """What a quorum of a phase is, in one of three ways."""
    named = [f"acceptor {k}" for k in range(acceptors)]
    return stream.pick(
        (
            stream.between(1, acceptors),
            {"weights": {stream.pick(named): stream.between(0, 3)}, "least": stream.between(1, acceptors)},
            [stream.shuffled(named)[: stream.between(1, acceptors)] for _ in range(stream.between(1, 2))],
        )
    )


def link(stream: Stream, nodes: list[str]) -> dict[str, Any]:
    """A link that loses something."""
    found: dict[str, Any] = {"loses": stream.pick(("all", "some"))}
    if stream.chance(60):
        found["from"] = stream.pick(nodes)
    if stream.chance(60):
        found["to"] = stream.pick(nodes)
    if stream.chance(50):
        found["messages"] = stream.pick(MESSAGES)
    return found


def faults(stream: Stream, nodes: list[str]) -> dict[str, Any]:
    mortal = [node for node in nodes if not node.startswith("client")]
    found: dict[str, Any] = {}
    if stream.chance(40):
        found |= {"crashes": 1, "nodes": stream.shuffled(mortal)[:1], "restarts": stream.chance(50)}
    if stream.chance(30):
        found["down"] = [stream.pick(mortal)]
    if stream.chance(50):
        found["links"] = [link(stream.at("link", k), nodes) for k in range(stream.between(1, 2))]
    if stream.chance(40):
        apart = stream.shuffled(nodes)[: stream.between(1, len(nodes) - 1)]
        found["partition"] = {"groups": [apart], "heals": stream.chance(70)}
    return found


def text(stream: Stream) -> str:
    """A model file; it may be faulty, as one with a link on which no message goes is."""
    acceptors = stream.pick((1, 2, 2, 3, 3))
    sizes = {"acceptors": acceptors, "leaders": stream.pick((1, 1, 2)), "replicas": stream.pick((1, 1, 2))}
    goals = [goal for goal in paxos.GOALS if goal != "all-answered"]
    rule = stream.pick((*(None,) * 4, *paxos.RULES))
    model: dict[str, Any] = {
        "name": "faulty",
        "nodes": sizes,
        "commands": stream.pick((["put k v"], ["put k v", "put k w"])),
        "bounds": {"slots": 1, "rounds": stream.pick((1, 1, 2))},
        "network": stream.pick((*paxos.NETWORKS, "reliable")),
        "sometimes": goals,
    }
    if rule is not None:
        model["rules"] = dict([rule])
    if stream.chance(40):
        model["quorums"] = {f"phase{k}": quorums(stream.at("phase", k), acceptors) for k in (1, 2)}
    if found := faults(stream.at("faults"), nodes_of(sizes)):
        model["faults"] = found
    return yaml.safe_dump(model, sort_keys=False)


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_engines_agree_whatever_goes_wrong(seeds: range) -> None:
    seen: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for seed in seeds:
        stream = Stream(seed, "faults")
        for attempt in range(50):
            written = text(stream.at(attempt))
            try:
                system = load_text(written, "m.yaml", protocols={"pmmc": PMMC}).system
            except Faults:
                continue
            break
        else:
            pytest.fail(f"seed {seed}: no model file is good")
        effort = Effort((stream.pick((1, 2, 3)),), (Reductions(), stream.pick(REDUCTIONS)), most=3_000)
        try:
            with shared_early(4), counting(seen):
                outcome = compare(system, effort)
        except Exception as error:
            error.add_note(written)
            raise
        said[outcome.how] += 1
        said.update(yaml.safe_load(written).get("faults", {}).keys())
    assert said["whole"] >= len(seeds) // 3
    assert said.keys() >= {"crashes", "down", "links", "partition"}
    assert seen.keys() >= {"symmetry", "settling", "shared"}
