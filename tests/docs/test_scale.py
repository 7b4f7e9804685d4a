"""The plan in docs/scale.md is the one that is printed from the figures in bench/scale.json."""

import json
from pathlib import Path

import pytest

from bench.hundred import Machines, Measured, main, plan, table

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "bench" / "scale.json"
MEASURED = Measured.of(json.loads(FIGURES.read_text(encoding="utf-8"))["results"][0])


def test_the_page_shows_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    main([str(FIGURES), "--sent", "1.4"])
    printed = capsys.readouterr().out.strip()
    assert printed == table(MEASURED, Machines(sent=1.4))
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    assert printed in page
    assert "python -m bench.hundred bench/scale.json --sent 1.4" in page


def test_twice_the_states_on_twice_the_machines_need_the_same_of_each() -> None:
    one, two = (plan(MEASURED, Machines(machines=k, states=k * 1e9, sent=2.0)) for k in (1000, 2000))
    alike = ("states a machine", "memory a machine", "disk a machine", "at work")
    for before, after in zip(one, two, strict=True):
        if before.what in alike:
            assert before.value == pytest.approx(after.value)
    memory = next(line.value for line in one if line.what == "memory a machine")
    assert memory == pytest.approx(MEASURED.memory), "10⁹ states each, and a GB is 10⁹ bytes"
