"""Laws of the key-value store, and what a client does."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmmc import kv
from pmmc.client import RULES, WAKES, Client
from pmmc.kv import ABSENT, EMPTY, Append, Get, NoOp, Put, apply
from pmmc.messages import Request, Response
from pmmc.values import Command, Context, Deployment, Node

OPS = st.from_type(Put | Get | Append)
ANY = OPS | st.just(NoOp())
HISTORIES = st.lists(OPS, max_size=8)


def after(ops) -> kv.Store:
    return reduce(lambda store, op: apply(store, op)[0], ops, EMPTY)


class TestStore:
    @given(HISTORIES)
    def test_does_what_a_dictionary_does(self, ops) -> None:
        expected: dict[str, kv.Value] = {}
        store = EMPTY
        for op in ops:
            old = expected.get(op.key, ABSENT)
            if isinstance(op, Put):
                expected[op.key] = (op.value,)
            elif isinstance(op, Append):
                expected[op.key] = (*old, op.value)
            store, result = apply(store, op)

            assert result == expected.get(op.key, ABSENT)
            assert store == frozenset(expected.items())

    @given(HISTORIES, OPS)
    def test_leaves_other_keys_alone(self, ops, op) -> None:
        before = after(ops)
        then, _ = apply(before, op)
        assert {e for e in then if e[0] != op.key} == {e for e in before if e[0] != op.key}

    @given(HISTORIES, OPS)
    def test_the_result_is_what_a_get_would_see(self, ops, op) -> None:
        then, result = apply(after(ops), op)
        assert apply(then, Get(op.key)) == (then, result)

    @given(HISTORIES, st.builds(Put, st.just("a"), st.just("v")))
    def test_a_put_twice_is_a_put_once(self, ops, put) -> None:
        once = apply(after(ops), put)
        assert apply(once[0], put) == once

    @given(st.lists(ANY, max_size=8))
    def test_a_no_op_changes_nothing_and_tells_nothing(self, ops) -> None:
        assert apply(after(ops), NoOp()) == (after(ops), ABSENT)
        assert after(ops) == after(op for op in ops if not isinstance(op, NoOp))

    @given(ANY)
    def test_parse_reads_what_str_writes(self, op) -> None:
        assert kv.parse(str(op)) == op
        assert kv.parse(f"  {str(op).replace(' ', '   ')} ") == op

    @pytest.mark.parametrize(
        "text",
        ["", "put", "put k", "put k v w", "get", "get k v", "delete k", "PUT k v", "noop k", "no-op"],
    )
    def test_parse_refuses_the_rest(self, text: str) -> None:
        expected = (
            r"expected 'put KEY VALUE', 'append KEY VALUE', 'get KEY', 'noop' or 'reconfigure NUMBER'"
        )
        with pytest.raises(ValueError, match=expected):
            kv.parse(text)


ME = Node("client", 0)
REPLICAS = (Node("replica", 0), Node("replica", 1))
CONTEXT = Context(ME, Deployment(acceptors=(), leaders=(), replicas=REPLICAS, clients=(ME,)))
FIRST, SECOND = Command(ME, 1, Put("k", "a")), Command(ME, 2, Append("k", "b"))
FRESH = Client(todo=(FIRST, SECOND))
WAITING = Client(todo=(SECOND,), waiting=FIRST)


def invoke(client: Client):
    return WAKES["invoke"](CONTEXT, client)


def respond(client: Client, cid: int, result: kv.Value = ("a",)):
    return RULES[Response](CONTEXT, client, Response(cid, result))


class TestClient:
    def test_sends_its_next_command_to_all_replicas(self) -> None:
        ((client, sends),) = invoke(FRESH)
        assert client == WAITING
        assert sends == tuple((replica, Request(FIRST)) for replica in REPLICAS)

    def test_waits_for_an_answer_before_it_goes_on(self) -> None:
        assert invoke(WAITING) == ()

    def test_has_nothing_to_do_when_all_is_answered(self) -> None:
        assert invoke(Client(answers=((FIRST, ("a",)),))) == ()

    def test_takes_the_first_answer_and_ignores_the_rest(self) -> None:
        ((client, sends),) = respond(WAITING, 1)
        assert client == Client(todo=(SECOND,), answers=((FIRST, ("a",)),))
        assert sends == ()
        assert respond(client, 1, ("other",)) == ()

    def test_ignores_answers_to_other_commands(self) -> None:
        assert respond(WAITING, 2) == ()
        assert respond(FRESH, 1) == ()

    @given(st.lists(st.integers(1, 4), max_size=12))
    def test_is_answered_in_the_order_of_its_commands(self, cids: list[int]) -> None:
        commands = tuple(Command(ME, cid, Put("k", str(cid))) for cid in (1, 2, 3))
        client = Client(todo=commands)
        for cid in cids:
            for steps in (invoke(client), respond(client, cid)):
                client = steps[0].state if steps else client
            done = tuple(command for command, _ in client.answers)
            waiting = () if client.waiting is None else (client.waiting,)

            assert done + waiting + client.todo == commands
