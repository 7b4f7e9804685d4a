"""What the page is told, as plain data for JSON: the model, a moment of a path, the outcome of a search."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from checker.data.lists import property_json
from checker.drawings import lanes, spacetime, svg
from checker.explorer.goals import Goal, goals
from checker.explorer.outline import Item, Row, inbox, outline
from checker.explorer.search import Bounds, Searched, nearest
from checker.explorer.walk import (
    LOUD,
    Moment,
    NoStep,
    Path,
    Walk,
    new_in,
    news,
    says,
    says_of_runs,
    trace_of,
)
from checker.model.behaviour import Trace, TraceStep
from checker.model.properties import Property
from checker.model.semantics import Transition
from checker.model.system import System
from checker.model.values import show
from checker.model.wording import action_of, group, step_differences
from checker.text.calls import explanation_of, unexplained
from checker.text.endings import back, following_at, meetings, repeats
from checker.traces import tracefile
from checker.traces.causality import Causality
from checker.traces.lamps import Lamp
from checker.traces.tracefile import SUFFIX, Source

#: Steps of a path at most: what a drawing and a reader can take.
MOST_STEPS = 400
#: Digits of an index at most; no state has that many steps.
MOST_DIGITS = 6
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


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
        drawn = _STYLE.sub("", spacetime.spacetime(trace))
        return {
            "path": list(path),
            "at": at,
            "steps": list(_steps(moments, trace)),
            "loop": _loop(trace),
            "nodes": [_node(here, node) for node in range(len(here.state))],
            "actions": [_action(here, index, t) for index, t in enumerate(here.transitions)],
            "ignored": list(_ignored(here)),
            "properties": list(_lamps(moments[: at + 1], shown)),
            "following": following_at(trace, at),
            "raised": here.raised,
            "cut": here.cut,
            "quiet": here.quiet,
            "svg": drawn,
            "calls": _calls(shown),
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
            raise Refusal(400, f"a path of {len(path):,} steps; {MOST_STEPS} are the most that is shown")
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


def _steps(moments: Sequence[Moment], trace: Trace) -> Iterator[dict[str, Any]]:
    origins = Causality(trace).origins
    for number, (moment, origin) in enumerate(zip(moments[1:], origins, strict=True), start=1):
        assert moment.step is not None
        found = [*new_in(moment), *(says_of_runs(trace) if number == len(trace.steps) else ())]
        yield {
            "number": number,
            "sent": origin,
            **_step(moment.system, moment.step),
            **_loud(found),
            "repeats": trace.loop is not None and number > trace.loop,
        }


def _loop(trace: Trace) -> dict[str, Any] | None:
    """Where the end of a path leads back to, and how the run that repeats meets what is assumed of runs."""
    if trace.loop is None:
        return None
    met = [{"text": f"{m.kind}: {m.assumption.text}", "how": list(m.words())} for m in meetings(trace)]
    return {"to": trace.loop, "text": repeats(trace), "back": back(trace), "met": met}


def _calls(trace: Trace) -> dict[str, Any] | None:
    """The calls of clients up to a moment: their chart, and what cannot be ordered; None: no history."""
    explained = explanation_of(trace)
    if explained is None:
        return None
    return {"svg": _STYLE.sub("", lanes.lane_chart(explained)), "told": unexplained(explained)}


def _step(system: System, step: TraceStep) -> dict[str, Any]:
    """Who does what, and what that changes."""
    transition = step.transition
    sent: dict[Any, list[Any]] = {}
    for to, message in transition.sends:
        sent.setdefault(message, []).append(to)
    return {
        "index": step.index,
        "node": transition.node,
        "label": action_of(transition),
        "wake": transition.message is None,
        "lost": transition.lost,
        "effects": [
            *step_differences(system, step),
            *(f"+ {show(message)} → {group(receivers)}" for message, receivers in sent.items()),
        ],
    }


def _action(here: Moment, index: int, transition: Transition) -> dict[str, Any]:
    """A step that may be taken, and what properties would say of it."""
    step = TraceStep(index, transition, here.state)
    told = _step(here.system, step)
    idle = transition.state == here.state
    found = [] if idle else news(says(here.system, step), here.says)
    return {**told, "idle": idle, **_loud(found)}


def _loud(said: Any) -> dict[str, list[str]]:
    found = list(said)
    return {
        "breaks": [s.claim.id for s in found if s.lamp is Lamp.BROKEN],
        "reaches": [s.claim.id for s in found if s.lamp is Lamp.REACHED],
    }


def _ignored(here: Moment) -> Iterator[dict[str, Any]]:
    """Messages that the network holds and that cannot be taken now, and why."""
    network = here.system.network
    for node, cell in enumerate(here.state):
        taken = {t.message for t in here.transitions if t.node == node}
        first = {choice.message for choice in network.choices(cell.inbox)}
        for message in dict.fromkeys(network.held(cell.inbox)):
            if message not in taken:
                why = "ignored now" if message in first else "behind another"
                yield {"node": node, "label": show(message), "why": why}


def _node(here: Moment, node: int) -> dict[str, Any]:
    """A node with what the last step changed."""
    member, cell = here.system.members[node], here.state[node]
    was = cell if here.step is None else here.step.before[node]
    rows: list[Row] = list(outline(was.local, cell.local))
    messages: list[Item] = inbox(here.system, was, cell)
    marks = {row["mark"] for row in rows} | {item["mark"] for item in messages}
    return {
        "name": show(member.name),
        "rows": rows,
        "inbox": messages,
        "changed": bool(marks - {""}),
        "acted": here.step is not None and here.step.transition.node == node,
    }


def _lamps(moments: Sequence[Moment], trace: Trace) -> Iterator[dict[str, Any]]:
    """What properties say at the last of the moments, and since when; `trace` is the way there."""
    of_runs = {said.claim.id: said for said in says_of_runs(trace)}
    for i, of_moment in enumerate(moments[-1].says):
        said = of_runs.get(of_moment.claim.id, of_moment)
        told = ((n, m.says[i]) for n, m in enumerate(moments) if m.says[i].lamp in LOUD)
        number, first = next(told, (None, None))
        yield {
            "id": said.claim.id,
            "lamp": said.lamp.name.lower(),
            "reason": said.reason,
            "first": number,
            "first_reason": None if first is None else first.reason,
            "goal": said.claim.kind.goal,
            "run": said is not of_moment,
        }


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
