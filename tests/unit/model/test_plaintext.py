"""Text that a terminal or a CI's runner would obey: refused in model files, never printed as it is."""

# ruff: noqa: E501 - a message is compared in one piece

import re
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from checker.ci import github
from checker.cli import main
from checker.cli.usage import UsageFault
from checker.model.plaintext import objection, printable
from checker.model.system import System
from checker.model.values import show
from checker.model.verdict import ExitCode
from checker.modelfiles.assembly import system_of
from checker.modelfiles.complaints import Fault, shown
from checker.modelfiles.loading import Faults, load_text
from checker.modelfiles.protocol import Protocol
from checker.modelfiles.schema import ModelFile
from spec.protocol import PMMC

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]|##\[")
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("\n\r\x1b\x9b\u2028\u202e\ud800#[:")))
GOOD = """\
name: good
nodes: {acceptors: 1, leaders: 1, replicas: 1}
commands: [put k A]
bounds: {slots: 1, rounds: 1}
"""


def faults(text: str, protocol: Protocol = PMMC) -> list[str]:
    with pytest.raises(Faults) as caught:
        load_text(text, "m.yaml", protocols={"pmmc": protocol})
    return [str(fault).removeprefix("m.yaml:") for fault in caught.value.faults]


@given(TEXTS)
def test_what_is_shown_is_one_line_of_text(text: str) -> None:
    for line in (
        *(printable(text), shown(text), show(text), show(frozenset({text}))),
        *(str(Fault(text, 1, 1, text)), str(UsageFault(text)), str(UsageFault.joined([text]))),
    ):
        assert CONTROL.search(line) is None


@given(TEXTS)
def test_what_is_not_objected_to_is_shown_as_it_is(text: str) -> None:
    if objection(text) is None:
        assert printable(text) == text
        assert not text.lstrip().startswith("::")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            r'name: "x\n::add-mask::e"',
            "1:7: expected plain text, not one with the control character U+000A",
        ),
        (r'name: "\r\e[KVERIFIED"', "1:7: expected plain text, not one with the control character U+000D"),
        (r'name: "a\u202eb"', "1:7: expected plain text, not one with the control character U+202E"),
        (
            "name: '::add-mask::e'",
            "1:7: expected plain text, not one with '::', which begins a command to GitHub's runner",
        ),
        (
            "name: 'a ##[add-mask]e'",
            "1:7: expected plain text, not one with '##' before '[', which begins a command to GitHub's runner",
        ),
    ],
)
def test_a_name_that_would_be_obeyed_is_refused(line: str, said: str) -> None:
    assert faults(GOOD.replace("name: good", line)) == [said]


def test_every_text_of_a_model_file_is_plain() -> None:
    said = "expected plain text, not one with the control character U+001B"
    text = GOOD.replace("put k A", r'"put k \e[8m"') + r'rules: {"a\e": "b\e"}' + "\n"
    assert faults(text) == [f"3:12: {said}", f"5:9: {said}", f"5:16: {said}"]


def test_only_what_a_model_is_about_may_have_several_lines() -> None:
    loaded = load_text(GOOD + "about: |\n  one\n  two::three\n", "m.yaml", protocols={"pmmc": PMMC})
    assert loaded.model.about == "one\ntwo::three\n"
    assert faults(GOOD + r'about: "a\e"')[0].endswith("the control character U+001B")


def test_keys_and_values_are_quoted_harmlessly() -> None:
    found = faults(GOOD + '"x\\n::stop\\e": 1\nslow: "\\e[2J##[group]"\n')
    assert r"5:1: unknown key 'x\n::stop\e'" in found[0]
    assert found[1] == r"6:7: expected true or false, not '\e[2J##\x5bgroup]'"


def test_halves_of_a_character_are_joined_and_lone_ones_refused() -> None:
    joined = load_text(
        GOOD.replace("name: good", r'name: "\ud83d\ude00"'), "m.yaml", protocols={"pmmc": PMMC}
    )
    assert joined.model.name == "😀"
    lone = "U+D83D is half of a character; the other half is missing"
    assert faults(GOOD.replace("name: good", r'name: "\ud83d"')) == [f"1:7: {lone}"]
    for line, place in (
        (r'about: "\ud83d x"', "5:8"),
        (r'properties: ["\ud83d"]', "5:14"),
        (r'"\ud83d": 1', "5:1"),
    ):
        assert f"{place}: {lone}" in faults(GOOD + line)
    assert faults(r'"\ud83d\ude00": 1')[-1].startswith("1:1: unknown key '😀'; allowed: name, ")


class Strange(ModelFile):
    """A schema that uses pydantic's own types."""

    text: str = ""
    count: int = 0
    small: Annotated[int, Field(gt=2, lt=5)] = 3
    word: Literal["a", "b"] = "a"
    form: Annotated[str, Field(pattern="^x+$")] = "x"
    few: Annotated[list[int], Field(max_length=1)] = Field(default_factory=list)
    blob: bytes = b""
    own: str = ""
    odd: int = 1

    @field_validator("own")
    @classmethod
    def _own(cls, _value: str) -> str:
        raise PydanticCustomError("mine", "only I know why")

    @field_validator("odd")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError("expected an odd number")
        return value


def test_pydantic_is_never_heard_in_its_own_words() -> None:
    def build(model: Strange) -> System:
        return system_of(model, [], {})

    strange = Protocol("pmmc", "", Strange, build, {}, PMMC.models, "")
    found = faults(
        "name: x\ntext: 1\ncount: x\nsmall: 7\nword: c\nform: y\nfew: [1, 2]\nblob: 1\nown: z\nodd: 2\n",
        strange,
    )
    assert found == [
        "2:7: expected text, not 1",
        "3:8: expected a whole number, not 'x'",
        "4:8: expected a number below 5, not 7",
        "5:7: expected 'a' or 'b', not 'c'",
        "6:7: expected text of the form ^x+$, not 'y'",
        "7:6: expected 1 items or fewer, not a list",
        "8:7: expected something else (bytes type), not 1",
        "9:6: only I know why, not 'z'",
        "10:6: expected an odd number, not 2",
    ]


@pytest.mark.parametrize("word", ["a\nb", "\x1b[31mduel", "##[add-mask]e", "name-\udcff"])
def test_a_command_line_that_cannot_be_printed_is_refused(word: str, capsys) -> None:
    for words in (["check", word], ["check", "duel", "--json", word], ["replay", word]):
        assert main(words) == ExitCode.USAGE
        said = capsys.readouterr().err
        assert "error: expected plain text, not '" in said
        assert CONTROL.search(said.replace("\n", "")) is None


def test_a_summary_shows_markup_as_it_stands() -> None:
    text = github._cell("[a](https://x.y) ![b](c) `d` <b> @all #1 www.x.y |\n$e$ *f* ~g~")
    assert text == (
        "&#91;a&#93;(https&#58;//x.y) &#33;&#91;b&#93;(c) &#96;d&#96; &#60;b&#62; &#64;all &#35;1 "
        "www&#46;x.y &#124; &#36;e&#36; &#42;f&#42; &#126;g&#126;"
    )
