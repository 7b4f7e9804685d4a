"""Registers: counts by an explorer of its own, which keeps no history or the whole of it."""

from pathlib import Path

import pytest
from registers import rules
from registers.protocol import REGISTERS
from registers.rules import Client, Context, Customer, Get, Put, Server

from checker import assert_violated, load

BETWEEN = {
    rules.Query: rules.on_query,
    rules.Holding: rules.on_holding,
    rules.Record: rules.on_record,
    rules.Recorded: rules.on_recorded,
    rules.PutOk: rules.on_put_ok,
    rules.GetOk: rules.on_get_ok,
}


class Explorer:
    """All states of a register, each message delivered once, in any order; with a history or without.

    A history is what has returned to each client, in order, and what it waits for, each with the numbers of
    operations that had returned to the others before: what Stateright's tester keeps.
    """

    def __init__(self, servers, clients, on_request, *, keeps_history):
        self.handlers = {Put: on_request, Get: on_request, **BETWEEN}
        self.keeps_history = keeps_history
        self.clients = clients
        names = tuple(f"server {i}" for i in range(servers))
        self.contexts = {name: Context(i, names) for i, name in enumerate(names)}
        self.first = {name: (Server((0, i)), frozenset()) for i, name in enumerate(names)}
        for i in range(clients):
            name, put = f"client {i}", Put(f"client {i}", chr(ord("A") + i))
            self.contexts[name] = Customer(name, names[(servers + i + 1) % servers])
            self.first[name] = (Client(put), frozenset())
            server, inbox = self.first[names[(servers + i) % servers]]
            self.first[names[(servers + i) % servers]] = (server, inbox | {put})

    def explore(self):
        """How many states there are, how many steps, and in how many levels they are found."""
        history = tuple(((), ()) for _ in range(self.clients))
        level = [(self.first, history)]
        seen, depth, steps = {(frozenset(self.first.items()), history)}, 0, 0
        while level:
            depth += 1
            found = [new for state, history in level for new in self.successors(state, history)]
            steps += len(found)
            distinct = {(frozenset(state.items()), history): (state, history) for state, history in found}
            level = [new for key, new in distinct.items() if key not in seen]
            seen |= set(distinct)
        return len(seen), steps, depth

    def successors(self, state, history):
        """All that may come next."""
        for name, (local, inbox) in state.items():
            for taken in inbox:
                for after, sends in self.handlers[type(taken)](self.contexts[name], local, taken):
                    new = {**state, name: (after, inbox - {taken})}
                    for to, message in sends:
                        new[to] = (new[to][0], new[to][1] | {message})
                    told = isinstance(after, Client) and self.keeps_history
                    yield new, self.later(history, int(name.split()[1]), taken) if told else history

    def later(self, history, client, answer):
        """The history when an answer has come to a client, who reads when its value is written."""
        returned, before = history[client]
        returned = (*returned, (before, getattr(answer, "value", None)))
        now = tuple(len(done) for i, (done, _) in enumerate(history) if i != client)
        waits = now if isinstance(answer, rules.PutOk) else ()
        return (*history[:client], (returned, waits), *history[client + 1 :])


def expected(file):
    """What the model in a file is said to have."""
    path = Path(REGISTERS.models) / f"{file}.pmmc.yaml"
    return load(path, protocols={"registers": REGISTERS}).model.expect


@pytest.mark.parametrize(
    ("file", "servers", "on_request", "least", "most"),
    [
        ("one-copy", 1, rules.on_request_alone, (57, 84), (93, 120)),
        ("two-servers", 2, rules.on_request, (341, 574), (544, 874)),
    ],
)
def test_the_counts_of_an_explorer_that_shares_no_code_with_the_checker(
    file, servers, on_request, least, most
):
    """Without a history, and with the whole; what the checker keeps of it makes a number between these."""
    *without, depth = Explorer(servers, 2, on_request, keeps_history=False).explore()
    *whole, same = Explorer(servers, 2, on_request, keeps_history=True).explore()
    assert (tuple(without), tuple(whole)) == (least, most)
    assert depth == same == expected(file).depth
    assert without[0] < expected(file).states < whole[0]


def test_copies_that_do_not_talk_are_no_register():
    result = assert_violated(Path(REGISTERS.models) / "two-copies.pmmc.yaml", "linearizable")
    assert [violation.length for violation in result.violated()] == [4]


def test_one_register_shows_what_was_written_last():
    server, told = Server((0, 0)), []
    for request in (Put("client 0", "A"), Get("client 0"), Put("client 1", "B"), Get("client 0")):
        ((server, ((to, answer),)),) = rules.on_request_alone(Context(0, ("server 0",)), server, request)
        assert to == request.client
        told.append(getattr(answer, "value", None))
    assert told == [None, "A", None, "B"]


def test_newer_values_are_kept():
    server = Server((2, 1), "B")
    assert rules.holds(server, (1, 2), "A") == server
    assert rules.holds(server, (2, 2), "C") == Server((2, 2), "C")
