"""Files are written whole or not at all, to no place but their own, and keep what they had."""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from checker.cli import output
from checker.cli.usage import UsageFault
from checker.host.files import make_whole, write_new, write_whole

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links are others there")


def no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_new_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write_whole(path, ["one", " two"])
    assert path.read_text(encoding="utf-8") == "one two"
    write_whole(path, ["three"])
    assert path.read_text(encoding="utf-8") == "three"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, ValueError])
def test_what_cannot_be_finished_leaves_the_old_one(tmp_path: Path, error: type[BaseException]) -> None:
    def pieces() -> Iterator[str]:
        yield "half of it"
        raise error

    path = tmp_path / "out.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(error):
        write_whole(path, pieces())
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [None, OSError, KeyboardInterrupt])
def test_a_file_that_something_else_writes(tmp_path: Path, error: type[BaseException] | None) -> None:
    path = tmp_path / "out.db"
    path.write_bytes(b"old")
    path.chmod(0o640)

    def make(new: Path) -> None:
        assert new.read_bytes() == b""
        new.write_bytes(b"new")
        assert path.read_bytes() == b"old"
        if error is not None:
            raise error

    with nullcontext() if error is None else pytest.raises(error):
        make_whole(path, make)
    assert path.read_bytes() == (b"new" if error is None else b"old")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640 or sys.platform == "win32"
    assert list(tmp_path.iterdir()) == [path]


def test_it_is_on_the_disk_before_it_takes_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.json"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, ["new"])
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_no_link_laid_in_wait_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even by somebody who guesses the name that is written to first."""
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    path = tmp_path / "out.json"
    monkeypatch.setattr(os, "urandom", bytes)
    (tmp_path / f".{bytes(8).hex()}.tmp").symlink_to(victim)
    (tmp_path / f".{path.name}.{os.getpid()}.tmp").symlink_to(victim)
    with pytest.raises(FileExistsError):
        write_whole(path, ["new"])
    assert victim.read_text(encoding="utf-8") == "precious"


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_the_mode_stays_and_links_are_followed_to_the_file(tmp_path: Path, mode: int) -> None:
    path, link = tmp_path / "out.json", tmp_path / "link.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(mode)
    link.symlink_to(path)
    output.write_text("new", str(link))
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "out.json", ["new"])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == 0o640


@posix
def test_the_owner_stays_if_that_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.json"
    path.write_text("old", encoding="utf-8")
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "chown", lambda _, user, group: given.append((user, group)))
    write_whole(path, ["new"])
    assert given == [(path.stat().st_uid, path.stat().st_gid)]


def test_a_file_that_is_read_only_stays(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o444)
    with pytest.raises(UsageFault, match="it is read-only"):
        output.require_writable(str(path))
    with pytest.raises(UsageFault, match="Permission denied"):
        output.write_text("new", str(path))
    assert path.read_text(encoding="utf-8") == "old"


@posix
@pytest.mark.parametrize("length", [236, 250, 255])
def test_the_longest_name_that_is_one_can_be_written(tmp_path: Path, length: int) -> None:
    path = tmp_path / ("x" * length)
    output.require_writable(str(path))
    output.write_text("new", str(path))
    assert path.read_text(encoding="utf-8") == "new"


@posix
@pytest.mark.parametrize("name", ["x" * 256, "x" * 300, "x" * 300 + "/out.json"])
def test_a_longer_one_is_refused_before_the_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageFault, match="File name too long"):
        output.require_writable(str(tmp_path / name))


@posix
def test_links_in_a_circle_are_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(UsageFault, match="symbolic links"):
        output.require_writable(str(tmp_path / "a"))


def test_a_name_that_is_no_text_does_not_break_what_mentions_it(tmp_path: Path) -> None:
    output.write_json({"file": "x\udcff.yaml"}, str(tmp_path / "out.json"))
    assert b'"x\\udcff.yaml"' in (tmp_path / "out.json").read_bytes()


def test_stdout_gets_utf8_whatever_its_encoding_is(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with open(1, "w", encoding="ascii", closefd=False) as ascii_only, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", ascii_only)
        print("before")
        output.write_text("⟨b, s, c⟩\n", output.STDOUT)
        print("after")
    assert capfdbinary.readouterr().out.decode("utf-8").splitlines() == ["before", "⟨b, s, c⟩", "after"]


def test_a_new_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.yaml"
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", no_space)
        with pytest.raises(OSError, match="No space left"):
            write_new(path, "name: mine")
    assert not path.exists()
    write_new(path, "name: mine")
    with pytest.raises(FileExistsError):
        write_new(path, "name: another")
    assert path.read_text(encoding="utf-8") == "name: mine"
