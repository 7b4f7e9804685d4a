"""`expect` is rewritten in place: the values change, and not one character of the rest."""

import json
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.modelfiles.document import read
from checker.modelfiles.expectation import NotEditable, with_expect

NEW = {"verdict": "verified", "states": 142, "depth": 13, "reduced": {"states": 81, "depth": 11}}


def said(text):
    document = read(text, "x")
    assert document.faults == []
    return document.data


def text(*lines: str) -> str:
    return "\n".join(lines)


FLOW = "expect: {verdict: verified, states: 142, depth: 13, reduced: {states: 81, depth: 11}}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (text("name: x", ""), text("name: x", FLOW, "")),
        (text("name: x   # no line break"), text("name: x   # no line break", FLOW, "")),
        (
            text("expect: {depth: 1, verdict: violated, property: R1, length: 3}  # old", "name: x", ""),
            text(
                "expect: {depth: 13, verdict: verified, states: 142, "
                "reduced: {states: 81, depth: 11}}  # old",
                "name: x",
                "",
            ),
        ),
        (
            text(
                *(
                    "expect:",
                    "  # why",
                    "  verdict: violated  # was",
                    "  property: R1",
                    "  unfired:",
                    "  - a.b",
                ),
                *("  # since", "  states: 1", "", "# the end", "name: x", ""),
            ),
            text(
                *("expect:", "  # why", "  verdict: verified  # was", "  # since", "  states: 142"),
                *("  depth: 13", "  reduced: {states: 81, depth: 11}", "", "# the end", "name: x", ""),
            ),
        ),
        ("{name: x, expect: {}}", f"{{name: x, {FLOW}}}"),
        (
            text("name: x\r", "expect:\r", "  verdict: verified\r", ""),
            text(
                *("name: x\r", "expect:\r", "  verdict: verified\r", "  states: 142\r", "  depth: 13\r"),
                *("  reduced: {states: 81, depth: 11}\r", ""),
            ),
        ),
        (
            text(
                *("expect:", "    verdict: verified", "    reduced:", "        states: 5 # five"),
                *("    states: 142", "    depth: 13"),
            ),
            text(
                *("expect:", "    verdict: verified", "    reduced:", "        states: 81 # five"),
                *("        depth: 11", "    states: 142", "    depth: 13"),
            ),
        ),
    ],
)
def test_edits(before, after):
    assert with_expect(before, NEW) == after
    assert with_expect(after, NEW) == after


def test_breaks_a_long_line():
    text = with_expect(
        "name: x\n", NEW | {"unfired": ["leader.p1b", "acceptor.p2a"], "model": "sha256-0123456789ab"}
    )
    assert max(map(len, text.splitlines())) <= 100
    assert said(text)["expect"]["unfired"] == ["leader.p1b", "acceptor.p2a"]


@pytest.mark.parametrize(
    "name", ["true", "leader 1: {active: yes}", "12", "a#b", "# x", 'q"', "null", "⟨1⟩"]
)
def test_quotes_what_needs_it(name):
    for text in ("name: x\n", "expect: {verdict: violated, property: R1}", "expect:\n  property: 'R1'\n"):
        assert said(with_expect(text, {"property": name}))["expect"] == {"property": name}


KEYS = ("verdict", "property", "length", "states", "depth", "reduced", "unfired", "model")
FIGURES = st.fixed_dictionaries(
    {"verdict": st.sampled_from(["verified", "violated"])},
    optional={
        "property": st.sampled_from(["R1", "leader 1: {active: true}"]),
        "length": st.integers(0, 99),
        "states": st.integers(0, 10**6),
        "depth": st.integers(0, 99),
        "reduced": st.fixed_dictionaries(
            {"states": st.integers(0, 99)}, optional={"depth": st.integers(0, 9)}
        ),
        "unfired": st.lists(st.sampled_from(["a.b", "c.d"]), unique=True),
        "model": st.just("sha256-0123456789ab"),
    },
)


NEWLINES = st.sampled_from(["\n", "\r\n", "\r", "\x85", "\u2028"])


def comments(text: str) -> Counter:
    return Counter(re.findall(r"#[^\r\n\x85\u2028]*", text))


def block(expect: dict, indent: str = "  ") -> str:
    lines = ["expect:   # here"]
    for key, value in expect.items():
        lines.append(f"{indent}# about {key}")
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *(f"{indent}{indent}{k}: {v}  # {k}" for k, v in value.items())]
        elif isinstance(value, list) and value:
            lines += [f"{indent}{key}:  # list", *(f"{indent}- {v}  # item {v}" for v in value)]
        else:
            gap = " " if key != "depth" else f"  # below\n{indent}    "
            lines.append(f"{indent}{key}:{gap}{'[]' if value == [] else repr(value)}   # {key}")
    return "\n".join(lines) + "\n"


def flow(expect: dict) -> str:
    """The same with a comment wherever a flow mapping may have one."""
    entries = [f"{key}: {json.dumps(value)}" for key, value in expect.items()]
    return "expect: {  # begin\n  " + ",  # next\n  ".join(entries) + "  # before the end\n  }  # end\n"


@given(FIGURES, FIGURES, st.permutations(range(3)), NEWLINES, st.sampled_from([block, flow]))
def test_says_what_is_wanted_and_keeps_the_rest(old, new, order, newline, layout):
    parts = ["# first\nname: x  # the name\n", layout(old), "about: >\n  two\n  lines\n\n# last\n"]
    parts = [part.replace("\n", newline) for part in parts]
    before = "".join(parts[i] for i in order)
    after = with_expect(before, new)
    assert said(after) == said(before) | {"expect": new}
    assert comments(after) == comments(before)
    assert set(re.findall("\r\n|[\r\n\x85\u2028]", after)) == {newline}
    for part in (parts[0], parts[2]):
        assert part in after


def test_comments_inside_what_goes_are_put_above_it():
    before = text(
        *("expect:", "  verdict: violated", "  property: A1          # see issue 42"),
        *("  states:               # counted by TLC, too", "    11", "  unfired:"),
        *("    # with one leader nobody is preempted", "    - leader.p2b        # no commander", ""),
    )
    assert with_expect(before, {"verdict": "verified", "states": 12}) == text(
        *("expect:", "  verdict: verified", "  # see issue 42"),
        *("  # counted by TLC, too", "  states: 12"),
        *("  # with one leader nobody is preempted", "  # no commander", ""),
    )


@pytest.mark.parametrize(
    "before",
    [
        "seven: &n 7\nexpect: {states: *n, verdict: verified}  # why\nname: x\n",
        "seven: &n 7\nexpect:\n  # why\n  verdict: verified\n  states: *n\nname: x\n",
        "other: &e {states: 1}\n# why\nexpect: *e\nname: x\n",
        "expect:\n  ? verdict\n  : violated  # why\n  ? property\n  : A1\nname: x\n",
        "? expect\n: {verdict: violated}\n# why\n? name\n: x\n",
        "{seven: &n 7, expect: {states: *n}, name: x}  # why\n",
        "expect: &here\n  verdict: verified  # why\nname: x\n",
    ],
)
def test_what_marks_do_not_tell_is_written_anew(before):
    after = with_expect(before, NEW)
    assert said(after) == said(before) | {"expect": NEW}
    assert comments(after) == comments(before)


def test_what_others_rest_on_is_not_rewritten():
    with pytest.raises(NotEditable, match="anchors and aliases"):
        with_expect("expect: {states: &n 7}\nother: *n\n", NEW)
