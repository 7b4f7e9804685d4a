"""Two models compared: what is equal is found equal, and a difference comes with a confirmed witness."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from checker.cli import main
from checker.comparison.graphs import GraphComparison, compare_state_graphs
from checker.comparison.views import Comparison, Reading, Sameness, compare_views
from checker.engines.choose import Means
from checker.engines.contract import UNREDUCED, Limits
from checker.model.behaviour import replay
from checker.model.judging import locals_of
from checker.model.system import System
from checker.model.verdict import ExitCode
from checker.modelfiles.loading import load_text
from spec import views
from spec.properties import PROPERTIES
from spec.protocol import PMMC

OUTCOME = Reading("outcome", PMMC.outcome)
REFERENCE = Means("reference")


def system(rules: str = "", **changed: Any) -> System:
    """Two leaders, one acceptor, two rounds, two commands for one slot, unless something is changed."""
    sizes = {"acceptors": 1, "leaders": 2, "replicas": 1, "slots": 1, "rounds": 2, "window": 2}
    sizes |= {name: value for name, value in changed.items() if name in sizes}
    keys = ("acceptors", "leaders", "replicas"), ("slots", "rounds", "window")
    nodes, bounds = ("{" + ", ".join(f"{k}: {sizes[k]}" for k in part) + "}" for part in keys)
    text = (
        f"name: x\nnodes: {nodes}\ncommands: {changed.get('commands', '[put k a, put k b]')}\n"
        f"bounds: {bounds}\nnetwork: {changed.get('network', 'at-most-once')}\nrules: {{{rules}}}\n"
        f"initial: {changed.get('initial', '{}')}\n"
    )
    return load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system


def question(claim: str) -> Reading:
    return Reading(claim, PROPERTIES[claim].views)


def compare(
    one: System, other: System, *asked: Reading, means: Means = REFERENCE, limits: Limits = Limits()
) -> Comparison:
    questions = asked or (OUTCOME,)
    return compare_views(
        (one, other), (questions, questions), names=("one", "other"), means=means, limits=limits
    )


ACCEPTORS = ("keep-highest", "adopt-higher", "adopt-higher-keep-highest")
CONFIGURATIONS: dict[str, Callable[[str], System]] = {
    "one acceptor, two rounds": system,
    "one acceptor, two slots": lambda rules: system(rules, slots=2, rounds=1),
    "three acceptors": lambda rules: system(rules, acceptors=3, rounds=1),
    "three acceptors, duplicating": lambda rules: system(
        rules, acceptors=3, rounds=1, commands="[put k a]", network="lossy-duplicating"
    ),
}


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
@pytest.mark.parametrize("variant", ACCEPTORS)
def test_each_acceptor_reaches_the_same(variant: str, configuration: str) -> None:
    made = CONFIGURATIONS[configuration]
    asked = (OUTCOME, question("R1"), question("A5"), question("C2"))
    found = compare(made(""), made(f"acceptor: {variant}"), *asked, means=Means("native"))
    assert found.sameness is Sameness.EQUAL
    assert found.exit_code is ExitCode.OK
    assert all(a.distinct[0] == a.distinct[1] > 1 and a.only == (0, 0) for a in found.answers)


def test_what_is_kept_is_less() -> None:
    kept = Reading("kept", (views.KEPT,))
    found = compare(system(), system("acceptor: keep-highest"), kept)
    (answer,) = found.answers
    assert found.exit_code is ExitCode.UNMET
    assert answer.only[0] == answer.distinct[0] - answer.distinct[1] > 0
    assert answer.only[1] == 0
    (witness,) = answer.witnesses
    (acceptor, *_) = locals_of(witness.trace.final)
    assert (witness.side, len(acceptor.accepted)) == (0, 2), "two pvalues of one slot"


@pytest.mark.parametrize("ballots", ["integers", "least-integers", "leader-first"])
def test_other_ballots_decide_the_same(ballots: str) -> None:
    found = compare(system(), system(f"ballots: {ballots}"), OUTCOME, question("R1"))
    assert found.sameness is Sameness.EQUAL


def test_the_commander_as_printed_decides_and_accepts_the_same() -> None:
    made = CONFIGURATIONS["three acceptors"]
    asked = (OUTCOME, question("A5"), question("C2"))
    found = compare(made(""), made("commander: as-printed"), *asked, means=Means("native"))
    outcome, accepted, commanded = found.answers
    assert outcome.sameness is accepted.sameness is Sameness.EQUAL
    assert commanded.only[0] == 0
    assert commanded.only[1] > 0, "commanders that gave up without need"


def test_free_choice_of_requests_reaches_more() -> None:
    sizes = {"leaders": 1, "replicas": 2, "slots": 3, "rounds": 1, "window": 1}
    found = compare(system(**sizes), system("replica: any-request", **sizes), means=Means("native"))
    (answer,) = found.answers
    assert answer.only[0] == 0
    assert answer.only[1] > 0
    assert [w.side for w in answer.witnesses] == [1]


class TestWitness:
    """An acceptor that accepts anything lets two commands be decided, and only its side shows that."""

    RIGHT = system(replicas=2, rounds=1)
    WRONG = system("acceptor: accept-any-ballot", replicas=2, rounds=1)

    @pytest.mark.parametrize(
        ("means", "wrong"),
        [
            pytest.param(REFERENCE, 1, id="reference"),
            pytest.param(Means("native"), 0, id="native, the first"),
            pytest.param(Means("native"), 1, id="native, the second"),
            pytest.param(Means("native", UNREDUCED), 1, id="unreduced"),
        ],
    )
    def test_is_on_the_right_side(self, means: Means, wrong: int) -> None:
        pair = (self.WRONG, self.RIGHT) if wrong == 0 else (self.RIGHT, self.WRONG)
        found = compare(*pair, question("R1"), means=means)
        (answer,) = found.answers
        assert found.sameness is Sameness.DIFFERENT
        assert answer.only[1 - wrong] == 0
        (witness,) = answer.witnesses
        assert (witness.side, witness.shortest) == (wrong, True)
        assert len(witness.trace.steps) == 14
        again = replay(pair[wrong], witness.trace.path)
        decided = [r.decisions for r in locals_of(again.final) if hasattr(r, "decisions")]
        assert len({p.command for decisions in decided for p in decisions}) == 2
        assert "no state of " in witness.trace.reason
        assert "decisions {⟨1, put k a⟩, ⟨1, put k b⟩}" in witness.trace.reason

    def test_of_both_sides(self) -> None:
        one, other = system(commands="[put k a]"), system(commands="[put k b]")
        (answer,) = compare(one, other).answers
        assert [w.side for w in answer.witnesses] == [0, 1]
        assert answer.only == (1, 1)

    def test_may_be_the_initial_state(self) -> None:
        other = system(initial="{replica 0: {slot_in: 2, slot_out: 2, decisions: {1: put k a}}}")
        (answer,) = compare(system(), other, question("R2")).answers
        (first, *_) = [w for w in answer.witnesses if w.side == 0]
        assert first.trace.path == ()


class TestLimits:
    def test_nothing_is_known(self) -> None:
        found = compare(system(), system(), limits=Limits(max_states=10))
        assert found.sameness is Sameness.INCONCLUSIVE
        assert found.exit_code is ExitCode.INCONCLUSIVE
        assert found.answers[0].only == (None, None)

    def test_what_one_side_lacks_may_be_known_all_the_same(self) -> None:
        small = system(commands="[put k a]", leaders=1, rounds=1)
        large = system(commands="[put k a, put k b]", leaders=1, rounds=1)
        states = compare(small, small).sides[0].found.states
        found = compare(
            small, large, Reading("slots", (views.WINDOW,)), limits=Limits(max_states=states + 1)
        )
        (answer,) = found.answers
        assert (found.sides[0].complete, found.sides[1].complete) == (True, False)
        assert answer.only[0] is None
        assert answer.only[1] > 0
        assert found.sameness is Sameness.DIFFERENT

    def test_a_model_that_raises(self) -> None:
        def broken(*_: Any) -> None:
            raise RuntimeError("no")

        good = system()
        members = tuple(
            replace(m, role=replace(m.role, rules=dict.fromkeys(m.role.rules, broken)))
            if m.role.name == "acceptor"
            else m
            for m in good.members
        )
        found = compare(replace(good, members=members), replace(good, members=members))
        assert found.exit_code is ExitCode.MODEL_RAISED


@pytest.mark.parametrize("means", [Means("native"), Means("native", UNREDUCED), Means("auto")])
@pytest.mark.parametrize("claim", ["R1", "A5", "C2", "two-leaders-active"])
def test_engines_and_reductions_see_the_same(means: Means, claim: str) -> None:
    one, other = system(rounds=1), system("acceptor: accept-any-ballot", rounds=1)
    expected = compare(one, other, question(claim)).answers[0]
    answer = compare(one, other, question(claim), means=means).answers[0]
    assert (answer.distinct, answer.only) == (expected.distinct, expected.only)


class TestGraphs:
    def compare(self, one: System, other: System, most: int = 50_000) -> GraphComparison:
        return compare_state_graphs((one, other), names=("one", "other"), most=most)

    @pytest.mark.parametrize("rules", ["", "ballots: integers", "acceptor: keep-highest"])
    @pytest.mark.parametrize(
        "sizes",
        [
            {},
            {"rounds": 3},
            {"leaders": 3, "commands": "[put k a]"},
            {"slots": 2, "rounds": 1},
            {"commands": "[put k a]", "network": "fifo"},
        ],
    )
    def test_the_same_but_for_names(self, rules: str, sizes: dict[str, Any]) -> None:
        found = self.compare(system(**sizes), system(rules, **sizes))
        assert found.exit_code is ExitCode.OK
        assert found.sides[0].states == found.sides[1].states

    @pytest.mark.slow
    def test_pairs_and_integers_on_the_duplicating_network(self) -> None:
        sizes = {"commands": "[put k a]", "network": "lossy-duplicating"}
        found = self.compare(system(**sizes), system("ballots: integers", **sizes))
        assert found.sameness is Sameness.EQUAL
        assert found.sides[0].states == 47_263

    @pytest.mark.parametrize("rules", ["ballots: leader-first", "ballots: least-integers"])
    def test_other_orders_are_other_graphs(self, rules: str) -> None:
        found = self.compare(system(), system(rules))
        assert found.exit_code is ExitCode.UNMET
        difference = found.difference
        assert difference is not None
        assert difference.states[0] != difference.states[1]
        assert difference.trace.path == replay(difference.trace.system, difference.trace.path).path
        assert len(difference.trace.steps) == difference.level

    def test_other_messages_with_the_same_steps_do_not_count(self) -> None:
        one, other = system(commands="[put k a]"), system(commands="[append j b]")
        assert self.compare(one, other).sameness is Sameness.EQUAL

    def test_more_nodes_are_another_graph(self) -> None:
        found = self.compare(system(replicas=1), system(replicas=2))
        assert found.sameness is Sameness.DIFFERENT

    def test_large_graphs_are_refused(self) -> None:
        found = self.compare(system(), system(rounds=1), most=600)
        assert found.exit_code is ExitCode.INCONCLUSIVE
        assert found.stopped.startswith("one has more than 600 states")
        assert found.sides[1].states == 529


class TestCommand:
    def run(self, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
        code = main(["compare", *words])
        out, err = capsys.readouterr()
        return code, out, err

    def test_rounds_without_end_are_compared_by_graphs(self, capsys) -> None:
        pair = "duel-any-length-at-most-once", "duel-any-length-at-most-once"
        code, _, err = self.run(capsys, *pair)
        assert code == 2
        assert "its rounds have no end, and of states that differ by them one is looked at" in err
        code, out, _ = self.run(capsys, "--graph", "duel-any-length", "duel-any-length-two-commands", "-q")
        assert (code, out.split()[0]) == (10, "DIFFERENT")

    def test_equal(self, capsys) -> None:
        code, out, _ = self.run(capsys, "duel-two-rounds", "duel-integers", "--engine", "reference")
        assert code == 0
        assert out.startswith("EQUAL  duel-two-rounds and duel-integers: what is seen is the same\n")

    def test_different_as_json(self, capsys) -> None:
        words = (
            "duel-two-rounds",
            "duel-integers",
            "--property",
            "unique-ballots",
            "--engine",
            "reference",
        )
        code, out, err = self.run(capsys, *words, "--json", "-")
        document = json.loads(out)
        assert code == document["exit_code"] == 10
        assert document["sameness"] == "different"
        assert [m["name"] for m in document["models"]] == ["duel-two-rounds", "duel-integers"]
        (asked,) = document["questions"]
        assert asked["views"] == [{"name": "ballot", "role": "leader"}]
        assert [w["length"] for w in asked["witnesses"]] == [0, 0]
        assert "ONLY IN  duel-integers" in err

    def test_graphs_as_json(self, capsys) -> None:
        code, out, _ = self.run(capsys, "--graph", "duel-two-rounds", "duel-least-integers", "--json", "-")
        document = json.loads(out)
        assert code == document["exit_code"] == 10
        assert [m["states"] for m in document["models"]] == [216, 260]
        assert len(document["difference"]["path"]) == document["difference"]["level"] - 1

    def test_quiet(self, capsys) -> None:
        _, out, err = self.run(capsys, "--graph", "duel-two-rounds", "duel-keep-highest", "-q")
        assert (out.count("\n"), err) == (1, "")

    def test_a_model_with_itself(self, capsys) -> None:
        code, out, _ = self.run(capsys, "duel", "duel", "--engine", "reference", "-q")
        assert code == 0
        assert "again" in out

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (("duel", "duel", "--property", "R11"), "--property: unknown property 'R11'"),
            (("duel", "nothing-like-it"), "unknown model 'nothing-like-it'"),
            (("duel", "election", "--property", "CL"), "unknown property 'CL'"),
            (
                ("duel", "duel", "--property", "response-integrity"),
                "reads the role client, and no client takes part",
            ),
            (("--graph", "duel", "duel", "--property", "R1"), "--property has no meaning there"),
            (("--graph", "duel", "duel", "--engine", "native"), "--engine has no meaning there"),
        ],
    )
    def test_usage(self, capsys, words: tuple[str, ...], says: str) -> None:
        code, out, err = self.run(capsys, *words)
        assert (code, out) == (2, "")
        assert says in err
