"""Symmetry: what is claimed to be interchangeable and is not is refused, by the right error."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from checker.exploration import Limits, Reductions
from checker.modelfile import load_text
from checker.native.engine import explore
from checker.native.settling import ReductionError
from checker.native.symmetry import MOST, generated
from checker.properties import Kind, Property
from checker.trace import confirm
from checker.vocabulary import Role, Symmetry, System, View
from pmmc import acceptor
from pmmc.messages import P2a
from pmmc.values import Node
from spec.protocol import PMMC
from spec.symmetry import symmetric_nodes

SYMMETRY = Reductions(fusion=False, settling=False, symmetry=True)
TEXT = """\
name: small
nodes: {acceptors: 2, leaders: 2, replicas: 1}
commands: [put k v, put l w]
bounds: {slots: 1, rounds: 1}
network: lossy-duplicating
"""


def read(more: str = "") -> System:
    return load_text(TEXT + more, "m.yaml", protocols={"pmmc": PMMC}).system


def with_role(system: System, name: str, change: Callable[[Role], Role]) -> System:
    members = tuple(replace(m, role=change(m.role)) if m.role.name == name else m for m in system.members)
    return replace(system, members=members)


def with_claim(judge: Callable[..., str | None], kind: Kind, view: View) -> System:
    return replace(read(), properties=(Property("claim", kind, "A claim.", "this test", (view,), judge),))


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
    with pytest.raises(ReductionError, match=f"{MOST:,}"):
        generated([swap, turn])


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
