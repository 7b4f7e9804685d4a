"""What is kept of the compiled kernels is run only if it is whole and nobody else can have written it."""

import base64
import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checker.engines.contract import Limits, Progress, Reductions
from checker.engines.native import engine
from checker.engines.native.kernel import keeping, machine
from checker.modelfiles.loading import load
from spec.protocol import PMMC

CODE = {"one": ("cfunc.one", bytes(range(256))), "two": ("cfunc.two", b"\x7fELF")}
NAMES = set(CODE)
posix = pytest.mark.skipif(sys.platform == "win32", reason="a profile has one owner there")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "kernels.json"
    keeping.save(path, CODE)
    return path


def load_saying(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Any, str]:
    found = keeping.load(path, NAMES)
    return found, capsys.readouterr().err


def test_what_is_saved_is_loaded(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert load_saying(kept, capsys) == (CODE, "")
    assert load_saying(kept.with_name("nothing.json"), capsys) == (None, "")


def test_any_flipped_bit_is_noticed(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = kept.read_bytes()
    for at in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[at] ^= 1 << bit
            kept.write_bytes(damaged)
            assert keeping.load(kept, NAMES) in (None, CODE)
    capsys.readouterr()
    code = base64.b64encode(CODE["one"][1]).decode()
    flipped = whole.decode().replace(code, code[:9] + ("A" if code[9] != "A" else "B") + code[10:])
    kept.write_text(flipped, encoding="ascii")
    assert load_saying(kept, capsys) == (None, f"compiled kernels: {kept} is not used: it is damaged\n")


def damages(stored: dict[str, Any]) -> Iterator[object]:
    """Documents that are JSON, and have the checksum that belongs to them."""
    yield from ([], {}, None, 1, "text", [stored])
    yield {"one": stored["one"]}
    yield {**stored, "three": stored["one"]}
    yield {**stored, "one": [7, stored["one"][1]]}
    yield {**stored, "one": [None, stored["one"][1]]}
    yield {**stored, "one": ["symbol", 7]}
    yield {**stored, "one": ["symbol", "no base64!"]}
    yield {**stored, "one": "symbol"}
    yield {**stored, "one": 1}


def test_what_was_not_saved_is_not_loaded(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = json.loads(kept.read_bytes())
    del stored["sha256"]
    for document in damages(stored):
        told = document
        if isinstance(document, dict):
            told = {**document, "sha256": keeping._checksum(document)}
        kept.write_text(json.dumps(told), encoding="ascii")
        found, said = load_saying(kept, capsys)
        assert found is None
        assert said.endswith("it is damaged\n")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"\0" * 100, b"\x7fELF", b"[" * 200_000, b'{"one":' * 200_000],
    ids=["empty", "begun", "no text", "zeros", "another file", "nested lists", "nested objects"],
)
def test_no_content_whatever_makes_it_fail(
    kept: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.write_bytes(content)
    assert load_saying(kept, capsys) == (None, f"compiled kernels: {kept} is not used: it is damaged\n")


def test_half_of_a_file_is_none(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    assert load_saying(kept, capsys)[0] is None


@posix
def test_folder_and_file_are_for_the_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PMMC_CACHE_DIR", str(tmp_path / "deep" / "down"))
    before = os.umask(0)
    try:
        path = keeping.place("kernels.json")
        assert path is not None
        keeping.save(path, CODE)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["kernels.json"]


@posix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o720])
def test_a_folder_that_others_may_write_to_is_refused(
    tmp_path: Path, mode: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PMMC_CACHE_DIR", str(tmp_path / "ours"))
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours").chmod(mode)
    assert keeping.place("kernels.json") is None
    (line,) = capsys.readouterr().err.splitlines()
    assert "the folder may be written to by others" in line


@posix
@pytest.mark.parametrize("mode", [0o660, 0o606, 0o666])
def test_a_file_that_others_may_write_to_is_refused(
    kept: Path, mode: int, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.chmod(mode)
    found, said = load_saying(kept, capsys)
    assert found is None
    assert "it may be written to by others" in said


@posix
def test_what_belongs_to_another_is_refused(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = kept.stat()
    assert keeping._objection(mine) is None
    theirs = os.stat_result((mine.st_mode, 0, 0, 1, mine.st_uid + 4711, mine.st_gid, 0, 0, 0, 0))
    assert keeping._objection(theirs) == "belongs to another user"
    ofroot = os.stat_result((mine.st_mode, 0, 0, 1, 0, 0, 0, 0, 0, 0))
    assert keeping._objection(ofroot) is None
    monkeypatch.setattr(os, "fstat", lambda _: theirs)
    found, said = load_saying(kept, capsys)
    assert found is None
    assert "it belongs to another user" in said


@posix
def test_links_and_pipes_are_not_read(kept: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(kept)
    assert keeping.load(link, NAMES) is None
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    assert keeping.load(pipe, NAMES) is None
    assert keeping.load(tmp_path, NAMES) is None


def test_the_folder_is_where_the_platform_keeps_such_things(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PMMC_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    for platform, start_of_it in (("linux", "/xdg"), ("win32", "/local"), ("darwin", str(Path.home()))):
        monkeypatch.setattr(sys, "platform", platform)
        assert str(keeping.folder()).startswith(str(Path(start_of_it)))
        assert "pmmc" in keeping.folder().parts
    monkeypatch.setenv("PMMC_CACHE_DIR", "/mine")
    assert keeping.folder() == Path("/mine")


@pytest.mark.parametrize("given", ["", ".", "cache", "../cache"])
def test_an_empty_or_relative_place_for_caches_is_ignored(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PMMC_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", given)
    monkeypatch.setenv("LOCALAPPDATA", given)
    monkeypatch.setattr(sys, "platform", "linux")
    assert keeping.folder() == Path.home() / ".cache" / "pmmc"
    monkeypatch.setattr(sys, "platform", "win32")
    assert keeping.folder() == Path.home() / "AppData" / "Local" / "pmmc" / "Cache"


def test_a_relative_folder_of_the_users_own_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMMC_CACHE_DIR", "cache")
    assert keeping.place("kernels.json") is None
    assert "PMMC_CACHE_DIR must be an absolute path" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_damaged_code_is_compiled_anew_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = machine.PARTS[machine.SEARCH]
    whole = keeping.load(_own_file(), names)
    assert whole is not None
    path = tmp_path / _own_file().name
    path.write_bytes(_own_file().read_bytes().replace(b"A", b"B", 1))
    monkeypatch.setenv("PMMC_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(machine, "build", lambda _, **__: whole)
    monkeypatch.setattr(machine, "_READY", {})
    machine.ready(machine.SEARCH)
    assert machine._READY.keys() == names
    assert "it is damaged" in capsys.readouterr().err
    assert keeping.load(path, names) == whole


def _own_file() -> Path:
    machine.kernels()
    return keeping.folder() / f"kernels-{machine.fingerprint()}-search.json"


def test_compiling_is_no_part_of_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit in time counts from when the kernels are there."""
    clock = [0.0]
    asked: set[str] = set()

    def compiled_slowly(*parts: str) -> None:
        clock[0] = 100.0
        asked.update(parts)

    def look(progress: Progress) -> None:
        assert progress.seconds < 10

    machine.kernels()
    monkeypatch.setattr(machine, "ready", compiled_slowly)
    monkeypatch.setattr("checker.engines.contract.time.monotonic", lambda: clock[0])
    system = load(PMMC.models / "duel.yaml", protocols={"pmmc": PMMC}).system
    found = engine.explore(system, Limits(timeout=10), look, reductions=Reductions())
    assert found.stopped is None
    assert found.states > 1
    assert asked == {machine.SEARCH, machine.ORDERING}


def test_a_check_makes_ready_what_it_needs_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kernel belongs to one part; those of a part that nobody wants are not there."""
    names = [name for part in machine.PARTS.values() for name in part]
    assert sorted(names) == sorted(machine.FORMS)
    machine.kernels()
    ready = dict(machine._READY)
    monkeypatch.setattr(machine, "_made", lambda part: {name: ready[name] for name in machine.PARTS[part]})
    monkeypatch.setattr(machine, "_READY", {})
    system = load(PMMC.models / "duel.yaml", protocols={"pmmc": PMMC}).system
    assert engine.explore(system).stopped is None
    assert machine._READY.keys() == machine.PARTS[machine.SEARCH]
    assert callable(machine.walk)
    assert machine._READY.keys() == machine.PARTS[machine.SEARCH] | machine.PARTS[machine.WALKS]
