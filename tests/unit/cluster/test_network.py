"""Datagrams and what becomes of them: fragments, and a network whose faults go by seed."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from checker.cluster.datagrams import Assembly, read, written
from checker.cluster.faults import Faults, Network

MESSAGES = st.lists(st.binary(max_size=60), min_size=1, max_size=5)


@given(MESSAGES, st.integers(1, 20), st.randoms(use_true_random=False))
def test_fragments_make_the_message_again_in_any_order_and_once(
    bodies: list[bytes], most: int, shuffled: random.Random
) -> None:
    arriving = [d for i, body in enumerate(bodies) for d in written("a 0", "b 1", body, str(i), most)]
    doubled = [d for d in arriving if read(d).part is not None]  # type: ignore[union-attr]
    arriving += doubled
    shuffled.shuffle(arriving)
    assembly = Assembly()
    found = [assembly.take(one) for one in map(read, arriving) if one is not None]
    assert Counter(body for body in found if body is not None) == Counter(bodies)


@given(st.binary(max_size=50), st.integers(1, 20))
def test_no_datagram_is_longer_than_it_may_be(body: bytes, most: int) -> None:
    parts = [read(d) for d in written("a 0", "b 1", body, "1", most)]
    assert all(one is not None and len(one.body) <= most for one in parts)
    assert b"".join(one.body for one in parts if one is not None) == body


def test_a_message_of_which_a_part_is_lost_never_comes() -> None:
    first, *_, last = written("a 0", "b 1", b"0123456789", "1", 3)
    assembly = Assembly()
    assert [assembly.take(read(d)) for d in (first, last)] == [None, None]  # type: ignore[arg-type]


def test_parts_that_wait_for_others_do_not_pile_up() -> None:
    assembly = Assembly(waiting=4)
    for i in range(100):
        first, _ = written("a 0", "b 1", b"01", str(i), 1)
        assembly.take(read(first))  # type: ignore[arg-type]
    assert len(assembly._parts) == 4


@given(st.binary())
def test_what_is_no_datagram_of_ours_is_none(noise: bytes) -> None:
    found = read(noise)
    assert found is None or b"\n" in noise


def test_words_that_say_no_part_are_no_datagram() -> None:
    assert read(b'["a 0","b 1","7",3,3]\nx') is None
    assert read(b'["a 0","b 1","7",true,3.0]\nx') is None
    assert read(b"[1,2]\nx") is None


FAULTS = Faults(loss=0.2, duplicate=0.3, delay=(0.001, 0.01), seed=7)


def fates(faults: Faults, sender: str = "server 0", life: int = 0, to: str = "server 1") -> list:
    network = Network(faults, sender, life, lambda *_: None, lambda *_: None)
    return [network.fate(to) for _ in range(2000)]


def test_the_same_seed_has_the_same_fate() -> None:
    assert fates(FAULTS) == fates(FAULTS)


def test_another_seed_sender_receiver_or_life_has_another() -> None:
    others = [
        fates(Faults(0.2, 0.3, (0.001, 0.01), seed=8)),
        fates(FAULTS, sender="server 2"),
        fates(FAULTS, to="server 2"),
        fates(FAULTS, life=1),
    ]
    assert fates(FAULTS) not in others


def test_the_fate_of_a_way_does_not_depend_on_other_ways() -> None:
    network = Network(FAULTS, "server 0", 0, lambda *_: None, lambda *_: None)
    mixed = []
    for _ in range(2000):
        network.fate("server 2")
        mixed.append(network.fate("server 1"))
    assert mixed == fates(FAULTS)


def test_as_many_are_lost_and_doubled_as_was_said() -> None:
    copies = Counter(map(len, fates(FAULTS)))
    assert abs(copies[0] / 2000 - 0.2) < 0.03
    assert abs(copies[2] / 2000 - 0.8 * 0.3) < 0.03
    assert all(0.001 <= delay <= 0.01 for fate in fates(FAULTS) for delay in fate)


def test_each_copy_is_carried_once_it_is_due() -> None:
    sent, waiting = [], []
    network = Network(
        Faults(duplicate=0.99, delay=(0.5, 0.5)),
        "server 0",
        0,
        lambda to, datagram: sent.append((to, datagram)),
        lambda delay, call, *words: waiting.append((delay, call, words)),
    )
    network.carry("server 1", b"x")
    assert sent == []
    assert [delay for delay, _, _ in waiting] == [0.5, 0.5]
    for _, call, words in waiting:
        call(*words)
    assert sent == [("server 1", b"x")] * 2
    assert network.doubled == 1
