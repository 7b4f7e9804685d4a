"""What the command line names: nothing is left out without a word, and nothing hangs or eats memory."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from checker.cli import main
from checker.host import reading
from checker.model.verdict import ExitCode
from checker.modelfiles import document as yamlmarks
from checker.modelfiles.loading import MOST_BYTES

PMMC = [sys.executable, "-m", "checker.cli"]
SMALL = """\
name: small
nodes: {acceptors: 1, leaders: 1, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
network: at-most-once
properties: [R1]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    return tmp_path


def faulty(capsys, *words: str) -> str:
    """What is said of a command line that cannot be carried out."""
    assert main(["check", "-q", *words]) == ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_a_folder_inside_that_cannot_be_read_is_a_fault(folder, capsys, monkeypatch):
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "hidden.yaml").write_text(SMALL, encoding="utf-8")
    assert main(["check", "-q", "."]) == ExitCode.OK
    capsys.readouterr()
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("b"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    inside = Path("a", "b")
    assert faulty(capsys, ".") == f"pmmc: ./{inside}: cannot be read: Permission denied\n"
    assert faulty(capsys, str(inside)) == f"pmmc: {inside}: cannot be read: Permission denied\n"


def test_a_link_to_nothing_in_a_folder_is_a_fault(folder, capsys):
    (folder / "gone.yaml").symlink_to("nowhere")
    assert faulty(capsys, ".") == "gone.yaml:1:1: cannot be read: No such file or directory\n"


def test_a_file_in_a_folder_whose_name_would_be_obeyed_is_not_read(folder, capsys):
    (folder / "::add-mask::x.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "\x1b[2J.yaml").write_text(SMALL, encoding="utf-8")
    assert faulty(capsys, ".") == (
        r"pmmc: '\e[2J.yaml': a name with the control character U+001B, is not read; rename it" + "\n"
        "pmmc: '::add-mask::x.yaml': a name with '::', which begins a command to GitHub's runner, "
        "is not read; rename it\n"
    )


@pytest.mark.parametrize("name", ["pipe.yaml", "./pipe.yaml", "."])
def test_a_pipe_is_not_waited_for(folder, name):
    os.mkfifo("pipe.yaml")
    done = subprocess.run(
        [*PMMC, "check", name],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == ExitCode.USAGE
    assert done.stderr == "pipe.yaml:1:1: cannot be read: it is no regular file\n"


def test_what_has_no_end_is_read_so_far_only(folder, capsys, monkeypatch):
    assert "/dev/zero:1:1: cannot be read: it is no regular file" in faulty(capsys, "/dev/zero")
    with Path("large.yaml").open("wb") as file:
        file.truncate(MOST_BYTES + 1)  # takes no room on the disk
    too_long = "cannot be read: it is longer than 4,000,000 bytes"
    assert f"large.yaml:1:1: {too_long}" in faulty(capsys, "large.yaml")
    endless = io.BufferedReader(Zeros())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(endless))
    assert f"<stdin>: {too_long}" in faulty(capsys, "-")


class Zeros(io.RawIOBase):
    """A stream without end; reading too much of it fails."""

    given = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        self.given += len(buffer)
        assert self.given < 2 * MOST_BYTES
        buffer[:] = bytes(len(buffer))
        return len(buffer)


def test_the_longest_file_is_read(tmp_path):
    (tmp_path / "x").write_bytes(b"1234")
    assert reading.read_file(tmp_path / "x", 4) == b"1234"
    with pytest.raises(reading.Unreadable, match="longer than 3 bytes"):
        reading.read_file(tmp_path / "x", 3)
    with pytest.raises(reading.Unreadable, match="Is a directory"):
        reading.read_file(tmp_path, 3)
    assert MOST_BYTES == 4 * yamlmarks.MAX_CHARACTERS


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + ".yaml", "a/" + "x" * 300, "a/" * 3000 + "x.yaml"])
def test_a_name_that_no_file_can_have(folder, capsys, name):
    assert main(["check", name]) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "unknown model 'xxx" in said or "cannot be read: " in said


def test_no_name_is_no_folder(folder, capsys):
    assert faulty(capsys, "").startswith("pmmc: unknown model ''")


def test_a_folder_that_may_not_be_entered(folder, capsys, monkeypatch):
    def refusing(function):
        def refuse(path, *more, **options):
            if str(path).startswith("a/"):
                raise PermissionError(13, "Permission denied", str(path))
            return function(path, *more, **options)

        return refuse

    monkeypatch.setattr(os, "stat", refusing(os.stat))
    monkeypatch.setattr(os, "open", refusing(os.open))
    said = faulty(capsys, "a/small.yaml")
    assert said == "a/small.yaml:1:1: cannot be read: Permission denied\n"


def test_a_current_folder_that_is_gone(tmp_path):
    gone = tmp_path / "gone"
    script = (
        f"import os, sys; os.makedirs({str(gone)!r}); os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n"
    )
    script += "from checker.cli import main; sys.exit(main(['check', *sys.argv[1:]]))"
    for words, code in ((["duel", "--format", "github"], ExitCode.OK), (["x.yaml"], ExitCode.USAGE)):
        # as for the command `pmmc`, this folder is no place to import from
        done = subprocess.run(
            [sys.executable, "-P", "-c", script, *words], capture_output=True, encoding="utf-8", check=False
        )
        assert (done.returncode, "internal error" in done.stderr) == (code, False), done.stderr


def test_stdin_that_is_not_utf8_or_closed(folder, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("name: x\nabout: ä".encode() + b"\xff")))
    assert faulty(capsys, "-") == "<stdin>:2:9: not UTF-8: byte 0xFF\n"
    monkeypatch.setattr(sys, "stdin", None)
    assert faulty(capsys, "-") == "<stdin>: cannot be read: it is closed\n"
