"""The election of Raft: its rules by example, its counts by an explorer of its own, its mistakes."""

import pytest
from raft_election import raft
from raft_election.raft import RAFT, Context, Heartbeat, Part, RequestVote, Server, Vote

from checker import assert_violated, load, verify

NAMES = ("server 0", "server 1", "server 2")
HANDLERS = {RequestVote: raft.on_request_vote, Vote: raft.on_vote, Heartbeat: raft.on_heartbeat}


def test_one_vote_in_a_term():
    voted = Server(1, "server 0")
    assert raft.on_request_vote(Context("server 2", NAMES, 2), voted, RequestVote(1, "server 1")) == ()
    ((state, sends),) = raft.on_request_vote(
        Context("server 2", NAMES, 2), voted, RequestVote(2, "server 1")
    )
    assert (state, sends) == (Server(2, "server 1"), (("server 1", Vote(2, "server 2")),))


def test_a_restart_keeps_what_is_on_the_disk():
    leader = Server(2, "server 0", Part.LEADER, led=frozenset({2}))
    (((state, _)),) = raft.restart(Context("server 0", NAMES, 2), leader)
    assert state == Server(2, "server 0", led=frozenset({2}))


def successors(state, *, duplicating):
    """The steps on a network that may deliver a message ever again, or only once."""
    for name, (local, inbox) in state.items():
        context = Context(name, NAMES, 2)
        steps = [(None, step) for wake in (raft.time_out, raft.restart) for step in wake(context, local)]
        steps += [(m, step) for m in inbox for step in HANDLERS[type(m)](context, local, m)]
        for taken, (after, sends) in steps:
            new = {**state, name: (after, inbox if duplicating else inbox - {taken})}
            for to, message in sends:
                new[to] = (new[to][0], new[to][1] | {message})
            yield new


@pytest.mark.parametrize(
    ("file", "known"), [("duplicating", (4565, 17526, 12)), ("at-most-once", (8387, 19356, 13))]
)
def test_the_count_of_an_explorer_that_shares_no_code_with_the_checker(file, known):
    start = {name: (Server(), frozenset()) for name in NAMES}
    seen, level, generated, depth = {frozenset(start.items())}, [start], 0, 0
    while level:
        depth += 1
        found = [s for state in level for s in successors(state, duplicating=file == "duplicating")]
        generated += len(found)
        new = {frozenset(s.items()): s for s in found}
        level = [state for key, state in new.items() if key not in seen]
        seen |= set(new)
    assert (len(seen), generated, depth) == known
    expect = load(RAFT.models / f"{file}.pmmc.yaml", protocols={"raft": RAFT}).model.expect
    assert (expect.states, expect.depth) == (len(seen), depth)


@pytest.mark.parametrize("mistake", ["forgets-vote", "votes-twice"])
@pytest.mark.parametrize("servers", [3, 4, 5])
def test_mistakes_are_found(mistake, servers):
    model = (
        f"name: x\nprotocol: raft\nservers: {servers}\nterms: 1\n"
        f"rules: {{server: {mistake}}}\nproperties: [election-safety]\n"
    )
    assert_violated(model, "election-safety")


def test_a_script_prints_the_report():
    model = raft.RaftModel(name="small", protocol="raft", servers=3, terms=1)
    assert str(verify(raft.build(model))).startswith("VERIFIED  small: 2 properties")
