"""What an implementation made of vectors as JUnit XML: a case for each kind of request to a role."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from checker.ci.junit import legal
from checker.conformance.conforming import Failure, Fate, Outcome
from checker.conformance.rules import Rules
from checker.conformance.suite import Vector

#: Vectors of a case that are told.
MOST = 20


def junit(outcome: Outcome, rules: Rules) -> str:
    """The document. What was not asked any more, and answers that are none, are errors."""
    failed = {failure.vector.id: failure for failure in outcome.failures}
    cases: dict[tuple[str, str], list[Vector]] = {}
    for vector in outcome.suite.of_roles([*outcome.vectors]):
        cases.setdefault((vector.role, kind_of(vector)), []).append(vector)
    suite = ET.Element("testsuite", name=legal(outcome.suite.manifest["model"]["name"]))
    failures = errors = 0
    for (role, kind), vectors in cases.items():
        case = ET.SubElement(suite, "testcase", classname=role, name=kind, time="0.000")
        wrong = [failed[v.id] for v in vectors if v.id in failed]
        if not wrong and not outcome.interrupted:
            continue
        is_error = outcome.interrupted or any(one.fate is Fate.WRONG for one in wrong)
        errors, failures = errors + is_error, failures + (not is_error)
        says = f"{len(wrong):,} of {len(vectors):,} vectors" if wrong else "the run was interrupted"
        said = ET.SubElement(case, "error" if is_error else "failure", type="vector", message=says)
        said.text = legal("\n".join(_told(rules, one) for one in wrong[:MOST]))
    counts = {"tests": len(cases), "failures": failures, "errors": errors, "skipped": 0}
    for name, count in counts.items():
        suite.set(name, str(count))
    root = ET.Element("testsuites", name="pmmc")
    root.append(suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def kind_of(vector: Vector) -> str:
    """What kind of request it is: the type of the message, the timer, or what the node does."""
    request = vector.request
    if request["do"] == "step":
        kind: str = request["message"]["type"]
        return kind
    return f"wake {request['timer']}" if request["do"] == "wake" else str(request["do"])


def _told(rules: Rules, failure: Failure) -> str:
    vector = failure.vector
    told, state = rules.situation(vector.request)
    why = failure.trouble or "; ".join(map(str, failure.differences))
    return f"vector {vector.id}: {vector.node} {told} in state {state}: {why}"
