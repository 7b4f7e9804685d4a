"""What the page is told, as plain data for JSON: the model, a moment of a path, the outcome of a search."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from checker.data.lists import property_json
from checker.drawings import lanes, spacetime, svg
from checker.explorer import telling
from checker.explorer.goals import Goal, goals
from checker.explorer.search import Bounds, Searched, nearest
from checker.explorer.walk import (
    Moment,
    NoStep,
    Path,
    Walk,
    trace_of,
)
from checker.model.behaviour import Trace
from checker.model.properties import Property
from checker.model.system import System
from checker.model.values import show
from checker.text.endings import following_at
from checker.traces import tracefile
from checker.traces.tracefile import SUFFIX, Source

#: Steps of a path at most: what a drawing and a reader can take.
MOST_STEPS = 400
#: Digits of an index at most; no state has that many steps.
MOST_DIGITS = 6


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """A question that has no answer; `status` is HTTP's, `more` goes along with the message."""

    def __init__(self, status: int, reason: str, **more: Any) -> None:
        super().__init__(reason)
        self.status, self.more = status, more


@dataclass(frozen=True, slots=True)
class Subject:
    """What is explored: a system, where it comes from, and the path that the page begins with.

    Steps of that path after the first `loop` repeat for ever (None: as far as states come again). `known`
    are properties that the model does not ask for and that can be looked for all the same.
    """

    system: System
    source: Source
    about: str = ""
    start: Path = ()
    known: tuple[Property, ...] = ()
    loop: int | None = None


@dataclass
class Pages:
    """Answers the questions of the page. May be asked by several threads."""

    subject: Subject
    _walk: Walk = field(init=False)
    _goals: Mapping[str, Goal] = field(init=False)
    _searching: Lock = field(default_factory=Lock)
    _latest: int = 0

    def __post_init__(self) -> None:
        self._walk = Walk(self.subject.system)
        self._goals = goals(self.subject.system, self.subject.known)

    def model(self) -> dict[str, Any]:
        """What does not change from state to state."""
        system = self.subject.system
        return {
            "name": system.name,
            "about": self.subject.about,
            "file": self.subject.source.file,
            "network": system.network.name,
            "bounds": {name: show(value) for name, value in system.bounds.items()},
            "nodes": [{"name": show(m.name), "role": m.role.name} for m in system.members],
            "properties": [property_json(p) for p in system.properties],
            "goals": [{"id": g.id, "text": g.text, "group": g.group} for g in self._goals.values()],
            "start": list(self.subject.start),
            "most_steps": MOST_STEPS,
        }

    def state(self, path: Path, at: int | None = None) -> dict[str, Any]:
        """A path, and everything about the moment after `at` of its steps (None: all). Raises Refusal."""
        moments = self._moments(path)
        at = len(path) if at is None else at
        if at > len(path):
            raise Refusal(400, f"at={at}: the path has {len(path)} steps")
        here = moments[at]
        trace = self._trace(moments)
        shown = trace if at == len(path) else self._trace(moments[: at + 1])
        drawn = telling.unstyled(spacetime.spacetime(trace))
        return {
            "path": list(path),
            "at": at,
            "steps": list(telling.steps(moments, trace)),
            "loop": telling.loop(trace),
            "nodes": telling.nodes(moments[: at + 1]),
            "actions": [telling.action(here, index, t) for index, t in enumerate(here.transitions)],
            "ignored": list(telling.ignored(here)),
            "properties": list(telling.properties(moments[: at + 1], shown)),
            "following": following_at(trace, at),
            "raised": here.raised,
            "cut": here.cut,
            "quiet": here.quiet,
            "svg": drawn,
            "calls": telling.calls(shown),
        }

    def search(self, path: Path, goal: str, bounds: Bounds) -> dict[str, Any]:
        """Steps to the nearest state from the end of a path where the goal holds. Raises Refusal.

        A search that begins ends the one under way: its reader has asked for something else.
        """
        if goal not in self._goals:
            raise Refusal(400, f"there is no goal {goal!r}", goals=list(self._goals))
        here = self._moments(path)[-1]
        self._latest += 1
        mine = self._latest
        stop = bounds.stop
        with self._searching:
            asked = Bounds(bounds.states, bounds.seconds, lambda: stop() or self._latest != mine)
            found = nearest(self.subject.system, here.state, self._goals[goal], asked)
        return _searched(found, self._goals[goal])

    def stop(self) -> None:
        """End the search under way."""
        self._latest += 1

    def trace(self, path: Path) -> tuple[str, str]:
        """The name and the text of a trace file of a path. Raises Refusal."""
        trace = self._trace(self._moments(path))
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", trace.system.name).strip("-.") or "trace"
        return f"{name}{SUFFIX}", tracefile.write(trace, self.subject.source)

    def _trace(self, moments: Sequence[Moment]) -> Trace:
        trace = trace_of(moments)
        given = self.subject.loop if trace.path == self.subject.start else None
        return trace if given is None else trace_of(moments, given)

    def _moments(self, path: Path) -> list[Moment]:
        if len(path) > MOST_STEPS:
            reason = f"a path of {len(path):,} steps; {MOST_STEPS} are the most that is shown"
            raise Refusal(400, reason, valid=MOST_STEPS)
        try:
            return self._walk.along(path)
        except NoStep as error:
            raise Refusal(404, str(error), valid=error.valid) from None


def read_path(text: str) -> Path:
    """The indices of a path as addresses have it: `0/3/1`, or nothing. Raises Refusal."""
    parts = [part for part in text.split("/") if part]
    if not all(re.fullmatch(rf"[0-9]{{1,{MOST_DIGITS}}}", part) for part in parts):
        raise Refusal(400, "a path is indices joined by /, such as 0/3/1")
    return tuple(map(int, parts))


def styles() -> str:
    """The style sheet of drawings; it is served as a file, because the page allows no styles in line."""
    return svg.STYLE + spacetime.STYLE + lanes.STYLE


def _searched(found: Searched, goal: Goal) -> dict[str, Any]:
    looked = f"{found.states:,} states, {found.depth:,} steps deep, in {found.seconds:.1f} s"
    if found.steps is not None:
        text = (
            f"{found.reason} — after {len(found.steps)} more"
            if found.steps
            else f"here already: {found.reason}"
        )
    elif found.stopped:
        text = f"not found, and not ruled out: {found.stopped} ({looked})"
    else:
        text = f"cannot be reached from here: {goal.text} in none of the {looked}"
    return {
        "found": found.steps is not None,
        "steps": None if found.steps is None else list(found.steps),
        "reason": found.reason,
        "complete": found.steps is None and not found.stopped,
        "stopped": found.stopped,
        "states": found.states,
        "depth": found.depth,
        "seconds": round(found.seconds, 3),
        "text": text,
    }
