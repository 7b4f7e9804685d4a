"""The protocol replicated-log: its models, servers with one thing wrong, and processes beside functions."""

import json
import sys
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from checker.engines import reference as plain
from checker.engines.contract import UNREDUCED, Exploration
from checker.engines.native import engine as native
from checker.model.system import System
from checker.modelfiles.loading import LoadedModel, load, load_text
from spec.replicated_log.protocol import REPLICATED_LOG
from spec.replicated_log.reference import Server, answer
from spec.replicated_log.system import build

FILES = REPLICATED_LOG.model_files()
KNOWN = {"replicated-log": REPLICATED_LOG}


@cache
def loaded(path: Path) -> LoadedModel:
    return load(path, protocols=KNOWN)


def read(text: str) -> LoadedModel:
    return load_text(f"protocol: replicated-log\nname: a model\n{text}", "model.yaml", protocols=KNOWN)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_models_find_what_they_say_in_both_engines(path: Path) -> None:
    model = loaded(path)
    expect = model.model.expect
    found = [native.explore(model.system, reductions=UNREDUCED, workers=1)]
    if expect.states < 3_000:
        found.append(plain.explore(model.system))
    for one in found:
        assert (one.raised, one.stopped, one.violations) == (None, None, [])
        assert (one.states, one.depth) == (expect.states, expect.depth)
        assert tuple(action for action, times in one.fired.items() if not times) == expect.unfired
        assert {d.property for d in one.witnesses} == {p.id for p in model.system.properties if p.kind.goal}


class OwnProposalsOnly(Server):
    """B-01: what promises report is not proposed again."""

    def best(self, reported: Any) -> Any:
        return {}


class AnyBallot(Server):
    """A-01: it votes whatever the ballot."""

    def may_vote(self, ballot: Any) -> bool:
        return True


class EmptyPromise(Server):
    """A-06: promises report nothing; of a leader's own votes it knows, so two have to be wrong."""

    def report(self) -> Any:
        return {}


class OneIsEnough(Server):
    """B-06: a leader does not wait for others."""

    def is_majority(self, count: int) -> bool:
        return count >= 1


class LowestBallot(Server):
    """B-03: of votes for a slot it takes the one in the lowest ballot."""

    def best(self, reported: Any) -> Any:
        found: dict[str, Any] = {}
        for votes in reported:
            for slot, vote in votes.items():
                if slot not in found or vote["ballot"] < found[slot]["ballot"]:
                    found[slot] = vote
        return found


class ArrivalOrder(Server):
    """D-04: commands are performed as they are learned, not in the order of slots."""

    def learn(self, slot: str, command: Any) -> None:
        if slot not in self.state["chosen"]:
            self.state["chosen"][slot] = command
            self.perform(command)


class AnswersAtOnce(Server):
    """D-07: a client is answered when its command is proposed."""

    def propose(self, slot: str, command: Any) -> None:
        super().propose(slot, command)
        self.send(command["client"], {"type": "response", "cid": command["cid"], "result": "A"})


class PerformsTwice(Server):
    """D-01: a command is performed as often as it is decided, and one asked for again is decided again."""

    def is_done(self, command: Any) -> bool:
        return False

    def on_request(self, message: Any, sender: str) -> None:
        if self.state["leads"]:
            slot = str(len(self.state["votes"]) + 1)
            self.propose(slot, {key: message[key] for key in ("client", "cid", "op")})


class DiskWithoutVotes(Server):
    """A-13: what it has voted for is not on disk."""

    def restart(self) -> None:
        self.state.update(votes={}, chosen={}, next=1, performed=[], store={}, results={})
        super().restart()


TAKEOVER = """
servers: 3
clients: 2
commands: [append k X, append k Y]
implementation: {reference: multi-paxos, timers: [election]}
bounds: {slots: 2, timers: {server 2: 1}}
stages:
  - partition: [[server 0, server 1, client 0]]
    silent: [client 1]
    timers: false
    until: something-chosen
  - {partition: [[server 1, server 2, client 1]]}
  - {}
"""
CROSSING = """
servers: 3
clients: 2
commands: [append k X, append k Y]
implementation: {reference: multi-paxos, timers: [election]}
bounds: {slots: 1, timers: {server 2: 1}}
"""
READING = """
servers: 3
clients: 2
commands: [put k A, get k]
implementation: {reference: multi-paxos}
"""
ORDER = """
servers: 3
clients: 2
commands: [append k X, append k Y]
implementation: {reference: multi-paxos}
"""
AGAIN = """
servers: 3
commands: [append k X]
implementation: {reference: multi-paxos}
bounds: {slots: 2, resends: 1}
network: lossy-duplicating
"""
CRASH = """
servers: 3
clients: 2
commands: [put k A, put k B]
implementation: {reference: multi-paxos, timers: [election]}
bounds: {slots: 1, timers: {server 2: 1}}
faults: {crashes: 1, servers: [server 1]}
"""
#: Who is wrong, in which model → the property that says so, and the length of a shortest counterexample.
BUGS = [
    (OwnProposalsOnly, TAKEOVER, "slot-valid", 11),
    (AnyBallot, CROSSING, "slot-valid", 10),
    (EmptyPromise, TAKEOVER, "slot-valid", 11),
    (OneIsEnough, ORDER, "slot-valid", 2),
    (ArrivalOrder, ORDER, "performed-in-order", 6),
    (AnswersAtOnce, READING, "linearizable", 3),
    (PerformsTwice, AGAIN, "exactly-once", 7),
    (DiskWithoutVotes, CRASH, "slot-valid", 6),
]


def played_by(kind: type[Server], model: LoadedModel) -> System:
    return build(model.model, answering=partial(answer, kind=kind))


@pytest.mark.parametrize(
    ("kind", "text", "claim", "length"), BUGS, ids=lambda v: getattr(v, "__name__", "")
)
def test_a_server_with_one_thing_wrong_is_caught(
    kind: type[Server], text: str, claim: str, length: int
) -> None:
    system = played_by(kind, read(text))
    found = native.explore(system, workers=1)
    assert found.raised is None
    assert claim in {d.property for d in found.violations}
    assert min(d.length for d in found.violations) == length


@pytest.mark.parametrize("text", [TAKEOVER, READING, ORDER, AGAIN])
def test_the_same_models_with_nothing_wrong_are_clean(text: str) -> None:
    found = native.explore(read(text).system, workers=1)
    assert (found.raised, found.stopped, found.violations) == (None, None, [])


def test_of_votes_the_latest_counts_which_five_servers_and_three_leaders_show() -> None:
    """What the lab's test 23 is for."""
    (path,) = (path for path in FILES if path.stem == "log-lab3-leader-changes")
    found = native.explore(played_by(LowestBallot, loaded(path)), workers=1)
    assert found.raised is None
    assert [(d.property, d.length) for d in found.violations] == [("slot-valid", 21)]


SCRIPT = """
import json, sys
from spec.replicated_log.reference import answer

config = None
for line in sys.stdin:
    request = json.loads(line)
    number = request.pop("id")
    if request["do"] == "hello":
        config = request["config"]
        said = {"protocol": 1}
    else:
        said = answer(config, request)
    print(json.dumps({"id": number, **said}), flush=True)
"""
NETWORKS = ("at-most-once", "lossy-duplicating", "lossy", "reliable", "fifo")
SMALL = [
    *(f"servers: 2\ncommands: [put k A]\nnetwork: {network}" for network in NETWORKS),
    "servers: 2\ncommands: [put k A]\nfaults: {crashes: 1}",
    "servers: 2\ncommands: [put k A]\nfaults: {links: [{to: server 1, loses: some}]}",
    "servers: 2\ncommands: [put k A]\nfaults: {partition: {groups: [[server 0, client 0]]}}",
    "servers: 2\nclients: 2\ncommands: [put k A, get k]\nstages: [{silent: [client 1]}, {drop: [{}]}]",
]


@pytest.mark.parametrize("text", SMALL)
def test_a_process_counts_what_the_function_does(text: str, tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SCRIPT, encoding="utf-8")
    text += "\nbounds: {slots: 2, timers: {server 1: 1}}"
    within = read(f"{text}\nimplementation: {{reference: multi-paxos, timers: [election]}}").system
    command = json.dumps([sys.executable, str(script)])
    outside = read(f"{text}\nimplementation: {{command: {command}, timers: [election]}}").system
    try:
        found = [
            plain.explore(within),
            native.explore(within, reductions=UNREDUCED, workers=1),
            plain.explore(outside),
            native.explore(outside, reductions=UNREDUCED, workers=1),
        ]
    finally:
        for one in outside.outside:
            one.close()
    for one, other in pairwise(found):
        assert told(one) == told(other)


def told(found: Exploration) -> Any:
    violated = sorted((d.property, d.length) for d in found.violations)
    return found.raised, found.states, found.depth, violated
