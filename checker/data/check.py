"""The JSON form of checks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.checking.judgement import PropertyResult
from checker.checking.result import CheckResult
from checker.data.formats import FORMATS, plain
from checker.engines.contract import Kept, Raised
from checker.host.version import own_version
from checker.model.behaviour import Trace
from checker.model.fairness import Fairness
from checker.model.linearizability import Called
from checker.model.values import show
from checker.model.verdict import ExitCode
from checker.text.calls import explanation_of, shows_calls, unexplained
from checker.text.endings import Meeting, meetings


def report_json(results: Iterable[CheckResult], exit_code: ExitCode) -> dict[str, Any]:
    """The whole JSON document of a run."""
    return {
        "format": FORMATS["check"],
        "exit_code": int(exit_code),
        "results": [result_json(result) for result in results],
    }


def _raised_json(raised: Raised) -> dict[str, Any]:
    return {"reason": raised.reason, "path": None if raised.path is None else list(raised.path)}


def _kept_json(kept: Kept) -> dict[str, Any]:
    return {
        "folder": kept.folder,
        "level": kept.level,
        "states": kept.states,
        "resumed": kept.resumed,
        "seconds_before": round(kept.before, 3),
        "fault": kept.fault,
    }


def _fairness_json(fairness: Fairness) -> dict[str, list[str]]:
    return {
        "fair": [a.text for a in fairness.weak],
        "strongly_fair": [a.text for a in fairness.strong],
        "finitely": [a.text for a in fairness.finitely],
    }


def _property_json(result: PropertyResult, trace: Trace | None, no_path: str | None) -> dict[str, Any]:
    run = None if trace is None or trace.loop is None else trace
    return {
        "id": result.id,
        "kind": result.kind.value,
        "meaning": result.claim.meaning,
        "source": result.claim.source,
        "verdict": result.verdict.value,
        "length": result.length,
        "loop": result.loop,
        "cycle": result.cycle,
        "larger": None if run is None else run.levels_more,
        "assumptions": None if run is None else [_meeting_json(met) for met in meetings(run)],
        "reason": result.reason,
        "path": None if result.path is None else list(result.path),
        "no_path": no_path,
        "calls": None if trace is None or shows_calls(trace) is None else _calls_json(trace),
    }


def _calls_json(trace: Trace) -> dict[str, Any] | None:
    """The history of calls, the order that explains most of it, and what fits nowhere, by places."""
    explained = explanation_of(trace)
    if explained is None:
        return None
    calls = explained.history.calls
    place = {call.call: number for number, call in enumerate(calls)}
    return {
        "calls": [_call_json(call) for call in calls],
        "order": [place[call.call] for call in explained.order],
        "nowhere": [place[call.call] for call in explained.nowhere],
        "conflict": [place[call.call] for call in explained.conflict],
        "told": unexplained(explained),
    }


def _call_json(call: Called) -> dict[str, Any]:
    return {
        "client": show(call.client),
        "operation": show(call.operation),
        "invoked": call.invoked,
        "answered": call.answered,
        "result": None if call.answered is None else show(call.result),
    }


def _meeting_json(meeting: Meeting) -> dict[str, Any]:
    """An assumption about runs, and how one that repeats meets it: class by class, by a step or a state."""
    return {
        "text": meeting.assumption.text,
        "kind": meeting.kind,
        "met": [{"steps": str(m.of), "how": m.how, "step": m.step, "after": m.after} for m in meeting.met],
        "taken": list(meeting.taken),
    }


def result_json(result: CheckResult) -> dict[str, Any]:
    """Plain values for `json.dumps`; every field is always there, null where nothing is known."""
    found, judged = result.found, result.judged
    return {
        "model": result.model,
        "file": result.file,
        "verdict": judged.verdict.value,
        "expected": None if result.expect is None else result.expect.verdict.value,
        "as_expected": judged.as_expected,
        "unmet": list(judged.unmet),
        "expect_not_applied": judged.not_applied,
        "exit_code": int(judged.exit_code),
        "states": found.states,
        "generated": found.generated,
        "followed": found.followed,
        "depth": found.depth,
        "levels": list(found.levels),
        "terminal": found.terminal,
        "terminal_judged": found.terminal_judged,
        "cut": dict(found.cut),
        "no_return": {
            claim: {"states": future.lost, "bounded": future.bounded}
            for claim, future in found.futures.items()
        },
        "waits": {
            claim: {"states": waits.states, "cyclic": waits.cyclic, "answered": waits.answered}
            for claim, waits in found.waits.items()
        },
        "fairness": _fairness_json(result.fairness),
        "idle": list(found.idle),
        "complete": found.complete,
        "stopped": found.stopped,
        "seconds": round(found.seconds, 3),
        "engine": found.engine,
        "reductions": list(found.reductions.words()),
        "bytes_per_state": found.bytes_per_state,
        "checkpoint": None if found.kept is None else _kept_json(found.kept),
        "disk": None
        if found.disk is None
        else {"folder": str(found.disk.folder), "bytes": found.disk.bytes},
        "network": result.network,
        "bounds": {name: plain(value) for name, value in result.bounds.items()},
        "options": list(result.options),
        "properties": [
            _property_json(p, result.traces.get(p.id), result.no_path(p)) for p in judged.properties
        ],
        "not_judged": dict(result.not_judged),
        "raised": None if found.raised is None else _raised_json(found.raised),
        "failed": None if found.failed is None else found.failed.reason,
        "coverage": dict(found.fired),
        "model_sha256": result.sha256,
        "version": own_version(),
        "statistics": {name: plain(value) for name, value in found.statistics.items()},
    }
