"""A question and the words of a command line that say it: the one is read back from the other."""

import shlex
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import Fifo, assert_verified
from checker.checking.check import check
from checker.checking.question import Question
from checker.cli import main
from checker.cli.commands.replay import parse_path
from checker.cli.grammar.parser import parser
from checker.cli.overrides import question_named, question_of
from checker.cli.usage import UsageFault
from checker.engines.choose import ENGINE_NAMES, Means
from checker.engines.contract import UNREDUCED, Limits, Reductions
from checker.model.plaintext import objection
from checker.model.properties import Property
from checker.modelfiles.loading import LoadedModel, load
from checker.modelfiles.protocol import protocols
from checker.modelfiles.schema import NETWORKS, network_named
from spec.protocol import PMMC

MODEL = load(PMMC.models / "duel.yaml", protocols=protocols())
A1 = PMMC.properties["A1"]
#: What properties may be called that come from patterns and from other protocols.
NAMES = st.text(min_size=1, max_size=9).filter(lambda name: objection(name) is None)


def named(name: str) -> Property:
    return replace(A1, id=name)


def knowing(claims: tuple[Property, ...] | None) -> LoadedModel:
    """The model with these properties too, so that the command line may name them."""
    own = {p.id: p for p in MODEL.system.properties} | {p.id: p for p in claims or ()}
    return replace(MODEL, system=replace(MODEL.system, properties=tuple(own.values())))


def most(largest: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(1, largest)


QUESTIONS = st.builds(
    Question,
    st.builds(
        Means,
        st.sampled_from(ENGINE_NAMES),
        st.builds(Reductions, *[st.booleans()] * len(fields(Reductions))),
        most(256),
        disk=st.none() | st.sampled_from([Path("states"), Path("a b/c"), Path("-d")]),
    ),
    st.builds(
        Limits,
        most(10**15),
        most(10**9),
        st.none() | st.floats(min_value=0, exclude_min=True, allow_infinity=False),
        most(1 << 62) | st.integers(1, 1 << 20).map(lambda size: size << 10),
        past_violations=st.booleans(),
    ),
    st.none() | st.sampled_from(sorted(NETWORKS)).map(network_named),
    st.none() | st.lists(NAMES.map(named), min_size=1, max_size=3, unique_by=lambda p: p.id).map(tuple),
)


@given(QUESTIONS)
def test_words_are_read_back_as_the_question(question: Question) -> None:
    args = parser().parse_args(["check", "duel", *question.words()])
    assert question_of(args, knowing(question.properties)) == question


@given(QUESTIONS)
def test_the_printed_command_is_one_line_of_a_shell(question: Question) -> None:
    program, *words = shlex.split(question.reproduce(("duel",)))
    assert program == "pmmc"
    assert question_of(parser().parse_args(words), knowing(question.properties)) == question


@given(QUESTIONS, st.lists(st.integers(0, 99)).map(tuple))
def test_a_replay_asks_the_same_of_the_same_system(question: Question, path: tuple[int, ...]) -> None:
    _, *words = shlex.split(question.replay(("duel",), path))
    args = parser().parse_args(words)
    assert (args.trace, parse_path(args.path)) == ("duel", path)
    loaded = knowing(question.properties)
    again = question_named(loaded, args.network, args.property)
    assert again.apply(MODEL.system) == question.apply(MODEL.system)


@pytest.mark.parametrize("address", ["", "auto", "10.0.0.1:6379"])
def test_a_cluster_is_asked_for_behind_the_model(address: str) -> None:
    asked = Question(Means("native", workers=3, cluster=address))
    program, *words = shlex.split(asked.reproduce(("duel",)))
    assert (program, words[:2]) == ("pmmc", ["check", "duel"])
    assert question_of(parser().parse_args(words), MODEL) == asked


def test_the_reference_engine_has_no_owners_elsewhere() -> None:
    args = parser().parse_args(["check", "duel", "--engine", "reference", "--cluster"])
    with pytest.raises(UsageFault, match="--cluster is for the native engine"):
        question_of(args, MODEL)


def test_every_option_that_asks_something_is_among_the_words() -> None:
    """The groups of the grammar are what says which options ask something."""
    check_parser = parser()._subparsers._group_actions[0].choices["check"]
    groups = [g for g in check_parser._action_groups if g.title.startswith(("what is", "means", "limits"))]
    options = {word for g in groups for action in g._group_actions for word in action.option_strings}
    everything = Question(
        Means("native", UNREDUCED, 2, disk=Path("states"), cluster=""),
        Limits(1, 2, 3.5, 4, past_violations=True),
        network_named("fifo"),
        (A1,),
    )
    said = {word for word in everything.words() if word.startswith("--")}
    assert said == options - {"--allow-inconclusive"}, "which does not change what is found"


def test_a_network_that_no_option_can_ask_for_is_refused_and_not_mistaken_for_another() -> None:
    words = Question(network=Fifo(2)).words()
    with pytest.raises(UsageFault, match="unknown network 'fifo, loss 2'"):
        question_of(parser().parse_args(["check", "duel", *words]), MODEL)


def test_a_check_that_memory_has_ended_says_so_in_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    main(
        [
            "check",
            "duel",
            "-v",
            "--engine",
            "native",
            "--memory",
            "4K",
            "--workers",
            "1",
            "--timeout",
            "60.25",
        ]
    )
    out = capsys.readouterr().out
    assert "INCONCLUSIVE  duel: the limit of 4,096 bytes" in out
    assert "reproduce   pmmc check duel --engine native --workers 1 --timeout 60.25 --memory 4K   (" in out


def test_a_test_that_asks_another_question_prints_the_command_that_asks_it() -> None:
    question = Question(Means("reference"), Limits(max_states=20), network_named("fifo"))
    with pytest.raises(AssertionError) as failure:
        assert_verified(MODEL, question)
    asked = "--engine reference --network fifo --max-states 20"
    command = f"pmmc check {MODEL.path} {asked} --html report.html"
    assert command in str(failure.value)


def test_a_result_knows_what_was_asked_and_a_model_that_is_in_no_file_has_no_command() -> None:
    result = check(MODEL, Question(Means("reference"), properties=(A1,)))
    assert result.command == f"pmmc check {MODEL.path} --engine reference --property A1"
    nowhere = check(replace(MODEL, path="<text>"), Question(Means("reference")))
    assert nowhere.command == ""


def test_who_judges_a_property_that_is_asked_is_there_then(capsys: pytest.CaptureFixture[str]) -> None:
    clients = load(PMMC.models / "two-clients.yaml", protocols=protocols())
    asked = question_named(clients, None, ["sequentially-consistent"])
    assert [one.role.name for one in asked.of_model(clients).observers] == ["program-order"]
    both = question_named(clients, "reliable", ["sequentially-consistent", "all-answered"]).of_model(
        clients
    )
    assert [claim.id for claim in both.properties] == ["sequentially-consistent", "all-answered"]
    assert both.network.name == "reliable"
    assert question_named(clients, None, ["R1"]).of_model(clients).members == clients.system.members
    assert main(["check", "two-clients", "-q", "--property", "sequentially-consistent"]) == 0
    capsys.readouterr()
    nobody = question_named(MODEL, None, ["linearizable"])
    assert nobody.of_model(MODEL).observers == ()
    assert main(["check", "duel", "-q", "--property", "linearizable"]) == 10
    assert "nothing to judge: it reads the role linearization" in capsys.readouterr().out
