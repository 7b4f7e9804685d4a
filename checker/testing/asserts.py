"""Checks for use in ordinary tests: the failure message is the whole counterexample.

    def test_our_acceptor() -> None:
        assert_verified("models/duel.pmmc.yaml")

A *model* is a path, the text of a model file (it has several lines), a loaded model or a system.
"""

from __future__ import annotations

from pathlib import Path

from checker.checking.check import Options, check, check_system
from checker.checking.result import CheckResult
from checker.model.claims import UnsoundClaim
from checker.model.system import System
from checker.model.verdict import ExitCode, Verdict
from checker.modelfiles.loading import LoadedModel, load, load_text
from checker.modelfiles.protocol import protocols

Model = str | Path | LoadedModel | System

#: No limits, the usual engine, the question of the model file.
AS_THE_FILE_SAYS = Options()
#: How a model that was given as text is named.
TEXT = "<text>"


def verify(model: Model, options: Options = AS_THE_FILE_SAYS) -> CheckResult:
    """What a check of the model finds.

    Raises Faults if it is a faulty model file, and UnsoundClaim if the model claims a symmetry or settling
    that is none. Whatever else goes wrong is told in the result.
    """
    if isinstance(model, System):
        result = check_system(model, options)
    else:
        result = check(model if isinstance(model, LoadedModel) else read(model), options)
    failed = result.found.failed
    if failed is not None and failed.code is ExitCode.USAGE:
        raise UnsoundClaim(failed.reason)
    return result


def read(model: str | Path) -> LoadedModel:
    """The model in a file or, if `model` has several lines, in that text. Raises Faults."""
    if isinstance(model, str) and "\n" in model:
        return load_text(model, TEXT, protocols=protocols())
    return load(model, protocols=protocols())


def assert_verified(model: Model, options: Options = AS_THE_FILE_SAYS) -> CheckResult:
    """Assert that everything claimed holds, every goal is reached and every action fires.

    Raises AssertionError with the report of the check; inconclusive is no pass.
    """
    __tracebackhide__ = True
    result = verify(model, options)
    if result.verdict is not Verdict.VERIFIED or result.exit_code is not ExitCode.OK:
        raise AssertionError(f"\n{result}")
    return result


def assert_violated(model: Model, property_id: str, options: Options = AS_THE_FILE_SAYS) -> CheckResult:
    """Assert that a check finds a property violated: that a rule known to be wrong is caught.

    Raises AssertionError with the report of the check.
    """
    __tracebackhide__ = True
    result = verify(model, options)
    if property_id not in {p.id for p in result.violated()}:
        raise AssertionError(f"{property_id} is not found violated\n\n{result}")
    return result


def assert_as_expected(model: Model, options: Options = AS_THE_FILE_SAYS) -> CheckResult:
    """Assert that the check finds what the model file expects, or without `expect` that it is verified.

    Raises AssertionError with the report of the check.
    """
    __tracebackhide__ = True
    result = verify(model, options)
    if result.exit_code is not ExitCode.OK:
        raise AssertionError(f"\n{result}")
    return result
