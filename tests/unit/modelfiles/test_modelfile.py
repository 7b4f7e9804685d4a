"""Model files: what is read, what is refused, and where each fault is said to be."""

# ruff: noqa: E501, ISC004 - a message is compared in one piece

import codecs
import hashlib

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.model.network import AtMostOnce, Fifo, Lossy, LossyDuplicating, Reliable
from checker.model.properties import Kind
from checker.modelfiles.complaints import nearest, shown, unknown
from checker.modelfiles.fields import Whole
from checker.modelfiles.loading import Faults, LoadedModel, load, load_text, schema
from checker.modelfiles.schema import ModelFile, network_named
from spec.protocol import PMMC
from spec.system import deploy, read_commands

PROTOCOLS = {"pmmc": PMMC}
GOOD = """\
name: good
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k A, put k B]
bounds: {slots: 2, rounds: 4}
"""

CLAIMS = [p.id for p in PMMC.properties.values() if p.kind is not Kind.SOMETIMES]


def variants_of(part: str) -> str:
    return ", ".join(sorted(v.name for v in PMMC.variants if v.part == part))


def read(text: str) -> LoadedModel:
    return load_text(text, "m.yaml", protocols=PROTOCOLS)


def faults(text: str) -> list[str]:
    """The faults of a text without the file name: 'line:column: message'."""
    with pytest.raises(Faults) as caught:
        read(text)
    assert all(f.file == "m.yaml" for f in caught.value.faults)
    return [str(f).removeprefix("m.yaml:") for f in caught.value.faults]


def fault(line: str) -> str:
    """The one fault that a line, put under a good file as line 5, causes."""
    (found,) = faults(GOOD + line + "\n")
    return found


def as_lists(value: object) -> object:
    """The same with lists in the place of tuples."""
    if isinstance(value, dict):
        return {key: as_lists(inner) for key, inner in value.items()}
    return [as_lists(inner) for inner in value] if isinstance(value, list | tuple) else value


class TestGood:
    def test_defaults(self):
        loaded = read(GOOD)
        model = loaded.model
        assert loaded.path == "m.yaml"
        assert loaded.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
        assert (model.name, model.about, model.protocol, model.slow) == ("good", None, "pmmc", False)
        assert (model.rules, model.properties, model.sometimes, model.expect) == ({}, None, (), None)
        assert loaded.system.network == LossyDuplicating()
        assert loaded.system.bounds == {
            "acceptors": 1,
            "leaders": 2,
            "replicas": 1,
            "clients": 0,
            "commands": 2,
            "slots": 2,
            "rounds": 4,
            "window": 2,
        }

    def test_hash_is_of_the_text(self):
        assert read(GOOD).sha256 != read(GOOD + "# remark\n").sha256

    @pytest.mark.parametrize(
        ("written", "network"),
        [
            ("fifo", Fifo()),
            ("at-most-once", AtMostOnce()),
            ("lossy-duplicating", LossyDuplicating()),
            ("{kind: fifo, loss: 3}", Fifo(3)),
            ("lossy", Lossy()),
            ("reliable", Reliable()),
            ("{kind: at-most-once}", AtMostOnce()),
        ],
    )
    def test_networks(self, written, network):
        assert read(GOOD + f"network: {written}\n").system.network == network

    def test_network_by_name(self):
        assert network_named("fifo") == Fifo()
        with pytest.raises(ValueError, match="did you mean 'fifo'"):
            network_named("fifi")

    def test_all_keys(self):
        model = read(
            GOOD
            + "about: all\nprotocol: pmmc\nnetwork: fifo\nrules: {replica: any-request}\n"
            + "properties: [R1, A1]\nsometimes: [slot-decided]\nsymmetry: [acceptors, commands]\n"
            + "slow: true\nexpect: {verdict: violated, property: R1, length: 3, states: 4, depth: 5,"
            + " unfired: [leader.p1b]}\ninitial: {}\n"
        ).model
        assert model.properties == ("R1", "A1")
        assert model.symmetry == ("acceptors", "commands")
        assert model.expect.unfired == ("leader.p1b",)

    def test_dumps_and_loads_the_same(self):
        for path in sorted(PMMC.models.glob("*.yaml")):
            model = load(path, protocols=PROTOCOLS).model
            written = yaml.safe_dump(as_lists(model.model_dump(exclude_none=True)), allow_unicode=True)
            assert read(written).model == model

    def test_quotes_make_text(self):
        assert read(GOOD.replace("good", "'12'")).model.name == "12"

    def test_what_yaml_1_1_would_take_for_something_else_is_text(self):
        for name in ("no", "on", "12:30:00", "3.0", "2026-01-01", "0x1F", "1_000", "=", "<<"):
            assert read(GOOD.replace("good", name)).model.name == name

    def test_aliases_are_followed(self):
        assert read(GOOD.replace("good", "&x once") + "about: *x\n").model.about == "once"
        numbers = GOOD.replace("acceptors: 1", "acceptors: &n 3").replace("replicas: 1", "replicas: *n")
        assert read(numbers).system.bounds["replicas"] == 3

    def test_spaces_in_commands_do_not_matter(self):
        assert read(GOOD.replace("put k A", "put   k  A")).model.commands == ("put k A", "put k B")

    def test_model_is_immutable(self):
        with pytest.raises(ValueError, match="frozen"):
            read(GOOD).model.name = "other"


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


class TestFiles:
    def test_loads_a_file(self, tmp_path):
        path = tmp_path / "good.yaml"
        path.write_text(GOOD, encoding="utf-8")
        assert load(path, protocols=PROTOCOLS).path == str(path)

    def test_missing_file(self, tmp_path):
        with pytest.raises(Faults, match=r"nowhere\.yaml:1:1: cannot be read: No such file or directory"):
            load(tmp_path / "nowhere.yaml", protocols=PROTOCOLS)

    def test_directory(self, tmp_path):
        with pytest.raises(Faults, match="1:1: cannot be read: "):
            load(tmp_path, protocols=PROTOCOLS)

    def test_not_utf_8(self, tmp_path):
        path = tmp_path / "latin.yaml"
        path.write_bytes(b"name: x\nabout: caf\xe9\n")
        with pytest.raises(Faults, match=r"latin\.yaml:2:11: not UTF-8: byte 0xE9"):
            load(path, protocols=PROTOCOLS)

    def test_utf_16(self, tmp_path):
        path = tmp_path / "wide.yaml"
        path.write_bytes(codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le"))
        with pytest.raises(Faults, match="1:1: not UTF-8: byte 0xFF"):
            load(path, protocols=PROTOCOLS)

    def test_impossible_name(self):
        with pytest.raises(Faults, match="cannot be read"):
            load("a\0b", protocols=PROTOCOLS)


class TestKeysAndTypes:
    def test_everything_at_once(self):
        assert faults(
            "name: x\n"
            "name: y\n"
            "nodes: {acceptors: 0, leaderz: 2, replicas: yes}\n"
            "commands: [put k, put a b, 7]\n"
            "bounds: {slots: 0, rounds: true, window: -1}\n"
            "propertys: []\n"
            "properties: [R9, slot-decided]\n"
            "sometimes: [R1, slot-decidd, 3]\n"
            "network: at-most-one\n"
            "slow: no\n"
            "symmetry: [acceptor]\n"
            "expect: {verdict: verifed, states: many}\n"
        ) == [
            "2:1: key 'name' occurs twice, first on line 1",
            "3:1: key 'leaders' is missing",
            "3:20: expected a whole number from 1 to 1,000, not 0",
            "3:23: unknown key 'leaderz'; did you mean 'leaders'? allowed: acceptors, leaders, replicas, clients, servers",
            "3:45: expected a whole number from 0 to 1,000, not 'yes'",
            "4:12: expected 'put KEY VALUE', 'append KEY VALUE', 'get KEY', 'noop' or 'reconfigure NUMBER', not 'put k'",
            "4:28: expected text, not 7; write '7' in quotes",
            "5:17: expected a whole number from 1 to 1,000, not 0",
            "5:28: expected 'endless' or a whole number from 1 to 1,000, not true",
            "5:42: expected a whole number from 1 to 1,000, not -1",
            "6:1: unknown key 'propertys'; did you mean 'properties'? allowed: name, about, protocol, "
            "network, rules, properties, sometimes, can-still, eventually, always-eventually, leads-to, fair, "
            "strongly_fair, finitely, symmetry, slow, expect, nodes, configurations, machines, commands, bounds, "
            "quorums, faults, clocks, stable, implementation, initial",
            f"7:14: {unknown('property', 'R9', CLAIMS)}",
            "7:18: 'slot-decided' is a goal that some state must reach: it belongs under 'sometimes'",
            "8:13: 'R1' is a claim about every state: it belongs under 'properties'",
            "8:17: unknown goal 'slot-decidd'; did you mean 'slot-decided'? allowed: configuration-shut-down, "
            "slot-decided, leader-preempted, two-leaders-active, hole-in-log, all-performed, all-answered, "
            "new-configuration-decides, slot-collected, state-transferred, lease-held",
            "8:30: expected the name of a goal, or a mapping node: fields; not 3",
            "9:10: unknown network 'at-most-one'; did you mean 'at-most-once'? "
            "allowed: lossy-duplicating, at-most-once, lossy, reliable, fifo",
            "10:7: expected true or false, not 'no'",
            "11:12: unknown symmetry 'acceptor'; did you mean 'acceptors'? allowed: acceptors, replicas, commands",
            "12:19: unknown verdict 'verifed'; did you mean 'verified'? allowed: verified, violated, inconclusive",
            "12:36: expected a whole number from 0 to 1,000,000,000,000,000, not 'many'",
        ]

    def test_missing_keys(self):
        assert faults("about: nothing else\n") == [
            "1:1: key 'bounds' is missing",
            "1:1: key 'name' is missing",
            "1:1: key 'nodes' is missing",
        ]

    @pytest.mark.parametrize("written", ["1001", "99999999999999999999", "1.5", "'3'", "[3]", "", "true"])
    def test_impossible_numbers_of_acceptors(self, written):
        (found,) = faults(GOOD.replace("acceptors: 1", f"acceptors: {written}"))
        assert found.startswith("2:")
        assert "expected a whole number from 1 to 1,000, not " in found

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("about: []", "5:8: expected text, not a list"),
            ("about: ''", "5:8: expected text, not an empty one"),
            ("about:", "5:7: nothing stands here; give a value or leave the key out"),
            ("expect:", "5:8: nothing stands here; give a value or leave the key out"),
            ("properties:", "5:12: nothing stands here; give a value or leave the key out"),
            ("sometimes:", "5:11: expected a list, not nothing"),
            ("properties: R1", "5:13: expected a list, not 'R1'"),
            ("properties: {R1: true}", "5:13: expected a list, not a mapping"),
            ("initial: [leader 0]", "5:10: expected a mapping, not a list"),
            ("rules: any-request", "5:8: expected a mapping, not 'any-request'"),
            ("rules: {3: any-request}", "5:9: expected text, not 3; write '3' in quotes"),
            ("expect: verified", "5:9: expected a mapping, not 'verified'"),
            ("expect: {}", "5:1: key 'verdict' is missing"),
            ("network: {kind: fifo, loss: -1}", "5:29: expected a whole number from 0 to 1,000, not -1"),
            (
                "network: {loss: 1}",
                "5:10: 'loss' is for fifo; lossy-duplicating may lose any message as it is",
            ),
            ("network: {kind: reliable, loss: 1}", "5:10: 'loss' is for fifo; reliable loses none"),
            (
                "network: {kind: fifo, los: 1}",
                "5:23: unknown key 'los'; did you mean 'loss'? allowed: kind, loss",
            ),
            (
                "network: 3",
                "5:10: unknown network 3; allowed: lossy-duplicating, at-most-once, lossy, reliable, fifo",
            ),
        ],
    )
    def test_one_wrong_line(self, line, message):
        assert fault(line) == message

    def test_unknown_protocol(self):
        assert (
            fault("protocol: pmcm") == "5:11: unknown protocol 'pmcm'; did you mean 'pmmc'? allowed: pmmc"
        )

    def test_a_protocol_that_is_not_known_is_all_that_is_said(self):
        with pytest.raises(Faults) as faults:
            load_text("name: r\nprotocol: raft\nservers: 3\n", "m.yaml", protocols=PROTOCOLS)
        assert str(faults.value) == "m.yaml:2:11: unknown protocol 'raft'; allowed: pmmc"

    def test_no_protocol_is_installed(self):
        with pytest.raises(Faults, match="unknown protocol 'pmmc'; there is none to choose from"):
            load_text(GOOD, "m.yaml", protocols={})

    def test_beyond_the_schema_is_judged_although_the_schema_is_violated(self):
        found = faults(GOOD + "slow: 1\nrules: {ballots: one}\nsometimes: [leader 5: {active: true}]\n")
        assert found == [
            "5:7: expected true or false, not 1",
            f"6:18: unknown variant of ballots 'one'; allowed: {variants_of('ballots')}",
            "7:13: there is no leader 5: this model has 2 leaders, numbered from 0",
        ]


class TestHelpers:
    def test_nearest(self):
        assert nearest("r1", ["R1", "A1"]) == "R1"
        assert nearest("zebra", ["R1", "A1"]) is None

    def test_unknown_without_alternatives(self):
        assert unknown("thing", "x", []) == "unknown thing 'x'; there is none to choose from"

    def test_unknown_with_many_alternatives_lists_none(self):
        assert "allowed" in unknown("thing", "x", [f"n{i}" for i in range(10)])
        assert "allowed" not in unknown("thing", "x", [f"n{i}" for i in range(100)])

    def test_shown_is_short(self):
        assert len(shown("x" * 10_000)) < 60
        assert shown(10**50) == "a huge number"

    def test_whole_describes_itself(self):
        assert Whole(1, 3).json() == {"type": "integer", "minimum": 1, "maximum": 3}


class TestSchema:
    def test_every_key_is_described(self):
        made = schema(PMMC)
        shapes = [made, *made["$defs"].values()]
        for shape in shapes:
            assert shape["additionalProperties"] is False
            for name, field in shape["properties"].items():
                assert field.get("description"), name

    def test_names_are_listed(self):
        fields = schema(PMMC)["properties"]
        text = str(fields)
        assert "prefix-agreement" in text
        assert fields["rules"]["properties"]["commander"] == {
            "enum": [v.name for v in PMMC.variants if v.part == "commander"]
        }
        assert schema(PMMC)["required"] == ["name", "nodes", "bounds"]

    def test_keys_agree_with_the_class(self):
        fields = PMMC.schema.model_fields.items()
        assert set(schema(PMMC)["properties"]) == {field.alias or name for name, field in fields}
        assert issubclass(PMMC.schema, ModelFile)


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
KEYS = st.sampled_from(
    [
        *(field.alias or name for name, field in PMMC.schema.model_fields.items()),
        *("acceptors", "leaders", "replicas", "slots", "rounds", "verdict", "kind", "x"),
        *("leader 0", "acceptor 0", "replica 0", "client 0", "ballot", "active", "accepted", "requests"),
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 5),
    st.sampled_from(
        ["R1", "A1", "slot-decided", "fifo", "put k v", "3.0", "1.1", "verified", "no", "a: b"]
    ),
    st.text(max_size=5),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.integers(0, 3), inner, max_size=6)
    ),
    max_leaves=12,
)


def judged(text: str) -> None:
    """Reading gives a model or faults, and nothing else ever."""
    try:
        assert isinstance(read(text), LoadedModel)
    except Faults as error:
        found = error.faults
    else:
        return
    assert found
    lines = 2 + sum(map(text.count, "\n\r\x85\u2028\u2029"))
    assert all(1 <= f.line <= lines and f.column >= 1 and f.message for f in found)


class TestAnythingAtAll:
    @given(st.text(max_size=200))
    @settings(FUZZ)
    def test_text(self, text):
        judged(text)

    @given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t\\U019~<.", max_size=80))
    @settings(FUZZ)
    def test_text_that_looks_like_yaml(self, text):
        judged(text)

    @given(st.dictionaries(KEYS, TREES, max_size=10))
    @settings(FUZZ)
    def test_structures(self, tree):
        judged(yaml.safe_dump(tree, allow_unicode=True))

    @given(st.dictionaries(KEYS, TREES, max_size=5))
    @settings(FUZZ)
    def test_structures_beside_what_is_right(self, tree):
        base = yaml.safe_load(GOOD)
        judged(yaml.safe_dump(base | tree, allow_unicode=True))

    @given(st.dictionaries(st.sampled_from(["initial", "sometimes"]), st.dictionaries(KEYS, TREES)))
    @settings(FUZZ)
    def test_local_states(self, tree):
        base = yaml.safe_load(GOOD)
        if "sometimes" in tree:
            tree = tree | {"sometimes": [tree["sometimes"]]}
        judged(yaml.safe_dump(base | tree, allow_unicode=True))

    @given(st.integers(0, len(PMMC.template)), st.integers(0, 40), st.text(max_size=3))
    @settings(FUZZ)
    def test_damaged_template(self, at, length, put):
        judged(PMMC.template[:at] + put + PMMC.template[at + length :])
