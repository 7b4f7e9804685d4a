"""JUnit XML, as CI servers read it (the xunit2 form): a suite for each model, a case for each property.

What is not known is an `error`. Nothing is ever `skipped`: servers show that as harmless.
"""

from __future__ import annotations

import platform
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from checker.checking.result import CheckResult
from checker.ci.cases import Case, Outcome, cases
from checker.text.runs import assumed

#: What XML cannot hold.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(checked: Iterable[CheckResult], when: datetime | None = None) -> str:
    """The document for these results."""
    when = when or datetime.now(tz=UTC)
    suites = [_suite(result, cases(result), when) for result in checked]
    root = ET.Element("testsuites", name="pmmc")
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, 0)) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', 0)) for suite in suites):.3f}")
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(result: CheckResult, about: list[Case], when: datetime) -> ET.Element:
    counts = Counter(case.outcome for case in about)
    suite = ET.Element(
        "testsuite",
        {
            "name": legal(result.model),
            "tests": str(len(about)),
            "failures": str(counts[Outcome.FAILED]),
            "errors": str(counts[Outcome.ERROR]),
            "skipped": "0",
            "time": f"{result.found.seconds:.3f}",
            "timestamp": when.strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": platform.node() or "unknown",
            "file": legal(result.file),
        },
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _facts(result).items():
        ET.SubElement(properties, "property", name=name, value=legal(value))
    for number, case in enumerate(about):
        suite.append(_case(result, case, result.found.seconds if number == 0 else 0.0))
    return suite


def _facts(result: CheckResult) -> dict[str, str]:
    """The properties of a suite: facts about the whole check."""
    found, rests_on = result.found, assumed(result)
    return {
        "verdict": result.verdict.value,
        "complete": str(found.complete).lower(),
        "engine": found.engine,
        "reductions": ", ".join(found.reductions.words()) or "none",
        "network": result.network,
        "states.distinct": str(found.states),
        "states.generated": str(found.generated),
        "steps.followed": str(found.followed),
        "depth": str(found.depth),
        "model.sha256": result.sha256,
        **({} if rests_on is None else {"assumed": rests_on}),
    }


def _case(result: CheckResult, case: Case, seconds: float) -> ET.Element:
    """One test case; the time of the search, which all cases share, is put down to the first."""
    group = case.group.replace(" ", "-")
    names = {"classname": legal(f"{result.model}.{group}"), "name": legal(case.name)}
    element = ET.Element("testcase", names, time=f"{seconds:.3f}")
    if case.outcome is not Outcome.PASSED:
        tag = "failure" if case.outcome is Outcome.FAILED else "error"
        said = ET.SubElement(element, tag, type=case.type, message=legal(case.message))
        said.text = legal(case.text)
    return element


def legal(text: str) -> str:
    """The text, with what XML cannot hold replaced."""
    return _ILLEGAL.sub("�", text)
