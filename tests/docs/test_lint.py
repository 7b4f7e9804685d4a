"""The Python of the pages, and of what `pmmc init` writes, passes the linter as all of the code does."""

import re
import subprocess
import sys
from pathlib import Path

import checker.cli

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: What pages leave out for the sake of the reader.
LEFT_OUT = "S101,PT017,ANN,INP001,D100,D103,T201,ARG,PLC0415,I001,D101,D102,EM101,TRY"


def test_python_in_pages(tmp_path: Path) -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for number, body in enumerate(BLOCK.findall(page.read_text(encoding="utf-8"))):
            if not re.search(r"^ *…$", body, re.MULTILINE):  # an excerpt
                (tmp_path / f"{page.stem}_{number}.py").write_text(body, encoding="utf-8")
    starter = Path(checker.cli.__file__).parent / "starter" / "protocol.txt"
    (tmp_path / "starter.py").write_text(starter.read_text(encoding="utf-8"), encoding="utf-8")
    assert len(list(tmp_path.iterdir())) > 10
    for words in (["check", "--extend-ignore", LEFT_OUT], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *words, "--no-cache", "--config", ROOT / "pyproject.toml"]
        run = subprocess.run([*command, tmp_path], capture_output=True, encoding="utf-8", check=False)
        assert run.returncode == 0, run.stdout + run.stderr
