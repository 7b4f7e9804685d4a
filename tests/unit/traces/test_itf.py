"""ITF: every value is written one way, read back, and what is no ITF is refused with its place."""

import json
from dataclasses import dataclass
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sometraces import VIOLATED, model, violation, walk

from checker.model.values import show
from checker.traces import itf
from checker.traces.itf import ItfError, Map, Record, Tup, Unserializable, Variant, decode, encode
from checker.traces.tracefile import Source, write

EXPRESSIONS = st.recursive(
    st.booleans()
    | st.text()
    | st.integers().map(lambda n: {"#bigint": str(n)})
    | st.text().map(lambda s: {"#unserializable": s}),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(lambda items: {"#tup": items})
        | st.lists(inner).map(lambda items: {"#set": items})
        | st.lists(st.tuples(inner, inner).map(list)).map(lambda pairs: {"#map": pairs})
        | st.dictionaries(st.sampled_from(["a", "b", "tag", "c"]), inner)
        | st.tuples(st.text(), inner).map(lambda p: {"tag": p[0], "value": p[1]})
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_what_is_read_is_written_the_same(expr: itf.Expr) -> None:
    once = decode(expr)
    assert decode(encode(once)) == once


@dataclass(frozen=True)
class Pair:
    """Fields that ITF has another use for."""

    tag: str
    value: int


@dataclass(frozen=True)
class Nothing:
    """No fields."""


class Named(NamedTuple):
    """A tuple with names."""

    one: int
    two: str


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("a", "a"),
        (-3, {"#bigint": "-3"}),
        (10**30, {"#bigint": "1" + "0" * 30}),
        (None, {"#tup": []}),
        ((), []),
        ((1, 2), [{"#bigint": "1"}, {"#bigint": "2"}]),
        ((1, "a"), {"#tup": [{"#bigint": "1"}, "a"]}),
        (frozenset({"b", "a"}), {"#set": ["a", "b"]}),
        ({"b": 1, "a": 2}, {"#map": [["a", {"#bigint": "2"}], ["b", {"#bigint": "1"}]]}),
        (Named(1, "x"), {"one": {"#bigint": "1"}, "two": "x"}),
        (Nothing(), {"tag": "Nothing", "value": {}}),
        (Pair("x", 1), {"tag": "Pair", "value": {"tag_": "x", "value_": {"#bigint": "1"}}}),
        (1.5, {"#unserializable": "float: 1.5"}),
    ],
)
def test_values_as_the_format_has_them(value: object, expected: itf.Expr) -> None:
    assert encode(value) == expected


def test_reads_every_form() -> None:
    read = decode(
        [
            {"#map": [["a", {"#bigint": "0"}]]},
            {"x": {"#tup": []}},
            {"tag": "Some", "value": True},
            {"#unserializable": "Nat"},
        ]
    )
    pairs = frozenset({("a", 0)})
    assert read == (Map(pairs), Record((("x", Tup()),)), Variant("Some", True), Unserializable("Nat"))


@pytest.mark.parametrize(
    "wrong",
    [1, 1.5, None, {"#bigint": 1}, {"#bigint": "01"}, {"#bigint": "x"}, {"#set": 1}, {"#map": [["a"]]},
     {"#unknown": 1}, {"#tup": [], "more": 1}, {"a": 1}, [3]],
)  # fmt: skip
def test_refuses_what_is_no_itf(wrong: object) -> None:
    with pytest.raises(ItfError):
        decode(wrong)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ("[]", "expected an object"),
        ("{}", "`vars` must be a list of names"),
        ('{"vars": ["x"]}', "`states` must be a list"),
        ('{"vars": ["x"], "states": [{"y": true}]}', "state 0: variable `x` is missing"),
        ('{"vars": ["x"], "states": [{"x": true}, {"x": {"a": 3}}]}', "state 1/x/a: no ITF expression: 3"),
        ('{"vars": [], "states": [{"#meta": 3}]}', "`#meta` must be an object"),
    ],
)
def test_says_what_is_wrong_with_a_trace(text: str, why: str) -> None:
    with pytest.raises(ItfError, match=why.replace("[", r"\[")):
        itf.load(text)


@pytest.mark.parametrize("name", VIOLATED)
def test_traces_are_read_back_as_they_were(name: str) -> None:
    text = write(violation(name), Source(model(name).path, model(name).text, "pmmc"))
    document = itf.load(text)
    assert itf.dump(document) == text
    assert len(document.states) == len(violation(name).steps) + 1
    assert document.states[0]["mbt::actionTaken"] == "init"
    picks = dict(decode(document.states[1]["mbt::nondetPicks"]).fields)
    assert picks["index"] == violation(name).path[0]
    assert document.states[0]["mbt::nondetPicks"] == {}
    numbers = _plain_numbers(json.loads(text)["states"])
    assert numbers == list(range(len(document.states))), "the only plain numbers are those under #meta"


@pytest.mark.parametrize("name", VIOLATED)
def test_nodes_are_their_names_everywhere(name: str) -> None:
    text = write(violation(name), Source(model(name).path, model(name).text, "pmmc"))
    assert '"tag":"Node"' not in text
    system = violation(name).system
    for state in itf.load(text).states:
        assert [held for held, _ in state["network"]["#map"]] == [show(m.name) for m in system.members]


def test_a_text_and_a_name_are_told_by_their_classes() -> None:
    assert encode((Named(1, "x"), Pair("x", 1)), (Pair,)) == {
        "#tup": [{"one": {"#bigint": "1"}, "two": "x"}, "pair(x, value 1)"]
    }


def _plain_numbers(value: object) -> list[int]:
    if isinstance(value, dict):
        return [n for inner in value.values() for n in _plain_numbers(inner)]
    if isinstance(value, list):
        return [n for inner in value for n in _plain_numbers(inner)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


#: What is alive beside violations: crashes, queues, machines, rounds without end.
ALSO = ("crashes", "losses", "fifo-loss", "servers-one", "duel-by-ping", "two-clients")


@pytest.mark.parametrize("name", [*VIOLATED, *ALSO])
def test_another_reader_reads_them(name: str) -> None:
    itf_py = pytest.importorskip("itf_py", reason="itf-py is not installed; it is among the extras `test`")
    trace = walk(name, 0) if name in ALSO else violation(name)
    document = json.loads(write(trace, Source(model(name).path, model(name).text, "pmmc")))
    read = itf_py.trace_from_json(document)
    assert [state.values["mbt::actionTaken"] for state in read.states] == [
        state["mbt::actionTaken"] for state in document["states"]
    ]
    assert [state.values["mbt::nondetPicks"].index for state in read.states[1:]] == list(trace.path)
    assert set(read.states[-1].values["network"]) == {show(m.name) for m in trace.system.members}
    # what it writes again is what it has read, but for the order of sets
    assert itf_py.trace_from_json(itf_py.trace_to_json(read)).states == read.states
