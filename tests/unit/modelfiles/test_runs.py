"""Model files about runs: to what they must come, what is assumed of them, and what is refused."""

from dataclasses import dataclass

import pytest

from checker.model.fairness import LOSS
from checker.model.network import NETWORKS, AtMostOnce, Fifo
from checker.model.properties import Kind
from checker.model.vocabulary import Member, Role
from checker.modelfiles import loading
from checker.modelfiles.complaints import Faults
from checker.modelfiles.loading import LoadedModel, load_text
from checker.modelfiles.places import places
from checker.modelfiles.runs import loses, patterns
from spec.protocol import PMMC

MODEL = """\
name: runs
nodes: {acceptors: 2, leaders: 2, replicas: 1}
commands: [put k A]
bounds: {slots: 1, rounds: 1}
properties: [R1]
"""
LOSSY = "network: {kind: fifo, loss: 1}\n"
CRASHES = "faults: {crashes: 1, nodes: [leader 0], restarts: false}\n"
ASKED = "eventually: [slot-decided]\n"


@dataclass(frozen=True)
class Ask:
    """A message."""


def read(text: str) -> LoadedModel:
    return load_text(MODEL + text, "m.yaml", protocols={"pmmc": PMMC})


def faults(text: str) -> list[str]:
    with pytest.raises(Faults) as caught:
        read(text)
    return [str(fault).removeprefix("m.yaml:") for fault in caught.value.faults]


def steps_of(text: str, key: str = "fair") -> dict[str, set[str]]:
    """What a file assumes, as node.action."""
    assumed = read(text).system.fairness
    listed = {"fair": assumed.weak, "strongly_fair": assumed.strong, "finitely": assumed.finitely}[key]
    return {a.text: {f"{node}.{action}" for node, action in a.steps} for a in listed}


def test_what_runs_must_come_to() -> None:
    loaded = read(
        "sometimes: [leader-preempted]\n"
        "eventually:\n  - slot-decided\n  - leader 1: {active: true}\n"
        "always-eventually:\n  - all-performed\n"
        "leads-to:\n  - {when: leader-preempted, then: slot-decided}\n"
        "  - {when: {leader 1: {active: true}}, then: slot-decided}\n"
    )
    assert {p.id: p.kind for p in loaded.system.properties} == {
        "R1": Kind.STATE,
        "leader-preempted": Kind.SOMETIMES,
        "eventually slot-decided": Kind.EVENTUALLY,
        "eventually leader 1 (active yes)": Kind.EVENTUALLY,
        "always-eventually all-performed": Kind.ALWAYS_EVENTUALLY,
        "leader-preempted leads to slot-decided": Kind.LEADS_TO,
        "leader 1 (active yes) leads to slot-decided": Kind.LEADS_TO,
    }
    lines = [places(loaded)[p.id].line for p in loaded.system.properties]
    assert lines == [5, 6, 8, 9, 11, 13, 14]


def test_what_is_no_goal_is_refused_with_its_place() -> None:
    found = faults("leads-to: [{when: R1, then: slot-decidd}, {when: slot-decided}, slot-decided]\n")
    assert found[0] == "6:19: 'R1' is a claim about every state: it belongs under 'properties'"
    assert found[1].startswith("6:29: unknown goal 'slot-decidd'; did you mean 'slot-decided'? allowed: ")
    assert found[2] == "6:43: key 'then' is missing"
    assert found[3] == "6:65: expected a mapping, not 'slot-decided'"
    twice = "{when: leader-preempted, then: slot-decided}"
    (found_twice,) = faults(f"leads-to: [{twice}, {twice}]\n")
    assert found_twice == "6:58: 'leader-preempted leads to slot-decided' is listed twice"
    absent = faults("leads-to: [{when: slot-decided, then: all-answered}]\neventually: [all-answered]\n")
    assert [fault.split(": ", 1)[0] for fault in absent] == ["6:39", "7:14"]
    (nobody,) = faults("leads-to: [{when: slot-decided, then: {leader 7: {active: true}}}]\n")
    assert nobody.startswith("6:40: there is no leader 7")


def test_steps_of_a_role_a_node_or_an_action() -> None:
    found = steps_of(ASKED + CRASHES + "fair: [leader 1, p1b, acceptor.p1a, leader 0.deliveries, wakes]\n")
    assert found == {
        "leader 1": {"leader 1.p1b", "leader 1.p2b", "leader 1.propose"},
        "p1b": {"leader 0.p1b", "leader 1.p1b"},
        "acceptor.p1a": {"acceptor 0.p1a", "acceptor 1.p1a"},
        "leader 0.deliveries": {"leader 0.p1b", "leader 0.p2b", "leader 0.propose"},
        "wakes": {"environment 0.crash"},  # what is handled at once is no action of a node
    }


def test_all_deliveries_and_one_word_for_a_list_of_one() -> None:
    found = steps_of(ASKED + "fair: deliveries\n")["deliveries"]
    assert found == {step for step in found if step.split(".")[1] != LOSS}
    assert {step.split(" ")[0] for step in found} == {"acceptor", "leader", "replica"}
    assert steps_of(ASKED + "strongly_fair: deliveries\n", "strongly_fair") == {"deliveries": found}


def test_losses_are_of_the_network_and_no_steps_of_a_node() -> None:
    found = steps_of(ASKED + LOSSY + "finitely: [losses, leader 0.losses]\n", "finitely")
    assert found["leader 0.losses"] == {"leader 0.losses"}
    assert found["losses"] == {
        f"{node}.losses" for node in ("acceptor 0", "acceptor 1", "leader 0", "leader 1", "replica 0")
    }
    assert steps_of(ASKED + LOSSY + "fair: leader 0\n")["leader 0"] == {
        "leader 0.p1b",
        "leader 0.p2b",
        "leader 0.propose",
    }


@pytest.mark.parametrize("name", NETWORKS)
def test_whether_a_network_has_steps_that_lose(name: str) -> None:
    offer = NETWORKS[name]
    assert loses(Fifo(loss=1))
    assert not loses(offer.make(0)) or offer.lossy


def test_of_several_meanings_the_widest_counts() -> None:
    """A role, a node and an action of one name; and a node that is called as all deliveries are."""
    server = Role("ask", {Ask: lambda *_: ()}, {"go": lambda *_: ()})
    other = Role("deliveries", {Ask: lambda *_: ()}, {})
    members = [Member(name, server, None, 0) for name in ("ask", "b")] + [Member("go", other, None, 0)]
    found = patterns(members, AtMostOnce())
    assert found["ask"] == {(name, action) for name in ("ask", "b") for action in ("ask", "go")}
    assert found["deliveries"] == {(name, "ask") for name in ("ask", "b", "go")}
    assert found["go"] == {("go", "ask")}
    assert found["b.go"] == {("b", "go")}
    assert found["losses"] == found["go.wakes"] == frozenset()


def test_unknown_steps_are_refused_with_the_nearest_name() -> None:
    found = faults(ASKED + "fair: [deliverys, leadr 0.p1b, zzz, p1b, p1b]\nfinitely: 7\n")
    assert found[0] == "7:8: unknown steps 'deliverys'; did you mean 'deliveries'?"
    assert found[1] == "7:19: unknown steps 'leadr 0.p1b'; did you mean 'leader 0.p1b'?"
    assert found[2].startswith("7:32: unknown steps 'zzz'; allowed: deliveries, wakes, losses, acceptor, ")
    assert found[3] == "7:42: 'p1b' is listed twice"
    assert found[4] == "8:11: expected a list, not 7"


def test_what_fits_nothing_is_refused() -> None:
    nothing = "fits nothing here: no node of this model takes such a step"
    found = faults(ASKED + "fair: [client, wakes, replica.wakes]\nfinitely: crash\n")
    assert found[:3] == [
        f"7:8: 'client' {nothing}",
        f"7:16: 'wakes' {nothing}",
        f"7:23: 'replica.wakes' {nothing}",
    ]
    assert found[3].startswith("8:11: unknown steps 'crash'")
    for network, why in (
        ("reliable", "it loses none"),
        ("at-most-once", "a message is lost there by never being taken"),
    ):
        (fault,) = faults(ASKED + f"network: {network}\nfinitely: [losses]\n")
        assert fault == (
            f"8:12: 'losses' fits nothing here: no step of the network {network} loses a message; {why}"
        )


def test_what_is_fair_does_not_come_to_an_end() -> None:
    text = "fair: [deliveries, wakes]\nfinitely: [leader 0.p1b, crash]\n"
    both = faults(ASKED + CRASHES + text)
    assert both[0].startswith("9:12: leader 0.p1b is among 'deliveries'")
    assert both[1] == (
        "9:26: environment 0.crash is among 'wakes', which is fair, and among 'crash', which is taken "
        "finitely often: it cannot be both"
    )


def test_assumptions_on_which_nothing_rests_are_refused() -> None:
    (fault,) = faults("can-still: [slot-decided]\nfair: deliveries\n")
    assert fault == "7:1: nothing rests on 'fair': no property is about runs, as under `eventually`"
    assert len(faults("eventually: [slot-decidd]\nfair: deliveries\n")) == 1
    assert read(ASKED).system.fairness.weak == ()


def test_an_expectation_may_name_a_cycle() -> None:
    expect = "expect: {verdict: violated, property: PROPERTY, length: 3, cycle: 2}\n"
    read(ASKED + expect.replace("PROPERTY", "eventually slot-decided"))
    read(ASKED + "expect: {verdict: violated, cycle: 1}\n")
    (fault,) = faults(ASKED + expect.replace("PROPERTY", "R1"))
    assert fault == "7:54: 'cycle' is for properties about runs, as under `eventually`; 'R1' is none"
    (fault,) = faults("expect: {verdict: violated, cycle: 1}\n")
    assert fault.endswith(
        "'cycle' is for properties about runs, as under `eventually`; of this model there is none"
    )
    (fault,) = faults(ASKED + "expect: {verdict: verified, cycle: 1}\n")
    assert fault.endswith("'cycle' says what is violated, but the verdict expected is verified")
    (fault,) = faults(ASKED + "expect: {verdict: violated, cycle: 0}\n")
    assert "expected a whole number from 1 to" in fault


def test_the_schema_for_editors_knows_the_keys() -> None:
    made = loading.schema(PMMC)
    fields = made["properties"]
    assert {"type": "string", "minLength": 1} in fields["finitely"]["anyOf"]
    names = fields["eventually"]["items"]["anyOf"][0]["enum"]
    assert "slot-decided" in names
    assert "R1" not in names
    parts = made["$defs"]["LeadsTo"]["properties"]
    assert parts["when"]["anyOf"][0]["enum"] == parts["then"]["anyOf"][0]["enum"] == names
    assert parts["when"]["description"].startswith("The goal after which")


def test_what_a_file_tells_apart_is_not_interchangeable() -> None:
    """Of both goals of what leads to something."""
    asked = "leads-to: [{when: {acceptor 0: {ballot: 0.0}}, then: {acceptor 1: {ballot: 0.0}}}]\n"
    names = [{s.name for s in read(text).system.symmetries} for text in (ASKED, asked)]
    assert names == [{"acceptors"}, set()]


def test_what_is_wrong_with_goals_hides_nothing_that_is_wrong_with_assumptions() -> None:
    steps, goal = faults("fair: [deliveriez]\neventually: [slot-decidedd]\n")
    assert steps == "6:8: unknown steps 'deliveriez'; did you mean 'deliveries'?"
    assert goal.startswith("7:14: unknown goal 'slot-decidedd'")
    (only,) = faults("fair: [deliveries]\neventually: [slot-decidedd]\n")
    assert only == goal
