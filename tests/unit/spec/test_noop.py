"""The no-op as a command of a model: asked for, decided, performed, answered; what is alike beside it."""

import pytest

from checker import Options, verify
from checker.engines import reference
from checker.engines.choose import Means
from checker.engines.contract import UNREDUCED, Limits
from checker.engines.native import engine as native
from checker.model.behaviour import replay
from checker.model.system import System
from checker.model.verdict import Verdict
from checker.modelfiles.loading import Faults, load_text
from pmmc import kv
from pmmc.kv import NoOp, Put
from pmmc.replica import Replica
from pmmc.values import Command, Node, Proposal
from spec.protocol import PMMC

ONE = """\
name: one
nodes: {acceptors: 1, leaders: 1, replicas: 1, clients: 1}
commands: [put k A, noop, get k]
bounds: {slots: 3, rounds: 1}
network: at-most-once
sometimes: [all-performed]
"""
THREE = """\
name: three
nodes: {acceptors: 1, leaders: 1, replicas: 1}
commands: [put k A, put k B, noop]
bounds: {slots: 2, rounds: 1}
network: at-most-once
"""


def read(text: str) -> System:
    return load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system


def test_a_client_is_answered_that_it_was_performed_and_nothing_else() -> None:
    result = verify(read(ONE))
    assert result.verdict is Verdict.VERIFIED
    assert "response-integrity" in {p.id for p in read(ONE).properties}
    (end,) = [w for w in result.found.witnesses if w.property == "all-performed"]
    final = replay(read(ONE), end.path).final
    replica = next(cell.local for cell in final if isinstance(cell.local, Replica))
    assert [str(command) for command in replica.performed] == ["put k A", "noop", "get k"]
    assert replica.store == {("k", ("A",))}


def test_stands_in_initial_and_in_goals_as_in_commands() -> None:
    text = (
        "initial: {leader 0: {proposals: {2: noop}}}\nsometimes: [replica 0: {decisions: {2: ' noop '}}]\n"
    )
    system = read(THREE + text)
    leader = next(m for m in system.members if m.name == Node("leader", 0))
    assert leader.local.proposals == {Proposal(2, Command(Node("client", 2), 1, NoOp()))}
    assert verify(system).verdict is Verdict.VERIFIED


def test_there_is_one_at_most() -> None:
    with pytest.raises(Faults, match="3:18: 'noop' is listed twice; commands are told apart by their text"):
        read(ONE.replace("put k A, noop", "noop, noop"))


def test_other_commands_are_interchangeable_beside_it() -> None:
    system = read(THREE)
    (symmetry,) = system.symmetries
    (swap,) = symmetry.generators
    put_a, put_b, noop = system.setting.commands
    assert (put_a.op, put_b.op, noop.op) == (Put("k", "A"), Put("k", "B"), NoOp())
    assert (swap[put_a], swap[put_b], swap.get(noop, noop)) == (put_b, put_a, noop)
    result = verify(system, Options(Means("native")))
    assert result.verdict is Verdict.VERIFIED
    assert result.found.reductions.renamings == 2
    unreduced = [reference.explore(system).states, native.explore(system, reductions=UNREDUCED).states]
    assert result.found.states < unreduced[0] == unreduced[1]


REPLACED = sorted({(v.part, v.name) for v in PMMC.variants if v.part in ("replica", "client")})


@pytest.mark.parametrize(("part", "name"), REPLACED)
def test_rules_that_take_the_place_of_others_bear_with_it(part: str, name: str) -> None:
    text = ONE.replace("put k A, noop", "noop, put k A")
    text = text.replace("sometimes: [all-performed]", f"rules: {{{part}: {name}}}")
    found = reference.explore(read(text), Limits(max_states=2_000))
    assert found.raised is None


def test_the_result_of_nothing_is_nothing() -> None:
    assert kv.apply(frozenset({("k", ("v",))}), NoOp()) == ({("k", ("v",))}, kv.ABSENT)
