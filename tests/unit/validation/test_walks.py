"""Random walks as logs: what a model does fits it, whatever is left out; what it does not do, does not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.model.logs import Logged
from checker.model.verdict import ExitCode
from checker.modelfiles.loading import LoadedModel, load
from checker.validation.result import Validated, Why
from checker.validation.session import Asked, look, validate
from spec.logs import LOGS
from spec.protocol import PMMC
from tests.unit.support.walkedlogs import events_of, write_files

assert PMMC.wire is not None
KNOWN = {"pmmc": PMMC}
MODELS = {path.stem: path for path in PMMC.model_files()}
#: Of these the walks are walks of what logs are held against: no links or partitions come between.
SHIPPED = (
    *("majorities-two-commands", "two-clients", "reconfiguration", "collection", "fifo", "loss"),
    *("takeover-time-outs", "stable-all", "log-without-holes", "long-run"),
)


def loaded_model(name: str) -> LoadedModel:
    return load(MODELS[name], protocols=KNOWN)


def held(loaded: LoadedModel) -> Logged:
    return LOGS.of_model(loaded.model, loaded.system)


def validated(
    events: Mapping[str, list[dict[str, Any]]], logged: Logged, folder: Path, seed: int
) -> Validated:
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    asked = Asked(write_files(events, folder, seed))
    return validate(asked, logged, look(asked, LOGS))[0]


def fits_itself(name: str, seed: int, folder: Path, *, states: bool, steps: int = 40) -> Validated:
    loaded = loaded_model(name)
    logged = held(loaded)
    assert PMMC.wire is not None
    wire = PMMC.wire(loaded.model, loaded.system)
    events = events_of(loaded.system, wire, logged.nodes, steps, seed, states=states)
    return validated(events, logged, folder, seed)


def require_fit(result: Validated) -> None:
    assert not result.misfits, result.misfits[0]
    assert result.steps
    assert result.code in (ExitCode.OK, ExitCode.SAFETY)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("states", [True, False])
def test_what_a_model_does_fits_it(name: str, tmp_path: Path, states: bool) -> None:
    require_fit(fits_itself(name, 1, tmp_path / "logs", states=states))


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_what_any_shipped_model_does_fits_it(name: str, tmp_path: Path) -> None:
    model = loaded_model(name).model
    faults = getattr(model, "faults", None)
    apart = faults is not None and (faults.partition is not None or faults.links)
    apart = apart or "detector" in model.rules
    if getattr(model, "clocks", None) or model.nodes.servers or model.machines or apart:  # type: ignore[attr-defined]
        pytest.skip("its walks are no logs: clocks, machines, links, partitions or detectors take part")
    for seed in range(2):
        for states in (True, False):
            require_fit(fits_itself(name, seed, tmp_path / "logs", states=states))


@given(seed=st.integers(0, 10**6), dropped=st.integers(0, 10**6))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_some_states_or_fields_left_out_change_nothing(seed: int, dropped: int, tmp_path: Path) -> None:
    loaded = loaded_model("majorities-two-commands")
    logged = held(loaded)
    events = events_of(loaded.system, logged.wire, logged.nodes, 30, seed)
    for told in events.values():
        for event in told:
            if event["event"] == "state":
                fields = sorted(event["state"])
                kept = [name for i, name in enumerate(fields) if (dropped >> i) & 1]
                event["state"] = {name: event["state"][name] for name in kept}
    require_fit(validated(events, logged, tmp_path / "logs", seed))


@given(seed=st.integers(0, 10**6), which=st.integers(0, 10**6))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_ballot_is_located_at_its_event(seed: int, which: int, tmp_path: Path) -> None:
    loaded = loaded_model("majorities-two-commands")
    logged = held(loaded)
    events = events_of(loaded.system, logged.wire, logged.nodes, 30, seed)
    states = [
        e for told in events.values() for e in told if e["event"] == "state" and "accepted" in e["state"]
    ]
    if not states:
        return
    wrong = states[which % len(states)]
    wrong["state"]["ballot"] = [7, 0]
    result = validated(events, logged, tmp_path / "logs", seed)
    (misfit,) = result.misfits
    assert (misfit.node, misfit.seq, misfit.event) == (wrong["node"], wrong["seq"], "state")
    assert [d.field for d in misfit.differences] == ["ballot"]
    assert misfit.differences[0].log == [7, 0]
    assert result.code is ExitCode.UNMET


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutants_walk_fits_up_to_the_first_step_that_our_rule_does_not_make(
    seed: int, tmp_path: Path
) -> None:
    """Acceptors that accept in any ballot: the first such event, told by an independent look at the log."""
    wrong = loaded_model("accept-any-ballot")
    right = wrong.model.model_copy(update={"rules": {}, "expect": None})
    logged = LOGS.of_model(right, PMMC.build(right))
    events = events_of(wrong.system, logged.wire, logged.nodes, 60, seed)
    result = validated(events, logged, tmp_path / "logs", seed)
    expected = {(node, seq) for node, told in events.items() if (seq := first_lower(told)) is not None}
    found = {(misfit.node, misfit.seq) for misfit in result.misfits}
    assert {node for node, _ in found} == {node for node, _ in expected}
    assert found == expected


def first_lower(told: list[dict[str, Any]]) -> int | None:
    """The first event in which an acceptor tells what the paper's rule does not make of a p2a."""
    ballot: list[int] = [-1, -1]
    taken: dict[str, Any] | None = None
    for event in told:
        if event["event"] == "receive":
            taken = event["message"]
        if taken is None or taken["type"] not in ("p1a", "p2a") or not event["node"].startswith("acceptor"):
            continue
        asked = taken["ballot"] if taken["type"] == "p1a" else taken["pvalue"]["ballot"]
        if event["event"] == "send":
            current = max(ballot, asked) if taken["type"] == "p1a" else ballot
            if event["message"]["current"] != current:
                return int(event["seq"])
        if event["event"] == "state":
            if taken["type"] == "p2a" and asked != ballot and taken["pvalue"] in event["state"]["accepted"]:
                return int(event["seq"])
            if event["state"]["ballot"] != (max(ballot, asked) if taken["type"] == "p1a" else ballot):
                return int(event["seq"])
            ballot = event["state"]["ballot"]
    return None


def test_what_nobody_has_sent_is_found_where_it_is_taken(tmp_path: Path) -> None:
    loaded = loaded_model("majorities-two-commands")
    logged = held(loaded)
    events = events_of(loaded.system, logged.wire, logged.nodes, 12, 3)
    told = events["acceptor 0"] if "acceptor 0" in events else next(iter(events.values()))
    p2a = {"type": "p2a", "leader": "leader 0", "pvalue": None}
    p2a["pvalue"] = {
        "ballot": [0, 0],
        "slot": 1,
        "command": {"client": "client 9", "cid": 1, "op": "put a b"},
    }
    told.append({"event": "receive", "node": told[0]["node"], "seq": len(told) + 1, "message": p2a})
    result = validated(events, logged, tmp_path / "logs", 0)
    (misfit,) = result.misfits
    assert misfit.why is Why.NEVER_SENT
    assert (misfit.node, misfit.seq) == (told[0]["node"], len(told))
