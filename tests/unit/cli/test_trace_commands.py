"""`pmmc check --trace-dir`, `pmmc replay` and `pmmc graph`: files, exit codes, and what is said."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import chdir, closing
from pathlib import Path

import networkx as nx
import pytest

from checker.cli import main
from checker.graphs.tables import _Writer
from checker.model.verdict import ExitCode

BROKEN = """
name: broken
nodes: {acceptors: 1, leaders: 2, replicas: 2}
commands: [put k1 v1, put k2 v2]
bounds: {slots: 1, rounds: 1}
network: at-most-once
rules: {acceptor: accept-any-ballot}
properties: [R1]
sometimes: [slot-decided]
"""
MENDED = BROKEN.replace("rules: {acceptor: accept-any-ballot}\n", "")
PATH = "0/1/0/0/0/0/0/0/1/4/1/0/0/0"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(pmmc: Run, tmp_path: Path) -> Run:
    """One command in a folder of its own: exit code, stdout, stderr."""
    (tmp_path / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    (tmp_path / "mended.yaml").write_text(MENDED, encoding="utf-8")
    return pmmc


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a check of the broken model writes: of R1 violated and of what is reached."""
    base = tmp_path_factory.mktemp("written")
    (base / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    with chdir(base):
        main(["check", "broken.yaml", "--engine", "reference", "--trace-dir", "out", "--witnesses", "-q"])
    return base / "out"


@pytest.fixture
def trace(run: Run, written: Path, tmp_path: Path) -> str:
    """A trace file of R1 violated, written by a check."""
    shutil.copytree(written, tmp_path / "out")
    return "out/broken/R1.itf.json"


def test_a_check_writes_what_it_finds(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("check", "broken.yaml", "--engine", "reference", "--trace-dir", "out", "--witnesses")
    assert code == ExitCode.SAFETY
    assert {file.name.partition(".")[0] for file in (tmp_path / "out" / "broken").iterdir()} == {
        "R1",
        "slot-decided",
    }
    assert "  replay      pmmc replay out/broken/R1.itf.json\n" in out
    assert out.splitlines()[-4:] == [
        "  wrote       out/broken/R1.* · out/broken/slot-decided.*",
        "  why         pmmc why out/broken/R1.itf.json",
        "  explore     pmmc explore out/broken/R1.itf.json",
        "  report      pmmc check broken.yaml --engine reference --html report.html",
    ]
    assert not list((tmp_path / "out").rglob(".*"))


def test_nothing_is_written_where_nothing_is_found(run: Run, tmp_path: Path) -> None:
    run("check", "mended.yaml", "--engine", "reference", "--trace-dir", "out", "-q")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_cannot_be_is_refused_before_the_work(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    code, out, err = run("check", "broken.yaml", "--trace-dir", "out")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "cannot write to out" in err


def test_a_trace_replays_to_its_violation(run: Run, trace: str) -> None:
    code, out, _ = run("replay", trace)
    assert code == ExitCode.SAFETY
    assert out.startswith("VIOLATED  R1   (invariant, 14 steps)   broken.yaml\n  slot 1 is decided as")
    assert "every step and state is as it was" in out
    assert out.splitlines()[-1] == f"  replay      pmmc replay {trace}"
    assert out.splitlines()[-2].split() == ["path", PATH]


def test_a_goal_replays_to_where_it_is_reached(run: Run, trace: str) -> None:
    code, out, _ = run("replay", "out/broken/slot-decided.itf.json")
    assert code == ExitCode.OK
    assert out.startswith("REACHED  slot-decided")


def test_a_trace_can_be_replayed_on_another_model(run: Run, trace: str) -> None:
    code, out, _ = run("replay", trace, "--model", "mended.yaml")
    assert code == ExitCode.UNMET
    assert out.startswith("DEPARTED")
    assert "step 8: there is no step 0" in out or "different from step" in out


def test_a_violation_that_is_gone_is_told(run: Run, trace: str, tmp_path: Path) -> None:
    document = json.loads((tmp_path / trace).read_text(encoding="utf-8"))
    document["#meta"]["pmmc"]["path"] = document["#meta"]["pmmc"]["path"][:8]
    del document["states"][9:]
    (tmp_path / trace).write_text(json.dumps(document), encoding="utf-8")
    code, out, _ = run("replay", trace)
    assert code == ExitCode.UNMET
    assert out.startswith(
        "GONE  broken.yaml\n  after the same 8 steps R1 is not shown; it was: slot 1 is decided"
    )


def test_a_model_file_that_has_changed_since_is_told(run: Run, trace: str, tmp_path: Path) -> None:
    assert "has changed since" not in run("replay", trace)[1]
    (tmp_path / "broken.yaml").write_text(MENDED, encoding="utf-8")
    code, out, _ = run("replay", trace)
    assert code == ExitCode.SAFETY
    assert "broken.yaml has changed since" in out


def test_one_moment_of_a_trace(run: Run, trace: str) -> None:
    code, out, _ = run("replay", trace, "--at", "7")
    assert code == ExitCode.OK
    assert out.startswith("after step 7 of 14   acceptor 0  p2a(leader 0, ⟨0.0, 1, put k1 v1⟩)\n")
    assert "\n  >   0  leader 0  p2b(acceptor 0, ballot 0.0, slot 1, current 0.0)\n" in out
    assert run("replay", trace, "--at", "0")[1].startswith("initial state of 14 steps")
    assert "broken      R1: slot 1 is decided" in run("replay", trace, "--at", "14")[1]
    assert run("replay", trace, "--at", "15")[0] == ExitCode.USAGE


def test_a_path_of_a_model_is_replayed(run: Run) -> None:
    code, out, _ = run("replay", "broken.yaml", "--path", PATH)
    assert code == ExitCode.SAFETY
    assert "R1, step 14: slot 1 is decided" in out
    assert run("replay", "broken.yaml", "--path", "0/1")[0] == ExitCode.OK
    assert run("replay", "broken.yaml", "--path", "-")[0] == ExitCode.OK
    code, out, _ = run("replay", "broken.yaml", "--path", "0/99")
    assert code == ExitCode.UNMET
    assert "step 2: there is no step 99; the state before it has" in out


def test_the_printed_command_replays_what_was_printed(run: Run) -> None:
    _, out, _ = run("check", "broken.yaml", "--engine", "reference", "--network", "lossy-duplicating")
    line = next(line for line in out.splitlines() if line.startswith("  replay "))
    words = line.split()[2:]
    assert words[:5] == ["replay", "broken.yaml", "--network", "lossy-duplicating", "--path"]
    assert run(*words)[0] == ExitCode.SAFETY


def test_the_order_of_the_search_can_be_had(run: Run) -> None:
    _, told, _ = run("check", "broken.yaml", "--engine", "reference")
    _, found, _ = run("check", "broken.yaml", "--engine", "reference", "--as-found")
    assert f"--path {PATH}" in told
    assert "--path 0/0/0/0/0/0/0/0/1/4/1/0/0/0" in found


def test_the_summary_of_a_job_is_not_written_over_a_model(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "broken.yaml")
    code, out, err = run("check", "broken.yaml", "--format", "github")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "GITHUB_STEP_SUMMARY broken.yaml would be written over broken.yaml, which is read" in err


def test_models_of_one_name_have_folders_of_their_own(run: Run, tmp_path: Path) -> None:
    names = {"a": "broken", "b": "broken", "c": "μοντέλο", "d": "Broken", "e": "trace", "f": "…"}
    for file, name in names.items():
        (tmp_path / f"{file}.yaml").write_text(BROKEN.replace("broken", name), encoding="utf-8")
    words = ("check", *(f"{file}.yaml" for file in names), "a.yaml", "--trace-dir", "out", "-v")
    for _ in range(2):
        code, told, _ = run(*words, "--engine", "native", "--no-symmetry")
        assert code == ExitCode.SAFETY
    folders = ("broken", "broken-2", "μοντέλο", "Broken-3", "trace", "trace-2")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(folders)
    for file, folder in zip(names, folders, strict=True):
        meta = json.loads((tmp_path / "out" / folder / "R1.itf.json").read_text(encoding="utf-8"))["#meta"]
        assert meta["pmmc"]["model_file"] == f"{file}.yaml"
        assert f"out/{folder}/R1.itf.json" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("replay", "nowhere.json"), "nowhere.json: cannot be read: No such file"),
        (("replay", "broken.yaml"), "broken.yaml: a trace file ends in .json; a model needs --path"),
        (("replay", "bad.json"), "bad.json: not JSON"),
        (("replay", "other.json"), "other.json: an ITF trace, but not one that pmmc wrote"),
        (("replay", "broken.yaml", "--path", "0/x"), "--path: expected indices joined by /"),
        (("replay", "broken.yaml", "--path", "1" * 5000), "--path: expected indices joined by /"),
        (
            ("graph", "broken.yaml", "--path", "0/" * 10_000 + "0", "-o", "g.dot"),
            "--path: 10,001 steps; 10,000",
        ),
        (("explore", "broken.yaml", "--path", "0000001"), "--path: expected indices joined by /"),
        (("replay", "/dev/zero", "--model", "x"), "/dev/zero: a trace file ends in .json"),
        (("replay", "pipe.json"), "pipe.json: cannot be read: it is no regular file"),
        (("graph", "other.json", "-o", "other.json"), "-o other.json would be written over other.json"),
        (
            ("graph", "other.json", "-o", "{here}/other.json"),
            "would be written over other.json, which is read",
        ),
        (
            ("graph", "other.json", "--model", "m.json", "-o", "m.json"),
            "-o m.json would be written over m.json",
        ),
        (
            ("compare", "broken.yaml", "mended.yaml", "--json", "mended.yaml"),
            "written over mended.yaml, which is",
        ),
        (
            ("check", "broken.yaml", "--json", "broken.yaml"),
            "--json broken.yaml would be written over broken.yaml",
        ),
        (
            ("check", ".", "--html", "mended.yaml"),
            "--html mended.yaml would be written over mended.yaml, which is",
        ),
        (
            ("check", "broken.yaml", "--json", "x", "--junit", "./x"),
            "--junit ./x would be written over x, which --json",
        ),
        (
            ("check", "broken.yaml", "--sarif", "link.yaml"),
            "--sarif link.yaml would be written over broken.yaml",
        ),
        (
            ("check", "broken.yaml", "--json", "out", "--trace-dir", "out"),
            "cannot write out: it is a folder",
        ),
        (("check", "broken.yaml", "--trace-dir", "bad.json"), "cannot write to bad.json: File exists"),
        (("check", "broken.yaml", "--trace-dir", "way"), "cannot write to way/broken: it is no folder"),
        (("replay", "broken.yaml", "--path", "0", "--network", "tcp"), "--network: unknown network 'tcp'"),
        (("replay", "broken.yaml", "--path", "0", "--model", "x"), "--model goes with a trace file"),
        (("graph", "broken.yaml", "-o", "g.png"), "g.png: a graph is written to .graphml, .json,"),
        (("graph", "broken.yaml", "-o", "g.svg"), "drawn by Graphviz"),
        (("graph", "broken.yaml", "-o", "pipe.db"), "what is written there is a file of its own"),
        (("graph", "broken.yaml", "--collapse", "R1", "-o", "g.db"), ".db is for all states of a model"),
        (("graph", "broken.yaml", "--path", "0", "-o", "g.sqlite"), ".sqlite is for all states of a model"),
        (("graph", "broken.yaml", "-o", "no/g.dot"), "there is no folder"),
        (("graph", "broken.yaml", "-o", "g.mmd"), "more than 60 states are too many for .mmd"),
        (("graph", "broken.yaml", "--kind", "causal", "-o", "g.dot"), "--kind causal is of a trace"),
        (("graph", "bad.json", "--kind", "states", "-o", "g.dot"), "--kind states is of a model"),
        (("graph", "broken.yaml", "--collapse", "R11", "-o", "g.dot"), "unknown property 'R11'"),
        (("graph", "broken.yaml", "--path", "0/99", "-o", "g.dot"), "no longer fits: step 2"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    (tmp_path / "other.json").write_text('{"vars": [], "states": []}', encoding="utf-8")
    (tmp_path / "link.yaml").symlink_to("broken.yaml")
    (tmp_path / "way").mkdir()
    (tmp_path / "way" / "broken").write_text("", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.json")
    os.mkfifo(tmp_path / "pipe.db")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    code, out, err = run(*(word.replace("{here}", str(tmp_path)) for word in words))
    assert code == ExitCode.USAGE
    assert said in err
    assert out == ""
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


GRAPHS = [
    (kind, ending)
    for kind in ("counterexample", "causal", "slice")
    for ending in ("graphml", "json", "dot")
]
GRAPHS += [
    ("causal", "svg"),
    ("slice", "svg"),
    ("causal", "mmd"),
    ("spacetime", "svg"),
    ("spacetime", "mmd"),
]


@pytest.mark.parametrize(("kind", "ending"), GRAPHS)
def test_a_trace_as_a_graph(run: Run, tmp_path: Path, trace: str, kind: str, ending: str) -> None:
    code, _, err = run("graph", trace, "--kind", kind, "-o", f"g.{ending}")
    assert (code, err) == (ExitCode.OK, "")
    assert (tmp_path / f"g.{ending}").stat().st_size > 500


def test_a_model_as_a_graph(run: Run, tmp_path: Path) -> None:
    assert run("graph", "duel", "-o", "duel.graphml")[0] == ExitCode.OK
    graph = nx.read_graphml(tmp_path / "duel.graphml")
    assert graph.number_of_nodes() == 142
    assert run("graph", "duel", "--depth", "3", "-o", "duel.mmd")[0] == ExitCode.OK
    assert run("graph", "duel", "--collapse", "A1", "-o", "duel.json")[0] == ExitCode.OK
    assert len(json.loads((tmp_path / "duel.json").read_text(encoding="utf-8"))["nodes"]) == 3


def test_a_model_as_a_file_of_tables(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("graph", "duel", "-o", "duel.sqlite") == (ExitCode.OK, "", "")
    count = "SELECT (SELECT count(*) FROM state), (SELECT value FROM meta WHERE key = 'model_file')"
    with closing(sqlite3.connect(tmp_path / "duel.sqlite")) as base:
        states, file = base.execute(count).fetchone()
    assert (states, Path(file).name) == (142, "duel.yaml")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_Writer, "_steps", interrupted)
    assert run("graph", "duel", "-o", "duel.sqlite")[0] == ExitCode.INTERRUPTED
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
