"""Logs that are no logs: the file, the line, and what is wrong there; and what a crash may leave behind."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from checker.model.logs import Logged
from checker.modelfiles.loading import load
from checker.validation.events import LogFaults
from checker.validation.result import Validated, Why
from checker.validation.session import Asked, held_against, look, validate
from spec.logs import LOGS
from spec.protocol import PMMC
from tests.unit.support.walkedlogs import events_of, lines

Events = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def logged() -> Logged:
    path = next(path for path in PMMC.model_files() if path.stem == "majorities-two-commands")
    loaded = load(path, protocols={"pmmc": PMMC})
    return LOGS.of_model(loaded.model, loaded.system)


def walked(logged: Logged) -> Events:
    return {
        node: list(told)
        for node, told in events_of(logged.system, logged.wire, logged.nodes, 30, 5).items()
    }


def validated(logged: Logged, folder: Path, texts: Mapping[str, str]) -> Validated:
    paths = []
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    asked = Asked(tuple(paths))
    return validate(asked, logged, look(asked, LOGS))[0]


def texts(events: Events) -> dict[str, str]:
    return {f"{node.replace(' ', '-')}.jsonl": "".join(lines(told)) for node, told in events.items()}


def cut(told: list[str]) -> list[str]:
    return [*told[:-1], told[-1][:-20]]


def twice(told: list[str]) -> list[str]:
    return [*told[:2], told[1], *told[2:]]


def swapped(told: list[str]) -> list[str]:
    return [told[0], told[2], told[1], *told[3:]]


def without(told: list[str]) -> list[str]:
    return [*told[:2], *told[3:]]


def corrupt(told: list[str]) -> list[str]:
    return [told[0], told[1].replace('"seq"', '"seq', 1), *told[2:]]


def bytes_(told: list[str]) -> list[str]:
    return [told[0], "\x00\n", *told[1:]]


def changed(name: str, value: Any) -> Callable[[list[str]], list[str]]:
    def change(told: list[str]) -> list[str]:
        event = json.loads(told[1])
        event[name] = value
        return [told[0], json.dumps(event) + "\n", *told[2:]]

    return change


@pytest.mark.parametrize(
    ("break_", "line", "says"),
    [
        (cut, -1, "truncated: the file ends within this line"),
        (twice, 3, "seq 2 of acceptor 0 once more"),
        (swapped, 2, "seq 3 of acceptor 0 after seq 1: seq 2 is missing"),
        (without, 3, "seq 4 of acceptor 0 after seq 2: seq 3 is missing"),
        (lambda told: told[1:], 1, "the log of acceptor 0 begins with seq 2"),
        (corrupt, 2, "no JSON: "),
        (bytes_, 2, "no JSON: "),
        (lambda told: [told[0], "[1, 2]\n", *told[1:]], 2, "expected an event, a JSON object"),
        (changed("event", "recieve"), 2, "unknown event 'recieve'"),
        (changed("seq", "2"), 2, "'seq' must be a whole number from 1 on"),
        (changed("node", 7), 2, "'node' must be the name of a node"),
        (changed("message", 7), 2, "'message' must be an object"),
        (
            changed("message", {"type": "p1aa", "leader": "leader 0", "ballot": [0, 0]}),
            2,
            "did you mean 'p1a'",
        ),
        (
            changed("message", {"type": "p1a", "leader": "leader 0"}),
            2,
            "message: expected an object with 'ballot'",
        ),
        (changed("from", "leader 9"), 2, "leader 9"),
    ],
)
def test_each_fault_is_told_with_its_line(
    logged: Logged, tmp_path: Path, break_: Callable[[list[str]], list[str]], line: int, says: str
) -> None:
    told = texts(walked(logged))
    log = told["acceptor-0.jsonl"].splitlines(keepends=True)
    assert json.loads(log[1])["event"] == "receive", "the walk is not what these cases are made for"
    broken = break_(log)
    told["acceptor-0.jsonl"] = "".join(broken)
    with pytest.raises(LogFaults) as error:
        validated(logged, tmp_path, told)
    first = error.value.faults[0]
    assert Path(first.file).name == "acceptor-0.jsonl"
    assert first.line == (line if line > 0 else len(broken))
    assert says in first.message


def test_a_node_that_takes_no_part_is_a_fault(logged: Logged, tmp_path: Path) -> None:
    told = texts(walked(logged))
    told["acceptor-0.jsonl"] = told["acceptor-0.jsonl"].replace(
        '"node": "acceptor 0"', '"node": "aceptor 0"'
    )
    with pytest.raises(LogFaults, match=r"unknown node 'aceptor 0'.*acceptor 0"):
        validated(logged, tmp_path, told)


def test_all_faults_are_told_at_once(logged: Logged, tmp_path: Path) -> None:
    told = {
        name: text.replace('"event": "send"', '"event": "sent"')
        for name, text in texts(walked(logged)).items()
    }
    with pytest.raises(LogFaults) as error:
        validated(logged, tmp_path, told)
    assert len(error.value.faults) > 2


def acceptor(*events: Mapping[str, Any]) -> Sequence[str]:
    return [
        json.dumps({"node": "acceptor 0", "seq": n, **event}) + "\n" for n, event in enumerate(events, 1)
    ]


START = {"event": "start"}
P1A = {"type": "p1a", "leader": "leader 0", "ballot": [0, 0]}
P1B = {"type": "p1b", "acceptor": "acceptor 0", "ballot": [0, 0], "current": [0, 0], "accepted": []}
TAKE = {"event": "receive", "from": "leader 0", "message": P1A}
ANSWER = {"event": "send", "to": "leader 0", "message": P1B}
KEPT = {"event": "recover", "state": {"ballot": [0, 0], "accepted": []}}
LOST = {"event": "recover", "state": {"ballot": [-1, -1], "accepted": []}}


def test_what_stable_storage_held_is_what_a_node_recovers_with(logged: Logged, tmp_path: Path) -> None:
    result = validated(logged, tmp_path, {"a.jsonl": "".join(acceptor(START, TAKE, ANSWER, KEPT))})
    assert result.verdict == "fits"
    assert result.nodes[0].recovered == 1


def test_an_acceptor_that_did_not_sync_is_found_where_it_recovers(logged: Logged, tmp_path: Path) -> None:
    result = validated(logged, tmp_path, {"a.jsonl": "".join(acceptor(START, TAKE, ANSWER, LOST))})
    (misfit,) = result.misfits
    assert (misfit.why, misfit.seq) == (Why.RECOVERY, 4)
    assert [(d.field, d.rule, d.log) for d in misfit.differences] == [("ballot", [0, 0], [-1, -1])]


@pytest.mark.parametrize("newline", ["", "\n"])
def test_a_line_cut_short_before_a_recovery_is_accepted_and_told(
    logged: Logged, tmp_path: Path, newline: str
) -> None:
    start, take, answer, recover = acceptor(START, TAKE, ANSWER, KEPT)
    text = start + take + answer[:40] + newline + recover.replace('"seq": 4', '"seq": 3')
    result = validated(logged, tmp_path, {"a.jsonl": text})
    assert result.verdict == "fits"
    assert [Path(place).name for place in result.torn] == ["a.jsonl:3"]


def test_a_line_cut_short_is_no_excuse_for_what_was_told_before(logged: Logged, tmp_path: Path) -> None:
    start, take, answer, _ = acceptor(START, TAKE, ANSWER, KEPT)
    recover = acceptor(START, TAKE, ANSWER, TAKE, LOST)[-1]
    text = start + take + answer + '{"event":"rec\n' + recover
    result = validated(logged, tmp_path, {"a.jsonl": text})
    assert [misfit.why for misfit in result.misfits] == [Why.RECOVERY]


def test_each_takes_what_the_other_sends_only_after_that(logged: Logged, tmp_path: Path) -> None:
    """An acceptor takes a p2a before it promises, and the leader sends it only after that promise."""
    command = {"client": "client 0", "cid": 1, "op": "put k1 v1"}
    p2a = {"type": "p2a", "leader": "leader 0", "pvalue": {"ballot": [0, 0], "slot": 1, "command": command}}
    p2b = {"type": "p2b", "acceptor": "acceptor 0", "ballot": [0, 0], "slot": 1, "current": [-1, -1]}
    told: list[dict[str, Any]] = [
        {"event": "start"},
        *({"event": "send", "to": f"acceptor {i}", "message": P1A} for i in range(3)),
        {
            "event": "receive",
            "from": "replica 0",
            "message": {"type": "propose", "slot": 1, "command": command},
        },
        {"event": "receive", "from": "acceptor 1", "message": {**P1B, "acceptor": "acceptor 1"}},
        {"event": "receive", "from": "acceptor 0", "message": P1B},
        *({"event": "send", "to": f"acceptor {i}", "message": p2a} for i in range(3)),
    ]
    leader = "".join(
        json.dumps({"node": "leader 0", "seq": n, **event}) + "\n" for n, event in enumerate(told, 1)
    )
    early = {"event": "receive", "from": "leader 0", "message": p2a}
    answer = {"event": "send", "to": "leader 0", "message": p2b}
    log = acceptor(START, early, answer, TAKE, ANSWER)
    result = validated(logged, tmp_path, {"a.jsonl": "".join(log), "l.jsonl": leader})
    (misfit,) = result.misfits
    assert (misfit.why, misfit.node, misfit.seq) == (Why.CYCLE, "acceptor 0", 2)
    assert "acceptor 0 → leader 0 → acceptor 0" in misfit.reason


def test_nothing_is_no_pass(logged: Logged, tmp_path: Path) -> None:
    result = validated(logged, tmp_path, {"a.jsonl": ""})
    assert result.verdict == "nothing to validate"
    assert int(result.code) == 10


def test_what_rests_on_nodes_without_a_log_is_not_judged(logged: Logged, tmp_path: Path) -> None:
    """A decision without the acceptors' logs: that it is chosen cannot be seen, and is no violation."""
    command = {"client": "client 0", "cid": 1, "op": "put k1 v1"}
    decision = {
        "event": "receive",
        "from": "leader 0",
        "message": {"type": "decision", "slot": 1, "command": command},
    }
    told = [START, decision]
    log = "".join(json.dumps({"node": "replica 0", "seq": n, **e}) + "\n" for n, e in enumerate(told, 1))
    asked = [*logged.begins.values()]
    assert asked, "the model's nodes send nothing at first"
    result = validated(logged, tmp_path, {"r.jsonl": log})
    assert not result.findings
    assert "decided-is-chosen" in result.left_out
    assert "R1" in result.judged


@pytest.mark.parametrize("state", [{}, {"state": {"ballot": [-1, -1], "accepted": []}}])
def test_a_second_start_is_no_recovery(logged: Logged, tmp_path: Path, state: Mapping[str, Any]) -> None:
    log = "".join(acceptor(START, TAKE, ANSWER, {**START, **state}))
    result = validated(logged, tmp_path, {"a.jsonl": log})
    (misfit,) = result.misfits
    assert (misfit.why, misfit.seq) == (Why.AGAIN, 4)
    assert result.verdict == "does not fit"


@pytest.mark.parametrize(
    ("sender", "verdict"),
    [("leader 0", "fits"), (None, "fits"), ("replica 0", "does not fit"), ("leader 1", "does not fit")],
)
def test_a_node_without_a_log_sends_only_what_its_role_sends(
    logged: Logged, tmp_path: Path, sender: str | None, verdict: str
) -> None:
    """A p1a of leader 0: no replica sends such a message, and no other leader says that it is leader 0."""
    take = {"event": "receive", "message": P1A, **({} if sender is None else {"from": sender})}
    # leaders send their p1a when they begin: only one that is not their first has to be explained
    later = {**P1A, "ballot": [1, 0]}
    answer = {**P1B, "ballot": [1, 0], "current": [1, 0]}
    log = acceptor(START, {**take, "message": later}, {**ANSWER, "message": answer})
    result = validated(logged, tmp_path, {"a.jsonl": "".join(log)})
    assert result.verdict == verdict
    assert [misfit.why for misfit in result.misfits] == [Why.NEVER_SENT] * (verdict != "fits")


def test_a_log_of_another_deployment_is_not_held_against_a_model(tmp_path: Path) -> None:
    """Two promises are a quorum of three acceptors, and none of five."""
    path = next(path for path in PMMC.model_files() if path.stem == "majorities-two-commands")
    loaded = load(path, protocols={"pmmc": PMMC})
    own = LOGS.of_model(loaded.model, loaded.system).wire.config()
    for change in ({}, {"clients": ["client 0"], "slots": None, "rounds": None}):
        assert held_against(*_configured(tmp_path, {**own, **change}), loaded).system.members
    more = [*own["acceptors"], "acceptor 3", "acceptor 4"]
    with pytest.raises(LogFaults, match=r"log\.jsonl:1.*config: acceptors: the model has .*acceptor 3"):
        held_against(*_configured(tmp_path, {**own, "acceptors": more}), loaded)
    with pytest.raises(LogFaults, match="config: window: the model has 2, and the log 3"):
        held_against(*_configured(tmp_path, {**own, "window": 3}), loaded)


def _configured(folder: Path, config: Mapping[str, Any]) -> tuple[Asked, Any, Any]:
    path = folder / "log.jsonl"
    start = {"event": "start", "format": 1, "node": "acceptor 0", "seq": 1, "config": config}
    path.write_text(f"{json.dumps(start)}\n", encoding="utf-8")
    asked = Asked((path,))
    return asked, LOGS, look(asked, LOGS)
