"""The lock server: its rules by example, its count by an explorer of its own, its mistake."""

from pathlib import Path

from locks import rules
from locks.protocol import LOCKS
from locks.rules import Ask, Client, Grant, Release, Server

from checker import assert_verified, assert_violated, load

HANDLERS = {Ask: rules.on_ask, Release: rules.on_release, Grant: rules.on_grant}
CLIENTS = ("client 0", "client 1", "client 2")


def test_the_lock_goes_to_who_waits_longest():
    held = Server("client 0", ("client 2", "client 1"))
    ((state, sends),) = rules.on_release("server", held, Release("client 0"))
    assert (state, sends) == (Server("client 2", ("client 1",)), (("client 2", Grant()),))


def successors(state):
    """The steps on a network that keeps the order of each pair of nodes: a queue for each sender."""
    for name, (local, queues) in state.items():
        for sender, (first, *rest) in queues.items():
            steps = HANDLERS[type(first)](name, local, first)
            for after, sends in steps or ((local, ()),):  # what is ignored is in nobody's way
                left = (
                    {**queues, sender: tuple(rest)}
                    if rest
                    else {k: queues[k] for k in queues if k != sender}
                )
                yield sent(state, name, after, left, sends)
        for wake in (rules.ask, rules.leave) if name != "server" else ():
            for after, sends in wake(name, local):
                yield sent(state, name, after, queues, sends)


def sent(state, name, after, queues, sends):
    new = {**state, name: (after, queues)}
    for to, message in sends:
        local, waiting = new[to]
        new[to] = (local, {**waiting, name: (*waiting.get(name, ()), message)})
    return new


def key(state):
    return frozenset((name, local, frozenset(queues.items())) for name, (local, queues) in state.items())


def test_the_count_of_an_explorer_that_shares_no_code_with_the_checker():
    start = {"server": (Server(), {}), **{name: (Client(), {}) for name in CLIENTS}}
    seen, level, depth = {key(start)}, [start], 0
    while level:
        depth += 1
        found = {key(s): s for state in level for s in successors(state)}
        level = [state for name, state in found.items() if name not in seen]
        seen |= set(found)
    file = Path(LOCKS.models) / "three.pmmc.yaml"
    expect = load(file, protocols={"locks": LOCKS}).model.expect
    assert (len(seen), depth) == (expect.states, expect.depth)


def test_who_releases_is_looked_at():
    model = "name: x\nprotocol: locks\nclients: 3\nproperties: [exclusion]\n"
    assert_verified(model)
    assert_violated(model + "rules: {server: trusting}\n", "exclusion")
