"""The vectors of a model: all of its situations, the answers of its rules, and a shortest run to each."""

import json
from collections import Counter
from typing import Any

import pytest
from jsonschemas import faults
from suites import MAJORITIES, TWO, asked, loaded, of_text, suite_of

from checker.conformance.making import Stopped, make
from checker.conformance.rules import Rules
from checker.conformance.schema import schema_of
from checker.conformance.suite import BEGINNING, NoVectors
from checker.engines.contract import Limits
from checker.model.behaviour import replay
from checker.model.wire import text
from checker.modelfiles.loading import load
from spec.replicated_log.protocol import REPLICATED_LOG

#: Models with wakes, crashes and restarts, reads, clients, and messages that go through no network.
MODELS = (TWO, "one-client", "stable-leader-all", "leases-holder-crashes", "reads")


def test_how_many_there_are_of_the_model_that_implementations_are_held_to() -> None:
    manifest = suite_of(MAJORITIES).manifest
    assert {role: told["asked"] for role, told in manifest["roles"].items()} == {
        "acceptor": {"init": 3, "step": 78},
        "leader": {"init": 2, "step": 590},
        "replica": {"init": 1, "step": 14},
    }
    assert manifest["search"] == {
        "exhaustive": True,
        "reductions": [],
        "states": 1_572_457,
        "generated": 6_660_400,
        "depth": 26,
    }
    assert manifest["left_out"] == {}


@pytest.mark.parametrize("name", MODELS)
def test_no_request_is_there_twice_and_later_ones_have_longer_runs(name: str) -> None:
    suite = suite_of(name)
    assert [vector.id for vector in suite.vectors] == list(range(1, len(suite.vectors) + 1))
    requests = [text({**vector.request, "id": 0}) for vector in suite.vectors]
    assert len(set(requests)) == len(requests)
    lengths = [len(suite.path(vector.run)) for vector in suite.vectors]
    assert lengths == sorted(lengths)
    counted = Counter(vector.role for vector in suite.vectors)
    assert counted == {role: told["vectors"] for role, told in suite.manifest["roles"].items()}


@pytest.mark.parametrize("name", MODELS)
def test_after_its_run_the_node_of_a_vector_is_in_its_state_and_the_message_waits(name: str) -> None:
    suite, rules = suite_of(name), Rules(loaded(name))
    for vector in suite.vectors[:: max(1, len(suite.vectors) // 40)]:
        at, member = rules.nodes[vector.node]
        cell = replay(rules.system, suite.path(vector.run)).final[at]
        if vector.request["do"] == "init":
            assert vector.run == BEGINNING
            continue
        local = rules.wire.read_state(vector.request["state"], member.local)
        assert local == getattr(cell.local, "saved", cell.local)
        immediate = {kind.__name__ for kind in member.role.immediate}
        if vector.request["do"] == "step":
            message = rules.wire.read_message(vector.request["message"])
            held = rules.system.network.held(cell.inbox)
            assert message in held or type(message).__name__ in immediate


@pytest.mark.parametrize("name", MODELS)
def test_each_is_as_the_schema_says(name: str) -> None:
    schema = schema_of(Rules(loaded(name)).wire)
    for vector in suite_of(name).vectors:
        assert not list(faults(schema, json.loads(json.dumps(vector.document()))))
    for run in suite_of(name).runs:
        assert not list(faults({"$ref": "#/$defs/run"}, run, schema))


def test_the_schema_refuses_a_vector_without_a_run_and_one_with_another_answer() -> None:
    schema = schema_of(Rules(loaded(TWO)).wire)
    good: Any = json.loads(json.dumps(suite_of(TWO).vectors[0].document()))
    assert list(faults(schema, {key: value for key, value in good.items() if key != "run"}))
    assert list(faults(schema, {**good, "answer": {"id": 1, "steps": [{"sends": []}]}}))


def test_crashes_and_restarts_are_vectors_with_what_the_disk_holds() -> None:
    suite = suite_of("stable-leader-all")
    asked = {vector.request["do"]: vector for vector in suite.vectors if vector.role == "leader"}
    assert set(asked) == {"init", "step", "crash", "restart"}
    assert [*asked["crash"].answer["steps"][0]] == ["state"]
    assert (
        asked["restart"].answer["steps"][0]["state"]["ballot"]
        == asked["restart"].request["state"]["ballot"]
    )


def test_a_timer_that_is_not_set_is_a_vector_without_steps() -> None:
    wakes = [v for v in suite_of("one-client").vectors if v.request["do"] == "wake"]
    assert {v.request["timer"] for v in wakes} == {"invoke"}
    assert {len(v.answer["steps"]) for v in wakes} == {0, 1}


def test_what_is_left_out_is_told() -> None:
    left_out = suite_of("leases-holder-crashes").manifest["left_out"]
    assert left_out["init of replica: the model file says how nodes begin"] == 2
    assert suite_of("one-client").manifest["left_out"] == {
        "init of client: what a client asks for is no part of the config": 1
    }


@pytest.mark.parametrize("name", MODELS)
def test_the_rules_themselves_pass(name: str) -> None:
    outcome = asked(suite_of(name), Rules(loaded(name)))
    assert outcome.all_passed
    assert outcome.vectors == outcome.passed
    assert not outcome.failures


def test_vectors_of_one_role_are_those_among_all() -> None:
    alone = make(loaded(TWO), ["acceptor"])
    assert alone.roles == ["acceptor"]
    among = [v for v in suite_of(TWO).vectors if v.role == "acceptor"]
    assert [{**v.request, "id": 0} for v in alone.vectors] == [{**v.request, "id": 0} for v in among]


def test_a_search_that_ends_early_makes_none() -> None:
    with pytest.raises(Stopped, match="the limit of 100 states was reached"):
        make(loaded(TWO), limits=Limits(max_states=100))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("servers-one", "server 0 is a machine with several processes"),
        ("duel-endless", "rounds have no bound in this model"),
        ("lab3-partition-healed", "a partition keeps them back"),
        ("lab3-minority", "there are vectors of models without 'links' and 'partition'"),
    ],
)
def test_models_that_have_none(name: str, why: str) -> None:
    with pytest.raises(NoVectors, match=why):
        make(loaded(name))


@pytest.mark.parametrize("loses", ["all", "some"])
def test_where_links_lose_messages_there_are_none_as_no_node_of_ones_own_drops_what_it_sends(
    loses: str,
) -> None:
    text = (
        loaded(TWO).text.split("\nexpect:")[0] + f"\nfaults: {{links: [{{to: leaders, loses: {loses}}}]}}\n"
    )
    with pytest.raises(NoVectors, match="links of this model lose messages"):
        make(of_text(text))


def test_a_protocol_whose_nodes_are_all_played_by_others_has_none() -> None:
    path = next(path for path in REPLICATED_LOG.model_files() if path.stem == "log-two-clients")
    with pytest.raises(NoVectors, match="there are no rules to answer by"):
        make(load(path, protocols={"replicated-log": REPLICATED_LOG}))


def test_a_model_that_a_command_plays_in_has_none() -> None:
    text = loaded(TWO).text.split("\nexpect:")[0] + "\nimplementation: {acceptor: {command: [cat]}}\n"
    with pytest.raises(NoVectors, match="a command plays nodes of this model"):
        make(of_text(text))


def test_a_role_that_does_not_take_part_has_none() -> None:
    with pytest.raises(NoVectors, match="no client takes part in this model; roles are acceptor, leader"):
        make(loaded(TWO), ["client"])


def test_vectors_of_one_model_are_the_same_each_time() -> None:
    again = make(of_text(loaded("one-client").text), workers=2)
    assert (again.vectors, again.runs) == (suite_of("one-client").vectors, suite_of("one-client").runs)
