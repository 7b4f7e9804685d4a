"""Symmetry: what is claimed to be interchangeable and is not is refused, by the right error."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker.checking.confirm import confirm
from checker.engines import reference
from checker.engines.contract import Exploration, Limits, Reductions
from checker.engines.groups import MOST, GroupTooLargeError, generated
from checker.engines.native.engine import explore
from checker.engines.native.reductions.settling import ReductionError
from checker.model.network import AtMostOnce
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, Symmetry, View
from checker.modelfiles.loading import load_text
from checker.modelfiles.protocol import Variant
from pmmc import acceptor
from pmmc.leases import Tick
from pmmc.messages import P2a
from pmmc.values import Node
from spec.claims.symmetry import symmetric_nodes
from spec.mutants import MUTANTS as MUTANTS_RULES
from spec.protocol import PMMC
from spec.variants.rules import VARIANTS

SYMMETRY = Reductions(fusion=False, settling=False, symmetry=True)
TEXT = """\
name: small
nodes: {acceptors: 2, leaders: 2, replicas: 1}
commands: [put k v, put l w]
bounds: {slots: 1, rounds: 1}
network: lossy-duplicating
"""


MANY = """\
name: many
nodes: {acceptors: 9, leaders: 1, replicas: 1}
commands: [put k v, put l w]
bounds: {slots: 1, rounds: 1}
network: at-most-once
"""


def of_states(found: Exploration) -> tuple[str, ...]:
    """What is told of the reductions that leave out states."""
    refused = replace(found.reductions.refused, ordering=None)
    return replace(found.reductions, ordering=False, refused=refused).words()


def read(more: str = "") -> System:
    return load_text(TEXT + more, "m.yaml", protocols={"pmmc": PMMC}).system


def with_role(system: System, name: str, change: Callable[[Role], Role]) -> System:
    members = tuple(replace(m, role=change(m.role)) if m.role.name == name else m for m in system.members)
    return replace(system, members=members)


def with_claim(judge: Callable[..., str | None], kind: Kind, view: View) -> System:
    system = read("symmetry: [acceptors, replicas, commands]\n")
    return replace(system, properties=(Property("claim", kind, "A claim.", "this test", (view,), judge),))


def leaders() -> System:
    """Leaders are not interchangeable: their ids order the ballots."""
    system = read()
    claim = symmetric_nodes("leaders", system.setting.deployment.leaders, system.setting.deployment)
    return replace(system, symmetries=(claim,))


def choosy() -> System:
    """An acceptor that accepts one command only looks into what is claimed to be a mere name."""

    def on_p2a(context: Any, state: Any, message: P2a) -> Any:
        return acceptor.on_p2a(context, state, message) if str(message.pvalue.command) == "put k v" else ()

    return with_role(
        read("symmetry: [commands]\n"), "acceptor", lambda role: role.with_rules({P2a: on_p2a})
    )


def drowsy() -> System:
    """One replica may do something of its own accord that the other may not."""

    def wake(context: Any, state: Any) -> Any:
        return [(state, ((context.me, "ping"),))] if context.me.index == 0 else []

    system = load_text(
        TEXT.replace("replicas: 1", "replicas: 2") + "symmetry: [replicas]\n", "m", protocols={"pmmc": PMMC}
    ).system
    rules = {str: lambda *_: ()}
    return with_role(system, "replica", lambda role: role.with_rules(rules, {"ping": wake}))


def partial() -> System:
    """A leader that has retired, and settles what one acceptor says unlike what another says."""

    def settle(_: Any, leader: Any, message: Any) -> Any:
        return None if message == "noise from 0" and leader.scout is None else message

    names = {Node("acceptor", 0): Node("acceptor", 1), Node("acceptor", 1): Node("acceptor", 0)}
    swap = {**names, "noise from 0": "noise from 1", "noise from 1": "noise from 0"}
    system = with_role(read(), "leader", lambda role: role.with_rules({str: lambda *_: ()}, {}, settle))
    members = tuple(
        replace(m, inbox=tuple((n, f"noise from {n.index}") for n in names))
        if m.role.name == "leader"
        else m
        for m in system.members
    )
    return replace(system, members=members, symmetries=(Symmetry("acceptors", (swap,)),))


PROMISED = View("promised", "acceptor", lambda state: state.ballot)
TEXTUAL = View(
    "text", "leader", lambda leader: str(sorted(map(str, leader.scout.heard if leader.scout else ())))
)


def first_promised(_: Any, ballots: Any) -> str | None:
    ballot = ballots[Node("acceptor", 0)]
    return "it did" if ballot.round >= 0 else None


def of_first(context: Any, ballot: Any, *after: Any) -> str | None:
    return "it did" if context.me.index == 0 and (*after, ballot)[0].leader == 1 else None


FALSE: dict[str, tuple[Callable[[], System], str]] = {
    "leaders": (
        leaders,
        r"the declared symmetry \(leaders\) is none: acceptor 0 does not begin as the image of acceptor 0",
    ),
    "a rule that looks at a name": (
        choosy,
        r"\(commands\) is none: a rule treats p2a\(.*\) in .* unlike its",
    ),
    "a wake of one node only": (
        drowsy,
        r"\(replicas\) is none: a rule treats a wake in .* unlike its image",
    ),
    "an initial state": (
        lambda: read("symmetry: [acceptors]\ninitial: {acceptor 0: {ballot: 0.0}}\n"),
        r"\(acceptors\) is none: acceptor 1 does not begin as the image of acceptor 0",
    ),
    "an invariant": (
        lambda: with_claim(first_promised, Kind.STATE, PROMISED),
        r"is none: property claim tells a state from its image",
    ),
    "a goal": (
        lambda: with_claim(first_promised, Kind.SOMETIMES, PROMISED),
        r"is none: property claim tells a state from its image",
    ),
    "a property of one step": (
        lambda: with_claim(of_first, Kind.ACTION, PROMISED),
        r"is none: a property tells a step from acceptor\(.*\) from its image",
    ),
    "a view in which names are text": (
        lambda: with_claim(lambda *_: None, Kind.STATE, TEXTUAL),
        r"is none: a view of .* is not renamed with it",
    ),
    "settling": (partial, r"is none: settling treats noise from [01] unlike its image"),
}


@pytest.mark.parametrize("false", FALSE)
def test_a_false_symmetry_is_refused(false: str) -> None:
    build, message = FALSE[false]
    system = build()
    reductions = replace(SYMMETRY, settling=false == "settling")
    with pytest.raises(ReductionError, match=message) as caught:
        explore(system, reductions=reductions)
    assert "[renaming " in str(caught.value)
    assert "--no-symmetry does without" in str(caught.value)
    without = explore(system, Limits(max_depth=4), reductions=replace(reductions, symmetry=False))
    assert without.states > 1


def test_a_group_is_closed_and_begins_with_the_identity() -> None:
    swap, turn = {0: 1, 1: 0}, {0: 1, 1: 2, 2: 0}
    group = generated([swap, turn])
    assert len(group) == 6
    assert all(name == image for name, image in group[0].items())
    products = {tuple(b[a[x]] for x in range(3)) for a in group for b in group}
    assert products == {tuple(g[x] for x in range(3)) for g in group}


def test_a_group_too_large_to_enumerate_is_said_to_be_so() -> None:
    swap, turn = {0: 1, 1: 0}, {k: (k + 1) % 8 for k in range(8)}
    with pytest.raises(GroupTooLargeError, match=f"{MOST:,}"):
        generated([swap, turn])
    system = load_text(MANY + "symmetry: [acceptors]\n", "m", protocols={"pmmc": PMMC}).system
    with pytest.raises(
        ReductionError, match=rf"\(acceptors\) cannot be used: it has more than {MOST:,} renamings"
    ):
        explore(system, Limits(max_depth=2))


def test_of_many_alike_some_are_assumed_to_be_interchangeable() -> None:
    system = load_text(MANY, "m", protocols={"pmmc": PMMC}).system
    found = explore(system, Limits(max_depth=2))
    assert of_states(found)[-1] == "symmetry (acceptors and commands, 240 renamings)"
    system = load_text(MANY.replace("replicas: 1", "replicas: 5"), "m", protocols={"pmmc": PMMC}).system
    found = explore(system, Limits(max_depth=2))
    assert of_states(found)[-2:] == (
        "symmetry (acceptors and commands, 240 renamings)",
        "no symmetry of replicas (it has more than 5,040 renamings, together with those before it)",
    )


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ("sometimes: [{acceptor 1: {ballot: 0.1}}]\n", "symmetry (commands, 2 renamings)"),
        ("sometimes: [{replica 0: {decisions: {1: put l w}}}]\n", "symmetry (acceptors, 2 renamings)"),
        ("rules: {replica: any-request}\n", "symmetry (acceptors and commands, 4 renamings)"),
    ],
)
def test_what_a_goal_tells_apart_is_not_assumed_to_be_interchangeable(more: str, kept: str) -> None:
    found = explore(read(more), Limits(max_depth=5))
    assert of_states(found)[-1] == kept


def test_a_symmetry_that_nobody_declared_and_that_does_not_hold_is_left_off() -> None:
    system = with_claim(first_promised, Kind.STATE, PROMISED)
    assumed = tuple(replace(s, assumed=True) for s in system.symmetries)
    found = explore(replace(system, symmetries=assumed))
    assert of_states(found)[-1] == "no symmetry of acceptors (property claim tells a state from its image)"
    assert of_states(found)[-2] == "symmetry (commands, 2 renamings)"
    (violation,) = found.violations
    assert violation.length == 1


def at_work(variant: Variant) -> dict[str, str]:
    """The variant as a model file chooses it, with those that it needs: what its mutant is made of."""
    mutant = next((m for m in PMMC.mutants if variant in m.variants), None)
    return {v.part: v.name for v in (mutant.variants if mutant is not None else (variant,))}


@pytest.mark.parametrize("variant", [*VARIANTS, *MUTANTS_RULES], ids=lambda v: f"{v.part}: {v.name}")
def test_no_variant_makes_a_check_end_for_a_symmetry_that_was_assumed(variant: Variant) -> None:
    timed = "clocks: {lease: 2}\n" if any(Tick in v.rules for v in (variant, *variant.also)) else ""
    text = (
        "name: m\nnodes: {acceptors: 2, leaders: 2, replicas: 2}\ncommands: [put k1 v1, put k2 v2]\n"
        f"bounds: {{slots: 1, rounds: 1}}\nnetwork: at-most-once\n{timed}"
        f"rules: {json.dumps(at_work(variant))}\n"
    )
    system = load_text(text, "m", protocols={"pmmc": PMMC}).system
    found = explore(system, Limits(max_states=20_000))
    assert found.raised is None
    assert found.states > 1


def test_what_is_refused_is_told_in_the_same_words_in_every_process() -> None:
    program = (
        "from tests.unit.native.test_symmetry import leaders\n"
        "from checker.engines.native.engine import explore\n"
        "try:\n    explore(leaders())\nexcept Exception as error:\n    print(error)\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3", "4")
    }
    assert len(told) == 1
    assert "renaming leader 0 → leader 1, leader 1 → leader 0" in told.pop()


@pytest.mark.parametrize(
    ("generator", "message"),
    [
        ({"a": "b"}, "symmetry names: a → b is no permutation"),
        ({"a": "b", "b": "b"}, "symmetry names: a → b is no permutation"),
        ({"a": "ghost", "ghost": "a"}, "symmetry names: the image of node a is ghost, which is no node"),
    ],
)
def test_a_generator_that_is_no_permutation_of_nodes_is_refused(
    generator: dict[str, str], message: str
) -> None:
    members = tuple(Member(name, Role("idle", {}), None, 0) for name in "ab")
    with pytest.raises(ValueError, match=message):
        System("s", members, AtMostOnce(), (), symmetries=(Symmetry("names", (generator,)),))


@pytest.mark.parametrize("kind", [Kind.NODE, Kind.ACTION])
@pytest.mark.parametrize("index", [0, 1])
def test_a_property_of_one_of_several_interchangeable_nodes_is_never_passed_over(
    kind: Kind, index: int
) -> None:
    def of_one(context: Any, ballot: Any, *after: Any) -> str | None:
        return "it did" if context.me.index == index and (*after, ballot)[0].leader == 1 else None

    system = with_claim(of_one, kind, PROMISED)
    try:
        found = explore(system, reductions=SYMMETRY)
    except ReductionError as error:
        assert "is none: a property tells" in str(error)  # noqa: PT017 - either will do
        return
    (violation,) = found.violations
    confirm(system, violation)


@dataclass(frozen=True)
class Stick:
    """Arbiter → node: be stuck."""


def sticky(*, cut: str = "", at_once: str = "") -> System:
    """One of two nodes gets stuck; a bound may stop one of them, or one may be told at once."""

    def role(name: str) -> Role:
        return Role(
            "node",
            {Stick: lambda me, local, message: (("stuck", ()),) if local == "new" else ()},
            cut=lambda me, local: "patience" if (me, local) == (cut, "stuck") else None,
            immediate=frozenset({Stick} if name == at_once else ()),
        )

    arbiter = Role(
        "arbiter", {}, {"choose": lambda me, n: [(0, ((to, Stick()),)) for to in "ab"] if n else ()}
    )
    view = View("local", "node", lambda local: local)
    free = Property(
        "free", Kind.TERMINAL, "Nobody is stuck.", "this test", (view,),
        lambda _, seen: "somebody is" if "stuck" in seen.values() else None,
    )  # fmt: skip
    members = (*(Member(name, role(name), name, "new") for name in "ab"), Member("z", arbiter, None, 1))
    swap = Symmetry("nodes", ({"a": "b", "b": "a"},))
    return System("sticky", members, AtMostOnce(), (free,), symmetries=(swap,))


@pytest.mark.parametrize(
    ("system", "why"),
    [
        (sticky(cut="a"), "a bound tells stuck from its image"),
        (sticky(cut="b"), "a bound tells stuck from its image"),
        (sticky(at_once="a"), "handles at once what . does not"),
    ],
    ids=["a is stopped", "b is stopped", "a is told at once"],
)
def test_nodes_that_are_stopped_or_told_otherwise_are_not_alike(system: System, why: str) -> None:
    with pytest.raises(ReductionError, match=why):
        explore(system, reductions=SYMMETRY)
    assumed = replace(system, symmetries=tuple(replace(s, assumed=True) for s in system.symmetries))
    found = explore(assumed, reductions=SYMMETRY)
    assert [d.property for d in found.violations] == [
        d.property for d in reference.explore(system).violations
    ]
    assert found.violations


def test_nodes_that_are_alike_may_get_stuck() -> None:
    (violation,) = explore(sticky(), reductions=SYMMETRY).violations
    confirm(sticky(), violation)
