"""What can still be reached from a state, natively: what a plain search over all states says."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hunt import election, paxos, peers, tables
from hunt.claims import as_it_is, predicate
from hunt.comparing import REDUCTIONS
from hunt.streams import Stream

from checker.engines.contract import UNREDUCED, Limits, Reductions
from checker.engines.graph import StateGraph, TooManyStates
from checker.engines.graph import explore as graph_of
from checker.engines.native.reach import reaching
from checker.engines.native.reductions.action import ENUMERATED
from checker.engines.reaching import Reaching, reaching_plainly
from checker.model.claims import UnsoundClaim
from checker.model.properties import Kind, On, Property
from checker.model.semantics import ModelError, State, initial_state, successors
from checker.model.system import System
from checker.modelfiles.loading import load
from spec.protocol import PMMC
from tests.differential import elections
from tests.unit.support.shares import share

MOST_STATES = 400


def states_of(graph: StateGraph) -> list[State]:
    nodes = range(len(graph.system.members))
    return [tuple(graph.cell(number, node) for node in nodes) for number in range(len(graph.states))]


def claims_of(system: System) -> list[Property]:
    """The properties of a system, and what they say of states as a claim of each other kind.

    Of those about one node also such as find more, unless states are kept up to a shift: these tell states
    apart by their text, and so also those that are one.
    """
    found = [p for p in system.properties if p.kind.on is not On.RUN]
    for p in system.properties:
        if p.kind.on in (On.NODE, On.STEP) and system.shift is None:
            found.append(replace(p, judge=predicate(p.id, 4, as_it_is), id=f"{p.id}, often"))
        elif p.kind.on in (On.STATE, On.END):
            others = (Kind.STATE, Kind.TERMINAL, Kind.CAN_STILL)
            found += [
                replace(p, kind=kind, id=f"{p.id}, {kind.name}") for kind in others if kind is not p.kind
            ]
    return found


def counted(found: Reaching) -> tuple[int, int, int]:
    return found.states, found.showing, found.leading


def tells_apart(found: Reaching) -> bool:
    """Whether it can be reached from some states, and from others not."""
    return 0 < found.leading < found.states


def agree(
    system: System, claim: Property, asked: Sequence[State], ways: Sequence[Reductions], first: int = 0
) -> bool:
    """Compare one claim in some ways, with one and two workers by turns; whether it tells states apart."""
    wanted = reaching_plainly(system, claim, asked)
    for k, reductions in enumerate(ways, first):
        found = reaching(system, claim, asked, reductions=reductions, workers=1 + k % 2)
        assert found.known == wanted.known, reductions
        assert found.states <= wanted.states
        assert reductions != UNREDUCED or counted(found) == counted(wanted)
        assert not found.reductions.fusion
    return tells_apart(wanted)


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize(
    ("model", "claims", "every"),
    [
        (
            "stable-without-accepted",
            ("R1", "A3", "R4, often"),
            1,
        ),  # A3: by what is handled at once, a crash
        ("stale-read", ("linearizable", "linearizable, often"), 1),
        ("election", ("A2, often",), 7),
    ],
)
def test_shipped_models(model: str, claims: tuple[str, ...], every: int) -> None:
    system = load(f"spec/models/{model}.yaml", protocols={"pmmc": PMMC}).system
    more = [PMMC.properties[name] for name in ("A3", "R4")]
    wanted = {p.id: p for p in (*more, *system.properties)}
    system = replace(system, properties=tuple(wanted.values()))
    asked = states_of(graph_of(system))[::every]
    for claim in claims_of(system):
        if claim.id in claims:
            assert agree(system, claim, asked, [UNREDUCED, UNREDUCED, Reductions()])


@pytest.mark.usefixtures("shared_early")
def test_up_to_a_shift() -> None:
    """Of each state that is asked about it is checked that it does what is kept of it."""
    system = load("spec/models/duel-any-length-at-most-once.yaml", protocols={"pmmc": PMMC}).system
    asked = states_of(graph_of(system))[::40]
    claims = {p.kind: p for p in claims_of(system)}
    for claim in claims.values():
        agree(system, claim, asked, [UNREDUCED, Reductions()])


@pytest.mark.slow
def test_every_claim_of_every_small_shipped_model() -> None:
    told = 0
    for path in PMMC.model_files():
        system = load(path, protocols={"pmmc": PMMC}).system
        try:
            asked = states_of(graph_of(system, 3_000))
        except TooManyStates:
            continue
        told += sum(
            agree(system, claim, asked, [UNREDUCED, UNREDUCED, Reductions()]) for claim in claims_of(system)
        )
    assert told > 20


def random_system(seed: int) -> System:
    """One of each family by turns, neither large nor without choices, of which something is said."""
    stream = Stream(seed, "reaching")
    for attempt in range(200):
        at = stream.at(attempt)
        system = (
            tables.system(seed, replace(tables.Dials.drawn(at), raising=0, burst=0, late=0, claims=63)),
            peers.system(seed, peers.Dials.drawn(at)),
            election.system(seed, election.Dials.drawn(at)),
            paxos.system(seed, paxos.Dials.drawn(at, paxos.SMALL)),
        )[seed % 4]
        try:
            graph = graph_of(system, MOST_STATES)
        except (TooManyStates, ModelError):
            continue
        if len(graph.states) > 20 and claims_of(system):
            return system
    raise AssertionError("no system of this seed fits")


def compare_random(seed: int, most: int) -> set[Kind]:
    """Compare claims of each kind of a random system; the kinds of those that tell its states apart."""
    system = random_system(seed)
    asked = states_of(graph_of(system))
    told = set()
    claims = sorted(
        claims_of(system), key=lambda claim: not tells_apart(reaching_plainly(system, claim, []))
    )
    for k, claim in enumerate([p for kind in Kind for p in [p for p in claims if p.kind is kind][:most]]):
        ways = [UNREDUCED, REDUCTIONS[(seed + k) % len(REDUCTIONS)]]
        try:
            if agree(system, claim, asked, ways, seed + k):
                told.add(claim.kind)
        except UnsoundClaim:
            assert system.symmetries  # one that tells images apart, of a symmetry that is declared
    return told


@pytest.mark.usefixtures("shared_early")
def test_random_systems() -> None:
    told = set().union(*(compare_random(seed, 1) for seed in range(share(8))))
    assert {kind.on for kind in told} >= {On.STATE, On.NODE, On.STEP, On.END, On.FUTURE}


@pytest.mark.slow
@pytest.mark.usefixtures("shared_early")
def test_many_random_systems() -> None:
    for seed in range(12, 400):
        compare_random(seed, 100)


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_said_before_a_limit_is_so(workers: int) -> None:
    system = load("spec/models/stable-without-accepted.yaml", protocols={"pmmc": PMMC}).system
    asked, claim = states_of(graph_of(system)), system.properties[0]
    wanted = reaching_plainly(system, claim, asked).known
    said = set()
    for limits in [
        *(Limits(max_depth=n) for n in range(1, 14)),
        Limits(),
        Limits(max_states=200),
        Limits(timeout=0),
    ]:
        found = reaching(system, claim, asked, limits, reductions=UNREDUCED, workers=workers)
        assert (found.stopped is None) == (None not in found.known)
        assert all(told in (None, so) for told, so in zip(found.known, wanted, strict=True))
        said.add((found.stopped is None, True in found.known))
    assert said == {(False, False), (False, True), (True, True)}


def test_many_alike() -> None:
    """Of a large group the kernel need not keep the image that one would look for."""
    system = elections.election(5, elections.on_ask_forgetting)
    claim, state, asked = elections.SAFETY, initial_state(system), []
    stream = Stream("walks")
    for number in range(40):
        state = initial_state(system)
        for step in range(14):
            after = list(successors(system, state))
            if not after:
                break
            state = stream.at(number, step).pick(after).state
            asked.append(state)
    for one in (claim, replace(claim, kind=Kind.TERMINAL)):
        plain = reaching(system, one, asked, reductions=UNREDUCED)
        found = reaching(system, one, asked, reductions=Reductions())
        assert found.reductions.renamings > ENUMERATED
        assert found.known == plain.known
        assert found.states * 10 < plain.states
        assert {*found.known} == {False, True}
