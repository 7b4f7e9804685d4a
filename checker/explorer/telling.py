"""A moment of a path as plain data: its steps, its nodes, what may follow, and what properties say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from checker.drawings import lanes
from checker.explorer.looked import why_ignored
from checker.explorer.outline import Item, Row, inbox, outline
from checker.explorer.walk import LOUD, Moment, new_in, news, says, says_of_runs
from checker.model.behaviour import Trace, TraceStep
from checker.model.semantics import Transition
from checker.model.system import System
from checker.model.values import show
from checker.model.wording import action_of, group, step_differences
from checker.text.calls import explanation_of, unexplained
from checker.text.endings import back, meetings, repeats
from checker.traces.causality import Causality, Inboxes
from checker.traces.lamps import Lamp

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


def unstyled(drawing: str) -> str:
    """A drawing without its style sheet: the page has that as a file, and allows no styles in line."""
    return _STYLE.sub("", drawing)


def steps(moments: Sequence[Moment], trace: Trace) -> Iterator[dict[str, Any]]:
    """The steps of a path: who does what, what it changes, and what properties then have to say."""
    origins = Causality(trace).origins
    for number, (moment, origin) in enumerate(zip(moments[1:], origins, strict=True), start=1):
        assert moment.step is not None
        found = [*new_in(moment), *(says_of_runs(trace) if number == len(trace.steps) else ())]
        yield {
            "number": number,
            "sent": origin,
            **step_json(moment.system, moment.step),
            **_loud(found),
            "repeats": trace.loop is not None and number > trace.loop,
        }


def loop(trace: Trace) -> dict[str, Any] | None:
    """Where the end of a path leads back to, and how the run that repeats meets what is assumed of runs."""
    if trace.loop is None:
        return None
    met = [{"text": f"{m.kind}: {m.assumption.text}", "how": list(m.words())} for m in meetings(trace)]
    return {"to": trace.loop, "text": repeats(trace), "back": back(trace), "met": met}


def calls(trace: Trace) -> dict[str, Any] | None:
    """The calls of clients up to a moment: their chart, and what cannot be ordered; None: no history."""
    explained = explanation_of(trace)
    if explained is None:
        return None
    return {"svg": unstyled(lanes.lane_chart(explained)), "told": unexplained(explained)}


def step_json(system: System, step: TraceStep) -> dict[str, Any]:
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


def action(here: Moment, index: int, transition: Transition) -> dict[str, Any]:
    """A step that may be taken, and what properties would say of it."""
    step = TraceStep(index, transition, here.state)
    told = step_json(here.system, step)
    idle = transition.state == here.state
    found = [] if idle else news(says(here.system, step), here.says)
    return {**told, "idle": idle, **_loud(found)}


def _loud(said: Any) -> dict[str, list[str]]:
    found = list(said)
    return {
        "breaks": [s.claim.id for s in found if s.lamp is Lamp.BROKEN],
        "reaches": [s.claim.id for s in found if s.lamp is Lamp.REACHED],
    }


def ignored(here: Moment) -> Iterator[dict[str, Any]]:
    """Messages that the network holds and that cannot be taken now, why, and what their rule looked at."""
    network = here.system.network
    for node, cell in enumerate(here.state):
        taken = {t.message for t in here.transitions if t.node == node}
        first = {choice.message for choice in network.choices(cell.inbox)}
        for message in dict.fromkeys(network.held(cell.inbox)):
            if message not in taken:
                now = message in first
                told = why_ignored(here.system, node, cell.local, message) if now else ""
                why = "ignored now" if now else "behind another"
                yield {"node": node, "label": show(message), "why": why, "looked": told}


def nodes(moments: Sequence[Moment]) -> list[dict[str, Any]]:
    """The nodes at the last of the moments, each with what the last step changed and what waits for it."""
    inboxes = Inboxes(moments[0].system)
    for number, moment in enumerate(moments[1:], start=1):
        assert moment.step is not None
        inboxes.move(number, moment.step.transition)
    here = moments[-1]
    return [_node(here, node, _waiting(here, node, inboxes)) for node in range(len(here.state))]


def _node(here: Moment, node: int, waiting: list[dict[str, Any]]) -> dict[str, Any]:
    member, cell = here.system.members[node], here.state[node]
    was = cell if here.step is None else here.step.before[node]
    rows: list[Row] = list(outline(was.local, cell.local))
    messages: list[Item] = inbox(here.system, was, cell)
    marks = {row["mark"] for row in rows} | {item["mark"] for item in messages}
    return {
        "name": show(member.name),
        "rows": rows,
        "inbox": _with_origins(messages, waiting),
        "changed": bool(marks - {""}),
        "acted": here.step is not None and here.step.transition.node == node,
    }


def compared(there: Moment, here: Moment) -> list[dict[str, Any]]:
    """The nodes of one state, each with what is not as in another one."""
    found = []
    for member, was, cell in zip(here.system.members, there.state, here.state, strict=True):
        rows, messages = list(outline(was.local, cell.local)), inbox(here.system, was, cell)
        changed = any(row["mark"] for row in rows) or any(item["mark"] for item in messages)
        changed = changed or was.local != cell.local
        found.append(
            {"name": show(member.name), "rows": rows, "inbox": messages, "changed": changed, "acted": False}
        )
    return found


def _waiting(here: Moment, node: int, inboxes: Inboxes) -> list[dict[str, Any]]:
    """What waits for a node: who sent it in which step, and the steps that take it now."""
    taking = [(i, t) for i, t in enumerate(here.transitions) if t.node == node and not t.lost]
    return [
        {
            "text": show(tag.message),
            "sender": show(tag.sender),
            "sent": tag.step,
            "take": [i for i, t in taking if t.message == tag.message and t.sender in (None, tag.sender)],
        }
        for tag in inboxes.waiting(node)
    ]


def _with_origins(messages: list[Item], waiting: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items of an inbox with what is known of those that still wait, equal ones in the same order."""
    found: list[dict[str, Any]] = []
    for item in messages:
        same = (w for w in waiting if w["text"] == item["text"] and item["mark"] != "removed")
        known = next(same, None)
        if known is not None:
            waiting.remove(known)
        found.append({**item, **(known or {})})
    return found


#: Letters for lamps.
LETTERS = {Lamp.HOLDS: "h", Lamp.BROKEN: "b", Lamp.REACHED: "r", Lamp.OPEN: "o", Lamp.SILENT: "s"}


def properties(path: Sequence[Moment], at: int, trace: Trace, whole: Trace) -> Iterator[dict[str, Any]]:
    """What properties say at a moment of a path, since when, and at all moments of it, a letter for each.

    `trace` is the way to that moment, and `whole` that of the path, whose end may be said to repeat.
    """
    moments = path[: at + 1]
    at_last = {said.claim.id: said.lamp for said in says_of_runs(whole)}
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
            "along": "".join(
                LETTERS[at_last.get(said.claim.id, m.says[i].lamp) if m is path[-1] else m.says[i].lamp]
                for m in path
            ),
        }
