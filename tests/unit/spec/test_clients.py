"""Clients in model files: their kinds, goals about them, and what is said of those that give up."""

import pytest

from checker import Options, verify
from checker.engines.choose import Means
from checker.model.judging import judge_state
from checker.model.semantics import Cell, initial_state
from checker.model.system import System
from checker.model.verdict import Verdict
from checker.modelfiles.loading import Faults, load_text
from pmmc.client import Client
from pmmc.kv import Get, Put
from pmmc.messages import Decision, Request, Response
from pmmc.replica import Replica
from pmmc.sessions import Session
from pmmc.values import Command, Node, Proposal
from spec.notation import FIELDS
from spec.properties import PROPERTIES
from spec.protocol import PMMC
from spec.variants.clients import caching, settle_impatient, settle_reply_cache

MODEL = """\
name: clients
nodes: {acceptors: 1, leaders: 1, replicas: 1, clients: 2}
commands: [put k a, append k b, get k]
bounds: {slots: 3, rounds: 1}
network: at-most-once
"""
CLIENTS = "todo, waiting, answers"
ME = Node("client", 0)
PUT, GET = Command(ME, 1, Put("k", "a")), Command(ME, 2, Get("k"))


def system(more: str = "") -> System:
    return load_text(MODEL + more, "m.yaml", protocols={"pmmc": PMMC}).system


def faults(more: str) -> list[str]:
    with pytest.raises(Faults) as found:
        system(more)
    return [str(fault).removeprefix("m.yaml:") for fault in found.value.faults]


def reached(goal: str, rules: str = "{}") -> bool:
    found = verify(
        system(f"rules: {rules}\nproperties: [R1]\nsometimes: [{goal}]\n"), Options(Means("native"))
    )
    return not found.violated()


@pytest.mark.parametrize(
    ("goal", "there"),
    [
        ("client 0: {answers: {put k a: a, get k: a}}", True),
        ("client 0: {answers: {put k a: a, get k: [a, b]}}", True),
        ("client 0: {answers: {put k a: a, get k: b}}", False),
        ("client 0: {answers: {get k: []}}", False),
        ("client 0: {answers: {}, todo: [get k], waiting: put k a}", True),
        ("client 0: {waiting: get k, todo: [put k a]}", False),
    ],
)
def test_goals_speak_of_clients(goal: str, there: bool) -> None:
    assert reached(goal) is there


def test_goals_speak_of_what_replicas_keep_for_clients() -> None:
    cache = "{replica: reply-cache}"
    assert reached("replica 0: {replies: {get k: [a, b], append k b: [a, b]}}", cache)
    assert not reached("replica 0: {replies: {put k a: a, get k: a}}", cache)
    assert reached("replica 0: {early: [get k]}", "{client: session, replica: sessions}")


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("sometimes: [client 0: {answers: put}]", "6:33: expected a mapping command: result, not 'put'"),
        (
            "sometimes: [client 0: {answers: {get k: 3}}]",
            "6:41: expected a value, or a list of values that were put and appended, [] for none, not 3",
        ),
        (
            "sometimes: [client 0: {answers: {get x: a}}]",
            "6:34: unknown command 'get x'; did you mean 'get k'? allowed: put k a, append k b, get k",
        ),
        (
            "sometimes: [client 0: {answer: {}}]",
            "6:24: unknown field of clients 'answer'; did you mean 'answers'? allowed: " + CLIENTS,
        ),
        ("initial: {client 0: {todo: []}}", "6:11: clients begin with their commands and nothing else"),
        (
            "sometimes: [client 9: {waiting: get k}]",
            "6:13: there is no client 9: this model has 2 clients, numbered from 0",
        ),
        (
            "sometimes: [replica 0: {replies: {}}]",
            f"6:25: unknown field of replicas 'replies'; allowed: {', '.join(FIELDS['replica'])}",
        ),
    ],
)
def test_faults(more: str, fault: str) -> None:
    assert faults(more + "\n") == [fault]


def after(answered: tuple[Command, ...]) -> list[str]:
    """What all-answered says when no client has anything to do, and these commands are answered."""
    found = system("sometimes: [all-answered]\n")
    state = tuple(
        Cell(Client(answers=tuple((c, ()) for c in answered if c.client == member.name)), cell.inbox)
        if member.role.name == "client"
        else cell
        for member, cell in zip(found.members, initial_state(found), strict=True)
    )
    return [text for _, text in judge_state(found, PROPERTIES["all-answered"], state)]


def test_a_command_that_was_given_up_is_not_answered() -> None:
    commands = system().setting.commands
    assert after(commands) == ["every client has the answers to all of its commands"]
    for command in commands:
        assert after(tuple(c for c in commands if c != command)) == []


def test_a_cache_begins_with_what_was_performed() -> None:
    decisions = frozenset({Proposal(1, PUT), Proposal(2, GET)})
    cache = caching(Replica(performed=(PUT, GET), decisions=decisions, slot_out=3))
    assert cache.replies == {(GET, ("a",))}
    assert cache.learned == decisions


def test_what_settles() -> None:
    for client in (Client(todo=(GET,)), Session(later=(GET,), waiting=GET)):
        assert settle_impatient(None, client, Response(1, ("a",))) is None
        assert settle_impatient(None, client, Response(2, ("a",))) == Response(2, ("a",))
    cache = caching(Replica(performed=(PUT, GET), decisions=frozenset({Proposal(2, GET)}), slot_out=3))
    assert settle_reply_cache(None, cache, Request(PUT)) is None
    assert settle_reply_cache(None, cache, Request(GET)) == Request(GET)
    assert settle_reply_cache(None, cache, Decision(2, GET)) is None
    assert settle_reply_cache(None, cache, Decision(1, PUT)) == Decision(1, PUT)


def test_a_read_that_is_sent_again_does_not_go_through_the_log() -> None:
    rules = "{reads: quorum, requests: sent-again}"
    found = verify(system(f"rules: {rules}\nproperties: [RD-1, linearizable]\n"), Options(Means("native")))
    assert found.verdict is Verdict.VERIFIED
    assert reached("replica 0: {decisions: {1: put k a, 2: append k b}}", rules)
    through_the_log = "replica 0: {decisions: {1: put k a, 2: get k}}"
    assert reached(through_the_log, "{requests: sent-again}")
    assert not reached(through_the_log, rules)


def test_what_was_given_up_is_not_taken_for_answered_by_the_history_of_reads() -> None:
    claims = "properties: [RD-1, RD-2, RD-3, linearizable]\n"
    found = verify(system(f"rules: {{reads: quorum, calls: given-up}}\n{claims}"), Options(Means("native")))
    assert found.verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    ("commands", "moves"), [("append k a, append l b", True), ("append k a, append l b, noop", False)]
)
def test_commands_change_places_only_where_their_clients_can(commands: str, moves: bool) -> None:
    """The no-op stays, and is of client 0, whose first command would become one of client 1."""
    text = MODEL.replace("put k a, append k b, get k", commands) + "symmetry: [commands]\n"
    assert bool(load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system.symmetries) is moves
