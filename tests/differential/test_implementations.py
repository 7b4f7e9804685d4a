"""PMMC's own functions as processes against themselves: counts, depths, verdicts and counterexamples.

The processes are tests/unit/support/served.py, which answers over the line protocol what the functions say.
"""

import shutil
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from checker.checking.question import Options
from checker.checking.result import CheckResult
from checker.engines.choose import Means
from checker.engines.contract import UNREDUCED, Reductions
from checker.model.system import System
from checker.model.verdict import Verdict
from checker.modelfiles.loading import LoadedModel, load_text
from checker.modelfiles.protocol import protocols
from checker.testing.asserts import verify

ROOT = Path(__file__).parents[2]
SERVED = ROOT / "tests" / "unit" / "support" / "served.py"
PLAYER = ROOT / "tests" / "unit" / "support" / "player.py"
MODELS = ROOT / "spec" / "models"
ALL = ("acceptor", "leader", "replica")
NATIVE, REDUCED = Means("native", UNREDUCED), Means("native", Reductions())


def data_of(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((MODELS / f"{name}.yaml").read_text(encoding="utf-8"))
    data.pop("expect", None)
    return data


def loaded(data: dict[str, Any], folder: Path) -> LoadedModel:
    return load_text(yaml.safe_dump(data), str(folder / "model.pmmc.yaml"), protocols=protocols())


def played(name: str, roles: Collection[str], folder: Path, *, view: bool) -> LoadedModel:
    """A shipped model with processes in these roles."""
    shutil.copy(MODELS / f"{name}.yaml", folder / "served.yaml")
    data = data_of(name)
    if "stable" in data:
        data["stable"] = {role: kept for role, kept in data["stable"].items() if role not in roles}
    command = [sys.executable, str(SERVED), "served.yaml", *(["--view"] if view else [])]
    data["implementation"] = {role: {"command": command, "timeout": 60} for role in roles}
    return loaded(data, folder)


def unsettled(system: System, roles: Collection[str]) -> System:
    """The system without what is claimed of the rules of some roles, which is not claimed of processes."""
    members = (
        replace(m, role=replace(m.role, settle=None)) if m.role.name in roles else m for m in system.members
    )
    return replace(system, members=tuple(members))


def found(result: CheckResult) -> dict[str, Any]:
    """All that is to be the same."""
    assert result.found.raised is None, result.found.raised
    of = result.found
    return {
        "states": of.states,
        "generated": of.generated,
        "levels": of.levels,
        "terminal": (of.terminal, of.terminal_judged),
        "fired": of.fired,
        "cut": of.cut,
        "verdict": result.verdict,
        "properties": [(p.id, p.verdict, p.path, p.loop, p.reason) for p in result.judged.properties],
    }


slow = pytest.mark.slow
CASES = [
    pytest.param("stable-leader-ballot", ("leader",), False, NATIVE),
    pytest.param("stable-leader-ballot", ALL, False, REDUCED, marks=slow),
    pytest.param("stable-leader-ballot", ALL, True, Means("reference"), marks=slow),
    pytest.param("stable-without-ballot", ("acceptor",), False, NATIVE),
    pytest.param("stable-without-ballot", ALL, False, Means("reference"), marks=slow),
    pytest.param("fifo-loss", ("acceptor", "replica"), True, REDUCED),
    pytest.param("fifo-loss", ("client",), False, NATIVE),
    pytest.param("fifo-loss", ALL, True, Means("reference"), marks=slow),
    pytest.param("takeover", ("leader",), False, NATIVE),
    pytest.param("takeover", ALL, False, REDUCED, marks=slow),
    pytest.param("duel", ALL, True, Means("reference"), marks=slow),
    pytest.param("duel", ("acceptor",), True, REDUCED),
    pytest.param("collection", ("acceptor", "leader"), False, REDUCED, marks=slow),
    pytest.param("asks-in-turn-crash", ("replica", "client"), True, NATIVE, marks=slow),
    pytest.param("messages-stable", ALL, False, REDUCED, marks=slow),
    pytest.param("majorities-two-commands", ("acceptor",), True, REDUCED, marks=slow),
    pytest.param("majorities-two-commands", ("acceptor",), False, REDUCED),
]


@pytest.mark.parametrize(("name", "roles", "view", "means"), CASES)
def test_processes_that_do_what_our_rules_do_have_their_states(
    name: str, roles: tuple[str, ...], view: bool, means: Means, tmp_path: Path
) -> None:
    options = Options(means=means)
    ours = unsettled(loaded(data_of(name), tmp_path).system, roles)
    assert found(verify(played(name, roles, tmp_path, view=view), options)) == found(verify(ours, options))


WRONG = ("accept-any-ballot", "false-acknowledgement", "cleared-when-adopting", "adopts-lower-ballot")


@pytest.mark.parametrize("wrong", WRONG)
def test_a_broken_process_has_the_counterexample_of_the_mutant(wrong: str, tmp_path: Path) -> None:
    keys = data_of("majorities-two-commands")
    mutant = loaded({**keys, "rules": {"acceptor": wrong}}, tmp_path)
    command = [sys.executable, "-I", "-S", str(PLAYER), wrong]
    process = loaded({**keys, "implementation": {"acceptor": {"command": command}}}, tmp_path)
    for means in (REDUCED, NATIVE):
        ours, theirs = (found(verify(model, Options(means=means))) for model in (mutant, process))
        assert ours["verdict"] is Verdict.VIOLATED
        assert theirs == ours


def test_an_own_state_that_names_its_node_is_not_interchangeable(tmp_path: Path) -> None:
    """A renaming leaves a process's own state as it is; that this is none is found, and it is left off."""
    program = tmp_path / "named.py"
    source = PLAYER.read_text(encoding="utf-8")
    # its own state has its name in it, which it goes by
    source = source.replace(
        '"state": {"ballot": BOTTOM', '"view": VIEW, "state": {"me": asked["node"], "ballot": BOTTOM'
    )
    source = source.replace('after = {"ballot"', 'node, after = state["me"], {"me": state["me"], "ballot"')
    source = source.replace(
        '"sends": [{"to": message',
        '"view": {k: v for k, v in after.items() if k != "me"}, "sends": [{"to": message',
    )
    source = source.replace("SEEN: list", 'VIEW = {"ballot": BOTTOM, "accepted": []}\nSEEN: list')
    program.write_text(source, encoding="utf-8")
    keys = data_of("duel") | {"nodes": {"acceptors": 2, "leaders": 1, "replicas": 1}}
    keys.pop("sometimes", None)
    command = [sys.executable, "-I", "-S", "named.py"]
    named = loaded({**keys, "implementation": {"acceptor": {"command": command}}}, tmp_path)
    plain = loaded(keys, tmp_path)
    unreduced = verify(plain, Options(means=NATIVE))
    kept, left = (verify(model, Options(means=REDUCED)) for model in (plain, named))
    refused = [names for names, _ in left.found.reductions.refused.symmetries]
    assert ("acceptors",) in refused
    assert kept.found.reductions.refused.symmetries == ()
    assert left.verdict is unreduced.verdict
    assert verify(named, Options(means=NATIVE)).found.states == unreduced.found.states
