"""SARIF 2.1.0, as code scanning reads it: a rule for each property, a result for what is wrong.

A violation's result stands where the model file names the property. Its code flow is the
counterexample: each step points at the Python function of its rule. What is not known is a result of
kind `open` (the standard's word for it). What holds has a rule and no result, because services that
show results show all of them as findings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from checker.checking.result import CheckResult
from checker.ci.cases import Case, Outcome, cases
from checker.host.version import own_version
from checker.model.behaviour import Trace
from checker.model.modelcode import relative
from checker.model.properties import On, Property
from checker.model.values import show
from checker.model.verdict import ExitCode
from checker.model.wording import action_of
from checker.modelfiles.places import WHOLE, Place, of_code, of_step
from checker.text.runs import assumed
from checker.text.steps import effects_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
#: Rules that are about whole models, by the type of their cases.
_WHOLE_RULES = {
    "ExpectationUnmet": "What the model file expects, and that every action takes place, is met.",
    "ModelRaised": "The model's own code raises no exception.",
    "CheckFailed": "The check can be done: what the model claims for reductions holds, the checker works.",
    "Inconclusive": "The check comes to an end within its limits.",
}


def sarif(checked: Iterable[CheckResult], exit_code: ExitCode) -> dict[str, Any]:
    """The document for these results."""
    checked = list(checked)
    claims = {p.id: p.claim for result in checked for p in result.judged.properties}
    rules = [_rule(claim) for claim in claims.values()]
    rules += [
        {"id": f"model/{name}", "shortDescription": {"text": text}} for name, text in _WHOLE_RULES.items()
    ]
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    results = [
        _result(result, case, claims.get(case.name), numbers)
        for result in checked
        for case in cases(result)
        if case.outcome is not Outcome.PASSED
    ]
    driver = {"name": "pmmc", "version": own_version(), "rules": rules}
    failed = any(result.found.failed is not None for result in checked)
    invocation = {"executionSuccessful": not failed, "exitCode": int(exit_code)}
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(claim: Property) -> dict[str, Any]:
    rule = {
        "id": _rule_id(claim),
        "shortDescription": {"text": claim.meaning},
        "fullDescription": {"text": f"{claim.meaning} ({claim.source})"},
        "defaultConfiguration": {"level": "error"},
        "properties": {"kind": claim.kind.value},
    }
    return rule | ({"help": {"text": claim.note}} if claim.note else {})


def _rule_id(claim: Property) -> str:
    return f"{claim.kind.value.replace(' ', '-')}/{claim.id}"


def _result(
    result: CheckResult, case: Case, claim: Property | None, numbers: dict[str, int]
) -> dict[str, Any]:
    rule = _rule_id(claim) if claim is not None else f"model/{case.type}"
    key = case.name if claim is not None else WHOLE
    place = result.places.get(key, Place(result.file, 1))
    failed = case.outcome is Outcome.FAILED
    document: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": numbers[rule],
        "kind": "fail" if failed else "open",
        "level": "error" if failed else "none",
        "message": {"text": f"{result.model}: {case.message}"},
        "locations": [_location(place._replace(file=relative(place.file)))],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(result, case)},
        "properties": {"model": result.model, "states": result.found.states},
    }
    if claim is not None and claim.kind.on is On.RUN:
        document["properties"] |= {"assumed": assumed(result)}
    predicate = None if claim is None else of_code(claim.judge)
    if predicate is not None:
        document["relatedLocations"] = [_location(predicate, "the predicate that was judged")]
    if case.trace is not None:
        document["codeFlows"] = [{"threadFlows": [{"locations": _flow(case.trace, place)}]}]
    return document


def _fingerprint(result: CheckResult, case: Case) -> str:
    """A text that is equal for the same finding, by which code scanning recognises it from run to run."""
    return hashlib.sha256(f"{result.model}/{case.name}".encode()).hexdigest()[:16] + ":1"


def _location(place: Place, text: str | None = None) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column}
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": _uri(place.file)}, "region": region}
    }
    return location | ({"message": {"text": text}} if text is not None else {})


def _uri(file: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - slow to import, and rarely needed

    return quote(file)


def _flow(trace: Trace, model: Place) -> list[dict[str, Any]]:
    """The steps of a trace, each at its rule; a step whose code cannot be found is at the model file."""
    here = model._replace(file=relative(model.file))
    return [
        {
            "executionOrder": number,
            "location": _location(of_step(trace.system, step.transition) or here, _told(trace, number)),
        }
        for number, step in enumerate(trace.steps, start=1)
    ]


def _told(trace: Trace, number: int) -> str:
    """What is said of a step, by number from 1."""
    step = trace.steps[number - 1]
    node = show(trace.system.members[step.transition.node].name)
    effects = "; ".join(effects_of(trace.system, step))
    again = "from here on it repeats for ever; " if number - 1 == trace.loop else ""
    return f"{number}. {again}{node}: {action_of(step.transition)}; {effects}"
