"""Annotations that GitHub reads, and the summary of a job."""

import re
from dataclasses import replace
from pathlib import Path

from modelfiles import BROKEN, GOOD, UNREACHED, checked

from checker.ci import github

ANNOTATION = re.compile(
    r"::error title=(?P<title>[^,:]+),file=(?P<file>[^,:]+),line=(?P<line>\d+)::(?P<text>.*)"
)


def annotated(result):
    lines = list(github.annotated(result))
    found = [ANNOTATION.fullmatch(line) for line in lines]
    assert all(found), "one line each, with : and , escaped in the properties"
    return found


def test_an_annotation_for_each_case_that_did_not_pass(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known, broken, coverage = annotated(checked(Path("b.yaml"), BROKEN))
    assert known["title"] == "pmmc%3A broken%2C A1"
    assert broken["title"] == "pmmc%3A broken%2C R1"
    assert (broken["file"], broken["line"]) == (
        "b.yaml",
        str(1 + BROKEN[: BROKEN.index("- R1")].count("\n")),
    )
    assert broken["text"].startswith("R1 violated after 14 steps: slot 1 is decided as put k1 v1")
    assert broken["text"].endswith("%0Areproduce: pmmc check b.yaml --engine native --workers 1")
    assert coverage["line"] == "1"


def test_escapes_what_has_a_meaning(tmp_path):
    result = checked(tmp_path / "100%,a.yaml", UNREACHED)
    assert all("100%25%2Ca.yaml" in found["file"] for found in annotated(result))


def test_nothing_to_say_of_a_model_that_is_as_expected(tmp_path):
    assert annotated(checked(tmp_path / "g.yaml", GOOD)) == []


def test_a_summary_has_a_table_and_draws_the_counterexample(tmp_path):
    good, broken = checked(tmp_path / "g.yaml", GOOD), checked(tmp_path / "b.yaml", BROKEN)
    good, broken = replace(good, named="g"), replace(broken, named="b")
    text = github.summary([good, broken])
    assert "## pmmc: 2 models, 1 not as it should be" in text
    assert "| ✅ | good | verified | 142 |" in text
    assert "| ❌ | broken | violated |" in text
    (diagram,) = re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)
    assert diagram.startswith("sequenceDiagram\n")
    assert diagram.count("p2a(") == 2
    assert "Reproduce: <code>pmmc check b --engine native --workers 1</code>" in text
    assert "pmmc check g" not in text
    assert github.summary([good]).count("\n") == 5


def test_a_summary_keeps_to_its_room(tmp_path, monkeypatch):
    monkeypatch.setattr(github, "ROOM", 1000)
    text = github.summary([checked(tmp_path / "b.yaml", BROKEN)])
    assert len(text.encode()) < 1200
    assert text.endswith("The rest is left out: a summary has room for 1 MiB.\n")


def test_the_summary_is_appended_where_the_environment_says(tmp_path, monkeypatch):
    file = tmp_path / "summary.md"
    file.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    github.append_summary([checked(tmp_path / "g.yaml", GOOD)])
    assert file.read_text(encoding="utf-8").startswith("before\n## pmmc: 1 model, all as expected\n")
