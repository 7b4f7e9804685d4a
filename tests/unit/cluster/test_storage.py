"""Stable storage: whatever a crash leaves of its file, what is recovered was synced once."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.cluster import storage
from checker.cluster.eventlog import EventLog, length
from checker.cluster.storage import MAGIC, Damaged, Span, Storage, change, changed, packed, read_records
from pmmc.ballots import BOTTOM, Ballot


@dataclass(frozen=True)
class Kept:
    ballot: Ballot = BOTTOM
    accepted: frozenset[int] = frozenset()
    requests: tuple[int, ...] = ()
    volatile: int = 0


STABLE = {"a": ("ballot", "accepted", "requests"), "b": ("ballot",)}
STATES = st.builds(
    Kept,
    st.builds(Ballot, st.integers(0, 3), st.integers(0, 2)),
    st.frozensets(st.integers(0, 9), max_size=8),
    st.lists(st.integers(0, 3), max_size=4).map(tuple),
    st.integers(0, 9),
)
BATCHES = st.lists(st.dictionaries(st.sampled_from("ab"), STATES, min_size=1), min_size=1, max_size=6)


def stable(states: dict[str, Kept]) -> dict[str, dict[str, object]]:
    return {node: {name: getattr(state, name) for name in STABLE[node]} for node, state in states.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("disk")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is synced is written: that it is on a disk no test can see."""
    monkeypatch.setattr(os, "fdatasync", lambda _: None)
    monkeypatch.setattr(os, "fsync", lambda _: None)


def written(path: Path, batches: list[dict[str, Kept]]) -> list[tuple[int, dict[str, dict[str, object]]]]:
    """Commit these; how long the file was after each, and what it said then."""
    path.unlink(missing_ok=True)
    disk = Storage(path, STABLE, {})
    now: dict[str, Kept] = {}
    steps = [(path.stat().st_size, stable(now))]
    for batch in batches:
        disk.commit(batch, {})
        now.update(batch)
        steps.append((path.stat().st_size, stable(now)))
    disk.close()
    return steps


@given(BATCHES, st.data())
def test_any_prefix_recovers_to_what_was_synced(folder: Path, batches: list, data: st.DataObject) -> None:
    path = folder / "prefix"
    steps = written(path, batches)
    cut = data.draw(st.integers(0, path.stat().st_size))
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    disk = Storage(path, STABLE, {})
    found = {node: dict(fields) for node, fields in disk.fields.items()}
    *_, last = [said for size, said in steps if size <= cut] or [{}]
    assert found == last
    disk.commit(batches[-1], {})  # and it goes on from there
    disk.close()
    again = Storage(path, STABLE, {})
    assert again.fields == {**last, **stable(batches[-1])}
    again.close()


@given(BATCHES, st.data())
def test_a_torn_record_is_recognised(folder: Path, batches: list, data: st.DataObject) -> None:
    path = folder / "torn"
    steps = written(path, batches)
    (begin, before), (end, _) = steps[-2:]
    content = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(begin, end - 1), max_size=4)) if end > begin else ():
        content[at] ^= 0x5A
        content[begin : begin + 4] = (end - begin - 8).to_bytes(4, "little")
    path.write_bytes(content)
    if bytes(content) == b"" or read_records(bytes(content))[1] == end:
        return
    disk = Storage(path, STABLE, {})
    assert disk.fields == before
    disk.close()


def test_damage_in_the_middle_is_no_crash(folder: Path) -> None:
    path = folder / "damaged"
    (_, _), (first, _), _ = written(path, [{"a": Kept(requests=(1,))}, {"a": Kept(requests=(1, 2))}])
    content = bytearray(path.read_bytes())
    content[first - 1] ^= 1
    path.write_bytes(content)
    with pytest.raises(Damaged, match=f"byte {len(MAGIC)} is damaged, and others follow"):
        Storage(path, STABLE, {})
    longer = bytearray(path.read_bytes())
    longer[first - 1] ^= 1  # as it was, but
    longer[len(MAGIC) + 2] ^= 0x7F  # its length now goes beyond the end of the file, as that of a torn one
    with pytest.raises(Damaged, match=f"byte {len(MAGIC)} is damaged, and others follow"):
        read_records(bytes(longer))
    path.write_bytes(b"something else altogether")
    with pytest.raises(Damaged, match="expected it to begin with 'pmmc storage 1'"):
        Storage(path, STABLE, {})


@given(STATES, STATES)
def test_a_change_leads_from_one_value_to_the_other(before: Kept, after: Kept) -> None:
    for name in STABLE["a"]:
        old, new = getattr(before, name), getattr(after, name)
        assert changed(old, change(old, new)) == new


def test_little_is_written_of_a_small_change(folder: Path) -> None:
    many = frozenset(range(1000))
    steps = written(folder / "small", [{"a": Kept(accepted=many)}, {"a": Kept(accepted=many | {1000})}])
    (begin, _), (whole, _), (end, _) = steps
    assert end - whole < 100 < whole - begin


@given(BATCHES)
def test_a_log_that_has_grown_begins_anew_and_says_the_same(folder: Path, batches: list) -> None:
    path = folder / "anew"
    grown = [*batches * 3]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage, "SHORT", 0)
        patch.setattr(storage, "TIMES", 1)
        steps = written(path, grown)
    disk = Storage(path, STABLE, {})
    assert disk.fields == steps[-1][1]
    disk.close()
    assert not list(folder.glob(".anew*"))


def test_a_node_that_does_not_sync_has_nothing_until_it_is_written_back(folder: Path) -> None:
    path = folder / "unsynced"
    path.unlink(missing_ok=True)
    states = {"a": Kept(requests=(1,)), "b": Kept(Ballot(1, 0))}
    disk = Storage(path, STABLE, {}, unsynced=["a"])
    assert disk.commit(states, {})
    disk.close()
    killed = Storage(path, STABLE, {}, unsynced=["a"])
    assert [*killed.fields] == ["b"]
    killed.write_back(states)
    killed.close()
    assert Storage(path, STABLE, {}).fields == stable(states)


@given(st.integers(0, 40), st.booleans())
def test_storage_and_event_log_tell_the_same_story(folder: Path, cut: int, stored: bool) -> None:
    """Of a batch that is stored and not logged in full nothing was sent: it never happened."""
    path, log_path = folder / "story", folder / "story.jsonl"
    path.unlink(missing_ok=True)
    log_path.unlink(missing_ok=True)
    disk, log = Storage(path, STABLE, {}), EventLog(log_path, "a")
    log.add("receive", message="1")
    span, content = log.pending()
    disk.commit({"a": Kept(requests=(1,))}, {"a": span})
    log.write(content)
    log.add("receive", message="2")
    second, content = log.pending()
    if stored:
        disk.commit({"a": Kept(requests=(1, 2))}, {"a": second})
    log.write(content[:cut])
    disk.close()
    log.close()
    happened = cut >= len(content)
    again = Storage(path, STABLE, {"a": length(log_path)})
    undone = again.undone.get("a")
    reopened = EventLog(log_path, "a", undone)
    assert again.fields["a"]["requests"] == ((1, 2) if stored and happened else (1,))
    assert reopened.number == (2 if happened else 1)
    assert (undone is not None) == (stored and not happened)
    reopened.close()
    again.close()


def test_only_values_of_protocols_are_read(folder: Path) -> None:
    content = MAGIC + packed(storage.Record({"a": {"ballot": ("all", os.getcwd)}}, {"a": Span(0, 0)}))
    with pytest.raises(Damaged, match="getcwd, which is no value of a protocol"):
        read_records(content)
