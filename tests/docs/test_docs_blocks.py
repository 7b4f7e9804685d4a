"""Every code block of the pages below is run, in the order of the page, in a folder of its own.

* A block whose first line is a comment with a file's name is that file: it is written, and later blocks
  use it. A `yaml` block without a name is a model that is checked, a `python` one is executed.
* `console` blocks are commands (`$ …`) and what they print, stdout and stderr together; `…` on a line of
  its own stands for lines left out. Times and versions are evened out.
* `sh` blocks are commands that end well.

`pip install -e .` is stood in for by what it comes to here: the entry points of pyproject.toml become
known. Real installations are tested in tests/examples. `PMMC_UPDATE_GOLDEN=1` writes outputs anew, but
for those with lines left out; read the difference before you commit it.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "docs" / f"{name}.md"
    for name in ("tutorial", "writing", "one-file", "ci", "what-a-pass-means", "traces")
]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# ([\w./-]+\.\w+)\n")
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

PIP = """\
import pathlib, sys, tomllib
assert sys.argv[1:] == ["install", "-e", "."], sys.argv
project = tomllib.loads(pathlib.Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
info = pathlib.Path(f"{project['name'].replace('-', '_')}-{project['version']}.dist-info")
info.mkdir(exist_ok=True)
groups = project.get("entry-points", {})
lines = [f"[{g}]\\n" + "".join(f"{k} = {v}\\n" for k, v in named.items()) for g, named in groups.items()]
(info / "entry_points.txt").write_text("\\n".join(lines), encoding="utf-8")
name = f"Metadata-Version: 2.1\\nName: {project['name']}\\nVersion: {project['version']}\\n"
(info / "METADATA").write_text(name, encoding="utf-8")
"""
PROGRAMS = {
    "pmmc": "-m checker.cli",
    "pytest": "-m pytest -n0 -p no:cacheprovider",
    "python": "",
    "pip": "PIP",
}


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
    """Runs commands in a folder where `pmmc`, `pytest`, `python` and `pip` are ours."""

    def __init__(self, folder: Path, tools: Path) -> None:
        self.folder = folder
        (tools / "pip.py").write_text(PIP, encoding="utf-8")
        for name, arguments in PROGRAMS.items():
            program = tools / name
            words = arguments.replace("PIP", f'"{tools / "pip.py"}"')
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n', encoding="utf-8")
            program.chmod(0o755)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "GITHUB_"))}
        self.environment = {
            **kept,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_COLOR": "1",
            "COLUMNS": "120",
            "LC_ALL": "C.UTF-8",
        }

    def __call__(self, command: str) -> tuple[str, int]:
        run = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            check=False,
        )
        return PROGRESS.sub("", run.stdout), run.returncode


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
    assert not wrong, wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_blocks(page: Path, tmp_path: Path) -> None:
    folder, tools = tmp_path / "here", tmp_path / "tools"
    folder.mkdir()
    tools.mkdir()
    shell = Shell(folder, tools)
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
