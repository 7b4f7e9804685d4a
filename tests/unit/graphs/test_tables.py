"""A graph of states as one SQLite file says what the other formats say, in a tenth of the room."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sometraces import model

from checker.engines.graph import StateGraph, explore
from checker.engines.marks import Marks, marks
from checker.graphs import kinds, tables
from checker.model.system import System
from checker.model.values import show

SMALL = ("duel", "two-replicas", "commander-as-printed", "any-request", "stable-without-accepted")


def made(system: System, file: Path, **limits: int) -> tuple[StateGraph, Marks]:
    graph = explore(system, **limits)
    file.touch()
    tables.write(file, graph, marks(graph), {"model_sha256": "ab"})
    return graph, marks(graph)


def rows(file: Path, query: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(file)) as base:
        base.row_factory = sqlite3.Row
        return [dict(row) for row in base.execute(query)]


@pytest.mark.parametrize("name", SMALL)
def test_the_views_are_what_json_has(name: str, tmp_path: Path) -> None:
    file = tmp_path / "g.sqlite"
    graph, marked = made(model(name).system, file)
    document = json.loads("".join(kinds.written(kinds.states(graph, marked), "json", "")))
    assert rows(file, "SELECT * FROM states") == [
        {**node, "id": int(node["id"]), "terminal": int(node["terminal"])} for node in document["nodes"]
    ]
    kept = rows(file, "SELECT * FROM steps")
    for step in kept:
        assert step["action"].startswith(step.pop("kind").removeprefix("lost "))
        step["source"], step["target"] = str(step["source"]), str(step["target"])
    assert sorted(map(str, kept)) == sorted(
        str({n: edge[n] for n in ("source", "target", "process", "action", "index", "violates")})
        for edge in document["edges"]
    )


def test_what_it_says_of_itself_and_of_nodes(tmp_path: Path) -> None:
    file = tmp_path / "g.sqlite"
    graph, _ = made(model("duel").system, file, depth=4)
    (version,) = rows(file, "PRAGMA user_version")
    assert version == {"user_version": tables.VERSION}
    about = {row["key"]: row["value"] for row in rows(file, "SELECT * FROM meta")}
    assert about["complete"] == 0
    assert about["model_sha256"] == "ab"
    assert json.loads(about["bounds"])["acceptors"] == 1
    assert (about["states"], about["steps"], about["levels"]) == (len(graph.states), len(graph.source), 4)
    assert [row["states"] for row in rows(file, "SELECT * FROM level")] == [
        list(graph.level).count(level) for level in range(4)
    ]
    assert {row["cut"] for row in rows(file, "SELECT cut FROM states WHERE level = 4")} == {
        "depth",
        "rounds",
    }
    (local,) = rows(file, "SELECT * FROM local WHERE node = 0 AND cell = 0")
    assert json.loads(local["fields"]) == {"ballot": "⊥", "accepted": "{}"}
    waiting = graph.system.network.held(graph.cell(0, 0).inbox)
    assert json.loads(local["inbox"]) == [show(message) for message in waiting]
    assert len(waiting) == 2
    assert [row["name"] for row in rows(file, "SELECT * FROM node")] == [
        *("acceptor 0", "leader 0", "leader 1", "replica 0")
    ]


def test_keys_of_steps_are_those_of_a_state_side_by_side(tmp_path: Path) -> None:
    file = tmp_path / "g.sqlite"
    made(model("duel").system, file)
    (span,) = rows(file, "SELECT value FROM meta WHERE key = 'span'")
    begin, end = 7 * span["value"], 8 * span["value"]
    near = rows(file, f"SELECT target FROM step WHERE key >= {begin} AND key < {end}")
    assert near == rows(file, "SELECT target FROM steps WHERE source = 7")
    assert near


def test_a_model_of_one_state(tmp_path: Path) -> None:
    file = tmp_path / "g.sqlite"
    made(model("duel").system, file, depth=1)
    assert rows(file, "SELECT id, cut FROM states") == [{"id": 0, "cut": "depth"}]
    assert rows(file, "SELECT * FROM steps") == []


def test_what_sqlite_cannot_do_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "g.sqlite").write_text(
        "no database, and longer than one hundred bytes " * 9, encoding="utf-8"
    )
    graph = explore(model("duel").system)
    with pytest.raises(OSError, match="not a database"):
        tables.write(tmp_path / "g.sqlite", graph, marks(graph), {})


def test_takes_little_room(tmp_path: Path) -> None:
    """About 25 bytes for each state and 13 for each step, beside the local states."""
    file = tmp_path / "g.sqlite"
    graph, marked = made(model("accept-any-ballot").system, file)
    locals_ = sum(map(len, graph.cells))
    assert file.stat().st_size < 40 * len(graph.states) + 14 * len(graph.source) + 2_000 * locals_
    as_json = sum(map(len, kinds.written(kinds.states(graph, marked), "json", "")))
    assert file.stat().st_size < as_json / 8


@pytest.mark.slow
def test_majorities_is_under_30_megabytes(tmp_path: Path) -> None:
    file = tmp_path / "g.sqlite"
    graph, _ = made(model("majorities").system, file)
    assert len(graph.states) == 394_450
    assert file.stat().st_size < 30_000_000
