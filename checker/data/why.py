"""The JSON form of `pmmc why`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.data.formats import FORMATS, plain
from checker.explanation.alternatives import Alternatives
from checker.explanation.different import Different
from checker.explanation.fates import Fates, Other
from checker.explanation.ownrules import Departure, Effect, Own
from checker.explanation.story import Story
from checker.explanation.why import Why
from checker.model.behaviour import Trace
from checker.model.values import show
from checker.model.verdict import ExitCode
from checker.model.wording import action_of


def to_json(found: Sequence[tuple[str, Why]], code: ExitCode) -> dict[str, Any]:
    """The whole JSON document; each explanation goes with the file of its model."""
    return {
        "format": FORMATS["why"],
        "exit_code": int(code),
        "explained": [{**why_json(one), "file": file} for file, one in found],
    }


def why_json(why: Why) -> dict[str, Any]:
    """What explains one trace; every field is always there, null where nothing is known."""
    trace = why.trace
    return {
        "model": trace.system.name,
        "property": None if trace.claim is None else trace.claim.id,
        "kind": None if trace.claim is None else trace.claim.kind.value,
        "reason": trace.reason,
        "path": list(trace.path),
        "loop": trace.loop,
        "bounds": {name: plain(value) for name, value in trace.system.bounds.items()},
        "story": _story_json(why.story),
        "own_rule": None if why.own is None else _own_json(why.own, why.departure, trace),
        "excluded": None if why.fates is None else _fates_json(why.fates, trace),
        "any_other": None if why.alternatives is None else _alternatives_json(why.alternatives, trace),
        "different": None if why.different is None else _different_json(why.different),
        "unanswered": dict(why.unanswered),
        "interrupted": why.interrupted,
    }


def _story_json(story: Story) -> dict[str, Any]:
    paragraphs = [[{"text": s.text, "steps": list(s.steps)} for s in those] for those in story.paragraphs]
    return {"slice": list(story.slice), "paragraphs": paragraphs}


def _fates_json(fates: Fates, trace: Trace) -> dict[str, Any]:
    found = fates.reaching
    return {
        "moments": [
            {"after": moment.number, "others": [_other_json(other, trace) for other in moment.others]}
            for moment in fates.moments
        ],
        "known": fates.known,
        "last_chance": fates.last_chance,
        "no_return": fates.no_return,
        "states": found.states,
        "showing": found.showing,
        "leading": found.leading,
        "stopped": found.stopped,
        "seconds": round(found.seconds, 3),
        "engine": found.engine,
        "reductions": list(found.reductions.words()),
    }


def _other_json(other: Other, trace: Trace) -> dict[str, Any]:
    return {
        "index": other.index,
        "node": show(trace.system.members[other.step.node].name),
        "action": action_of(other.step),
        "sends": [f"{show(message)} → {show(to)}" for to, message in other.step.sends],
        "excludes": other.excludes,
    }


def _own_json(own: Own, departure: Departure | None, trace: Trace) -> dict[str, Any]:
    return {
        "rules": [
            {"name": name, "in_place_of": other}
            for name, other in zip(own.replaced, own.standing_for, strict=True)
        ],
        "step": None if departure is None else departure.step,
        "node": None if departure is None else show(trace.system.members[departure.node].name),
        "action": None if departure is None else departure.action,
        "how": None if departure is None else departure.how.value,
        "taken": None if departure is None or departure.taken is None else _effect_json(departure.taken),
        "own": [] if departure is None else [_effect_json(effect) for effect in departure.own],
        "message": "" if departure is None else departure.message,
        "raised": "" if departure is None else departure.reason,
        "ahead": [] if departure is None else [action_of(step) for step in departure.ahead],
    }


def _effect_json(effect: Effect) -> dict[str, Any]:
    return {"changes": list(effect.changes), "sends": list(effect.sends)}


def _alternatives_json(found: Alternatives, trace: Trace) -> dict[str, Any]:
    return {
        "parts": [
            {
                "what": show(part.what),
                "kind": part.kind,
                "any": part.any,
                "others": [show(other) for other in part.others],
                "unlike": [show(other) for other in part.unlike],
            }
            for part in found.parts
        ],
        "swaps": [
            {
                "first": swap.first,
                "second": swap.second,
                "node": show(trace.system.members[swap.node].name),
            }
            for swap in found.swaps
        ],
    }


def _different_json(found: Different) -> dict[str, Any]:
    return {
        "length": found.length,
        "found": found.found,
        "graphs": found.graphs,
        "counterexamples": [
            {
                "path": list(one.trace.path),
                "orders": one.orders,
                "graphs": one.graphs,
                "images": one.images,
            }
            for one in found.counterexamples
        ],
        "stopped": found.stopped,
        "symmetries": list(found.symmetries),
        "states": found.states,
        "seconds": round(found.seconds, 3),
    }
