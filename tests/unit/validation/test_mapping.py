"""Mapping files: what they make of events, and what is said of faulty ones."""

from typing import Any

import pytest

from checker.model.wire import WireFault
from checker.modelfiles.complaints import Faults
from checker.validation.mapping import LogMapping, load_mapping, read_mapping
from checker.validation.templates import Pattern
from spec.logs import LOGS

TEXT = """
mapping: 1
fields: {event: kind, from: source}
events: {got: receive, noise: null}
nodes: {"a{number}": "acceptor {number}"}
forms:
  ballot: [round, who]
messages:
  p1a: {leader: {node: $from}, ballot: {as: ballot, of: b, missing: [-1, -1]}}
"""
EVENT = {"kind": "got", "node": "a3", "seq": 1, "source": "a7", "message": {"type": "p1a"}}


def mapped(text: str = TEXT) -> LogMapping:
    return read_mapping(text, "m.yaml")


def faults(text: str) -> list[str]:
    with pytest.raises(Faults) as raised:
        read_mapping(text, "m.yaml")
    return [str(fault) for fault in raised.value.faults]


def test_an_event_in_other_words() -> None:
    event = EVENT | {"message": {"type": "p1a", "b": {"round": 2, "who": 0}}}
    assert mapped().translator().translate(event) == [
        {
            "event": "receive",
            "node": "acceptor 3",
            "seq": 1,
            "from": "acceptor 7",
            "message": {"type": "p1a", "leader": "acceptor 7", "ballot": [2, 0]},
        }
    ]


def test_what_is_missing_and_what_is_noise() -> None:
    translator = mapped().translator()
    (ours,) = translator.translate(EVENT)
    assert ours["message"]["ballot"] == [-1, -1]
    assert translator.translate(EVENT | {"kind": "noise"}) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "gott"}, "event: unknown event 'gott'; did you mean 'got'?"),
        ({"node": 3}, "node: expected the name of a node"),
        ({"message": {"type": "p1b"}}, "message.type: unknown message 'p1b'; did you mean 'p1a'?"),
        ({"source": None}, "source: expected the name of a node"),
    ],
)
def test_an_event_that_does_not_fit_the_mapping(change: dict[str, Any], said: str) -> None:
    with pytest.raises(WireFault) as raised:
        mapped().translator().translate(EVENT | change)
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mapping: 1", "mapping: 2", "m.yaml:2:10: expected 'mapping: 1', the version of mapping files"),
        ("fields:", "field:", "m.yaml:3:1: unknown key 'field'; did you mean 'fields'?"),
        ("kind, from", "kind, form", "m.yaml:3:23: unknown name 'form'; did you mean 'from'?"),
        ("got: receive", "got: recieve", "m.yaml:4:15: unknown event 'recieve'; did you mean 'receive'?"),
        ("as: ballot", "as: balot", "m.yaml:9:45: unknown form 'balot'; did you mean 'ballot'?"),
        ("$from", "$form", "m.yaml:9:24: unknown name '$form'; did you mean '$from'?"),
        (", of: b", "", "m.yaml:9:40: expected 'of' beside 'as', not a mapping"),
        (
            "[round, who]",
            "[round, 7]",
            "m.yaml:7:19: expected a path, a list or an object of templates, not 7",
        ),
        (
            '"a{number}":',
            '"a{}":',
            "m.yaml:5:9: expected text with {names} in it, each once; {_} is any text",
        ),
        ("acceptor {number}", "acceptor {no}", "m.yaml:5:22: unknown name '{no}'"),
        ("messages:", "states:", "m.yaml:2:1: expected the messages, by the names of their types"),
    ],
)
def test_a_faulty_mapping_is_told_with_its_place(old: str, new: str, said: str) -> None:
    assert old in TEXT
    assert said in "\n".join(faults(TEXT.replace(old, new, 1)))


def test_all_faults_are_told_at_once() -> None:
    assert (
        len(faults(TEXT.replace("recieve", "").replace("$from", "$form").replace("mapping: 1", "x: 1")))
        == 3
    )


def test_one_that_cannot_be_read() -> None:
    with pytest.raises(Faults, match=r"paxos:1:1: cannot be read.*; shipped are: paxosmmc"):
        load_mapping("paxos", LOGS.mappings)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("leader {i}", "leader 12", {"i": 12}),
        ("{a}:{b}", "x:y:z", {"a": "x", "b": "y:z"}),
        ("s:{_}({r},{_})", "s:1(2,3)", {"r": 2}),
        ("leader {i}", "acceptor 1", None),
        ("leader {i}", 7, None),
    ],
)
def test_patterns(pattern: str, text: object, found: object) -> None:
    assert Pattern.of(pattern).match(text) == found
