"""Rules that are wrong on purpose fail, with a run that leads there; what passes has exactly the states."""

from collections.abc import Iterator

import pytest
from suites import MAJORITIES, TWO, asked, loaded, mutated, of_text, suite_of, with_rules

from checker.conformance.conforming import Fate
from checker.conformance.rules import Rules
from checker.engines import reference
from checker.model.behaviour import replay
from checker.modelfiles.complaints import Faults
from spec.mutants import CATALOGUE

#: Part, rule, the role that plays it, and the length of a shortest run to where it differs first.
TEN = (
    ("acceptor", "accept-any-ballot", "acceptor", 6),
    ("acceptor", "no-promise", "acceptor", 0),
    ("acceptor", "cleared-when-adopting", "acceptor", 7),
    ("acceptor", "adopts-lower-ballot", "acceptor", 1),
    ("scout", "ignores-pvalues", "leader", 8),
    ("scout", "one-promise-is-enough", "leader", 1),
    ("commander", "one-acceptance-is-enough", "leader", 7),
    ("leader", "proposal-overwritten", "leader", 11),
    ("replica", "window-ignored", "replica", 1),
    ("replica", "decision-forgotten", "replica", 10),
)


@pytest.mark.parametrize(("part", "rule", "role", "length"), TEN, ids=[one[1] for one in TEN])
def test_a_wrong_rule_fails_after_a_run_that_leads_there(
    part: str, rule: str, role: str, length: int
) -> None:
    suite, right = suite_of(MAJORITIES), Rules(loaded(MAJORITIES))
    wrong = mutated(MAJORITIES, {part: rule})
    outcome = asked(suite, wrong)
    assert not outcome.all_passed
    assert {failure.vector.role for failure in outcome.failures} == {role}
    first = outcome.failures[0]
    assert first.fate is Fate.DIFFERS
    assert first.differences
    trace = replay(right.system, suite.path(first.vector.run))
    assert len(trace.steps) == length
    at, member = right.nodes[first.vector.node]
    local = trace.final[at].local
    request = first.vector.request
    assert local == right.wire.read_state(request["state"], member.local)
    message = right.wire.read_message(request["message"])
    assert message in right.system.network.held(trace.final[at].inbox)
    assert right.answer(request) != wrong.answer(request)


def rules() -> Iterator[tuple[str, str]]:
    """Wrong rules of acceptors, leaders and replicas."""
    for mutant in CATALOGUE:
        for variant in mutant.variants:
            if variant.role in ("acceptor", "leader", "replica") and variant.rules:
                yield variant.part, variant.name


@pytest.mark.parametrize("name", ["duel", pytest.param(TWO, marks=pytest.mark.slow)])
def test_what_passes_has_exactly_the_states_of_the_model(name: str) -> None:
    """The law, of every rule in the catalogue: those that pass change nothing in this model."""
    suite, passed = suite_of(name), []
    states = suite.manifest["search"]["states"]
    for part, rule in dict.fromkeys(rules()):
        try:
            other = of_text(with_rules(name, {part: rule}))
        except Faults:  # it needs clocks, which this model has not
            continue
        if asked(suite, Rules(other)).all_passed:
            found = reference.explore(other.system)
            assert (found.states, found.generated) == (states, suite.manifest["search"]["generated"]), rule
            passed.append(rule)
    assert len(passed) > 20


@pytest.mark.parametrize(("part", "rule", "role"), [one[:3] for one in TEN[::4]])
def test_the_other_roles_are_not_blamed(part: str, rule: str, role: str) -> None:
    others = [one for one in ("acceptor", "leader", "replica") if one != role]
    assert asked(suite_of(MAJORITIES), mutated(MAJORITIES, {part: rule}), others).all_passed
