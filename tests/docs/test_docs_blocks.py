"""Every code block of the pages below is run, in the order of the page, in a folder of its own.

* A block whose first line is a comment with a file's name, in whatever language, is that file: it is
  written, and later blocks use it. A `yaml` block without a name is a model that is checked, a `python` one
  is executed.
* `console` blocks are commands (`$ …`) and what they print, stdout and stderr together; `…` on a line of
  its own stands for lines left out. Times and versions are evened out.
* `sh` blocks are commands that end well.

Commands run in a clean environment (cleanroom.py) in which this project is as pip has installed it, and
into which pip installs what a page says. `PMMC_UPDATE_GOLDEN=1` writes outputs anew, but for those with
lines left out; read the difference before you commit it.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from cleanroom import CleanRoom

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    DOCS / f"{name}.md"
    for name in (
        "tutorial",
        "writing",
        "one-file",
        "ci",
        "what-a-pass-means",
        "traces",
        "liveness",
        "implementations",
    )
]
#: Pages that show more than Python → the programs that they use.
MORE = {DOCS / "check-your-own-server.md": ("node", "javac")}

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"(?:#|//) ([\w./-]+\.\w+)\n")
ELIDED = "…"

EVENED = (
    (re.compile(r"\b\d+\.\d\d? s\b"), "0.00 s"),
    (re.compile(r"=+ (.*) in \d+\.\d\ds.* =+"), r"=== \1 ==="),
    (re.compile(r"\bin \d+\.\d\ds\b"), "in 0.00s"),
    (re.compile(r'time="[\d.]+"'), 'time="0.000"'),
    (re.compile(r" {2,}(?=0\.00 s)"), "  "),
    (re.compile(r", [\d,]+ states/s"), ""),
    (re.compile(r"pmmc \d\S*, Python [\d.]+\w*"), "pmmc VERSION, Python VERSION"),
    (re.compile(r"^  statistics .*\n(?: {14}.*\n)*", re.MULTILINE), ""),
    (re.compile(r"\S*\bspec/models/"), "spec/models/"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)
PROGRESS = re.compile(r"^.*  distinct [\d,]+  generated .*\n", re.MULTILINE)


class Block(NamedTuple):
    language: str
    body: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(page.read_text(encoding="utf-8"))]


def even(text: str) -> str:
    for pattern, evened in EVENED:
        text = pattern.sub(evened, text)
    return text


class Shell:
    """Runs commands where this project is installed, in a folder that has a checkout of it beside."""

    def __init__(self, base: Path, furnished: CleanRoom) -> None:
        self.folder = base / "here"
        self.folder.mkdir()
        (base / "pmmc").symlink_to(ROOT)
        self._room = CleanRoom(base / "room", furnished)

    def __call__(self, command: str) -> tuple[str, int]:
        printed, code = self._room(command, self.folder)
        return PROGRESS.sub("", printed), code


def commands(body: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with the output that is shown below it."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            more, _, output = output.partition("\n")
            command += "\n" + more
        yield command, output


def matches(shown: str, printed: str) -> bool:
    """Whether what is shown is what was printed, with any lines where lines are left out."""
    parts = re.split(rf"^ *{ELIDED}\n", even(shown).strip("\n") + "\n", flags=re.MULTILINE)
    pattern = r"(?:.*\n)*?".join(map(re.escape, parts))
    return re.fullmatch(pattern, even(printed).strip("\n") + "\n") is not None


def write_anew(page: Path, old: str, new: str) -> None:
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")


def console(page: Path, shell: Shell, body: str) -> None:
    fresh, wrong = "", ""
    for command, shown in commands(body):
        printed, _ = shell(command)
        if ELIDED + "\n" in shown or matches(shown, printed):
            fresh += f"$ {command}\n{shown}"
        else:
            fresh += f"$ {command}\n{printed}" + ("\n" if shown.endswith("\n\n") else "")
        if not matches(shown, printed):
            wrong += f"$ {command}\n--- shown\n{even(shown)}\n--- printed\n{even(printed)}\n"
    if os.environ.get("PMMC_UPDATE_GOLDEN"):
        write_anew(page, f"```console\n{body}```", f"```console\n{fresh}```")
    assert not wrong, f"{wrong}\nPMMC_UPDATE_GOLDEN=1 writes the page anew; read the difference"


@pytest.mark.parametrize("page", [*PAGES, *MORE], ids=lambda page: page.stem)
def test_blocks(page: Path, tmp_path: Path, furnished: CleanRoom) -> None:
    missing = [program for program in MORE.get(page, ()) if shutil.which(program) is None]
    if missing:
        pytest.skip(f"there is no {' and no '.join(missing)} here")
    shell = Shell(tmp_path, furnished)
    failed: list[str] = []
    for block in blocks(page):
        try:
            one(page, shell, block)
        except AssertionError as error:
            failed.append(str(error))
    assert not failed, "\n".join(failed)


def one(page: Path, shell: Shell, block: Block) -> None:
    named = NAMED.match(block.body)
    if named is not None:
        file = shell.folder / named[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.body, encoding="utf-8")
    elif block.language == "console":
        console(page, shell, block.body)
    elif block.language == "sh":
        printed, code = shell(f"set -e\n{block.body}")
        assert code == 0, f"{block.body}\n{printed}"
    elif block.language in {"python", "yaml"}:
        (shell.folder / ".block").write_text(block.body, encoding="utf-8")
        printed, code = shell("python .block" if block.language == "python" else "pmmc check - < .block")
        (shell.folder / ".block").unlink()
        assert code == 0, f"{block.body}\n{printed}"
    else:
        pytest.fail(f"{page.name}: a block that is not run: {block.language or 'no language'}")


def test_a_difference_is_seen() -> None:
    assert matches("a\n…\nc\n", "a\nb\nb\nc\n")
    assert matches("a\n…\nc\n", "a\nc\n")
    assert matches("took 1.23 s\n", "took 4.5 s\n")
    assert not matches("a\n…\nc\n", "b\nc\n")
    assert not matches("a\n", "a\nb\n")
