"""What came of logs as JUnit XML: a case for each node, one for each property that was judged."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from checker.ci.junit import legal
from checker.text.validation import report
from checker.validation.result import Validated


def junit(result: Validated) -> str:
    """The document. What is not known, as a log was not read to its end, is an error."""
    suite = ET.Element("testsuite", name=legal(result.model))
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    unknown = result.stopped or ("the run was interrupted" if result.interrupted else None)
    text = "\n".join(report(result))

    def add(group: str, name: str, failure: str | None) -> None:
        case = ET.SubElement(suite, "testcase", classname=group, name=legal(name), time="0.000")
        counts["tests"] += 1
        if failure is None and unknown is None:
            return
        kind = "failures" if failure is not None else "errors"
        counts[kind] += 1
        said = ET.SubElement(case, kind[:-1], type="log", message=legal(failure or unknown or ""))
        said.text = legal(text) if failure is not None else None

    for node in result.nodes:
        misfit = node.misfit
        failure = None if misfit is None else f"{misfit.place}: {misfit.reason}"
        if failure is None and node.explained:
            failure = f"steps of another rule: {', '.join(node.explained)}"
        add("log", node.node, failure)
    found = {finding.claim.id: finding.reason for finding in result.findings}
    for name in result.judged:
        add("property", name, found.get(name))
    if not result.steps:
        add("log", "events", "there is nothing to validate")
    for name, count in counts.items():
        suite.set(name, str(count))
    suite.set("time", f"{result.seconds:.3f}")
    root = ET.Element("testsuites", name="pmmc")
    root.append(suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
