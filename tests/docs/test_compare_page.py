"""What docs/compare.md shows is what `pmmc compare` prints. `PMMC_UPDATE_GOLDEN=1` writes it anew."""

import os
import re
import shlex
from pathlib import Path

import pytest

from checker.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "compare.md"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)


def printed(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    program, *words = shlex.split(command)
    assert program == "pmmc"
    main(words)
    return re.sub(r"\b\d+\.\d\d? s\b", "0.01 s", capsys.readouterr().out)


def test_shows_what_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    page = PAGE.read_text(encoding="utf-8")

    def run(block: re.Match[str]) -> str:
        lines = [line for line in block[0].splitlines() if line.startswith("$ ")]
        return "".join(f"{line}\n{printed(line.removeprefix('$ '), capsys)}" for line in lines)

    actual = BLOCK.sub(run, page)
    if os.environ.get("PMMC_UPDATE_GOLDEN"):
        PAGE.write_text(actual, encoding="utf-8")
    assert re.sub(r"\b\d+\.\d\d? s\b", "0.01 s", page) == actual, "PMMC_UPDATE_GOLDEN=1 writes it anew"
