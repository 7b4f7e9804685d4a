"""Finding out what `expect` should say: the model is searched twice, with no reduction and with all.

What a search did not come to an end with is not recorded; the figures from before then stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.checking.check import check
from checker.checking.confirm import InternalMismatch
from checker.checking.judgement import comparable
from checker.checking.question import Question
from checker.checking.result import CheckResult
from checker.engines.contract import EVERY_STATE, Reductions
from checker.model.verdict import ExitCode, Verdict
from checker.modelfiles.expectation import NotEditable, with_expect
from checker.modelfiles.loading import LoadedModel, load_text

#: States after which the search without reductions gives up, unless another limit is set.
MOST_STATES = 5_000_000

Check = Callable[[LoadedModel, Question], CheckResult]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded: the new text of the file (None: nothing can be), the differences, and notes.

    `code` is OK if something was recorded, else why not.
    """

    text: str | None
    differences: tuple[str, ...]
    notes: tuple[str, ...]
    code: ExitCode = ExitCode.OK


def record(loaded: LoadedModel, question: Question, run: Check = check) -> Recorded:
    """Search the model and write what is found into its text.

    Raises InternalMismatch if the two searches contradict each other.
    """
    raw = run(loaded, _means(question, EVERY_STATE))
    reduced = None
    searched = raw.found.raised is None and raw.found.failed is None and not raw.found.interrupted
    if question.means.engine != "reference" and searched:
        reduced = run(loaded, _means(question, Reductions(), engine="native"))
    for result in (raw, reduced):
        if result is not None and result.found.failed is not None:
            return _nothing(result)
    known = [r for r in (raw, reduced) if r is not None and r.verdict is not Verdict.INCONCLUSIVE]
    if not known:
        return _nothing(raw)
    if len({r.verdict for r in known}) > 1:
        raise InternalMismatch(f"{loaded.model.name} is {raw.verdict.value} only without reductions")
    before = _before(loaded)
    after = _after(loaded, before, known[0], raw if raw in known else None, reduced)
    notes = []
    if raw not in known:
        notes.append(f"states, depth and length are as before: without reductions {raw.found.stopped}")
    if reduced is not None and reduced not in known:
        notes.append(f"reduced is as before: {reduced.found.stopped}")
    try:
        edited = with_expect(loaded.text, after)
    except NotEditable as error:
        return Recorded(None, (), (f"not recorded: {error}",), ExitCode.UNMET)
    _confirm(loaded, edited, after)
    return Recorded(edited, tuple(_differences(before, after)), tuple(notes))


def _means(question: Question, reductions: Reductions, engine: str | None = None) -> Question:
    means = replace(question.means, reductions=reductions, engine=engine or question.means.engine)
    limits = question.limits
    if reductions.every_state and limits.max_states is None:
        limits = replace(limits, max_states=MOST_STATES)
    return replace(question, means=means, limits=limits)


def _nothing(result: CheckResult) -> Recorded:
    found = result.found
    reasons = [because.reason for because in (found.failed, found.raised) if because is not None]
    why = found.stopped or "; ".join(reasons or result.judged.unmet)
    code = result.exit_code if result.exit_code is not ExitCode.OK else ExitCode.INCONCLUSIVE
    return Recorded(None, (), (f"not recorded, nothing is known: {why}",), code)


def _before(loaded: LoadedModel) -> dict[str, Any]:
    expect = loaded.model.expect
    said = {} if expect is None else expect.model_dump(exclude_none=True)
    if not said.get("unfired", True):
        del said["unfired"]
    return said


def _after(
    loaded: LoadedModel,
    before: dict[str, Any],
    known: CheckResult,
    raw: CheckResult | None,
    reduced: CheckResult | None,
) -> dict[str, Any]:
    """What `expect` should say, in the order of its keys; what is not known anew stays as it was."""
    after: dict[str, Any] = {"verdict": known.verdict.value}
    violated = {p.id: p for p in known.violated()}
    if violated:
        named = before.get("property")
        after["property"] = named if named in violated else next(iter(violated))
        if not violated[after["property"]].kind.goal:
            after |= _figures(
                ("length", "cycle"), before if raw is None else _lengths(raw, after["property"])
            )
    figures = before if raw is None else {"states": raw.found.states, "depth": raw.found.depth}
    after |= _figures(("states", "depth"), figures)
    if reduced is not None and reduced.verdict is not Verdict.INCONCLUSIVE:
        after["reduced"] = {"states": reduced.found.states, "depth": reduced.found.depth}
    elif "reduced" in before:
        after["reduced"] = before["reduced"]
    unfired = known.unfired()
    if not known.found.complete and not all(p.kind.goal for p in violated.values()):
        unfired = [action for action in before.get("unfired", ()) if action in unfired]
    after |= {"unfired": unfired} if unfired else {}
    return after | {"model": loaded.content}


def _figures(keys: Sequence[str], known: Mapping[str, Any]) -> dict[str, Any]:
    return {key: known[key] for key in keys if known.get(key) is not None}


def _lengths(raw: CheckResult, property_id: str) -> dict[str, int | None]:
    violated = next(p for p in raw.violated() if p.id == property_id)
    known = violated.loop is None or "length" in comparable(raw.found)
    return {"length": violated.length, "cycle": violated.cycle} if known else {}


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """`key old → new` for every figure that is not what it was."""
    old, new = _flat(before), _flat(after)
    return [
        f"{key} {old.get(key, '–')} → {new.get(key, '–')}" for key in {**new, **old} if _at(old, new, key)
    ]


def _at(old: dict[str, str], new: dict[str, str], key: str) -> bool:
    return old.get(key) != new.get(key)


def _flat(expect: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in expect.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple):
            flat[prefix + key] = ", ".join(value)
        else:
            flat[prefix + key] = f"{value:,}" if isinstance(value, int) else value
    return flat


def _confirm(loaded: LoadedModel, edited: str, after: dict[str, Any]) -> None:
    """Read the new text once more: it must say what it should, and else what it said."""
    again = load_text(edited, loaded.path, protocols={loaded.protocol.name: loaded.protocol})
    said = _before(again)
    if _flat(said) != _flat(after) or again.content != loaded.content:
        raise InternalMismatch(f"{loaded.path}: the edited file does not say what was recorded")
