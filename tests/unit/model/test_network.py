"""Laws of the network semantics: inboxes only grow by what others do, and every order is a fixed one."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model.network import NETWORKS as OFFERED
from checker.model.network import (
    AtMostOnce,
    Choice,
    Fifo,
    Lossy,
    LossyDuplicating,
    Reliable,
    in_order,
    listed,
    merges,
)
from pmmc.values import Node

NETWORKS = (LossyDuplicating(), AtMostOnce(), Lossy(), Reliable(), Fifo(), Fifo(loss=1), Fifo(loss=2))
ROOT = Path(__file__).parents[3]
SENDERS = (Node("leader", 0), Node("leader", 1), Node("replica", 0))
MESSAGES = st.tuples(st.sampled_from("mno"), st.integers(0, 2))
POSTS = st.lists(st.tuples(st.sampled_from(SENDERS), st.lists(MESSAGES, max_size=3)), max_size=6)
every = pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)


def posted(network, posts, inbox=None):
    inbox = network.empty if inbox is None else inbox
    for sender, messages in posts:
        inbox = network.post(inbox, sender, messages)
    return inbox


def takeable(network, inbox) -> Counter:
    return Counter((c.message, c.lost) for c in network.choices(inbox))


@every
class TestEvery:
    @given(posts=POSTS, sender=st.sampled_from(SENDERS), messages=st.lists(MESSAGES, max_size=3))
    def test_a_post_takes_no_choice_away(self, network, posts, sender, messages) -> None:
        before = posted(network, posts)
        then = network.post(before, sender, messages)
        assert takeable(network, before) <= takeable(network, then)
        assert Counter(network.held(before)) <= Counter(network.held(then))

    @given(posts=POSTS, sender=st.sampled_from(SENDERS), message=MESSAGES)
    def test_taking_commutes_with_posting_another_message(self, network, posts, sender, message) -> None:
        inbox = posted(network, posts)
        later = network.post(inbox, sender, (message,))
        for choice in network.choices(inbox):
            merged = merges(network) and choice.message == message
            if not merged:
                first_taken = network.post(choice.after, sender, (message,))
                assert choice._replace(after=first_taken) in network.choices(later)

    @given(posts=POSTS)
    def test_without_an_order_any_message_may_be_taken_and_none_is_lost(self, network, posts) -> None:
        # the native engine goes by these words when it goes through an inbox (engines/native/steps.py)
        if network.unordered:
            inbox = posted(network, posts)
            after = {m: inbox if network.keeps else inbox - {m} for m in inbox}
            assert list(network.choices(inbox)) == [Choice(m, after[m]) for m in in_order(inbox)]
            assert not network.discards

    @given(posts=POSTS)
    def test_nothing_comes_that_was_not_sent(self, network, posts) -> None:
        inbox = posted(network, posts)
        sent = {message for _, messages in posts for message in messages}
        assert set(network.held(inbox)) == sent
        assert {c.message for c in network.choices(inbox)} <= sent

    @given(posts=POSTS)
    def test_posting_together_is_posting_one_by_one(self, network, posts) -> None:
        one_by_one = [(sender, [m]) for sender, messages in posts for m in messages]
        assert posted(network, one_by_one) == posted(network, posts)

    @given(posts=POSTS)
    def test_senders_do_not_wait_for_each_other(self, network, posts) -> None:
        grouped = sorted(posts, key=lambda post: post[0])
        assert posted(network, grouped) == posted(network, posts)

    def test_the_empty_inbox_offers_nothing(self, network) -> None:
        assert list(network.choices(network.empty)) == []
        assert network.held(network.empty) == ()

    @given(posts=POSTS)
    def test_choices_are_distinct(self, network, posts) -> None:
        choices = list(network.choices(posted(network, posts)))
        assert len(set(choices)) == len(choices)

    @given(posts=POSTS)
    def test_renaming_commutes_with_posting(self, network, posts) -> None:
        turned = dict(zip(SENDERS, (*SENDERS[1:], SENDERS[0]), strict=True))
        mirrored = {(letter, i): (letter, 2 - i) for letter in "mno" for i in range(3)}
        renamed = [(turned[sender], [mirrored[m] for m in messages]) for sender, messages in posts]
        image = network.mapped(posted(network, posts), mirrored.__getitem__, turned.__getitem__)
        assert image == posted(network, renamed)


@given(POSTS)
def test_duplicating_keeps_all(posts) -> None:
    network = LossyDuplicating()
    inbox = posted(network, posts)
    assert all(choice.after == inbox and not choice.lost for choice in network.choices(inbox))
    assert {c.message for c in network.choices(inbox)} == inbox


@given(POSTS)
def test_at_most_once_gives_each_away_once(posts) -> None:
    network = AtMostOnce()
    inbox = posted(network, posts)
    for message, after, lost, _ in network.choices(inbox):
        assert after == inbox - {message}
        assert not lost


@given(POSTS)
def test_lossy_gives_each_away_once_or_loses_it(posts) -> None:
    network = Lossy()
    inbox = posted(network, posts)
    offered = Counter((c.message, c.lost) for c in network.choices(inbox))
    assert offered == Counter((message, lost) for message in inbox for lost in (False, True))
    assert all(c.after == inbox - {c.message} for c in network.choices(inbox))


@every
def test_equal_messages_that_wait_are_one_or_not(network) -> None:
    twice = posted(network, [(SENDERS[0], ["m"]), (SENDERS[0], ["m"])])
    assert len(network.held(twice)) == (1 if merges(network) else 2)
    assert merges(network) == (network.name in ("lossy-duplicating", "at-most-once", "lossy"))


@given(POSTS, st.data())
def test_reliable_gives_each_away_as_often_as_it_was_sent(posts, data) -> None:
    network = Reliable()
    inbox = posted(network, posts)
    sent = Counter(message for _, messages in posts for message in messages)
    assert Counter(network.held(inbox)) == sent
    arrived: Counter = Counter()
    while choices := list(network.choices(inbox)):
        assert {c.message for c in choices} == set((sent - arrived).elements())
        message, inbox, lost, _ = data.draw(st.sampled_from(choices))
        assert not lost
        arrived[message] += 1
    assert arrived == sent


def test_every_network_that_is_offered_is_under_these_laws() -> None:
    assert {type(offer.make(0)) for offer in OFFERED.values()} == {type(network) for network in NETWORKS}
    for name, offer in OFFERED.items():
        assert offer.make(0).name == name
        assert (offer.make(3) != offer.make(0)) == offer.budget


def test_what_is_said_of_networks_says_all_of_them() -> None:
    page = (ROOT / "docs" / "what-a-pass-means.md").read_text(encoding="utf-8")
    for name, offer in OFFERED.items():
        assert f"| `{name}` | {offer.about} |" in page
        for other in ("README.md", "spec/template.yaml"):
            assert name in (ROOT / other).read_text(encoding="utf-8")
    assert listed() == "lossy-duplicating, at-most-once, lossy, reliable or fifo"


@given(POSTS, st.data())
def test_fifo_keeps_the_order_of_each_sender(posts, data) -> None:
    network = Fifo()
    inbox = posted(network, [(s, [(s, m) for m in messages]) for s, messages in posts])
    arrived: list = []
    while choices := list(network.choices(inbox)):
        message, inbox, _, _ = data.draw(st.sampled_from(choices))
        arrived.append(message)
    for sender in SENDERS:
        sent = [m for s, messages in posts if s == sender for m in messages]
        assert [m for s, m in arrived if s == sender] == sent
    assert inbox == network.empty


@given(st.integers(0, 3), POSTS, st.data())
def test_fifo_loses_no_more_than_its_budget(budget, posts, data) -> None:
    network = Fifo(loss=budget)
    inbox = posted(network, posts)
    losses = 0
    while choices := list(network.choices(inbox)):
        _, inbox, lost, _ = data.draw(st.sampled_from(choices))
        losses += lost
    assert losses <= budget
    assert inbox.losses == budget - losses


@given(st.frozensets(MESSAGES), st.randoms(use_true_random=False))
def test_the_order_depends_on_values_alone(messages, random) -> None:
    shuffled = list(messages)
    random.shuffle(shuffled)
    assert in_order(shuffled) == in_order(messages)


WALK = """
from checker.modelfiles.loading import load
from checker.model.semantics import initial_state, successors
from checker.model.values import show
from spec.protocol import PMMC

for name in ("two-clients", "duel-two-rounds", "fifo-loss", "any-request"):
    system = load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).system
    state = initial_state(system)
    for step in range(18):
        options = list(successors(system, state))
        for option in options:
            print(option.node, option.action, show(option.message), [show(s) for s in option.sends])
        if not options:
            break
        state = options[(7 * step) % len(options)].state
"""


def test_steps_have_the_same_order_in_every_process() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", WALK],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) > 100
