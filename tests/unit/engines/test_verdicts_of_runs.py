"""Claims about runs are verified only where runs were looked at and can come to it: by both engines."""

from dataclasses import replace

import pytest
from walkers import AT, STEPS, at, walker

from checker import Kind, Limits, Means, Options, Property, System, Verdict, verify
from checker.checking.result import CheckResult
from checker.engines import reference
from checker.engines.native.engine import explore
from checker.model.fairness import Assumption, Fairness
from checker.model.network import AtMostOnce
from checker.model.properties import always_eventually, eventually, leads_to
from checker.model.verdict import ExitCode
from checker.model.vocabulary import Member, Role
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC

CUT = "in every run the bound on steps stops a node before what it asks for comes"
every_engine = pytest.mark.parametrize("engine", ["reference", "native"])


def of(wake: str) -> Assumption:
    """An assumption about a wake of the only node."""
    return Assumption(wake, frozenset({("w", wake)}))


def checked(engine: str, system: System, **limits: int) -> CheckResult:
    return verify(system, Options(Means(engine, workers=1), Limits(**limits)))


def undecided(result: CheckResult, reason: str) -> None:
    """Demand that nothing is known, for this reason."""
    (claim,) = result.judged.properties
    assert (claim.verdict, result.verdict) == (Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE)
    assert result.exit_code is ExitCode.UNMET
    assert result.judged.unmet[0] == f"{claim.id}: nothing to judge: {reason}"


@every_engine
def test_a_limit(engine: str) -> None:
    result = checked(engine, walker(eventually(at(1)), steps=STEPS), max_depth=2)
    assert (result.verdict, result.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.INCONCLUSIVE)


@every_engine
def test_another_violation_comes_first(engine: str) -> None:
    never = Property(
        "never", Kind.STATE, "", "this test", (AT,), lambda _, at: "2" if 2 in at.values() else None
    )
    result = checked(engine, walker(eventually(at(1)), never, steps=STEPS))
    verdicts = [p.verdict for p in result.judged.properties]
    assert verdicts == [Verdict.INCONCLUSIVE, Verdict.VIOLATED]


@every_engine
@pytest.mark.parametrize("claim", [eventually(at(9)), always_eventually(at(9))], ids=lambda claim: claim.id)
def test_every_run_is_cut(engine: str, claim: Property) -> None:
    system = walker(claim, steps={0: (1,), 1: (2,)}, stops=(2,))
    undecided(
        checked(engine, system),
        CUT,
    )


@every_engine
def test_what_is_to_come_is_only_where_a_bound_has_cut(engine: str) -> None:
    """The goal is shown in the very state that is cut: as little is known as if it were behind it."""
    system = walker(eventually(at(2)), steps={0: (1,), 1: (2,)}, stops=(2,))
    undecided(
        checked(engine, system),
        CUT,
    )


def idler(claim: Property, fairness: Fairness) -> System:
    """It goes to and fro between 0 and 1 when it idles, and from both to 2, where a bound stops it."""
    wakes = {
        "go": lambda _, at: ((2, ()),) if at < 2 else (),
        "idle": lambda _, at: ((1 - at, ()),) if at < 2 else (),
        "never": lambda *_: (),
    }
    role = Role("walker", {}, wakes, cut=lambda _, at: "steps" if at == 2 else None)
    return System("idler", (Member("w", role, None, 0),), AtMostOnce(), (claim,), fairness=fairness)


@every_engine
def test_a_cycle_that_is_not_fair(engine: str) -> None:
    claim = eventually(at(9))
    unfair = idler(claim, Fairness(weak=(of("go"),)))
    undecided(
        checked(engine, unfair),
        CUT,
    )
    fair = checked(engine, replace(unfair, fairness=Fairness(weak=(of("idle"),))))
    assert (fair.exit_code, fair.judged.properties[0].cycle) == (ExitCode.LIVENESS, 2)
    ending = Fairness(weak=(of("go"),), finitely=(of("idle"),))
    undecided(
        checked(engine, replace(unfair, fairness=ending)),
        CUT,
    )


@every_engine
@pytest.mark.parametrize(
    ("how", "said"),
    [("weak", "weakly fair"), ("strong", "strongly fair"), ("finitely", "finitely often")],
)
def test_an_assumption_about_steps_that_are_never_possible(engine: str, how: str, said: str) -> None:
    """Even of what is shown at once: a file that assumes something of nothing says not what it means."""
    system = idler(eventually(at(0)), Fairness(**{how: (of("never"),)}))
    undecided(
        checked(engine, system),
        f"what is assumed of 'never' ({said}) is about steps that can be taken in no state",
    )
    violated = checked(engine, idler(eventually(at(1)), Fairness(**{how: (of("never"),)})))
    assert violated.exit_code is ExitCode.LIVENESS


@every_engine
def test_it_never_begins_to_ask(engine: str) -> None:
    undecided(checked(engine, walker(leads_to(at(9), at(4)), steps=STEPS)), "it never begins to ask")
    both = checked(engine, walker(leads_to(at(4), at(4)), steps=STEPS))
    assert both.verdict is Verdict.VERIFIED


@every_engine
def test_a_role_that_takes_no_part(engine: str) -> None:
    claim = eventually(replace(at(1), views=(replace(AT, role="other"),)))
    result = checked(engine, walker(claim, steps=STEPS))
    assert result.verdict is not Verdict.VERIFIED
    assert result.exit_code is not ExitCode.OK


MAJORITIES = """\
name: symmetric
nodes: {acceptors: 3, leaders: 1, replicas: 1}
commands: [put k A]
bounds: {slots: 1, rounds: 1}
network: at-most-once
properties: [R1]
"""


def test_nothing_is_reduced_where_runs_are_judged() -> None:
    """A cycle of states that stand for others need be none of theirs (as with TLC's symmetry)."""
    safe, judged = (
        load_text(MAJORITIES + more, "m.yaml", protocols={"pmmc": PMMC}).system
        for more in ("", "fair: [deliveries]\neventually: [all-performed]\n")
    )
    assert explore(safe).states < reference.explore(safe).states
    found, wanted = explore(judged), reference.explore(judged)
    assert (found.states, found.waits) == (wanted.states, wanted.waits)
    assert found.reductions.none
    why = "eventually all-performed is about runs without end"
    assert [line.partition(" (")[0] for line in found.reductions.words()] == [
        "no fusion",
        "no settling",
        "no symmetry of acceptors",
        "no ordering",
    ]
    assert all(why in line for line in found.reductions.words()[:-1])
