"""What an implementation made of vectors as JSON."""

from __future__ import annotations

from typing import Any

from checker.conformance.conforming import Failure, Outcome
from checker.conformance.rules import Rules
from checker.data.formats import FORMATS
from checker.model.verdict import ExitCode


def conform_json(outcome: Outcome, rules: Rules, code: ExitCode) -> dict[str, Any]:
    """The document; every vector that failed is in it."""
    manifest = outcome.suite.manifest
    return {
        "format": FORMATS["conform"],
        "exit_code": int(code),
        "passed": outcome.all_passed,
        "interrupted": outcome.interrupted,
        "command": outcome.command,
        "model": manifest["model"]["name"],
        "sha256": manifest["model"]["sha256"],
        "version": manifest["version"],
        "states": manifest["search"]["states"],
        "roles": {
            role: {"vectors": count, "passed": outcome.passed[role]}
            for role, count in outcome.vectors.items()
        },
        "left_out": manifest["left_out"],
        "failures": [_failure(outcome, rules, failure) for failure in outcome.failures],
    }


def _failure(outcome: Outcome, rules: Rules, failure: Failure) -> dict[str, Any]:
    vector = failure.vector
    told, state = rules.situation(vector.request)
    return {
        "vector": vector.id,
        "role": vector.role,
        "node": vector.node,
        "does": told,
        "state": state,
        "fate": failure.fate.value,
        "trouble": failure.trouble or None,
        "differences": [one._asdict() for one in failure.differences],
        "request": vector.request,
        "expected": vector.answer,
        "path": list(outcome.suite.path(vector.run)),
    }
