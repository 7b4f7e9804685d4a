"""The protocol replicated-log: claims against plain definitions; views and files that are faulty."""

from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model.wire import WireFault
from checker.modelfiles.complaints import Faults
from checker.modelfiles.loading import load_text
from pmmc import kv
from pmmc.values import Command, Node
from spec.replicated_log import properties
from spec.replicated_log.protocol import REPLICATED_LOG
from spec.replicated_log.values import ACCEPTED, CHOSEN, CLEARED, NOTHING, Setting, Shown, Slot
from spec.replicated_log.wire import LogWire

SERVERS = tuple(Node("server", i) for i in range(3))
CLIENTS = (Node("client", 0),)
A, B = (Command(CLIENTS[0], i, kv.Put("k", value)) for i, value in ((1, "A"), (2, "B")))
SETTING = Setting(SERVERS, CLIENTS, (A, B), 2)
ENTRIES = [None, (CLEARED, None), *product((ACCEPTED, CHOSEN), (A, B, NOTHING))]
logs = st.lists(st.sampled_from(ENTRIES), max_size=3).map(
    lambda entries: tuple(Slot(i, *entry) for i, entry in enumerate(entries, 1) if entry is not None)
)
all_logs = st.tuples(logs, logs, logs).map(lambda three: dict(zip(SERVERS, three, strict=True)))
done = st.lists(st.sampled_from([A, B]), max_size=3).map(tuple)


def entry(log, slot):
    return next(((s.status, s.command) for s in log if s.slot == slot), ("empty", None))


def valid(logs, slot):
    """As DSLabs has it, word for word."""
    known = [entry(log, slot) for log in logs.values()]
    chosen = {command for status, command in known if status == CHOSEN}
    if len(chosen) > 1:
        return False
    for command in chosen:
        if 2 * sum(status == CLEARED or has == command for status, has in known) <= len(known):
            return False
    cleared = any(status == CLEARED for status, _ in known)
    return not cleared or 2 * sum(status != "empty" for status, _ in known) > len(known)


@given(all_logs)
def test_slots_are_valid_as_the_lab_says(logs):
    said = properties.slot_valid(SETTING, logs)
    assert (said is None) == all(valid(logs, slot) for slot in (1, 2, 3))


@given(all_logs)
def test_one_command_is_chosen_at_most(logs):
    chosen = [
        {c for status, c in (entry(log, s) for log in logs.values()) if status == CHOSEN} for s in (1, 2, 3)
    ]
    assert (properties.one_chosen(SETTING, logs) is None) == all(len(those) <= 1 for those in chosen)


@given(logs, done)
def test_what_is_performed_follows_the_log(log, performed):
    """Some command for each slot that is cleared, and then a beginning of the log, each command once."""
    known = []
    for slot in (1, 2, 3):
        if entry(log, slot)[0] not in {CHOSEN, CLEARED}:
            break
        known.append(entry(log, slot))
    possible = set()
    for filled in product(*([None, A, B] if status == CLEARED else [command] for status, command in known)):
        for once in product((True, False), repeat=len(filled)):  # whether one of before is left out
            order = []
            possible.add(())
            for command, skips in zip(filled, once, strict=True):
                if isinstance(command, Command) and not (command in order and skips):
                    order.append(command)
                possible.add(tuple(order))
    said = properties.in_slot_order(SimpleNamespace(setting=SETTING), Shown(log, performed))
    assert (said is None) == (performed in possible)


@given(st.tuples(done, done, done))
def test_prefixes(three):
    performed = dict(zip(SERVERS, three, strict=True))
    agree = all(a[: len(b)] == b[: len(a)] for a in three for b in three)
    assert (properties.prefixes_agree(SETTING, performed) is None) == agree


@given(logs, logs)
def test_what_is_chosen_stays(before, after):
    stays = all(
        was[0] not in {CHOSEN, CLEARED} or now[0] == CLEARED or (was[0] == CHOSEN and now == was)
        for was, now in ((entry(before, slot), entry(after, slot)) for slot in (1, 2, 3))
    )
    assert (properties.chosen_stays(None, before, after) is None) == stays
    assert properties.chosen_stays(None, None, after) is None


def test_exactly_once_and_only_what_was_submitted():
    here = SimpleNamespace(setting=SETTING)
    assert properties.exactly_once(here, (A, B)) is None
    assert properties.exactly_once(here, (A, B, A))
    other = Command(CLIENTS[0], 3, kv.Put("k", "C"))
    assert properties.only_submitted(here, Shown((Slot(1, CHOSEN, NOTHING),), (A,))) is None
    assert properties.only_submitted(here, Shown((Slot(1, ACCEPTED, other),)))
    assert properties.only_submitted(here, Shown((), (other,)))


COMMAND = {"client": "client 0", "cid": 1, "op": "put k A"}
WIRE = LogWire(SETTING, {}, ("p1a",))


@given(logs, done)
def test_views_are_read_as_they_are_written(log, performed):
    shown = Shown(log, performed)
    assert WIRE.read_state(WIRE.write_state(shown), Shown()) == shown


@pytest.mark.parametrize(
    ("view", "at"),
    [
        ([], ()),
        ({}, ("log",)),
        ({"log": {}, "more": 1}, ("more",)),
        ({"log": {"0": {"status": "accepted", "command": COMMAND}}}, ("log", "0")),
        ({"log": {"1": {"status": "choosen", "command": COMMAND}}}, ("log", "1", "status")),
        ({"log": {"1": {"status": "chosen"}}}, ("log", "1", "command")),
        ({"log": {"1": {"status": "cleared", "command": COMMAND}}}, ("log", "1", "command")),
        (
            {"log": {"1": {"status": "chosen", "command": {**COMMAND, "cid": 0}}}},
            ("log", "1", "command", "cid"),
        ),
        ({"log": {}, "performed": {}}, ("performed",)),
        ({"log": {}, "performed": [COMMAND, {**COMMAND, "op": "push"}]}, ("performed", 1, "op")),
    ],
)
def test_a_view_of_the_wrong_shape_is_told_with_its_place(view, at):
    with pytest.raises(WireFault) as caught:
        WIRE.read_state(view, Shown())
    assert [misfit.path for misfit in caught.value.misfits] == [at]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"kind": "p1a"}, "expected an object with a 'type'"),
        ({"type": "p1"}, "did you mean 'p1a'"),
        ({"type": "response", "cid": 1}, "result"),
        ({"type": "request", **COMMAND, "more": 1}, "more"),
    ],
)
def test_a_message_of_the_wrong_shape_is_told(message, said):
    with pytest.raises(WireFault, match=said):
        WIRE.read_message(message)


FILE = """protocol: replicated-log
name: a model
servers: 3
commands: [put k A]
implementation: {reference: multi-paxos}
"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("faults: {}", "nothing fails"),
        ("asks: [server 7]", "unknown node or group of nodes 'server 7'"),
        ("asks: [client 0]", "client 0 is no server"),
        ("messages: [p1a, P1a]", "are one action"),
        ("messages: [request]", "asked and answered by"),
        ("stages: [{}]", "2 items or more"),
        ("stages: [{}, {until: hole}]", "no stage comes after this one"),
        ("stages: [{until: {server 0: {1: choosen}}}, {}]", "unknown status 'choosen'"),
        ("sometimes: [{server 0: {1: chosen put k B}}]", "unknown command 'put k B'"),
        ("sometimes: [{client 0: {1: chosen}}]", "client 0 shows"),
        ("faults: {partition: {groups: [[server 0]]}}\nstages: [{}, {}]", "write it there"),
        ("bounds: {timers: {server 9: 1}}", "server 9"),
        ("faults: {links: [{messages: [p9]}]}", "unknown message 'p9'"),
    ],
)
def test_a_faulty_file_is_refused(more, said):
    with pytest.raises(Faults, match=said):
        load_text(f"{FILE}{more}\n", "model.yaml", protocols={"replicated-log": REPLICATED_LOG})


def test_a_stage_that_is_faulty_is_still_a_stage():
    with pytest.raises(Faults) as told:
        load_text(
            f"{FILE}stages: [{{until: foo}}, {{}}]\n",
            "model.yaml",
            protocols={"replicated-log": REPLICATED_LOG},
        )
    assert "items or more" not in str(told.value)


def test_the_template_loads():
    load_text(REPLICATED_LOG.template, "model.yaml", protocols={"replicated-log": REPLICATED_LOG})
