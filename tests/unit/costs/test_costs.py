"""What a call costs: protocols of which it is known by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from calling import CALL, Knows, Note, calls, client, node, system

from checker import (
    Crashes,
    FaultyLinks,
    Fifo,
    Limits,
    Link,
    Lossy,
    LossyDuplicating,
    Machine,
    Machines,
    Member,
    Network,
    Reliable,
    Role,
    Stable,
    Step,
    System,
)
from checker.costs.cost import Asked, Cost, cost_of
from checker.costs.search import counts_of, price_of
from checker.costs.timed import Untimed
from checker.model.behaviour import replay
from checker.model.calls import Calls
from checker.model.linearizability import Invocation, Response
from checker.model.vocabulary import Seen


@dataclass(frozen=True)
class Poke:
    """What is handled within the step that sends it."""


def cost(system: System, calls: Calls, *, from_start: bool = False, limits: Limits | None = None) -> Cost:
    return cost_of(Asked(system, calls, CALL, from_start), limits or Limits())


def figures(found: Cost) -> tuple[int | None, ...]:
    return found.delays, found.writes, found.messages, found.in_all


def passing(name: str, to: str, text: str = "answer", *, writes: bool = False) -> Member:
    """A node that answers every note with one."""
    return node(name, lambda told, _: (((to, text),), writes))


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_ring(length: int) -> None:
    names = [f"n{i}" for i in range(length)]
    ring = [passing(one, other) for one, other in zip(names, [*names[1:], "client"], strict=True)]
    found = cost(system(client(("n0", "go")), *ring), calls())
    assert figures(found) == (length + 1, 0, length + 1, length + 1)
    assert found.found is not None
    assert [stage.node for stage in found.found.chain] == ["client", *names, "client"]


@pytest.mark.parametrize(("wanted", "until"), [(1, 4), (2, 5), (3, 6)])
def test_a_broadcast_is_as_many_messages(wanted: int, until: int) -> None:
    servers = [passing(name, "client") for name in "abc"]
    asking = client(*((name, "go") for name in "abc"))
    assert figures(cost(system(asking, *servers), calls(wanted))) == (2, 0, until, 6)


def joining() -> Member:
    """Answers the client when it was told twice."""
    return node("join", lambda told, _: ((("client", "answer"),) if len(told) == 1 else (), False))


def test_the_longest_of_two_ways_counts_where_both_are_needed() -> None:
    ways = (passing("a", "join"), passing("b", "c"), passing("c", "join", writes=True))
    found = cost(system(client(("a", "go"), ("b", "go")), *ways, joining()), calls(stable="c"))
    assert figures(found) == (4, 1, 6, 6)
    assert found.found is not None
    assert [stage.node for stage in found.found.chain] == ["client", "b", "c", "join", "client"]
    assert [stage.writes for stage in found.found.chain] == [False, False, True, False, False]


def test_the_minimum_counts_where_a_run_can_do_without_the_long_way() -> None:
    def first(told: tuple[str, ...], text: str) -> tuple[tuple[tuple[str, str], ...], bool] | None:
        return None if told else ((("client", "answer"),), False)

    ways = (passing("a", "join"), passing("b", "c"), passing("c", "join"))
    found = cost(system(client(("a", "go"), ("b", "go")), *ways, node("join", first)), calls())
    assert figures(found) == (3, 0, 4, 6)


def test_writes_count_on_the_longest_chain_only() -> None:
    # the short way writes twice, the long one once
    short = (passing("a", "d", writes=True), passing("d", "join", writes=True))
    long = (passing("b", "c"), passing("c", "e", writes=True), passing("e", "join"))
    asking = client(("a", "go"), ("b", "go"))
    found = cost(system(asking, *short, *long, joining()), calls(stable="acd"))
    assert (found.delays, found.writes) == (5, 1)


def test_of_runs_with_as_many_delays_the_one_with_fewest_writes_counts() -> None:
    def first(told: tuple[str, ...], text: str) -> tuple[tuple[tuple[str, str], ...], bool] | None:
        return None if told else ((("client", "answer"),), False)

    ways = (passing("a", "join", writes=True), passing("b", "join"))
    asking = client(("a", "go"), ("b", "go"))
    assert figures(cost(system(asking, *ways, node("join", first)), calls(stable="a"))) == (3, 0, 4, 5)
    ways = (passing("a", "join", writes=True), passing("b", "join", writes=True))
    assert figures(cost(system(asking, *ways, node("join", first)), calls(stable="ab"))) == (3, 1, 4, 5)


def waking(name: str, to: str) -> Member:
    """A node that sends something of its own accord, once."""

    def wake(_: None, state: Knows) -> tuple[Step, ...]:
        return () if state.told else (Step(Knows(("woken",)), ((to, Note("ready")),)),)

    return node(name, lambda told, _: None, {"wake": wake})


def needing_both() -> Member:
    return node(
        "server",
        lambda told, text: (
            (("client", "answer"),) if {*told, text} == {"go", "ready"} else (),
            False,
        ),
    )


def test_what_does_not_rest_on_the_invocation_costs_nothing() -> None:
    model = system(client(("server", "go")), needing_both(), waking("other", "server"))
    assert figures(cost(model, calls())) == (2, 0, 2, 2)


def test_from_the_start_it_costs_what_has_to_come_first() -> None:
    through = (passing("relay", "server", "ready"), waking("other", "relay"))
    model = system(client(("server", "go")), needing_both(), *through)
    assert figures(cost(model, calls())) == (2, 0, 2, 2)
    assert figures(cost(model, calls(), from_start=True)) == (3, 0, 4, 4)


def test_from_the_start_first_messages_are_under_way() -> None:
    server = replace(needing_both(), inbox=(("other", Note("ready")),))
    model = system(client(("server", "go")), server)
    assert figures(cost(model, calls())) == (2, 0, 2, 2)
    assert figures(cost(model, calls(), from_start=True)) == (2, 0, 3, 3)


@pytest.mark.parametrize("network", [Reliable(), Fifo(), Fifo(2), Lossy(), LossyDuplicating()])
def test_nothing_is_lost_and_nothing_comes_twice(network: Network) -> None:
    def twice(told: tuple[str, ...], text: str) -> tuple[tuple[tuple[str, str], ...], bool] | None:
        return ((("client", "answer"), ("client", "answer")), False)

    found = cost(system(client(("a", "go")), node("a", twice), network=network), calls(2))
    assert figures(found) == (2, 0, 3, 3)
    assert found.trace is not None
    assert replay(found.trace.system, found.trace.path) == found.trace


def test_in_a_queue_what_stands_in_the_way_has_to_be_taken() -> None:
    def thrice(told: tuple[str, ...], text: str) -> tuple[tuple[tuple[str, str], ...], bool] | None:
        return ((("b", "ignored"), ("b", "good")), False)

    def only_good(told: tuple[str, ...], text: str) -> tuple[tuple[tuple[str, str], ...], bool] | None:
        return ((("client", "answer"),), False) if text == "good" else None

    members = (client(("a", "go")), node("a", thrice), node("b", only_good))
    found = cost(system(*members, network=Fifo()), calls())
    assert figures(found) == (3, 0, 4, 4)
    assert found.trace is not None
    assert len(found.trace.steps) == 5


def test_messages_within_a_machine_are_none() -> None:
    ring = [passing("a", "b"), passing("b", "c", writes=True), passing("c", "client")]
    apart = system(client(("a", "go")), *ring)
    assert figures(cost(apart, calls(stable="b"))) == (4, 1, 4, 4)
    machines = Machines((Machine("m", ("a", "b")),))
    together = system(*machines.join((client(("a", "go")), *ring)))
    assert figures(cost(together, calls(stable="b"))) == (3, 1, 3, 3)


def test_a_message_to_oneself_is_none() -> None:
    def again(told: tuple[str, ...], text: str) -> tuple[tuple[tuple[str, str], ...], bool] | None:
        return (((("client", "answer"),) if told else (("a", "again"),)), True)

    found = cost(system(client(("a", "go")), node("a", again)), calls(stable="a"))
    assert figures(found) == (2, 2, 2, 2)


def test_nothing_crashes() -> None:
    # a node that comes up again tells the client at once, which would be cheaper
    def hurry(_: None, saved: Knows) -> Step:
        return Step(saved, (("client", Note("answer")),))

    ring = [passing("a", "b"), passing("b", "client")]
    crashes = Crashes(1, ("a",), {"a": Stable(recover=hurry)})
    found = cost(system(*crashes.join((client(("a", "go")), *ring))), calls())
    assert figures(found) == (3, 0, 3, 3)


def test_no_link_loses_what_it_may_lose() -> None:
    # were what a tells b lost there would be one message less
    def tells(told: tuple[str, ...], text: str) -> tuple[tuple[tuple[str, str], ...], bool]:
        return ((("client", "answer"), ("b", "news")), False)

    links = FaultyLinks((Link(senders=frozenset({"a"}), receivers=frozenset({"b"}), some=True),))
    once = node("a", lambda told, text: tells(told, text) if not told else ((), False))
    found = cost(system(*links.join((client(("a", "go")), once, passing("b", "a", "thanks")))), calls())
    assert figures(found) == (2, 0, 3, 4)


def test_no_answer() -> None:
    deaf = node("a", lambda told, text: None)
    found = cost(system(client(("a", "go")), deaf), calls())
    assert figures(found) == (None, None, None, None)
    assert (found.stopped, found.bounds) == (None, ())
    bounded = replace(deaf, role=replace(deaf.role, cut=lambda _, state: "patience"))
    assert cost(system(client(("a", "go")), bounded), calls()).bounds == ("patience",)


def test_no_end_of_messages() -> None:
    members = (client(("a", "go")), node("a", lambda told, _: ((("client", "answer"), ("b", "on")), False)))
    endless = [
        Member("b", Role("b", {Note: lambda _, state, m: (Step(state, (("c", m),)),)}), None, Knows()),
        Member("c", Role("c", {Note: lambda _, state, m: (Step(state, (("b", m),)),)}), None, Knows()),
    ]
    found = cost(system(*members, *endless), calls())
    assert figures(found) == (2, 0, 3, None)
    assert found.stopped is None


def test_a_limit_is_told_and_no_number_beside_it() -> None:
    names = [f"n{i}" for i in range(6)]
    ring = [passing(one, other) for one, other in zip(names, [*names[1:], "client"], strict=True)]
    found = cost(system(client(("n0", "go")), *ring), calls(), limits=Limits(max_states=1))
    assert figures(found) == (None, None, None, None)
    assert found.stopped == "the limit of 1 states was reached"
    assert found.at_least == 0


def test_nodes_that_share_steps_have_no_times_of_their_own() -> None:
    def on_note(_: None, state: Knows, message: Note) -> tuple[Step, ...]:
        return (Step(state, (("b", Poke()), ("client", Note("answer")))),)

    def on_poke(_: None, state: Knows, message: Poke) -> tuple[Step, ...]:
        return (Step(Knows(("poked",)), ()),)

    a = Member("a", Role("a", {Note: on_note}), None, Knows())
    b = passing("b", "a", "back")
    rules = {**b.role.rules, Poke: on_poke}
    b = replace(b, role=replace(b.role, rules=rules, immediate=frozenset({Poke})))
    model = system(client(("b", "go")), a, b)
    with pytest.raises(Untimed, match="b takes part in steps of a"):
        cost(model, calls(2))


def test_prices_are_compared_from_the_first_count_on() -> None:
    assert price_of(1, -2, 5) > price_of(0, 7, 9)
    assert price_of(1, -2, 5) + price_of(0, 3, 1) == price_of(1, 1, 6)
    assert counts_of(price_of(4, 0, 12, 9), 4) == (4, 0, 12, 9)


def test_a_step_may_be_an_answer_and_the_next_call() -> None:
    """The second call costs as much as the first, whose answer is the step that makes it."""

    def on_note(context: None, told: int, note: Note) -> tuple[Step, ...]:
        return (Step(told + 1, (("server", Note("go")),) if told == 1 else ()),)

    def begin(context: None, told: int) -> tuple[Step, ...]:
        return (Step(1, (("server", Note("go")),)),) if told == 0 else ()

    def events(seen: Seen) -> list[Invocation | Response]:
        before, after = seen.before, seen.after
        answered = [Response("client", before, "op", None)] if before else []
        return [*answered, *([Invocation("client", after, "op")] if after < 3 else [])]

    hasty = Member("client", Role("client", {Note: on_note}, {"begin": begin}), None, 0)
    ours, both = system(hasty, passing("server", "client")), Calls((1, 2), {"client"}, events)
    found = [cost_of(Asked(ours, both, number), Limits()) for number in (1, 2)]
    # what comes of the first one is also the second: four messages until nothing is under way
    assert [figures(one) for one in found] == [(2, 0, 2, 4), (2, 0, 2, 2)]
