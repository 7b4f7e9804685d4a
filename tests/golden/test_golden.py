"""What commands print, word for word.

A golden file (`*.txt` beside this one) begins with its command, which may say how wide a terminal is
(`COLUMNS=80 pmmc …`), ends with the exit code, and has the output between: stdout as it is, stderr with
`! ` before each line. Times and versions are evened out.
`PMMC_UPDATE_GOLDEN=1` writes the files anew; read the difference before you commit it.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

EVENED = (
    (re.compile(r"\b\d+\.\d\d? s\b"), "0.00 s"),
    (re.compile(r",\s+[\d,]+ (?:states|steps)/s"), ""),
    (re.compile(r"pmmc \d\S*, Python [\d.]+\w*"), "pmmc VERSION, Python VERSION"),
    (re.compile(r"sha256 [0-9a-f]{12}…"), "sha256 …"),
)
PROGRESS = re.compile(r"^! .*  (?:distinct [\d,]+  generated|steps [\d,]+  distinct) .*\n", re.MULTILINE)


def output_of(command: str) -> str:
    words = shlex.split(command)
    begin = words.index("pmmc")
    given, arguments = dict(word.split("=", 1) for word in words[:begin]), words[begin + 1 :]
    inherited = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    run = subprocess.run(
        [sys.executable, "-m", "checker.cli", *arguments],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env={**inherited, "PYTHONUTF8": "1", "NO_COLOR": "1", **given},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    complaints = "".join(f"! {line}\n" for line in run.stderr.splitlines())
    text = run.stdout + PROGRESS.sub("", complaints)
    for pattern, even in EVENED:
        text = pattern.sub(even, text)
    return f"$ {command}\n{text}? {run.returncode}\n"


@pytest.mark.parametrize("path", sorted(HERE.glob("*.txt")), ids=lambda path: path.stem)
def test_prints(path: Path) -> None:
    golden = path.read_text(encoding="utf-8")
    first = golden.splitlines()[0]
    assert first.startswith("$ "), "the first line of a golden file is its command"
    actual = output_of(first.removeprefix("$ "))
    if os.environ.get("PMMC_UPDATE_GOLDEN"):
        path.write_text(actual, encoding="utf-8")
    assert actual == golden, "PMMC_UPDATE_GOLDEN=1 writes it anew; read the difference"
