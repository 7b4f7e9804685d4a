"""What a rule looked at before it ignored a message: no more than took place, and nothing is changed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import islice
from random import Random
from typing import Any

import pytest

from checker.explorer.looked import why_ignored
from checker.explorer.pages import Pages, Subject
from checker.model.network import NETWORKS
from checker.model.semantics import State, initial_state, local_steps, successors
from checker.model.system import System
from checker.model.vocabulary import Down, Member, Role, Step
from checker.modelfiles.loading import load
from checker.traces.tracefile import Source
from spec.protocol import PMMC


@dataclass(frozen=True, slots=True)
class Ballot:
    round: int
    leader: int

    def __lt__(self, other: "Ballot") -> bool:
        return (self.round, self.leader) < (other.round, other.leader)

    def __str__(self) -> str:
        return f"{self.round}.{self.leader}"


@dataclass(frozen=True, slots=True)
class Known:
    ballot: Ballot = Ballot(1, 0)
    active: bool = False
    heard: frozenset[str] = frozenset("a")
    name: str = "x"


@dataclass(frozen=True, slots=True)
class Told:
    ballot: Ballot
    who: str = "a"


def looking(rule: Any, message: Any = Told(Ballot(0, 1)), local: Any = Known()) -> str:
    role = Role("node", {type(message): rule})
    member = Member("node", role, None, local, (("other", message),))
    system = System("one", (member,), NETWORKS["at-most-once"].make(0), ())
    return why_ignored(system, 0, local, message)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (lambda _, s, m: () if m.ballot < s.ballot else 1 / 0, "compared @'s ballot 0.1 < ballot 1.0"),
        (lambda _, s, m: () if not s.ballot < m.ballot else 1, "compared not ballot 1.0 < @'s ballot 0.1"),
        (lambda _, s, m: () if m.ballot != s.ballot else 1, "compared @'s ballot 0.1 ≠ ballot 1.0"),
        (lambda _, s, m: () if m.who in s.heard else 1, "compared heard {a} has @'s who a"),
        (lambda _, s, m: () if m.ballot.round == 0 else 1, "compared @'s ballot.round 0 = 0"),
        (lambda _, s, m: (Step(s),) if s.active else (), "looked at active no"),
        (lambda _, s, m: s.active or s.name != "x" or (), "looked at active no; @ compared name x = x"),
        (lambda *_: (), "looked at nothing of it, nor of the state"),
        (lambda _, s, m: (Step(s) for _ in s.heard if s.active), "looked at heard {a}, active no"),
    ],
)  # fmt: skip
def test_what_is_told_took_place(rule: Any, told: str) -> None:
    assert looking(rule) == "the rule " + told.replace("; @", "; the rule").replace("@", "the message")


def test_a_node_that_is_down_is_said_to_be() -> None:
    assert looking(lambda *_: (), local=Down(Known())) == "the node is down"


@pytest.mark.parametrize(
    "rule",
    [
        lambda _, s, m: (Step(s),),
        lambda _, s, m: () if type(s) is Known else (Step(s),),  # does not ignore what notes
        lambda _, s, m: () if type(s.ballot) is Ballot else 1 / 0,  # raises then
    ],
)
def test_nothing_is_told_of_another_call(rule: Any) -> None:
    assert looking(rule) == ""


def test_values_that_a_rule_kept_note_nothing_later() -> None:
    kept = []

    def keeps(_: None, state: Known, message: Told) -> tuple[()]:
        kept.append((state, message.ballot))
        return ()

    assert looking(keeps) == "the rule looked at the message's ballot 0.1"
    for state, ballot in kept:
        assert (state, hash(state)) == (Known(), hash(Known()))
        assert state.ballot == Ballot(1, 0)
        assert ballot < Ballot(1, 0)


@pytest.mark.parametrize("name", ["accept-any-ballot", "servers", "one-client", "fifo-loss"])
def test_what_waits_names_its_sender_and_the_steps_that_take_it(name: str) -> None:
    loaded = load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC})
    system, random = loaded.system, Random(name)
    pages = Pages(Subject(system, Source(loaded.path, loaded.text, "pmmc")))
    state, path = initial_state(system), []
    for _ in range(14):
        steps = list(islice(successors(system, state), 100))
        if not steps:
            break
        path.append(random.randrange(len(steps)))
        state = steps[path[-1]].state
    told = pages.state(tuple(path))
    taken = set()
    for number, node in enumerate(told["nodes"]):
        for item in (item for item in node["inbox"] if item["mark"] != "removed"):
            assert item["sent"] <= len(path)
            sending = [s for s in told["steps"][: item["sent"]][-1:] if item["sent"]]
            assert all(told["nodes"][s["node"]]["name"] == item["sender"] for s in sending)
            for index in item["take"]:
                action = told["actions"][index]
                assert (action["node"], action["lost"]) == (number, False)
                assert item["text"] in action["label"] or action["label"] in item["text"]
            taken |= set(item["take"])
    assert taken == {a["index"] for a in told["actions"] if not a["wake"] and not a["lost"]}
    assert all(m["looked"] for m in told["ignored"] if m["why"] == "ignored now")


@pytest.mark.parametrize("name", ["accept-any-ballot", "one-client", "duel-duplicating", "stable-nothing"])
def test_a_field_that_is_not_named_makes_no_difference(name: str) -> None:
    """What a rule did not look at may be anything that it ever is: the message is ignored all the same."""
    system, random = model(name), Random(name)
    walked = [state for _ in range(12) for state in walk(system, random)]
    ever = [{state[node].local for state in walked} for node in range(len(system.members))]
    tried = 0
    for state in random.sample(walked, 60):
        for node, local, message in ignored(system, state):
            told = why_ignored(system, node, local, message)
            if isinstance(local, Down) or "…" in told:
                continue
            assert told
            unseen = [f.name for f in fields(local) if not re.search(rf"\b{f.name}\b", told)]
            for other in (one for one in ever[node] if type(one) is type(local)):
                changed = replace(local, **{field: getattr(other, field) for field in unseen})
                assert not local_steps(system, node, changed, message), told
                tried += changed != local
    assert tried > 100


def model(name: str) -> System:
    return load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).system


def walk(system: System, random: Random) -> Iterator[State]:
    state = initial_state(system)
    for _ in range(25):
        yield state
        steps = [t.state for t in islice(successors(system, state), 100)]
        if not steps:
            return
        state = random.choice(steps)


def ignored(system: System, state: State) -> Iterator[tuple[int, Any, Any]]:
    for node, cell in enumerate(state):
        for choice in system.network.choices(cell.inbox):
            if not isinstance(cell.local, Down) and not local_steps(
                system, node, cell.local, choice.message
            ):
                yield node, cell.local, choice.message
