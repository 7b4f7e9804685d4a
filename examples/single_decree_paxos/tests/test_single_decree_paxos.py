"""Single-decree Paxos: its count by an explorer of its own, what is linearizable, its mistake."""

from pathlib import Path

import pytest
from single_decree_paxos import history, rules
from single_decree_paxos.protocol import SINGLE_DECREE_PAXOS
from single_decree_paxos.rules import Client, Context, Customer, Invoked, Put, Returned, Server

from checker import assert_violated, load

SERVERS = ("server 0", "server 1", "server 2")
CONTEXTS = {
    **{name: Context(i, SERVERS) for i, name in enumerate(SERVERS)},
    "client 0": Customer("client 0", "server 1"),
    "client 1": Customer("client 1", "server 2"),
}
HANDLERS = {
    Put: rules.on_put,
    rules.Prepare: rules.on_prepare,
    rules.Promise: rules.on_promise,
    rules.Accept: rules.on_accept,
    rules.Acceptance: rules.on_acceptance,
    rules.Decided: rules.on_decided,
    rules.Get: rules.on_get,
    rules.PutOk: rules.on_put_ok,
    rules.GetOk: rules.on_get_ok,
}


def successors(state):
    """The steps on a network that delivers each message once, in any order; without the history."""
    for name, (local, inbox) in state.items():
        for taken in inbox:
            for after, sends in HANDLERS[type(taken)](CONTEXTS[name], local, taken):
                new = {**state, name: (after, inbox - {taken})}
                for to, message in sends:
                    if to != "history":
                        new[to] = (new[to][0], new[to][1] | {message})
                yield new


def test_the_count_of_an_explorer_that_shares_no_code_with_the_checker():
    """It keeps no history, and finds as many states: what clients have seen follows from the rest."""
    start = {name: (Server(), frozenset()) for name in SERVERS}
    start |= {f"client {i}": (Client(), frozenset()) for i in range(2)}
    for i, value in enumerate("AB"):
        start[f"server {i}"] = (Server(), frozenset({Put(f"client {i}", value)}))
    seen, level, depth = {frozenset(start.items())}, [start], 0
    while level:
        depth += 1
        found = {frozenset(s.items()): s for state in level for s in successors(state)}
        level = [state for key, state in found.items() if key not in seen]
        seen |= set(found)
    file = Path(SINGLE_DECREE_PAXOS.models) / "two-clients.pmmc.yaml"
    expect = load(file, protocols={"single-decree-paxos": SINGLE_DECREE_PAXOS}).model.expect
    assert (len(seen), depth) == (16668, 21) == (expect.states, expect.depth)


def seen_by_clients(*happened):
    """The history of two clients that write A and B, after these operations have begun or returned."""
    told = history.begun([("client 0", "A"), ("client 1", "B")])
    for message in happened:
        ((told, _),) = history.RULES[type(message)](None, told, message)
    return told


@pytest.mark.parametrize(
    ("happened", "is_linearizable"),
    [
        ([], True),
        ([Returned("client 0"), Invoked("client 0"), Returned("client 0", "A")], True),
        ([Returned("client 0"), Invoked("client 0"), Returned("client 0", "B")], True),
        ([Returned("client 0"), Invoked("client 0"), Returned("client 0", "C")], False),
        (
            [
                *(Returned("client 0"), Returned("client 1"), Invoked("client 0"), Invoked("client 1")),
                *(Returned("client 0", "A"), Returned("client 1", "B")),
            ],
            False,
        ),
        (
            [
                *(Returned("client 0"), Invoked("client 0"), Returned("client 0", "B")),
                *(Returned("client 1"), Invoked("client 1"), Returned("client 1", "B")),
            ],
            True,
        ),
        (
            [
                *(Returned("client 0"), Invoked("client 0"), Returned("client 0", "B")),
                *(Returned("client 1"), Invoked("client 1"), Returned("client 1", "A")),
            ],
            False,
        ),
    ],
)
def test_what_one_register_could_show(happened, is_linearizable):
    assert history.is_linearizable(seen_by_clients(*happened)) is is_linearizable


@pytest.mark.parametrize("name", ["agreement", "linearizable"])
def test_what_was_accepted_must_be_looked_at(name):
    model = (
        "name: x\nprotocol: single-decree-paxos\nservers: 3\nclients: 2\nnetwork: at-most-once\n"
        f"rules: {{server: ignores-accepted}}\nproperties: [{name}]\n"
    )
    assert_violated(model, name)
