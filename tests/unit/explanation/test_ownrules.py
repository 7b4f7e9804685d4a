"""Where a step of a trace is not the protocol's own, and what its own rule would have done."""

from dataclasses import replace
from functools import cache

import pytest
from smallmodels import SMALL
from sometraces import model, violation

from checker.checking.check import check
from checker.checking.question import Options
from checker.engines.choose import Means
from checker.explanation.ownrules import Departure, How, Own, departures, own_of
from checker.model.behaviour import Trace, replay
from checker.model.network import Fifo, Lossy, Network, Reliable
from checker.model.semantics import initial_state, successors
from checker.model.system import System
from checker.modelfiles.loading import LoadedModel, load_text
from checker.mutation.examine import load_mutant
from pmmc.messages import P2a
from pmmc.values import Step
from spec.protocol import PMMC, derive
from spec.roles import ACCEPTOR


@cache
def mutant(name: str) -> tuple[LoadedModel, Trace]:
    """A mutant's model, and the trace of its expected violation."""
    entry = next(one for one in PMMC.mutants if one.id == name)
    loaded = load_mutant(PMMC, entry)
    return loaded, dict(check(loaded, Options(Means("native"))).traces)[entry.property or ""]


def of(loaded: LoadedModel) -> Own:
    own = own_of(loaded)
    assert own is not None
    return own


def first(loaded: LoadedModel, trace: Trace) -> Departure:
    return next(departures(trace, of(loaded)))


def test_a_rule_in_the_place_of_ours() -> None:
    loaded = model("accept-any-ballot")
    own = of(loaded)
    assert (own.replaced, own.standing_for) == (("acceptor: accept-any-ballot",), ("",))
    found, *_ = departures(violation("accept-any-ballot"), own)
    assert (found.action, found.how) == ("acceptor.p2a", How.OTHERWISE)
    assert found.taken is not None
    (ours,) = found.own
    assert len(found.taken.changes) == 1
    assert ours.changes == ()
    assert len(ours.sends) == len(found.taken.sends) == 1
    assert ours.sends != found.taken.sends


def test_a_message_that_ours_ignores() -> None:
    found = first(model("commander-as-printed"), violation("commander-as-printed"))
    assert (found.how, found.own, found.action) == (How.NOT_AT_ALL, (), "leader.p2b")


def test_a_wake_that_ours_has_not() -> None:
    found = first(*mutant("D-56"))
    assert (found.how, found.action) == (How.NO_SUCH_STEP, "replica.fill")


def test_a_mutant_of_a_variant_is_compared_with_the_variant() -> None:
    loaded, trace = mutant("G-01")
    own = of(loaded)
    assert (own.replaced, own.standing_for) == (("reads: local-replica",), ("reads: quorum",))
    assert next(departures(trace, own)).action == "replica.read"


def test_a_variant_that_is_left_out_would_have_gone_on() -> None:
    loaded, trace = mutant("D-13")
    own = of(loaded)
    assert (own.replaced, own.standing_for) == (("",), ("requests: sent-again",))
    found = next(departures(trace, own))
    assert (found.step, found.how, found.taken) == (len(trace.steps) + 1, How.GOES_ON, None)
    assert found.own


def test_ours_may_go_on_later_than_the_trace() -> None:
    found = first(model("same-ballot-again"), violation("same-ballot-again"))
    assert found.how is How.GOES_ON
    assert found.step == len(violation("same-ballot-again").steps) + len(found.ahead) + 1
    assert found.ahead


def test_what_only_a_variant_knows_is_no_difference() -> None:
    """What is on disk is no field of ours: that a step does not write is seen when a crash shows it."""
    loaded, trace = mutant("A-15")
    found = first(loaded, trace)
    assert found.how is How.OTHERWISE
    assert trace.steps[found.step - 1].transition.action == "crash"


def test_where_ours_needs_what_others_do_not_keep() -> None:
    loaded, trace = mutant("C-10")
    told = list(departures(trace, of(loaded)))
    assert {one.how for one in told} == {How.RAISES}
    assert "pinged" in told[0].reason


def test_what_the_network_throws_away_is_thrown_away_by_ours_too() -> None:
    """A message to a node that is down, where messages do not wait."""
    text = SMALL.replace("at-most-once", "fifo") + (
        "rules: {acceptor: keep-highest-only}\nfaults: {down: [acceptor 0], restarts: false}\n"
    )
    loaded = load_text(text, "down.yaml", protocols={"pmmc": PMMC})
    state = initial_state(loaded.system)
    index = next(i for i, t in enumerate(successors(loaded.system, state)) if t.action == "p1a")
    trace = replay(loaded.system, (index,))
    assert trace.steps[0].after[0].local == trace.steps[0].before[0].local
    assert list(departures(trace, of(loaded))) == []


@pytest.mark.parametrize("network", [Reliable(), Fifo(), Lossy()], ids=lambda network: network.name)
def test_ours_are_asked_in_the_network_of_the_trace(network: Network) -> None:
    loaded = model("accept-any-ballot")
    checked = check(loaded, Options(Means("native"), network=network))
    found = next(departures(checked.traces["R1"], of(loaded)))
    assert (found.action, found.how) == ("acceptor.p2a", How.OTHERWISE)


@pytest.mark.parametrize("name", ["one-active-leader", "log-without-holes", "apart-by-sets"])
def test_a_model_of_our_own_rules(name: str) -> None:
    assert own_of(model(name)) is None


@pytest.mark.parametrize("name", ["A-01", "B-01", "C-01", "D-01"])
def test_no_step_of_our_own_is_told(name: str) -> None:
    """In the model with our own rules every trace is one of ours."""
    loaded, trace = mutant(name)
    own = of(loaded)
    ours = Own(own.system, (), (), ())
    found = next(departures(trace, own))
    beginning = replace(trace, steps=trace.steps[: found.step - 1], claim=None, reason="")
    assert all(one.how is How.GOES_ON for one in departures(beginning, ours))
    of_ours = replace(beginning, system=own.system)
    assert list(departures(of_ours, ours)) == []


def refuse(_: object, __: object, ___: object) -> tuple[Step, ...]:
    """Accept nothing, and answer nothing."""
    return ()


def test_a_package_that_is_derived() -> None:
    about, models = "Acceptors that accept nothing.", PMMC.models
    assert models is not None
    acme = derive("acme", about=about, models=models, roles=[ACCEPTOR.with_rules({P2a: refuse})])
    loaded = load_text(SMALL + "protocol: acme\n", "acme.yaml", protocols={"acme": acme})
    own = of(loaded)
    assert (own.replaced, own.standing_for, own.about) == (("acme",), ("",), (about,))
    found = next(departures(to_the_end(loaded.system), own))
    assert (found.action, found.how) == ("acceptor.p2a", How.GOES_ON)


def to_the_end(system: System) -> Trace:
    """The behaviour that always takes the first step that changes something."""
    state, path = initial_state(system), []
    while True:
        following = ((i, t.state) for i, t in enumerate(successors(system, state)) if t.state != state)
        index, state = next(following, (-1, state))
        if index < 0:
            return replay(system, tuple(path))
        path.append(index)
