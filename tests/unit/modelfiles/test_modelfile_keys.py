"""Keys and values of model files that are refused: where each fault is said to be, and in which words."""

# ruff: noqa: E501, ISC004 - a message is compared in one piece

import pytest

from checker.model.properties import Kind
from checker.modelfiles.complaints import nearest, shown, unknown
from checker.modelfiles.fields import Whole
from checker.modelfiles.loading import Faults, load_text
from spec.protocol import PMMC
from tests.unit.modelfiles.goodfile import GOOD, PROTOCOLS, fault, faults

CLAIMS = [p.id for p in PMMC.properties.values() if p.kind is not Kind.SOMETIMES]


def variants_of(part: str) -> str:
    return ", ".join(sorted(v.name for v in PMMC.variants if v.part == part))


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
