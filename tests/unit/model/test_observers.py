"""Senders told to a rule that asks, histories beside the nodes, and messages whose fields are named."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pytest

from checker import Kind, Member, Property, Reductions, Role, Symmetry, System, View, show
from checker.checking.confirm import confirm
from checker.engines import reference
from checker.engines.native.engine import explore
from checker.model.behaviour import replay
from checker.model.network import NETWORKS, Network
from checker.model.semantics import ModelError, initial_state, successors
from checker.model.values import rename
from checker.model.vocabulary import Envelope, Seen, observer
from checker.model.wording import action_of
from checker.traces.causality import Causality

UNREDUCED = Reductions(fusion=False, settling=False, symmetry=False)
VOTERS = ("voter 0", "voter 1", "voter 2")
every_network = pytest.mark.parametrize(
    "network", [o.make(0) for o in NETWORKS.values()], ids=list(NETWORKS)
)


@dataclass(frozen=True)
class Vote:
    """Voter → teller, without a name on it."""

    choice: str


@dataclass(frozen=True)
class Cast:
    """Told to the observer: somebody has voted."""

    voter: str
    choice: str


@dataclass(frozen=True)
class Teller:
    """Who was heard with what, and what is announced."""

    heard: frozenset[tuple[str, str]] = frozenset()
    announced: str | None = None


@dataclass(frozen=True)
class History:
    """All votes that were ever cast."""

    cast: frozenset[tuple[str, str]] = frozenset()


def vote(me: str, voted: bool) -> Any:
    return () if voted else tuple((True, (("teller", Vote(choice)),)) for choice in "xy")


def vote_twice(me: str, voted: bool) -> Any:
    return () if voted else tuple((True, (("teller", Vote(c)), ("teller", Vote(c)))) for c in "xy")


def on_vote(me: str, teller: Teller, envelope: Envelope) -> Any:
    """Count each voter once; announce what two of three want."""
    message = envelope.message
    assert isinstance(message, Vote)
    if envelope.sender in {name for name, _ in teller.heard}:
        return ()
    heard = teller.heard | {(envelope.sender, message.choice)}
    count = Counter(choice for _, choice in heard)
    winner = next((c for c, n in sorted(count.items()) if n > 1), None)
    return ((Teller(heard, winner), ()),)


def observe(seen: Seen) -> Cast | None:
    choices = {m.choice for _, m in seen.sends if isinstance(m, Vote)}
    return Cast(str(seen.node), choices.pop()) if choices else None


def on_cast(me: None, history: History, cast: Cast) -> Any:
    return ((History(history.cast | {(cast.voter, cast.choice)}), ()),)


def majority(setting: None, announced: Any, cast: Any) -> str | None:
    (history,) = cast.values()
    for teller, choice in announced.items():
        if choice and sum(c == choice for _, c in history) < 2:
            return f"{teller} announces {choice}, and {show(history)} were cast"
    return None


MAJORITY = Property(
    id="majority",
    kind=Kind.STATE,
    meaning="What is announced was voted for by two.",
    source="ours",
    views=(
        View("announced", "teller", lambda teller: teller.announced),
        View("cast", "history", lambda history: history.cast),
    ),
    judge=majority,
)
ANNOUNCED = Property(
    id="announced",
    kind=Kind.SOMETIMES,
    meaning="Something is announced.",
    source="ours",
    views=MAJORITY.views[:1],
    judge=lambda setting, announced: "announced" if any(announced.values()) else None,
)
TELLER = Role("teller", {Vote: on_vote}, senders=True)
HISTORY = Member("history", observer("history", observe, {Cast: on_cast}), None, History())


def system(
    network: Network,
    *,
    rule: Callable[..., Any] = on_vote,
    wake: Callable[..., Any] = vote,
    history: Member | None = HISTORY,
) -> System:
    voter = Role("voter", {}, {"vote": wake})
    members = (
        Member("teller", TELLER.with_rules({Vote: rule}), "teller", Teller()),
        *(Member(name, voter, name, False) for name in VOTERS),
    )
    claims = (ANNOUNCED,) if history is None else (MAJORITY, ANNOUNCED)
    swaps = tuple({a: b, b: a} for a, b in pairwise(VOTERS))
    watched = members if history is None else (*members, history)
    return System("votes", watched, network, claims, symmetries=(Symmetry("voters", swaps),))


def forgetful(me: str, teller: Teller, envelope: Envelope) -> Any:
    """Wrong on purpose: counts messages, not voters."""
    message = envelope.message
    assert isinstance(message, Vote)
    heard = teller.heard | {(str(len(teller.heard)), message.choice)}
    count = Counter(choice for _, choice in heard)
    winner = next((c for c, n in sorted(count.items()) if n > 1), None)
    return ((Teller(heard, winner), ()),) if teller.announced is None else ()


@every_network
@pytest.mark.parametrize("wake", [vote, vote_twice])
def test_both_engines_agree_in_every_number(network: Network, wake: Callable[..., Any]) -> None:
    ours = system(network, wake=wake)
    found, wanted = explore(ours, reductions=UNREDUCED), reference.explore(ours)
    assert (found.states, found.generated) == (wanted.states, wanted.generated)
    assert found.violations == wanted.violations == []
    assert [d.property for d in wanted.witnesses] == ["announced"]


@every_network
def test_with_every_reduction_the_verdicts_are_the_same(network: Network) -> None:
    assert explore(system(network)).violations == []
    wrong = system(network, rule=forgetful, wake=vote_twice)
    unnamed = replace(wrong, symmetries=())  # it goes by order of arrival
    for reductions in (UNREDUCED, Reductions()):
        for discovery in explore(unnamed, reductions=reductions).violations:
            assert confirm(unnamed, discovery).reason.startswith("teller announces")
    is_wrong = bool(reference.explore(unnamed).violations)
    assert bool(explore(unnamed).violations) == is_wrong
    # where equal messages of one sender are merged, counting them does no harm
    assert is_wrong == (network.name not in ("at-most-once", "lossy"))


@every_network
def test_voters_may_be_swapped_with_the_envelopes_and_the_history_that_name_them(network: Network) -> None:
    symmetric = Reductions(fusion=False, settling=False)
    for history in (HISTORY, None):
        ours = system(network, history=history)
        found, wanted = explore(ours, reductions=symmetric), reference.explore(ours)
        assert found.states < wanted.states
        assert found.reductions.symmetry == ("voters",)


def test_a_history_that_the_rest_tells_adds_no_states() -> None:
    network = NETWORKS["reliable"].make(0)
    alone = reference.explore(system(network, history=None))
    watched = reference.explore(system(network))
    assert watched.states == alone.states


def test_an_observer_is_told_of_steps_within_them() -> None:
    ours = system(NETWORKS["fifo"].make(0))
    first = next(iter(successors(ours, initial_state(ours))))
    assert first.sends == (("teller", Envelope("voter 0", Vote("x"))), ("history", Cast("voter 0", "x")))
    assert first.state[4].local == History(frozenset({("voter 0", "x")}))
    assert first.state[4].inbox == ours.network.empty
    second = next(iter(successors(ours, first.state)))
    assert (second.node, action_of(second)) == (0, "vote(x) from voter 0")


def test_a_trace_tells_the_sender_and_rests_on_what_was_sent() -> None:
    ours = system(NETWORKS["reliable"].make(0))
    trace = replay(ours, (0, 0))
    causality = Causality(trace)
    assert causality.origins == [None, 1]
    assert [p.at_once for p in causality.parcels] == [False, True]


@every_network
def test_first_messages_come_in_envelopes_too(network: Network) -> None:
    first = tuple((voter, Vote("x")) for voter in VOTERS[:2])
    teller = Member("teller", TELLER, "teller", Teller(), first)
    ours = System("two", (teller,), network, (ANNOUNCED,))
    step = next(iter(successors(ours, initial_state(ours))))
    assert step.state[0].local == Teller(frozenset({("voter 0", "x")}))
    for reductions in (UNREDUCED, Reductions()):
        # equal messages of two voters are two votes
        assert [d.property for d in explore(ours, reductions=reductions).witnesses] == ["announced"]
    assert explore(ours, reductions=UNREDUCED).states == reference.explore(ours).states


@dataclass(frozen=True)
class Stop:
    """Environment → voter, immediate."""


@dataclass(frozen=True)
class Moved:
    """Told to the observer of every step."""


def test_what_is_handled_within_a_step_is_no_step_that_observers_are_told_of() -> None:
    stopping = Role(
        "environment", {}, {"stop": lambda _, left: ((left - 1, (("voter", Stop()),)),) if left else ()}
    )
    voter = Role("voter", {Stop: lambda _, stops, __: ((stops + 1, ()),)}, immediate=frozenset({Stop}))
    count = observer("count", lambda seen: Moved(), {Moved: lambda _, steps, __: ((steps + 1, ()),)})
    members = (
        Member("e", stopping, None, 2),
        Member("voter", voter, None, 0),
        Member("count", count, None, 0),
    )
    ours = System("stops", members, NETWORKS["fifo"].make(0), ())
    for found in (reference.explore(ours), explore(ours, reductions=UNREDUCED)):
        assert (found.raised, found.states, found.generated) == (None, 3, 2)
    assert [cell.local for cell in replay(ours, (0, 0)).final] == [0, 2, 2]


def test_an_envelope_is_renamed_with_its_sender() -> None:
    images = {"voter 0": "voter 1", "voter 1": "voter 0"}
    assert rename(Envelope("voter 0", Vote("x")), images) == Envelope("voter 1", Vote("x"))


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (lambda seen: Vote("x"), "answered vote(x), for which the role has no rule"),
        (
            lambda seen: [Cast("voter 0", "x"), Vote("x")],
            "answered vote(x), for which the role has no rule",
        ),
        (lambda seen: 1 // 0, "raised ZeroDivisionError"),
    ],
)
def test_what_an_observer_does_wrong_is_told_with_the_step(answer: Any, fault: str) -> None:
    role = observer("history", answer, {Cast: on_cast})
    ours = system(NETWORKS["fifo"].make(0), history=replace(HISTORY, role=role))
    with pytest.raises(ModelError, match="voter 0: vote in state no: observe of role history") as caught:
        next(iter(successors(ours, initial_state(ours))))
    assert fault in str(caught.value)


@dataclass(frozen=True)
class Letter:
    """A message with a field that goes by name."""

    to: str
    turn: int = 0
    stamp: int = 0


@dataclass(frozen=True, kw_only=True)
class Named:
    """A message all of whose fields go by name."""

    to: str
    turn: int


def test_fields_that_are_given_by_name_are_shown_by_name() -> None:
    assert show(Letter("a", 3)) == "letter(a, turn 3, stamp 0)"
    assert show(Named(to="a", turn=3)) == "named(to a, turn 3)"
    assert rename(Named(to="a", turn=3), {"a": "b", "b": "a"}) == Named(to="b", turn=3)


def test_an_observer_may_be_told_several_things_of_a_step_in_order() -> None:
    def in_turn(seen: Seen) -> list[Cast | None]:
        return [Cast("somebody", "first"), None, *([cast] if (cast := observe(seen)) else [])]

    def on_cast_listed(me: None, casts: tuple[Cast, ...], cast: Cast) -> Any:
        return (((*casts, cast), ()),)

    history = Member("history", observer("history", in_turn, {Cast: on_cast_listed}), None, ())
    ours = system(NETWORKS["fifo"].make(0), history=history)
    first = next(iter(successors(ours, initial_state(ours))))
    told = (Cast("somebody", "first"), Cast("voter 0", "x"))
    assert first.sends == (("teller", Envelope("voter 0", Vote("x"))), *(("history", one) for one in told))
    assert first.state[4].local == told
    claims = (
        Property(
            "first-first",
            Kind.NODE,
            "What comes first is told first.",
            "ours",
            (View("casts", "history", lambda casts: casts),),
            lambda _, casts: show(casts) if casts and casts[0].voter != "somebody" else None,
        ),
    )
    asked = replace(ours, properties=claims, network=NETWORKS["at-most-once"].make(0), symmetries=())
    one, other = reference.explore(asked), explore(asked, reductions=UNREDUCED)
    assert (one.violations, one.states, one.depth) == ([], other.states, other.depth)


def test_an_observer_may_be_told_of_some_nodes_only() -> None:
    some = replace(HISTORY, role=replace(HISTORY.role, watches=frozenset({"voter 1"})))
    ours = system(NETWORKS["at-most-once"].make(0), history=some)
    (wanted,) = (m for m in ours.members if m.name == "voter 1")
    assert [one.name for one in ours.watchers(wanted)] == ["history"]
    assert not any(list(ours.watchers(m)) for m in ours.members if m.name != "voter 1")
    claim = Property(
        "others-unseen",
        Kind.NODE,
        "Only the votes of one are seen.",
        "ours",
        (View("cast", "history", lambda history: history.cast),),
        lambda _, cast: f"seen: {cast}" if {voter for voter, _ in cast} - {"voter 1"} else None,
    )
    seen = replace(
        claim, id="seen", kind=Kind.SOMETIMES, judge=lambda _, cast: "seen" if any(cast) else None
    )
    for found in (
        reference.explore(replace(ours, properties=(claim, seen), symmetries=())),
        explore(replace(ours, properties=(claim, seen), symmetries=())),
    ):
        assert found.violations == []
        assert [d.property for d in found.witnesses] == ["seen"]


def test_what_is_watched_must_be_a_node() -> None:
    ours = system(NETWORKS["at-most-once"].make(0), history=None)
    watching = replace(HISTORY, role=replace(HISTORY.role, watches=frozenset({"voter 9"})))
    with pytest.raises(ValueError, match="history observes voter 9, which is no node of this system"):
        replace(ours, members=(*ours.members, watching))
