"""What the page is told, as plain data for JSON: the model, a moment of a path, the outcome of a search."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from checker.data.lists import property_json
from checker.drawings import lanes, pictures, spacetime, svg
from checker.engines.contract import Progress
from checker.explorer import telling
from checker.explorer.colouring import coloured, colourings
from checker.explorer.goals import Goal, goals
from checker.explorer.search import Bounds, Searched, nearest
from checker.explorer.walk import (
    Moment,
    NoStep,
    Path,
    Walk,
    trace_of,
)
from checker.explorer.watches import WatchFault, values, watch
from checker.model.behaviour import Trace
from checker.model.properties import Property
from checker.model.system import System
from checker.model.values import show
from checker.modelfiles.complaints import Faults, unknown
from checker.text.endings import following_at
from checker.text.style import plural
from checker.traces import tracefile
from checker.traces.causality import Causality
from checker.traces.colours import colours_of
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
    are properties that the model does not ask for and that can be looked for all the same. `condition`
    reads what is written as under `sometimes`, or raises Faults. `content` tells models apart by what they
    say, and `command` is what explores this one, with no path.
    """

    system: System
    source: Source
    about: str = ""
    start: Path = ()
    known: tuple[Property, ...] = ()
    loop: int | None = None
    condition: Callable[[str], Property] | None = None
    content: str = ""
    command: str = "pmmc explore"


@dataclass
class Pages:
    """Answers the questions of the page. May be asked by several threads."""

    subject: Subject
    _walk: Walk = field(init=False)
    _goals: Mapping[str, Goal] = field(init=False)
    _searching: Lock = field(default_factory=Lock)
    _latest: int = 0
    _progress: Progress | None = None

    def __post_init__(self) -> None:
        self._walk = Walk(self.subject.system)
        self._goals = goals(self.subject.system, self.subject.known)

    def model(self) -> dict[str, Any]:
        """What does not change from state to state."""
        system = self.subject.system
        return {
            "name": system.name,
            "content": self.subject.content,
            "command": self.subject.command,
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

    def state(
        self,
        path: Path,
        at: int | None = None,
        watched: Sequence[str] = (),
        against: Path | None = None,
        colour: str = "",
    ) -> dict[str, Any]:
        """A path, and everything about the moment after `at` of its steps (None: all). Raises Refusal.

        `watched` are the texts of watches, which are told for every moment of the path; with the state at
        the end of `against` that of the moment is compared. `colour` is by what the diagram tells messages
        apart.
        """
        moments = self._moments(path)
        at = len(path) if at is None else at
        if at > len(path):
            raise Refusal(400, f"at={at}: the path has {len(path)} steps")
        here = moments[at]
        trace = self._trace(moments)
        shown = trace if at == len(path) else self._trace(moments[: at + 1])
        drawn = telling.unstyled(spacetime.spacetime(coloured(trace, colour)))
        return {
            "path": list(path),
            "at": at,
            "steps": list(telling.steps(moments, trace)),
            "loop": telling.loop(trace),
            "nodes": telling.nodes(moments[: at + 1]),
            "compared": None if against is None else self._compared(against, here),
            "actions": [telling.action(here, index, t) for index, t in enumerate(here.transitions)],
            "ignored": list(telling.ignored(here)),
            "properties": list(telling.properties(moments, at, shown, trace)),
            "following": following_at(trace, at),
            "raised": here.raised,
            "cut": here.cut,
            "quiet": here.quiet,
            "svg": drawn,
            "colourings": colourings(trace),
            "pictures": pictures.tables(trace.system, shown.states, colours_of(Causality(trace))),
            "calls": telling.calls(shown),
            "watches": [self._watched(text, moments) for text in watched],
        }

    def _compared(self, against: Path, here: Moment) -> list[dict[str, Any]]:
        try:
            there = self._moments(against)[-1]
        except Refusal as refusal:
            raise Refusal(refusal.status, f"what to compare with: {refusal}", against=True) from None
        return telling.compared(there, here)

    def _watched(self, text: str, moments: Sequence[Moment]) -> dict[str, Any]:
        subject = self.subject
        try:
            shows = watch(subject.system, text, subject.known, subject.condition)
        except WatchFault as fault:
            return {"text": text, "error": str(fault), "values": None}
        return {"text": text, "error": None, "values": list(values(shows, moments))}

    def search(self, path: Path, goal: str, bounds: Bounds) -> dict[str, Any]:
        """Steps to the nearest state from the end of a path where the goal holds. Raises Refusal.

        A goal is one of those of the model, by name, or a condition. A search that begins ends the one
        under way: its reader has asked for something else.
        """
        wanted = self._goals.get(goal) or self._condition(goal)
        here = self._moments(path)[-1]
        self._latest += 1
        mine = self._latest
        stop = bounds.stop
        with self._searching:
            self._progress = None
            asked = replace(bounds, stop=lambda: stop() or self._latest != mine, report=self._note)
            found = nearest(self.subject.system, here.state, wanted, asked)
        return _searched(found, wanted)

    def _condition(self, text: str) -> Goal:
        """A condition as a goal. Raises Refusal."""
        if ":" not in text or self.subject.condition is None:
            raise Refusal(400, unknown("goal", text, list(self._goals)), goals=list(self._goals))
        try:
            claim = self.subject.condition(text)
        except Faults as faults:
            raise Refusal(400, "; ".join(str(fault.message) for fault in faults.faults)) from None
        return Goal(claim.id, claim.id, "conditions", (claim,))

    def _note(self, progress: Progress) -> None:
        self._progress = progress

    def progress(self) -> dict[str, Any]:
        """How far the search under way is."""
        so_far = self._progress
        if so_far is None:
            return {"text": ""}
        return {"text": f"{so_far.states:,} states, {so_far.depth:,} steps deep, {so_far.seconds:.0f} s"}

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
    return svg.STYLE + spacetime.STYLE + lanes.STYLE + pictures.STYLE


def _searched(found: Searched, goal: Goal) -> dict[str, Any]:
    looked = f"{found.states:,} states, {found.depth:,} steps deep, in {found.seconds:.1f} s"
    if found.steps is not None:
        more = "" if found.nearest else ", and there may be a shorter way"
        text = (
            f"{found.reason} — after {len(found.steps)} more{more}"
            if found.steps
            else f"here already: {found.reason}"
        )
    elif found.stopped:
        text = f"not found, and not ruled out: {found.stopped} ({looked})"
    else:
        cut = (f", {plural(n, 'state')} cut by the bound on {bound}" for bound, n in found.cut.items())
        text = f"cannot be reached from here: {goal.text} in none of the {looked}{''.join(cut)}"
    return {
        "found": found.steps is not None,
        "steps": None if found.steps is None else list(found.steps),
        "reason": found.reason,
        "nearest": found.nearest,
        "complete": found.steps is None and not found.stopped,
        "stopped": found.stopped,
        "states": found.states,
        "depth": found.depth,
        "cut": dict(found.cut),
        "seconds": round(found.seconds, 3),
        "engine": found.engine,
        "text": text,
    }
