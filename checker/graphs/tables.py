"""A graph of states as one SQLite file: what each node may be like is written once, states are numbers.

`TABLES` is the whole schema, docs/traces.md its description. A state is one small number for each node, a
step one key, which holds where it begins and what is done, and where it leads; views show both as the other
formats do. `VERSION` rises when what is there changes its meaning.
"""

from __future__ import annotations

import errno
import json
import sqlite3
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from checker.engines.graph import StateGraph, situations
from checker.engines.marks import Marks
from checker.graphs.listing import text_of
from checker.host.version import own_version
from checker.model.values import parts, show

#: The version of the schema, which is also the file's `user_version`.
VERSION = 1
#: Endings of such files, and the states that they are good for: some minutes, and some 2 GB of memory.
ENDINGS, MOST_STATES = ("sqlite", "db"), 5_000_000
#: Called with the number of states written so far, before each of such parts.
Written = Callable[[int], None]
PART = 1 << 14

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE node (id INTEGER PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL);
CREATE TABLE local (
  node INTEGER, cell INTEGER, text TEXT NOT NULL, fields TEXT NOT NULL, inbox TEXT NOT NULL,
  PRIMARY KEY (node, cell)
) WITHOUT ROWID;
CREATE TABLE bound (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE action (
  id INTEGER PRIMARY KEY, process TEXT NOT NULL, action TEXT NOT NULL, kind TEXT NOT NULL,
  "index" INTEGER NOT NULL
);
CREATE TABLE level (level INTEGER PRIMARY KEY, first INTEGER NOT NULL, states INTEGER NOT NULL);
CREATE TABLE state (id INTEGER PRIMARY KEY, terminal INTEGER NOT NULL, cut INTEGER, {columns});
CREATE TABLE step (key INTEGER PRIMARY KEY, target INTEGER NOT NULL);
CREATE TABLE state_violates (state INTEGER, property TEXT, PRIMARY KEY (state, property)) WITHOUT ROWID;
CREATE TABLE step_violates (step INTEGER, property TEXT, PRIMARY KEY (step, property)) WITHOUT ROWID;
CREATE VIEW states AS SELECT
  id, (SELECT max(level) FROM level WHERE first <= id) AS level,
  coalesce((SELECT group_concat(property, '; ') FROM state_violates WHERE state = id), '') AS violates,
  terminal, coalesce((SELECT name FROM bound WHERE bound.id = cut), '') AS cut,
  {texts}
FROM state;
CREATE VIEW steps AS SELECT
  key / {span} AS source, target, process, action, kind, "index",
  coalesce((SELECT group_concat(property, '; ') FROM step_violates WHERE step = key), '') AS violates
FROM step JOIN action ON action.id = key % {span};
"""


def write(
    path: Path, graph: StateGraph, marks: Marks, about: Mapping[str, Any], report: Written | None = None
) -> None:
    """Write a graph to a file that is there and empty. Raises OSError.

    `about` is what `meta` says beside what it always says.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as base:
            # nobody reads the file before it is whole, and nobody gets it if it does not become so
            base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            _Writer(base, graph, marks).write(about, report)
    except sqlite3.Error as error:
        raise OSError(errno.EIO, str(error)) from error


class _Writer:
    def __init__(self, base: sqlite3.Connection, graph: StateGraph, marks: Marks) -> None:
        self.base, self.graph, self.marks = base, graph, marks
        self.system = graph.system
        #: what may be done as (label, index) → its number, which is `key % span`
        self.actions: dict[tuple[int, int], int] = {}
        for action in zip(graph.label, graph.index, strict=True):
            self.actions.setdefault(action, len(self.actions))
        self.span = max(len(self.actions), 1)
        self.bounds = {name: number for number, name in enumerate(dict.fromkeys(marks.cut.values()))}

    def write(self, about: Mapping[str, Any], report: Written | None) -> None:
        nodes = range(len(self.system.members))
        columns = ", ".join(f"node_{node} INTEGER" for node in nodes)
        self.base.executescript(
            TABLES.format(columns=columns, span=self.span, texts=",\n  ".join(map(self._text, nodes)))
        )
        self.base.execute("BEGIN")
        self._fill("meta", ((key, value) for key, value in self._meta(about).items()))
        members = enumerate(self.system.members)
        self._fill("node", ((node, show(member.name), member.role.name) for node, member in members))
        self._fill("local", self._locals())
        self._fill("bound", ((number, name) for name, number in self.bounds.items()))
        self._fill("action", self._actions())
        self._fill("level", self._levels())
        for begin in range(0, len(self.graph.states), PART):
            if report is not None:
                report(begin)
            self._fill("state", self._states(begin, begin + PART))
            self._fill("step", self._steps(begin, begin + PART))
        marked = self.marks.violates.items()
        self._fill("state_violates", ((state, claim) for state, ids in marked for claim in ids))
        steps = ((self._key(step), ids) for step, ids in self.marks.steps.items())
        self._fill("step_violates", ((key, claim) for key, ids in steps for claim in ids))
        self.base.execute(f"PRAGMA user_version = {VERSION}")
        self.base.execute("COMMIT")

    def _fill(self, table: str, rows: Iterator[tuple[Any, ...]]) -> None:
        width = len(self.base.execute(f"PRAGMA table_info({table})").fetchall())
        self.base.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)  # noqa: S608

    def _text(self, node: int) -> str:
        """The column of the view that shows a node, by its name."""
        name = show(self.system.members[node].name).replace('"', '""')
        return f'(SELECT text FROM local WHERE node = {node} AND cell = node_{node}) AS "{name}"'  # noqa: S608

    def _meta(self, about: Mapping[str, Any]) -> dict[str, Any]:
        graph = self.graph
        return {
            "format": VERSION,
            "version": own_version(),
            "name": self.system.name,
            "bounds": json.dumps(dict(self.system.bounds), ensure_ascii=False, default=str),
            "states": len(graph.states),
            "steps": len(graph.source),
            "levels": graph.level[-1] + 1,
            "complete": int(not graph.cut),
            "span": self.span,
            **about,
        }

    def _locals(self) -> Iterator[tuple[Any, ...]]:
        shown = situations(self.graph)
        for node, cells in enumerate(self.graph.cells):
            for number, cell in enumerate(cells):
                fields = parts(cell.local)
                known = {"": show(cell.local)} if fields is None else dict(fields)
                inbox = list(map(show, self.system.network.held(cell.inbox)))
                yield node, number, text_of(shown[node][number]), _json(known), _json(inbox)

    def _actions(self) -> Iterator[tuple[Any, ...]]:
        for (label, index), number in self.actions.items():
            process, action = self.graph.labels[label]
            yield number, process, action.text, action.name, index

    def _levels(self) -> Iterator[tuple[int, int, int]]:
        """States are numbered level by level: so each begins with its first state."""
        first = 0
        for level, states in sorted(Counter(self.graph.level).items()):
            yield level + 1, first, states
            first += states

    def _states(self, begin: int, end: int) -> Iterator[tuple[Any, ...]]:
        terminal, cut = self.marks.terminal, self.marks.cut
        for number, cells in enumerate(self.graph.states[begin:end], start=begin):
            bound = cut.get(number)
            yield number, number in terminal, None if bound is None else self.bounds[bound], *cells

    def _key(self, step: int) -> int:
        graph = self.graph
        return graph.source[step] * self.span + self.actions[graph.label[step], graph.index[step]]

    def _steps(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Keys and targets of the steps from some states; keys rise, so that the pages are full."""
        graph, actions, span = self.graph, self.actions, self.span
        numbers = range(bisect_left(graph.source, begin), bisect_left(graph.source, end))
        keyed = (
            (graph.source[n], actions[graph.label[n], graph.index[n]], graph.target[n]) for n in numbers
        )
        for source, action, target in sorted(keyed):
            yield source * span + action, target


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
