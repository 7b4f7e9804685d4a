"""Messages under way in model files: what reports show is read back, what nobody sends is refused."""

import pytest

from checker.engines import reference
from checker.engines.contract import UNREDUCED, Limits
from checker.engines.native import engine as native
from checker.model.behaviour import Trace, replay
from checker.model.network import Fifo
from checker.model.semantics import State, initial_state, successors
from checker.model.system import System
from checker.model.values import show
from checker.modelfiles.loading import Faults, load_text
from pmmc.messages import Decision, P1a, Propose, Request
from pmmc.values import Node
from spec.protocol import PMMC

GOOD = """\
name: good
nodes: {acceptors: 2, leaders: 2, replicas: 2}
commands: [put k A, append k B]
bounds: {slots: 2, rounds: 2}
network: at-most-once
"""
LEADERS = Node("leader", 0), Node("leader", 1)


def system(text: str, network: str = "at-most-once", acceptors: int = 2) -> System:
    text = GOOD.replace("at-most-once", network).replace("rs: 2, l", f"rs: {acceptors}, l") + text
    return load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system


def some_decision(ours: System) -> Trace:
    """A way to a state in which a decision waits."""
    found = native.explore(ours, limits=Limits(max_states=200_000))
    (path,) = [witness.path for witness in found.witnesses]
    assert path is not None
    return replay(ours, path)


def states_near(ours: System, most: int) -> list[State]:
    """The first states of a search, so many of them."""
    found = [initial_state(ours)]
    seen = set(found)
    for state in found:
        new = [step.state for step in successors(ours, state) if step.state not in seen]
        seen.update(new)
        found += dict.fromkeys(new)
        if len(found) > most:
            break
    return found


def test_every_message_for_nodes_that_are_written_is_read_back_as_it_is_shown() -> None:
    ours = system("sometimes: [slot-decided]\n", acceptors=1)
    kinds = set()
    decided = [step.after for step in some_decision(ours).steps]
    for state in (*states_near(ours, 400)[::40], *decided):
        lines = []
        for member, cell in zip(ours.members, state, strict=True):
            shown = ", ".join(f'"{show(message)}"' for message in ours.network.held(cell.inbox))
            kinds |= {type(message).__name__ for message in cell.inbox}
            lines.append(f"  {member.name}: {{inbox: [{shown}]}}\n")
        read = initial_state(system("initial:\n" + "".join(lines), acceptors=1))
        assert [cell.inbox for cell in read] == [cell.inbox for cell in state]
    assert kinds == {"Request", "Propose", "P1a", "P1b", "P2a", "P2b", "Decision"}


def test_what_is_given_is_all_that_waits_and_what_is_not_is_as_usual() -> None:
    usual = system("").members
    ours = system(
        'initial: {acceptor 1: {inbox: ["p1a(leader 1, 1.1)"]}, replica 0: {inbox: []}}\n'
    ).members
    (given,) = ours[1].inbox
    assert show(given[1]) == "p1a(leader 1, ballot 1.1)"
    assert given[0] == LEADERS[1]
    assert ours[4].inbox == ()
    for i in 0, 2, 3, 5:
        assert ours[i].inbox == usual[i].inbox
    assert {type(message) for _, message in usual[4].inbox} == {Request}


def test_who_sent_it_is_said_if_the_message_does_not() -> None:
    ours = system(
        "initial:\n  leader 0:\n    inbox:\n      - propose(1, put k A) from replica 1\n"
        "      - propose(2, append  k B) from replica 0\n      - p2b(acceptor 1, 0.0, 1, ⊥)\n"
        "  replica 0: {inbox: ['decision(1, put k A) from leader 1', request(put k A)]}\n",
        "fifo",
    )
    senders = [str(sender) for sender, _ in ours.members[2].inbox]
    assert senders == ["replica 1", "replica 0", "acceptor 1"]
    assert [(str(sender), type(message)) for sender, message in ours.members[4].inbox] == [
        ("leader 1", Decision),
        ("client 0", Request),
    ]
    assert isinstance(ours.network, Fifo)
    # on networks that keep no senders nobody needs to say
    sender, message = system("initial: {leader 0: {inbox: ['propose(1, put k A)']}}\n").members[2].inbox[0]
    assert (str(sender), type(message)) == ("replica 0", Propose)


def test_what_waits_was_sent_over_links_and_across_partitions_too() -> None:
    text = "initial: {acceptor 1: {inbox: ['p1a(leader 0, 1.0)', 'p1a(leader 1, 1.1)']}}\nfaults: "
    links = system(text + "{links: [{from: leader 0}]}\n").members[1].inbox
    assert [show(message) for _, message in links] == ["p1a(leader 1, ballot 1.1)"]
    *members, partition = system(text + "{partition: {groups: [[leader 1, acceptor 1]]}}\n").members
    assert [show(message) for _, message in members[1].inbox] == ["p1a(leader 1, ballot 1.1)"]
    across = "crossing(sender leader 0, receiver acceptor 1, p1a(leader 0, ballot 1.0))"
    assert across in [show(m) for _, m in partition.inbox]


def test_a_node_that_is_down_may_have_sent_what_the_file_says() -> None:
    text = "faults: {down: leader 0, restarts: false}\n"
    assert [message.leader for _, message in system(text).members[0].inbox] == [LEADERS[1]]
    text += "initial: {acceptor 0: {inbox: ['p1a(leader 0, 0.0)']}}\n"
    (sent,) = system(text).members[0].inbox
    assert sent == (LEADERS[0], P1a(LEADERS[0], sent[1].ballot))


def test_both_engines_take_what_waits() -> None:
    ours = system(
        "initial:\n  acceptor 0: {ballot: 0.0, inbox: ['p2a(leader 0, ⟨0.0, 1, put k A⟩)']}\n"
        "  acceptor 1: {ballot: 0.0, inbox: []}\n  replica 0: {inbox: []}\n  replica 1: {inbox: []}\n"
        "  leader 0: {ballot: 0.0, active: true, inbox: ['p2b(acceptor 1, 0.0, 1, 0.0)']}\n"
        "  leader 1: {scout: false, inbox: []}\n"
    )
    wanted = reference.explore(ours)
    found = native.explore(ours, reductions=UNREDUCED)
    assert (found.states, found.generated) == (wanted.states, wanted.generated)
    assert wanted.fired["acceptor.p2a"]


@pytest.mark.parametrize(
    ("inbox", "said"),
    [
        ("p1a", "expected a list of messages, not 'p1a'"),
        (
            "[p1a(leader 0, 0.0)]",
            "expected a message as reports show it, such as p1a(leader, ballot), not 'p1a(leader 0'",
        ),
        ("[{p1a: 1}]", "expected a message as reports show it, such as p1a(leader, ballot), not a mapping"),
        ("['p1b(acceptor 0, 0.0, 0.0, {})']", "unknown message for acceptors 'p1b'; did you mean 'p1a'?"),
        ("['p1a(leader 0)']", "expected p1a(leader, ballot), not 'p1a(leader 0)'"),
        ("['p1a(leader 7, 0.0)']", "unknown leader 'leader 7'; did you mean 'leader 0'?"),
        ("['p1a(leader 0, 7.0)']", "ballot 7.0: with 'rounds: 2' the last round is 1"),
        ("['p1a(leader 0, 0.1)']", "ballot 0.1 is none of leader 0"),
        ("['p1a(leader 0, 0.0) from leader 1']", "it is sent by leader 0, not by leader 1"),
        ("['p2a(leader 0, 0.0)']", "expected a pvalue such as ⟨0.0, 1, put k A⟩, not '0.0'"),
        ("['p2a(leader 0, ⟨0.0, 3, put k C⟩)']", "expected a slot from 1 to 2, not 3"),
        ("['p2a(leader 0, ⟨0.0, 2, put k C⟩)']", "unknown command 'put k C'; did you mean 'put k A'?"),
    ],
)
def test_what_is_no_message_is_refused(inbox: str, said: str) -> None:
    with pytest.raises(Faults) as caught:
        system(f"initial: {{acceptor 0: {{inbox: {inbox}}}}}\n")
    assert said in str(caught.value), str(caught.value)
    assert all(fault.line == 6 and fault.column > 20 for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "initial: {leader 0: {inbox: ['propose(1, put k A)']}}\n",
            "say who sent it, as in '… from replica 0'",
        ),
        (
            "initial: {leader 0: {inbox: ['propose(1, put k A) from leader 0']}}\n",
            "it is sent by one of the replicas, not by leader 0",
        ),
        ("initial: {leader 0: {inbox: ['p1b(acceptor 0, 0.0, 0.0, x)']}}\n", "expected a set of pvalues"),
        ("initial: {client 0: {inbox: []}}\n", "clients begin with their commands and nothing else"),
        ("sometimes: [acceptor 0: {inbox: []}]\n", "unknown field of acceptors 'inbox'"),
    ],
)
def test_what_makes_a_difference_must_be_said(text: str, said: str) -> None:
    with pytest.raises(Faults) as caught:
        system(text, "fifo")
    assert said in str(caught.value), str(caught.value)
