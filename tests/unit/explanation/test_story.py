"""Stories: every step of the slice is told once, after its causes, and what is said of it is so."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sometraces import PROTOCOLS, ending_at, model, walk
from walkers import at, walker

from checker.checking.check import check, check_system
from checker.explanation.relevance import changes_that_matter
from checker.explanation.story import Story, story_of
from checker.explanation.strands import by_cause, can_be_taken, strands_of
from checker.explanation.turns import Steps, Turn
from checker.model.behaviour import Trace
from checker.model.properties import eventually
from checker.modelfiles.loading import load_text
from checker.traces.causality import Causality
from checker.traces.retrace import readable
from checker.traces.slicing import slice_of

NUMBERS = re.compile(r"\((?:(?!steps? )[^\d\W]\w*, )?(?:steps? )?([\d, ]+)\)")
#: Violations of several kinds, which the native engine finds at once.
VIOLATED = (
    *("accept-any-ballot", "apart-by-sets", "commander-as-printed", "keep-highest-forgets"),
    *("leased-reads-as-printed", "one-active-leader", "reconfigurations-applied-again"),
    *("same-ballot-again", "session-out-of-order", "stable-leader-active", "stale-read"),
    *("idle-no-op-too-early", "loss-sent-once", "takeover-undetected"),
)
WALKED = ("crashes", "losses", "two-keys", "fifo-loss", "one-client")


@cache
def violation(name: str) -> Trace:
    loaded = model(name)
    assert loaded.model.expect is not None
    return readable(check(loaded).traces[loaded.model.expect.property or ""])


def text_of(story: Story) -> str:
    return "\n\n".join(" ".join(s.text for s in paragraph) for paragraph in story.paragraphs)


def check_story(trace: Trace) -> None:
    """Each step of the slice is told once, and the numbers in a sentence are those of its steps."""
    story = story_of(trace)
    assert story.slice == slice_of(trace)
    *told, (end,) = story.paragraphs
    sentences = [sentence for paragraph in told for sentence in paragraph]
    numbers = [n for sentence in sentences for n in sentence.steps]
    assert len(numbers) == len({*numbers})
    assert {*numbers, *end.steps} == {*story.slice}
    assert end.text.endswith(".")
    for sentence in sentences:
        shown = [int(n) for group in NUMBERS.findall(sentence.text) for n in group.split(", ")]
        assert sorted(shown) == sorted(sentence.steps)
        assert sentence.text[0] == sentence.text[0].upper()
        assert sentence.text.endswith(".")


def check_strands(trace: Trace) -> None:
    """Strands hold each step once, in an order of causes, and can be taken alone if they say so."""
    known = Causality(trace)
    found = strands_of(known)
    numbers = [n for strand in found.strands for n in strand.steps]
    assert len(numbers) == len({*numbers})
    assert {*numbers, *found.meeting} == {*range(1, len(trace.steps) + 1)}
    for strand in found.strands:
        assert ordered(known, strand.steps)
        assert strand.alone == can_be_taken(known, strand.steps)
    assert ordered(known, by_cause(known, range(1, len(trace.steps) + 1)))


def ordered(known: Causality, steps: tuple[int, ...]) -> bool:
    place = {number: i for i, number in enumerate(steps)}
    links = [link for link in known.links() if link.before in place and link.after in place]
    return all(place[link.before] < place[link.after] for link in links)


@pytest.mark.parametrize("name", VIOLATED)
def test_of_a_violation_each_step_is_told_once_after_its_causes(name: str) -> None:
    check_story(violation(name))
    check_strands(violation(name))


@settings(max_examples=12)
@example("fifo-loss", 242)
@given(st.sampled_from(WALKED), st.integers(0, 10_000))
def test_of_any_behaviour_each_step_is_told_once_after_its_causes(name: str, seed: int) -> None:
    trace = ending_at(walk(name, seed, 10))
    check_story(trace)
    check_strands(trace)


@pytest.mark.parametrize("steps", [0, 1])
def test_of_next_to_no_steps_the_end_is_told(steps: int) -> None:
    trace = ending_at(walk("crashes", 0, steps))
    assert len(trace.steps) == steps
    check_strands(trace)
    story = story_of(trace)
    (end,) = story.paragraphs[-1]
    assert end.steps == (1,) * steps
    assert end.text.endswith("reached.")


def test_two_rivals_are_two_strands_that_need_not_each_other() -> None:
    story = story_of(violation("one-active-leader"))
    assert text_of(story) == (
        "Leader 0's p1a(leader 0, ballot 0.0) reaches acceptors 0 and 1 (steps 1, 5), which answer "
        "p1b (2, 8); leader 0 is now active.\n\n"
        "Besides, leader 1's p1a(leader 1, ballot 0.1) reaches acceptors 0 and 1 "
        "(3, 6), which answer p1b (4, 7); leader 1 is now active.\n\n"
        "Together: leader 0 and leader 1 are both active."
    )


def test_strands_are_independent_only_if_no_node_has_a_part_in_both() -> None:
    """Of two rivals an acceptor hears one before the other, and the other way round it is another story."""
    lost = story_of(violation("loss-sent-once"))
    assert text_of(lost).count("Independently of that, client 0 does invoke") == 1
    crashed = text_of(story_of(violation("stable-without-accepted")))
    assert "Besides, acceptor 0 goes down and forgets accepted" in crashed
    assert "Independently" not in crashed


def mattering(trace: Trace, number: int) -> set[str]:
    return {field.name for _, field in changes_that_matter(trace, number)}


def test_what_is_forgotten_before_it_is_used_does_not_matter() -> None:
    trace = violation("stable-without-accepted")
    assert mattering(trace, 1) == {"ballot"}
    assert mattering(trace, 3) == set()  # accepted: the crash forgets it, and nobody asks before that
    assert mattering(trace, 5) == {"decisions"}  # R1 reads it; the store and what was performed it does not
    assert "" in mattering(trace, 6)  # the acceptor goes down


#: An acceptor that forgets its ballot, which a claim about steps sees at once.
FORGETS = """
name: forgets-ballot
nodes: {acceptors: 1, leaders: 1, replicas: 1}
commands: [put k A]
bounds: {slots: 1, rounds: 1}
network: at-most-once
faults: {crashes: 1, nodes: [acceptors]}
stable: {acceptor: []}
properties: [A1]
"""


def test_what_was_known_before_the_last_step_matters_to_a_claim_about_steps() -> None:
    trace = check(load_text(FORGETS, "m.yaml", protocols=PROTOCOLS)).traces["A1"]
    assert [step.transition.action for step in trace.steps] == ["p1a", "crash"]
    assert mattering(trace, 1) == {"ballot"}


def test_a_promise_that_nobody_keeps_does_not_matter() -> None:
    trace = violation("accept-any-ballot")
    promises = [n for n, step in enumerate(trace.steps, 1) if step.transition.action == "p1a"]
    assert promises
    assert all(mattering(trace, number) == set() for number in promises)


def test_a_majority_is_asked_and_answers_in_one_turn() -> None:
    trace = violation("one-active-leader")
    steps = Steps(trace, Causality(trace))
    assert list(steps.turns([1, 2, 5, 8])) == [(Turn(1, 2), Turn(5, 8))]
    assert list(steps.turns([1, 5, 2, 8])) == [(Turn(1), Turn(5)), (Turn(2),), (Turn(8),)]


def test_a_node_that_takes_no_part_is_as_at_the_start() -> None:
    (end,) = story_of(violation("stable-nothing")).paragraphs[-1]
    assert end.text.endswith("Leader 1 is as at the start.")


def test_a_run_that_repeats_from_the_start_has_no_way() -> None:
    system = walker(eventually(at(9)), steps={0: (1,), 1: (0,)})
    (trace,) = check_system(system).traces.values()
    assert trace.loop == 0
    (cycle, end) = story_of(trace).paragraphs
    assert cycle[0].text == ("Again and again, for ever: w now has 1 (go, step 1), then now has 0 (go, 2).")
    assert end[0].text.startswith("Steps 1 to 2 repeat for ever")


@pytest.mark.parametrize("name", ["duel-endless", "takeover-leader-first"])
def test_a_run_is_told_in_its_way_and_its_cycle(name: str) -> None:
    trace = violation(name)
    assert trace.loop
    way, cycle, end = story_of(trace).paragraphs
    assert {n for s in way for n in s.steps} == {*range(1, trace.loop + 1)}
    assert {n for s in cycle for n in s.steps} == {*range(trace.loop + 1, len(trace.steps) + 1)}
    assert cycle[0].text.startswith("Then again and again, for ever: ")
    assert end[0].text.startswith("Steps ")
