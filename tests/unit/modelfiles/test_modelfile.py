"""Model files that are good, how they are read, and the schema that describes them."""

import codecs
import hashlib

import pytest
import yaml

from checker.model.network import AtMostOnce, Fifo, Lossy, LossyDuplicating, Reliable
from checker.modelfiles.loading import Faults, load, schema
from checker.modelfiles.schema import ModelFile, network_named
from spec.protocol import PMMC
from tests.unit.modelfiles.goodfile import GOOD, PROTOCOLS, read


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
