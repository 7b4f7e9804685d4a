"""What clients of several kinds do, and laws of the replicas that serve them."""

from functools import reduce

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from pmmc import asking, kv, replies, sessions
from pmmc import client as proper_client
from pmmc import replica as proper
from pmmc.asking import Turning
from pmmc.client import Client
from pmmc.kv import Append, Get, NoOp, Put, Reconfigure
from pmmc.messages import Decision, Request, Response
from pmmc.replica import Replica
from pmmc.replies import ReplyCache
from pmmc.sessions import Session, SessionReplica
from pmmc.values import Command, Context, Deployment, Node, Proposal, filler, with_more

ME, OTHER = Node("client", 0), Node("client", 1)
REPLICAS = tuple(Node("replica", i) for i in range(3))
DEPLOYMENT = Deployment((), (Node("leader", 0),), REPLICAS, (ME, OTHER))
CLIENT, REPLICA = Context(ME, DEPLOYMENT), Context(REPLICAS[0], DEPLOYMENT)
PUT, APPEND, GET = Command(ME, 1, Put("k", "a")), Command(ME, 2, Append("k", "b")), Command(ME, 3, Get("k"))
OTHERS = Command(OTHER, 1, Append("k", "c")), Command(OTHER, 2, Get("k"))
MINE = (PUT, APPEND, GET)


class TestInTurn:
    def test_each_client_asks_a_replica_of_its_own_first(self) -> None:
        for i, me in enumerate((ME, OTHER)):
            fresh = Turning(todo=(Command(me, 1, NoOp()),))
            ((client, sends),) = asking.invoke(Context(me, DEPLOYMENT), fresh)
            assert client == Turning(waiting=fresh.todo[0])
            assert sends == ((REPLICAS[i], Request(fresh.todo[0])),)

    def test_who_waits_asks_one_after_the_other_in_a_circle(self) -> None:
        client, asked = Turning(waiting=PUT), []
        for _ in range(4):
            ((client, ((to, message),)),) = asking.ask_next(CLIENT, client)
            asked.append(to)
            assert message == Request(PUT)
        assert asked == [REPLICAS[1], REPLICAS[2], REPLICAS[0], REPLICAS[1]]

    def test_it_stays_with_the_replica_that_it_has_asked_last(self) -> None:
        ((client, _),) = asking.ask_next(CLIENT, Turning(todo=(APPEND,), waiting=PUT))
        ((answered, _),) = proper_client.on_response(CLIENT, client, Response(1, ("a",)))
        ((_, sends),) = asking.invoke(CLIENT, answered)
        assert sends == ((REPLICAS[1], Request(APPEND)),)

    def test_who_does_not_wait_asks_nobody(self) -> None:
        assert asking.ask_next(CLIENT, Turning(todo=MINE)) == ()
        assert asking.invoke(CLIENT, Turning(todo=MINE, waiting=PUT)) == ()


class TestGivingUp:
    def test_it_goes_on_and_ignores_the_answer(self) -> None:
        ((client, sends),) = asking.give_up(CLIENT, Client(todo=(APPEND,), waiting=PUT))
        assert (client, sends) == (Client(todo=(APPEND,)), ())
        assert proper_client.on_response(CLIENT, client, Response(1, ("a",))) == ()
        ((busy, _),) = proper_client.invoke(CLIENT, client)
        assert busy.waiting == APPEND
        assert proper_client.on_response(CLIENT, busy, Response(1, ("a",))) == ()

    def test_there_must_be_something_to_give_up(self) -> None:
        assert asking.give_up(CLIENT, Client(todo=MINE)) == ()

    def test_a_session_gives_up_the_call_that_waits_longest(self) -> None:
        ((client, _),) = asking.give_up(CLIENT, Session(waiting=PUT, later=(APPEND, GET)))
        assert client == Session(waiting=APPEND, later=(GET,))


class TestSession:
    @given(st.lists(st.sampled_from(("invoke", "give up", 1, 2, 3)), max_size=12))
    def test_every_command_is_in_one_place(self, moves: list[str | int]) -> None:
        client, given_up = Session(todo=MINE), set[Command]()
        for move in moves:
            if move == "invoke":
                steps = sessions.invoke(CLIENT, client)
            elif isinstance(move, int):
                steps = sessions.on_response(CLIENT, client, Response(move, ("x",)))
            else:
                steps = asking.give_up(CLIENT, client)
                given_up |= {client.waiting} - {None} if steps else set()
            client = steps[0].state if steps else client
            answered = [command for command, _ in client.answers]
            open_calls = sessions.under_way(client)
            everywhere = [*answered, *open_calls, *client.todo, *given_up]

            assert sorted(everywhere, key=str) == sorted(MINE, key=str)
            assert (client.waiting is None) == (open_calls == ())
            assert sorted(open_calls, key=lambda c: c.cid) == list(open_calls)

    def test_answers_come_in_any_order(self) -> None:
        waits = Session(waiting=PUT, later=(APPEND, GET))
        ((client, _),) = sessions.on_response(CLIENT, waits, Response(2, ("a", "b")))
        assert client == Session(waiting=PUT, later=(GET,), answers=((APPEND, ("a", "b")),))
        assert sessions.on_response(CLIENT, client, Response(2, ("late",))) == ()


CHANGE = Command(Node("client", 7), 1, Reconfigure(0))
ANY = st.sampled_from((*MINE, *OTHERS, CHANGE))


@st.composite
def logs(draw: st.DrawFn, commands: st.SearchStrategy[Command] = ANY) -> list[Command]:
    """What is decided for slots 1, 2, …: commands, some of them twice, and fillers."""
    decided = draw(st.lists(commands | st.none(), max_size=8))
    return [command or filler(slot) for slot, command in enumerate(decided, 1)]


def fed(on_decision, first, log, order) -> tuple[Replica, list[tuple[Node, object]]]:
    """The replica that gets the decisions in some order, and all that it sends to clients."""
    replica, sent = first, []
    for slot in order:
        for step in on_decision(REPLICA, replica, Decision(slot, log[slot - 1]))[:1]:
            replica = step.state
            sent += [(to, m) for to, m in step.sends if to.role == "client"]
    return replica, sent


def in_order(log: list[Command], draw: st.DataObject) -> list[int]:
    return draw.draw(st.permutations(range(1, len(log) + 1)))


def store_of(performed) -> kv.Store:
    return reduce(lambda store, command: kv.apply(store, command.op)[0], performed, kv.EMPTY)


def closed_loop(log: list[Command]) -> list[Command]:
    """A log of clients that wait: none of their commands is decided before the one before it."""
    last: dict[Node, int] = {}
    kept = []
    for command in log:
        if command.cid <= last.get(command.client, 0) + 1 or command.client.role != "client":
            last[command.client] = max(command.cid, last.get(command.client, 0))
            kept.append(command)
    return [filler(i) if c.client.role != "client" else c for i, c in enumerate(kept, 1)]


class TestSessionReplica:
    @given(logs(), st.data())
    def test_performs_the_commands_of_each_client_in_their_order(self, log, data) -> None:
        replica, sent = fed(sessions.on_decision, SessionReplica(), log, in_order(log, data))
        for client in (ME, OTHER):
            mine = [c.cid for c in replica.performed if c.client == client]
            assert mine == list(range(1, len(mine) + 1))
            assert sorted(m.cid for to, m in sent if to == client) == mine
        decided = set(log) - {CHANGE}
        assert replica.slot_out == len(log) + 1
        assert {*replica.performed} | replica.early == decided
        assert store_of(replica.performed) == replica.store
        event("some are held back" if replica.early else "none is held back")

    @given(logs(), st.data())
    def test_is_the_same_whatever_the_order_of_decisions(self, log, data) -> None:
        one, _ = fed(sessions.on_decision, SessionReplica(), log, range(1, len(log) + 1))
        other, _ = fed(sessions.on_decision, SessionReplica(), log, in_order(log, data))
        assert one == other

    @given(logs().map(closed_loop), st.data())
    def test_is_as_the_paper_where_no_command_is_overtaken(self, log, data) -> None:
        order = in_order(log, data)
        replica, sent = fed(sessions.on_decision, SessionReplica(), log, order)
        usual, sent_usually = fed(proper.on_decision, Replica(), log, order)
        assert replica == with_more(SessionReplica, usual)
        assert sent == sent_usually


class TestReplyCache:
    @given(logs().map(closed_loop), st.data())
    def test_a_client_that_waits_cannot_tell_it_from_one_that_remembers_all(self, log, data) -> None:
        order = in_order(log, data)
        cache, sent = fed(replies.on_decision, ReplyCache(), log, order)
        usual, sent_usually = fed(proper.on_decision, Replica(), log, order)
        assert (cache.store, cache.performed, cache.slot_out) == (
            usual.store,
            usual.performed,
            usual.slot_out,
        )
        assert set(sent_usually) == set(sent)
        for client in (ME, OTHER):
            mine = [c for c in usual.performed if c.client == client]
            if mine:
                again = replies.on_request(REPLICA, cache, Request(mine[-1]))
                assert [s.sends for s in again] == [
                    s.sends for s in replies.on_request_again(REPLICA, usual, Request(mine[-1]))
                ]
                assert all(replies.on_request(REPLICA, cache, Request(c)) == () for c in mine[:-1])

    @given(logs().map(closed_loop))
    def test_it_keeps_one_result_a_client_and_no_decision_that_is_performed(self, log) -> None:
        cache, _ = fed(replies.on_decision, ReplyCache(), log, range(1, len(log) + 1))
        owners = [command.client for command, _ in cache.replies]
        assert len(owners) == len(set(owners))
        assert {p.command for p in cache.decisions} <= {CHANGE}

    def test_a_new_command_is_proposed(self) -> None:
        cache, _ = fed(replies.on_decision, ReplyCache(), [PUT], [1])
        ((state, _),) = replies.on_request(REPLICA, cache, Request(APPEND))
        assert state.proposals == {Proposal(2, APPEND)}

    def test_a_lower_number_that_comes_late_is_taken_for_a_duplicate(self) -> None:
        cache, sent = fed(replies.on_decision, ReplyCache(), [APPEND, PUT], [1, 2])
        assert cache.performed == (APPEND,)
        assert sent == [(ME, Response(2, ("b",)))]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_requests_are_taken_in_the_order_of_numbers(number: int) -> None:
    command = MINE[number - 1]
    taken = sessions.on_request_in_order(REPLICA, Replica(), Request(command))
    assert bool(taken) == (number == 1)
    after = Replica(slot_in=9, decisions=frozenset({Proposal(1, PUT)}))
    assert bool(sessions.on_request_in_order(REPLICA, after, Request(command))) == (number == 2)
