"""What these pages show is what the commands print on stdout. `PMMC_UPDATE_GOLDEN=1` writes it anew.

A `yaml` block whose first line names a file is that file.
"""

import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from checker.cli import main
from checker.cli.commands import mutate

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
FILE = re.compile(r"(?<=```yaml\n)# (\S+)\n.*?(?=```)", re.DOTALL)
EVENED = (
    (re.compile(r"\b\d+\.\d\d? s\b"), "0.01 s"),
    (re.compile(r"pmmc \d\S*, Python [\d.]+\w*"), "pmmc VERSION, Python VERSION"),
)


class Shown(NamedTuple):
    """A block of commands and what they print."""

    page: Path
    body: str


BLOCKS = [
    Shown(page, body)
    for page in (DOCS / f"{name}.md" for name in ("compare", "cost", "lessons", "questions", "why"))
    for body in BLOCK.findall(page.read_text(encoding="utf-8"))
]


def even(text: str) -> str:
    for pattern, evened in EVENED:
        text = pattern.sub(evened, text)
    return text


def printed(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    program, *words = shlex.split(command)
    assert program == "pmmc"
    main(words)
    return capsys.readouterr().out


@pytest.mark.parametrize("shown", BLOCKS, ids=lambda shown: shown.body.splitlines()[0].removeprefix("$ "))
def test_shows_what_is_printed(
    shown: Shown, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    # mutants in this process; in others they are in tests/mutants/test_command.py
    monkeypatch.setattr(mutate, "cpu_count", lambda: 1)
    monkeypatch.chdir(tmp_path)
    text = shown.page.read_text(encoding="utf-8")
    for file in FILE.finditer(text):
        Path(file[1]).write_text(file[0], encoding="utf-8")
    commands = [line for line in shown.body.splitlines() if line.startswith("$ ")]
    actual = "".join(f"{line}\n{printed(line.removeprefix('$ '), capsys)}" for line in commands)
    if os.environ.get("PMMC_UPDATE_GOLDEN") and even(shown.body) != even(actual):
        shown.page.write_text(text.replace(shown.body, actual, 1), encoding="utf-8")
    assert even(shown.body) == even(actual), "PMMC_UPDATE_GOLDEN=1 writes it anew"
