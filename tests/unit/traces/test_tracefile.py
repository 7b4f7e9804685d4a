"""Trace files: written, replayed, and told apart from what they are not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sometraces import CRASHES, PROTOCOLS, VIOLATED, WALKED, model, violation, walk

from checker.model.behaviour import Trace, replay
from checker.modelfiles.loading import load_text
from checker.traces import tracefile
from checker.traces.tracefile import PICKS, TAKEN, Source, TraceFault, departure, read, write


def source_of(name: str) -> Source:
    return Source(model(name).path, model(name).text, "pmmc")


def replayed(text: str) -> Trace:
    file = read(text)
    return replay(load_text(file.source.text, "inside", protocols=PROTOCOLS).system, file.path)


@pytest.mark.parametrize("name", VIOLATED)
def test_a_trace_file_holds_all_that_a_replay_takes(name: str) -> None:
    trace = violation(name)
    text = write(trace, source_of(name))
    again = replayed(text)
    file = read(text)
    assert (again.initial, again.path, again.final) == (trace.initial, trace.path, trace.final)
    assert trace.claim is not None
    assert (file.property, file.reason) == (trace.claim.id, trace.reason)
    assert departure(file, again) is None
    assert write(replace(again, claim=trace.claim, reason=trace.reason), source_of(name)) == text


@pytest.mark.parametrize("name", WALKED)
def test_every_behaviour_can_be_written(name: str) -> None:
    trace = walk(name, 5)
    assert departure(read(write(trace, source_of(name))), trace) is None


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def test_a_text_of_brackets_is_no_trace() -> None:
    with pytest.raises(TraceFault, match="nested too deep to be a trace"):
        read("[" * 100_000 + "]" * 100_000)


def spoiled(change: Any) -> str:
    document = json.loads(write(violation("log-without-holes"), source_of("log-without-holes")))
    change(document)
    return json.dumps(document)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d["#meta"].pop("pmmc"), "not one that pmmc wrote"),
        (lambda d: d["#meta"]["pmmc"].update(format=99), "format 99"),
        (lambda d: d["#meta"]["pmmc"].update(model_text="x"), "sha256 differs"),
        (lambda d: d["#meta"]["pmmc"].update(path=[0]), "the path has 1 steps, but there are 9 states"),
        (lambda d: d["#meta"]["pmmc"].update(path="0/1"), "`path` .* must be a list of whole numbers"),
        (lambda d: d["#meta"]["pmmc"].update(path=[-1]), "`path`"),
        (lambda d: d["#meta"]["pmmc"].update(path=[True]), "`path`"),
        (lambda d: d["#meta"]["pmmc"].update(path=[10**6]), "`path` .* numbers from 0 to 999,999"),
        (lambda d: d["#meta"]["pmmc"].update(path=[0] * 10_001), "10,001 steps; 10,000 at most"),
        (
            lambda d: d["#meta"]["pmmc"].update(model_text="\ud800"),
            "`model_text` .* lone half",
        ),
        (lambda d: d["#meta"]["pmmc"].update(model_file="\udcff"), "`model_file` .* lone half"),
        (lambda d: d["states"][1].update(leader_0=nested(700)), "nested too deep to be a trace"),
        (lambda d: d["states"][1].update(leader_0={"#bigint": "1" * 5000}), "state 1/leader_0: no ITF"),
        (lambda d: d["#meta"]["pmmc"].pop("protocol"), "`protocol` .* must be text"),
        (lambda d: d["#meta"]["pmmc"].update(properties=3), "`properties` .* must be a list"),
        (lambda d: d["states"][2].pop("replica_0"), "state 2: variable `replica_0` is missing"),
    ],
)
def test_says_what_is_wrong_with_a_file(change: Any, why: str) -> None:
    with pytest.raises(TraceFault, match=why):
        read(spoiled(change))


def test_says_where_a_replay_departs_from_the_record() -> None:
    trace = replay(model("log-without-holes").system, violation("log-without-holes").path)

    def other_state(document: Any) -> None:
        document["states"][3]["leader_0"]["active"] = False

    def other_step(document: Any) -> None:
        document["states"][2]["#meta"]["action"] = "p1b(something else)"
        document["states"][2][PICKS]["message"]["value"]["accepted"] = {"#set": [{"#bigint": "1"}]}

    number, text = departure(read(spoiled(other_state)), trace) or (0, "")
    assert number == 3
    assert "leader_0 is now" in text
    number, text = departure(read(spoiled(other_step)), trace) or (0, "")
    assert number == 2
    assert "p1b(something else)" in text


def test_files_of_the_first_format_are_read_and_compared() -> None:
    text = (Path(__file__).parent / "written-in-format-1.itf.json").read_text(encoding="utf-8")
    file = read(text)
    assert file.form == 1
    trace = replay(model("duel").system, file.path)
    assert departure(file, trace) is None
    document = json.loads(text)
    document["states"][2]["leader_0"]["active"] = True
    number, said = departure(read(json.dumps(document)), trace) or (None, "")
    assert number == 2
    assert "leader_0 is now" in said


def test_other_words_for_the_same_step_are_no_departure() -> None:
    def worded(document: Any) -> None:
        document["states"][2]["#meta"]["action"] = "p1b(as another version words it)"

    trace = replay(model("log-without-holes").system, violation("log-without-holes").path)
    assert departure(read(spoiled(worded)), trace) is None


def test_what_a_file_says_of_itself_is_shown_harmlessly() -> None:
    def forge(document: Any) -> None:
        document["#meta"]["pmmc"] |= {"model_file": "a\0b\x1b[2J", "version": "\r1", "reason": "\n::stop"}
        document["states"][1]["#meta"] |= {"action": nested(400)}
        document["states"][2]["#meta"] |= {"action": "\x1b[2J"}
        document["states"][1][TAKEN] = document["states"][2][TAKEN] = "something else"

    file = read(spoiled(forge))
    assert (file.source.file, file.version, file.reason) == (r"a\x00b\e[2J", r"\r1", r"\n::stop")
    trace = replay(model("log-without-holes").system, violation("log-without-holes").path)
    number, text = departure(file, trace) or (0, "")
    assert (number, text.splitlines()[-1].split("  ")[-1]) == (1, "–")


def test_variables_are_named_like_their_nodes() -> None:
    system = load_text(CRASHES, "crashes.yaml", protocols=PROTOCOLS).system
    names = tracefile.variables(system)
    assert names[:3] == ["acceptor_0", "acceptor_1", "acceptor_2"]
    assert names[-1] == "environment_0"
    clash = replace(
        system,
        members=tuple(
            replace(m, name=n) for m, n in zip(system.members, ("a b", "a_b", "network"), strict=False)
        ),
    )
    assert len(set(tracefile.variables(clash)) | {"network"}) == 4
