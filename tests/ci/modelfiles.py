"""Small models, and their checks as the outputs for CI get them."""

from pathlib import Path

from checker.checking.check import check
from checker.checking.question import Options
from checker.checking.result import CheckResult
from checker.engines.choose import Means
from checker.engines.contract import Limits
from checker.modelfiles.loading import load
from checker.modelfiles.protocol import protocols

GOOD = """\
name: good
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
network: at-most-once
properties: [A1, R1]
sometimes:
  - slot-decided
  - leader 1: {active: true}
expect: {verdict: verified, states: 142, depth: 13}
"""
BROKEN = """\
name: broken
nodes: {acceptors: 1, leaders: 2, replicas: 2}
commands: [put k1 v1, put k2 v2]
bounds: {slots: 1, rounds: 1}
network: at-most-once
rules: {acceptor: accept-any-ballot}
properties:
  - A1
  - R1
sometimes: [slot-decided]
"""
KNOWN = BROKEN + "expect: {verdict: violated, property: R1, length: 14}\n"
UNREACHED = """\
name: unreached
nodes: {acceptors: 1, leaders: 1, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
network: at-most-once
properties: [R1]
sometimes: [slot-decided, leader-preempted]
"""


def checked(path: Path, text: str, **limits: int) -> CheckResult:
    """The check of a model that is written to `path`, by the engine that is faster for it."""
    path.write_text(text, encoding="utf-8")
    means = Means("native" if "accept-any-ballot" in text else "reference", workers=1)
    return check(load(path, protocols=protocols()), Options(means, Limits(**limits)))
