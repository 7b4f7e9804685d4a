"""A protocol in one file, taken by `--load` as if it were installed: every command knows it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checker import CheckResult, load, protocols, verify
from checker.model.verdict import ExitCode
from checker.modelfiles.onefile import taken
from checker.modelfiles.protocol import TAKEN

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1", "COLUMNS": "120", "PYTHONPATH": str(ROOT)}
PROGRAM = "import sys; from checker.cli import main; sys.exit(main())"


def pmmc(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, *words],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `pmmc init` makes, and a model of the mistake in it."""
    folder = tmp_path_factory.mktemp("begun")
    made = pmmc("init", "mine.py", cwd=folder)
    assert made.returncode == ExitCode.OK, made.stderr
    assert (
        made.stdout
        == "wrote a protocol and a model; `pmmc check --load mine.py mine.pmmc.yaml` checks it\n"
    )
    good = folder.joinpath("mine.pmmc.yaml").read_text(encoding="utf-8")
    advice = "# rules: {seller: forgetful}"
    assert advice in good
    bad = "".join(line for line in good.splitlines(keepends=True) if not line.startswith("expect"))
    folder.joinpath("bad.yaml").write_text(bad.replace(advice, advice[2:]), encoding="utf-8")
    return folder


# What `pmmc init` writes ----------------------------------------------------------------------------------


def test_what_init_writes_checks_and_its_mistake_is_found(begun: Path) -> None:
    good = pmmc("check", "-v", "--load", "mine.py", "mine.pmmc.yaml", cwd=begun)
    assert good.returncode == ExitCode.OK, good.stdout + good.stderr
    assert "verified    sold-once" in good.stdout
    assert "reproduce   pmmc check mine.pmmc.yaml --load mine.py " in good.stdout
    bad = pmmc("check", "--load", "mine.py", "bad.yaml", cwd=begun)
    assert bad.returncode == ExitCode.SAFETY
    assert bad.stdout.startswith("VIOLATED  sold-once   (invariant, 6 steps, shortest)   bad.yaml\n")


@pytest.mark.parametrize("words", [["mine.py"], ["--protocol", "mine.py"]])
def test_init_writes_over_nothing(begun: Path, words: list[str], tmp_path: Path) -> None:
    (tmp_path / "mine.pmmc.yaml").write_text("kept", encoding="utf-8")
    made = pmmc("init", *words, cwd=tmp_path)
    assert (made.returncode, made.stderr) == (
        ExitCode.USAGE,
        "pmmc: mine.pmmc.yaml exists; it is not overwritten\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mine.pmmc.yaml"]


def test_init_protocol_writes_one_into_the_current_folder(tmp_path: Path) -> None:
    made = pmmc("init", "--protocol", cwd=tmp_path)
    command = made.stdout.split("`")[1].split()
    assert command[0] == "pmmc"
    assert pmmc(*command[1:], "-q", cwd=tmp_path).stdout.startswith("VERIFIED  protocol:")


def test_init_refuses_a_name_that_cannot_be_imported(tmp_path: Path) -> None:
    made = pmmc("init", "my-own.py", cwd=tmp_path)
    assert made.returncode == ExitCode.USAGE
    assert "letters, digits and _" in made.stderr
    assert not list(tmp_path.iterdir())


# Every command --------------------------------------------------------------------------------------------


def printed(begun: Path, label: str) -> list[str]:
    """The words of the command that the report of the mistake prints at this label."""
    report = pmmc("check", "-v", "--load", "./mine.py", "bad.yaml", cwd=begun).stdout
    line = next(line for line in report.splitlines() if line.startswith(f"  {label} "))
    return line.split("pmmc ")[1].split("   (")[0].split()


@pytest.mark.parametrize("label", ["replay", "reproduce"])
def test_commands_that_reports_print_can_be_run(begun: Path, label: str) -> None:
    run = pmmc(*printed(begun, label), cwd=begun)
    assert run.returncode == ExitCode.SAFETY, run.stderr
    assert "buyer 0 and buyer 1 have the same seat" in run.stdout
    if label == "replay":
        again = next(line for line in run.stdout.splitlines() if line.startswith("  replay "))
        assert again.split()[2:] == [
            "replay",
            "bad.yaml",
            "--load",
            "./mine.py",
            *printed(begun, label)[4:],
        ]


def test_a_trace_file_names_the_file_of_its_protocol(begun: Path, tmp_path: Path) -> None:
    traces = str(tmp_path)
    words = ("check", "--load", "mine.py", "bad.yaml", "--trace-dir", traces, "--junit", f"{traces}/x.xml")
    run = pmmc(*words, cwd=begun)
    (line,) = (line for line in run.stdout.splitlines() if line.startswith("  replay "))
    replayed = pmmc(*line.split("pmmc ")[1].split(), cwd=begun)
    assert replayed.returncode == ExitCode.SAFETY, replayed.stderr
    assert "--load mine.py" in (tmp_path / "x.xml").read_text(encoding="utf-8")
    (told,) = tmp_path.glob("mine/sold-once.txt")
    assert "--load mine.py" in told.read_text(encoding="utf-8")


def test_other_commands_know_it(begun: Path) -> None:
    taken_from = ("--load", "mine.py")
    assert json.loads(pmmc("schema", *taken_from, "--protocol", "mine", cwd=begun).stdout)["title"] == (
        "mine model file"
    )
    listed = json.loads(pmmc("properties", *taken_from, "--json", cwd=begun).stdout)["properties"]
    assert [(p["protocol"], p["id"]) for p in listed] == [("mine", "sold-once"), ("mine", "sold")]
    assert pmmc("models", *taken_from, cwd=begun).stdout == ""
    drawn = pmmc("graph", *taken_from, "mine.pmmc.yaml", "-o", "states.json", cwd=begun)
    assert drawn.returncode == ExitCode.OK, drawn.stderr
    assert len(json.loads((begun / "states.json").read_text(encoding="utf-8"))["nodes"]) == 32
    compared = pmmc(
        *("compare", *taken_from, "-q", "--property", "sold-once", "mine.pmmc.yaml", "bad.yaml"), cwd=begun
    )
    assert compared.returncode == ExitCode.UNMET, compared.stderr
    explored = pmmc("explore", *taken_from, "bad.yaml", "--path", "99", cwd=begun)
    assert (explored.returncode, "--path" in explored.stderr) == (ExitCode.USAGE, True)
    template = pmmc("init", *taken_from, "--protocol", "mine", cwd=begun)
    assert (
        "protocol mine has no model file to begin with: its `Protocol` gives no `template`"
        in template.stderr
    )
    mutated = pmmc("mutate", *taken_from, cwd=begun)
    assert mutated.stderr == "pmmc: there is no protocol in mine.py that has mutants\n"


MUTANTS = """
from dataclasses import replace
from checker import Mutant
from mine import FORGETFUL, PROTOCOL

def mutant(number):
    buyers = {"buyers": 2 + number}
    return Mutant(f"S-0{number}", "forgets", "Forgets.", "ours", buyers, (FORGETFUL,), {}, "sold-once", 6)

TWICE = replace(PROTOCOL, name="twice", mutants=(mutant(0), mutant(1)))
"""


def test_mutants_are_examined_in_processes_that_know_it(begun: Path) -> None:
    """The file imports another one of its folder; that protocol, being at its top level, is known too."""
    (begun / "twice.py").write_text(MUTANTS, encoding="utf-8")
    run = pmmc("mutate", "--load", "twice.py", "--jobs", "2", "-q", "--json", "m.json", cwd=begun)
    assert run.returncode == ExitCode.OK, run.stdout + run.stderr
    document = json.loads((begun / "m.json").read_text(encoding="utf-8"))
    assert [(m["protocol"], m["first"]) for m in document["mutants"]] == [("twice", ["sold-once"])] * 2


# Mistakes -------------------------------------------------------------------------------------------------

WRONG = {
    "syntax": ("x = 1\ndef f(:\n", "wrong.py: SyntaxError: invalid syntax (wrong.py:2)"),
    "raises": ("x = 1\n1 / 0\n", "ZeroDivisionError: division by zero (wrong.py:2 in <module>)"),
    "ends": ("import sys\n\nsys.exit(0)\n", "SystemExit: 0 (wrong.py:3 in <module>)"),
    "imports": ("import nothing_here\n", "No module named 'nothing_here' (wrong.py:1 in <module>)"),
    "nothing": ("x = 1\n", "wrong.py:1: there is no Protocol at the top level; one is made by Protocol(…)"),
    "taken": (
        "from dataclasses import replace\nimport spec.protocol as s\n\nOURS = replace(s.PMMC, about='')\n",
        "wrong.py:4: an installed package has a protocol 'pmmc' too",
    ),
    "no text": ("x = '\0'\n", "wrong.py: SyntaxError"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_mistakes_are_named(tmp_path: Path, kind: str) -> None:
    text, said = WRONG[kind]
    (tmp_path / "wrong.py").write_text(text, encoding="utf-8")
    run = pmmc("check", "--load", "wrong.py", "duel", cwd=tmp_path)
    assert (run.returncode, run.stdout) == (ExitCode.USAGE, "")
    assert run.stderr.startswith("pmmc: --load wrong.py")
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [("gone.py", "No such file"), (".", "Is a directory"), ("notes.txt", "ends in .py")],
)
def test_what_is_no_python_file_is_named(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "notes.txt").write_text("x = 1\n", encoding="utf-8")
    run = pmmc("check", "--load", name, "duel", cwd=tmp_path)
    assert run.returncode == ExitCode.USAGE
    assert said in run.stderr


def test_two_files_with_protocols_of_one_name(begun: Path) -> None:
    text = begun.joinpath("mine.py").read_text(encoding="utf-8")
    (begun / "other.py").write_text(text, encoding="utf-8")
    run = pmmc("check", "--load", "mine.py", "--load", "other.py", "mine.pmmc.yaml", cwd=begun)
    line = text.splitlines().index("PROTOCOL = Protocol(") + 1
    assert run.stderr == f"pmmc: --load other.py:{line}: mine.py has a protocol 'mine' too\n"
    assert run.returncode == ExitCode.USAGE


def test_a_rule_that_raises_is_located(begun: Path, tmp_path: Path) -> None:
    text = begun.joinpath("mine.py").read_text(encoding="utf-8")
    right = "    return ((replace(buyer, seated=True), ()),)\n"
    assert right in text
    (tmp_path / "mine.py").write_text(text.replace(right, "    return 1 / 0\n"), encoding="utf-8")
    line = text.splitlines().index(right.rstrip("\n")) + 1
    run = pmmc("check", "--load", "mine.py", str(begun / "mine.pmmc.yaml"), cwd=tmp_path)
    assert run.returncode == ExitCode.MODEL_RAISED
    said = " ".join(run.stdout.split())
    assert f"ZeroDivisionError: division by zero (mine.py:{line} in on_sold)" in said


def test_a_file_may_have_any_name(begun: Path, tmp_path: Path) -> None:
    """Also that of a module which Python or the checker has already, or will want later."""
    text = begun.joinpath("mine.py").read_text(encoding="utf-8")
    for name in ("checker.py", "json.py", "numba.py", "my-own.v2.py"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        words = ("check", "--load", name, str(begun / "mine.pmmc.yaml"), "-q", "--engine", "native")
        run = pmmc(*words, cwd=tmp_path)
        assert run.returncode == ExitCode.OK, run.stderr


# In Python ------------------------------------------------------------------------------------------------


def test_it_is_taken_for_as_long_as_asked_and_its_module_is_the_one_that_is_imported(
    begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(begun)
    monkeypatch.syspath_prepend(str(begun))
    import mine  # noqa: PLC0415

    with taken(["mine.py"]):
        assert protocols()["mine"] is mine.PROTOCOL
        result = verify("bad.yaml")
        assert result.options == ("--load", "mine.py")
    assert not TAKEN
    assert "mine" not in protocols()
    del sys.modules["mine"]


def test_print_shows_the_report(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text that `pmmc check` prints, of a file; of a system without the command, as there is none."""
    monkeypatch.chdir(begun)
    with taken([str(begun / "mine.py")]):
        loaded = load("bad.yaml", protocols=protocols())
        result: Any = verify(loaded)
        system = verify(loaded.system)
    assert isinstance(result, CheckResult)
    shown = str(result).replace(str(begun) + "/", "")
    run = pmmc("check", "--load", "mine.py", "bad.yaml", cwd=begun)
    assert without_times(shown) == without_times(run.stdout)
    assert str(system).startswith("VIOLATED  sold-once   (invariant, 6 steps, shortest)")
    assert "space       " in str(system)
    assert "pmmc check" not in str(system)
    assert f"{system}" == str(system)


def without_times(report: str) -> list[str]:
    lines = (line for line in report.splitlines() if not line.startswith("  engine "))
    return [re.sub(r"\b\d+\.\d+ s\b", "0.00 s", line) for line in lines]
