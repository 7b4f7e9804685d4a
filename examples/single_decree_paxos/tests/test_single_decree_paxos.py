"""Single-decree Paxos: its count by an explorer of its own, with a history or without, its mistake."""

from pathlib import Path

import pytest
from single_decree_paxos import rules
from single_decree_paxos.protocol import SINGLE_DECREE_PAXOS
from single_decree_paxos.rules import Client, Context, Customer, Put, Server

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


def successors(state, history):
    """The steps on a network that delivers each message once, in any order, and the history after each."""
    for name, (local, inbox) in state.items():
        for taken in inbox:
            for after, sends in HANDLERS[type(taken)](CONTEXTS[name], local, taken):
                new = {**state, name: (after, inbox - {taken})}
                for to, message in sends:
                    new[to] = (new[to][0], new[to][1] | {message})
                yield new, later(history, name, taken)


def later(history, name, answer):
    """What clients have seen when this has come to one of them; None: it is not kept.

    That is what has returned to each, in order, and what it waits for, each with the numbers of operations
    that had returned to the others before: what Stateright's tester keeps.
    """
    if history is None or not name.startswith("client"):
        return history
    client = int(name.split()[1])
    returned, before = history[client]
    returned = (*returned, (before, getattr(answer, "value", None)))
    now = tuple(len(done) for i, (done, _) in enumerate(history) if i != client)
    waits = now if isinstance(answer, rules.PutOk) else ()
    return (*history[:client], (returned, waits), *history[client + 1 :])


@pytest.mark.parametrize("history", [None, (((), ()), ((), ()))], ids=["without", "whole"])
def test_the_count_of_an_explorer_that_shares_no_code_with_the_checker(history):
    """With the whole history there are as many states as with none: the rest tells what clients see."""
    start = {name: (Server(), frozenset()) for name in SERVERS}
    for i, value in enumerate("AB"):
        put = Put(f"client {i}", value)
        start[f"client {i}"] = (Client(put), frozenset())
        start[f"server {i}"] = (Server(), frozenset({put}))
    seen, level, depth, steps = {(frozenset(start.items()), history)}, [(start, history)], 0, 0
    while level:
        depth += 1
        found = [new for state, told in level for new in successors(state, told)]
        steps += len(found)
        distinct = {(frozenset(state.items()), told): (state, told) for state, told in found}
        level = [new for key, new in distinct.items() if key not in seen]
        seen |= set(distinct)
    file = Path(SINGLE_DECREE_PAXOS.models) / "two-clients.pmmc.yaml"
    expect = load(file, protocols={"single-decree-paxos": SINGLE_DECREE_PAXOS}).model.expect
    assert (len(seen), depth) == (16668, 21) == (expect.states, expect.depth)
    assert steps == 32970


@pytest.mark.parametrize("name", ["agreement", "linearizable"])
def test_what_was_accepted_must_be_looked_at(name):
    model = (
        "name: x\nprotocol: single-decree-paxos\nservers: 3\nclients: 2\nnetwork: at-most-once\n"
        f"rules: {{server: ignores-accepted}}\nproperties: [{name}]\n"
    )
    assert_violated(model, name)


def test_the_ballot_table_shows_two_values_decided():
    path = Path(SINGLE_DECREE_PAXOS.models) / "ignores-accepted.pmmc.yaml"
    system = load(path, protocols={"single-decree-paxos": SINGLE_DECREE_PAXOS}).system
    (trace,) = assert_violated(system, "linearizable").traces.values()
    (picture,) = system.pictures
    table = picture.draw(system, trace.states)
    assert table.columns == ("ballot", *SERVERS)
    assert [row.heading for row in table.rows] == ["1.1", "2.0"]
    decided = {
        (e.text, e.mark) for row in table.rows for cell in row.cells for e in cell if "decided" in e.text
    }
    assert decided == {("decided B", ""), ("decided A", "bad")}
    assert not picture.draw(system, trace.states[:1]).rows
