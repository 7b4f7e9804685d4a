"""Rules that are not meant together are refused, each with its reason."""

import pytest

from checker.modelfiles.loading import Faults, load_text
from spec.apart import APART, APART_FROM
from spec.protocol import PMMC

CHOSEN = {
    "reads": "quorum",
    "no-ops": "replica",
    "reconfiguration": "applied-again",
    "proposals": "sent-again",
}
TEXT = """\
name: apart
nodes: {replicas: 1, clients: 1}
configurations: [{leaders: 2, acceptors: 1}, {leaders: 1, acceptors: 1}]
commands: [put k v, reconfigure 1]
bounds: {slots: 2, rounds: 1}
"""


def faults(more: str) -> list[str]:
    try:
        load_text(TEXT + more, "m.yaml", protocols={"pmmc": PMMC})
    except Faults as found:
        return [str(fault).removeprefix("m.yaml:") for fault in found.faults]
    return []


@pytest.mark.parametrize("pair", APART, ids="+".join)
def test_parts_that_do_not_go_together(pair: tuple[str, str]) -> None:
    part, other = pair
    both = ", ".join(f"{name}: {CHOSEN[name]}" for name in pair)
    assert faults(f"rules: {{{both}}}\n") == [
        f"6:{9 + len(part) + 2}: not together with '{other}': {APART[pair]}"
    ]
    for name in pair:
        assert faults(f"rules: {{{name}: {CHOSEN[name]}}}\n") == []


@pytest.mark.parametrize("apart", APART_FROM, ids="+".join)
def test_rules_that_do_not_go_together(apart: tuple[str, str, str]) -> None:
    part, other, name = apart
    both = f"rules: {{{part}: {CHOSEN[part]}, {other}: {name}}}\n"
    assert faults(both) == [
        f"6:{9 + len(part) + 2}: not together with '{other}: {name}': {APART_FROM[apart]}"
    ]
    assert faults(f"rules: {{{part}: {CHOSEN[part]}, {other}: answers-again}}\n") == []
    assert faults(f"rules: {{{other}: {name}}}\n") == []


def test_leaders_that_ping_are_on_machines_of_their_own() -> None:
    pinging = "rules: {election: by-ping}\n"
    (fault,) = faults(f"{pinging}machines: [[leader 0, acceptor 0, leader 1]]\n")
    assert fault.startswith("6:19: leader 0 and leader 1 are on machine 0, where a ping is answered within")
    assert faults(f"{pinging}machines: [[leader 0, acceptor 0], [leader 1, acceptor 1]]\n") == []
    assert faults("machines: [[leader 0, acceptor 0, leader 1]]\n") == []
