"""Model files whose YAML is refused: what is wrong with its structure, its size or its characters."""

import pytest

from checker.modelfiles.complaints import nearest
from spec.system import deploy, read_commands
from tests.unit.modelfiles.goodfile import GOOD, fault, faults, read


class TestStructure:
    def test_empty(self):
        for text in ("", "\n\n", "# only a remark\n"):
            assert faults(text) == ["1:1: the file is empty"]

    @pytest.mark.parametrize(
        ("text", "what"),
        [("- a\n", "a list"), ("hello\n", "'hello'"), ("---\n", "nothing"), ("5\n", "5")],
    )
    def test_top_level_is_no_mapping(self, text, what):
        (found,) = faults(text)
        assert found.endswith(f"expected keys such as 'name:' and 'nodes:' at the top, not {what}")

    def test_broken_syntax_has_its_position(self):
        (found,) = faults(GOOD + "properties: [R1\nslow: true\n")
        assert found.startswith("6:5: not valid YAML while parsing a flow sequence: expected ',' or ']'")
        (found,) = faults("name: a\n\tslow: true\n")
        assert found.startswith("2:1: not valid YAML")
        (found,) = faults("name: 'a\n")
        assert found.startswith("2:1: not valid YAML while scanning a quoted scalar")

    def test_duplicate_key(self):
        assert fault("name: again") == "5:1: key 'name' occurs twice, first on line 1"

    def test_duplicate_key_deep_down(self):
        text = GOOD.replace("rounds: 4", "rounds: 4, slots: 3")
        assert faults(text) == ["4:31: key 'slots' occurs twice, first on line 4"]

    def test_text_and_number_are_different_keys(self):
        text = GOOD + "initial: {leader 0: {proposals: {1: put k A, '1': put k B}}}\n"
        assert faults(text) == ["5:46: expected a slot from 1 to 2, not '1'"]

    @pytest.mark.parametrize(
        ("key", "said"),
        [("true", "true"), ("~", "nothing"), ("[a]", "a list or mapping"), ("{a: b}", "a list or mapping")],
    )
    def test_keys_are_text_or_numbers(self, key, said):
        assert fault(f"? {key}\n: 1") == f"5:3: a key must be text or a number, not {said}"

    def test_number_as_top_key(self):
        assert fault("7: x") == "5:1: a key must be text here, not 7"

    def test_tags(self):
        assert fault("about: !!python/object:os.system x") == "5:8: tags (!) are not supported"
        assert fault("about: !!str x") == "5:8: tags (!) are not supported"

    def test_second_document(self):
        assert faults(GOOD + "---\nname: b\n") == [
            "5:1: a second document begins here; a model file holds one"
        ]

    def test_unknown_alias(self):
        assert fault("about: *nowhere") == "5:8: found undefined alias 'nowhere'"

    def test_merge_key(self):
        assert fault("<<: {slow: true}").startswith("5:1: unknown key '<<'; allowed: name, about")

    def test_cyclic_alias(self):
        found = faults(GOOD + "initial: &a {leader 0: *a}\n")
        assert found[0] == "5:10: an alias to what it is a part of"

    def test_alias_bomb(self):
        bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for i in range(12):
            bomb += f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 10)}]\n"
        assert "more than 50,000 values, those repeated by aliases included" in faults(bomb)[-1]

    def test_alias_bomb_lies_where_it_is_used(self):
        ten = "[" + ", ".join(["{}"] * 10) + "]\n"
        lines = [
            f"{name}: &{name} {ten.format(*[of] * 10)}"
            for name, of in zip("abcd", ("x", "*a", "*b", "*c"), strict=True)
        ]
        assert faults("".join(lines) + "e: [x, *d, *d, *d, *d, *d]\n") == [
            "5:20: more than 50,000 values, those repeated by aliases included"
        ]

    @pytest.mark.parametrize(
        "line",
        [
            "properties: [" + ", ".join(f"R{i}x" for i in range(5000)) + "]",
            "initial: {" + ", ".join(f"leeder {i}: 1" for i in range(5000)) + "}",
            "\n".join(f"key{i}: 1" for i in range(5000)),
            "\n".join("slow: true" for _ in range(5001)),
        ],
    )
    def test_of_many_faults_the_first_are_told_and_the_others_counted(self, line, monkeypatch):
        worded = []
        is_about_names = not line.startswith("slow")
        monkeypatch.setattr(
            "checker.modelfiles.complaints.nearest",
            lambda name, allowed: worded.append(name) or nearest(name, allowed),
        )
        found = faults(GOOD + line + "\n")
        assert len(found) == 101
        assert found[-1].endswith(": and 4,900 more faults from here on")
        assert len(worded) == 100 * is_about_names, "what is told is worded, and nothing else"

    def test_many_commands_are_compared_at_once(self, monkeypatch):
        compared = []

        class Counted(str):
            __slots__ = ()
            __hash__ = str.__hash__

            def __eq__(self, other):
                compared.append(other)
                return str.__eq__(self, other)

        model = read(GOOD).model
        model = model.model_copy(update={"commands": tuple(Counted(f"get k{i}") for i in range(500))})
        wrong = []
        assert len(read_commands(model, deploy(model, wrong), (), wrong)) == 500
        assert wrong == []
        assert len(compared) < 5000

    def test_deep_nesting(self):
        (found,) = faults("a: " + "[" * 5000 + "]" * 5000)
        assert found == "1:43: nested more than 40 deep"

    def test_long_file(self):
        assert faults("#" * 1_000_001) == ["1:1: the file is longer than 1,000,000 characters"]

    def test_control_character(self):
        assert faults("name: a\nabout: \x07\n") == ["2:8: the character U+0007 is not allowed in YAML"]

    def test_escape_out_of_range(self):
        (found,) = faults('name: "\\UFFFFFFFF"\n')
        assert found.startswith("1:")
        assert "not valid YAML" in found

    def test_number_without_end(self):
        assert "5:7: a number with more than 30 digits" in faults(GOOD + f"slow: {'9' * 5000}\n")

    def test_byte_order_mark(self):
        assert read("\ufeff" + GOOD).model.name == "good"
