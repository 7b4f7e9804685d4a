"""Lines: however bytes come in, the same lines come out; what is written is read back."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.implementations import lines
from checker.implementations.lines import Cutter, NoJson

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
LINES = st.lists(st.binary(max_size=6).filter(lambda line: b"\n" not in line and not line.endswith(b"\r")))


@given(LINES, st.lists(st.integers(1, 5)), st.booleans())
def test_lines_do_not_depend_on_how_they_come(
    given_lines: list[bytes], sizes: list[int], returns: bool
) -> None:
    end = b"\r\n" if returns else b"\n"
    data = b"".join(line + end for line in given_lines) + b"rest"
    cutter, found = Cutter(), []
    for size in (*sizes, len(data)):
        found += cutter.cut(data[:size])
        data = data[size:]
    assert found == given_lines
    assert cutter.rest == b"rest"
    assert not cutter.too_long


@given(st.lists(st.integers(1, 4), min_size=1), st.integers(1, 6))
def test_a_line_that_is_too_long_is_noted_before_it_ends(sizes: list[int], longest: int) -> None:
    cutter, sent = Cutter(longest), 0
    for size in sizes:
        assert cutter.cut(b"x" * size) == []
        sent += size
        assert cutter.too_long == (sent > longest)
    ended = cutter.cut(b"\n")
    assert ended == ([] if sent > longest else [b"x" * sent])


@given(VALUES)
def test_what_is_written_is_read_back(value: object) -> None:
    text = lines.written(value)
    assert "\n" not in text
    assert lines.read(text.encode()) == value
    assert lines.written(lines.read(text.encode())) == text


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_equal_objects_are_written_alike(value: dict[str, int]) -> None:
    turned = dict(reversed(value.items()))
    assert lines.written(turned) == lines.written(value)


@given(st.binary(max_size=20))
def test_any_bytes_are_a_value_or_no_json(line: bytes) -> None:
    found: object = None
    with suppress(NoJson):
        found = lines.read(line)
    with suppress(ValueError):
        assert found in (json.loads(line), None)


@pytest.mark.parametrize("line", [b"", b"1 2", b'{"a":1,"a":1}', b"-Infinity", b"1" * 5000])
def test_what_is_no_json(line: bytes) -> None:
    with pytest.raises(NoJson):
        lines.read(line)


@given(st.binary(max_size=2000))
def test_an_excerpt_is_short(line: bytes) -> None:
    assert len(lines.excerpt(line)) <= lines.SHOWN + 1
