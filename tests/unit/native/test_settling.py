"""Settling: a sound choice of representatives loses nothing, an unsound one is refused, and why."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker.engines import reference
from checker.engines.contract import UNREDUCED, Reductions
from checker.engines.native.engine import explore
from checker.engines.native.reductions.settling import ReductionError
from checker.model.network import AtMostOnce, Fifo, LossyDuplicating, Network
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, View

SETTLING = Reductions(fusion=False, settling=True, symmetry=False)
Choices = Mapping[tuple[int, str], str | None]


@dataclass(frozen=True, slots=True)
class Word:
    text: str

    def __str__(self) -> str:
        return self.text


def listener(
    steps: Mapping[tuple[int, str], int],
    choices: Choices,
    wakes: Mapping[int, int] = {},
) -> Role:
    """A role that counts: (state, word) → next state; and the representatives that it claims."""

    def hear(_: Any, state: int, word: Word) -> list[tuple[int, Any]]:
        return [(steps[state, word.text], ())] if (state, word.text) in steps else []

    def wake(_: Any, state: int) -> list[tuple[int, Any]]:
        return [(wakes[state], ())] if state in wakes else []

    def settle(_: Any, state: int, word: Word) -> Hashable:
        chosen = choices.get((state, word.text), word.text)
        return None if chosen is None else Word(chosen)

    return Role("listener", {Word: hear}, {"wake": wake}, settle=settle)


REACHED = View("state", "listener", lambda state: state)


def reaches(state: int) -> Property:
    """The goal that some listener gets into this state."""
    return Property(
        f"reaches-{state}",
        Kind.SOMETIMES,
        "A goal.",
        "this test",
        (REACHED,),
        lambda _, states: "it does" if state in states.values() else None,
    )


def talker(words: str) -> Role:
    """A role that sends one of these words to the listener."""

    def talk(_: Any, said: bool) -> list[tuple[bool, Any]]:
        return [] if said else [(True, (("ear", Word(word)),)) for word in words]

    return Role("talker", {}, {"talk": talk})


def system(role: Role, first: str, network: Network, *talkers: str) -> System:
    """The listener, the words that are there from the start, and others who send one word each."""
    ear = Member("ear", role, None, 0, tuple(("somebody", Word(word)) for word in first))
    mouths = [Member(f"mouth {k}", talker(words), None, local=False) for k, words in enumerate(talkers)]
    return System("toy", (ear, *mouths), network, tuple(map(reaches, range(5))))


#: what is wrong → (network, words, steps, choices, wakes, what the error says)
UNSOUND: dict[str, tuple[Network, str, Any, Any, Any, str]] = {
    "another effect here": (
        LossyDuplicating(),
        "ab",
        {(0, "a"): 1, (0, "b"): 2},
        {(0, "b"): "a"},
        {},
        "ear in state 0 settles b to a, which does something else here",
    ),
    "dropped though it has an effect": (
        AtMostOnce(),
        "a",
        {(0, "a"): 1},
        {(0, "a"): None},
        {},
        "ear in state 0 settles a to nothing, which does something else here",
    ),
    "dropped though it matters later": (
        LossyDuplicating(),
        "ab",
        {(0, "b"): 1, (1, "a"): 2},
        {(0, "a"): None},
        {},
        "ear in state 0 settles a to nothing, which is told apart from it after the step to 1",
    ),
    "dropped though it matters after a wake": (
        LossyDuplicating(),
        "a",
        {(1, "a"): 2},
        {(0, "a"): None},
        {0: 1},
        "ear in state 0 settles a to nothing, which is told apart from it after the step to 1",
    ),
    "not inherited": (
        AtMostOnce(),
        "abc",
        {(0, "c"): 1, (1, "a"): 2, (1, "b"): 3},
        {(0, "b"): "a"},
        {},
        "ear in state 0 settles b to a, which is told apart from it after the step to 1",
    ),
    "twins, of which only one would be taken": (
        AtMostOnce(),
        "ab",
        {(s, word): s + 1 for s in (0, 1) for word in "ab"},
        {(s, "b"): "a" for s in (0, 1, 2)},
        {},
        "settles [ab] to a, which matters after it is taken, in 1, and so would its twins",
    ),
    "a representative that has another": (
        LossyDuplicating(),
        "abc",
        {},
        {(0, "a"): "b", (0, "b"): "c"},
        {},
        "ear in state 0 settles a to b, which does not represent itself",
    ),
}


@pytest.mark.parametrize("late", [False, True], ids=["from the start", "sent"])
@pytest.mark.parametrize("reductions", [SETTLING, Reductions()], ids=["alone", "with all"])
@pytest.mark.parametrize("wrong", UNSOUND)
def test_an_unsound_choice_is_refused(wrong: str, reductions: Reductions, late: bool) -> None:
    network, words, steps, choices, wakes, message = UNSOUND[wrong]
    role = listener(steps, choices, wakes)
    asked = system(role, "", network, *words) if late else system(role, words, network)
    with pytest.raises(ReductionError, match=message) as caught:
        explore(asked, reductions=reductions)
    assert str(caught.value).startswith("settle of role listener is unsound: ")
    assert "--no-settling does without" in str(caught.value)
    without = explore(asked, reductions=UNREDUCED)
    assert without.states == reference.explore(asked).states


#: (network, words, steps, choices): sound, and fewer states
SOUND: dict[str, tuple[Network, str, Any, Any]] = {
    "words that mean the same": (
        LossyDuplicating(),
        "abc",
        {(0, word): 1 for word in "abc"} | {(1, word): 2 for word in "abc"},
        {(s, word): "a" for s in range(5) for word in "bc"},
    ),
    "a word that means nothing": (AtMostOnce(), "ab", {(0, "a"): 1}, {(s, "b"): None for s in range(5)}),
    "twins, of which one is enough": (
        AtMostOnce(),
        "ab",
        {(0, "a"): 1, (0, "b"): 1},
        {(0, "b"): "a", (1, "a"): None, (1, "b"): None},
    ),
    "a word that stands for others and is never sent": (
        LossyDuplicating(),
        "ab",
        {(0, "a"): 1, (0, "b"): 1, (0, "any"): 1},
        {(0, "a"): "any", (0, "b"): "any", **{(1, word): None for word in ("a", "b", "any")}},
    ),
}


@pytest.mark.parametrize("right", SOUND)
def test_a_sound_choice_keeps_what_can_be_reached(right: str) -> None:
    network, words, steps, choices = SOUND[right]
    asked = system(listener(steps, choices), "", network, words, words)
    wanted = reference.explore(asked)
    found = explore(asked, reductions=SETTLING)
    assert {d.property for d in found.witnesses} == {d.property for d in wanted.witnesses}
    assert found.states < wanted.states
    assert replace(found.reductions, ordering=False).words() == ("settling",)
    assert found.statistics["obligations"] > 0


def test_settling_is_left_out_where_messages_have_an_order() -> None:
    network, words, steps, choices, wakes, _ = UNSOUND["another effect here"]
    del network
    asked = system(listener(steps, choices, wakes), "", Fifo(), *words)
    found = explore(asked, reductions=SETTLING)
    assert replace(found.reductions, ordering=False).words() == ()
    assert found.states == reference.explore(asked).states
