"""An implementation held to conformance vectors in an ordinary test; the failure message is the report.

def test_our_acceptor() -> None:
    assert_conforms(["node", "acceptor.js"], "vectors", roles=["acceptor"])
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from checker.conformance import folder
from checker.conformance.conforming import Asked, Outcome, conform
from checker.conformance.making import make
from checker.conformance.processes import asking
from checker.conformance.rules import Rules
from checker.conformance.suite import Suite
from checker.implementations.command import USUAL_TIMEOUT, Command
from checker.implementations.pool import Fault
from checker.model.behaviour import replay
from checker.model.wire import Json
from checker.modelfiles.loading import LoadedModel, load_text
from checker.modelfiles.protocol import protocols
from checker.testing.asserts import read
from checker.text.conformance import outcome_lines

#: A command and its arguments, or a function from a request to its answer.
Implementation = Sequence[str] | Callable[[Any], Mapping[str, Any]]


def assert_conforms(
    implementation: Implementation,
    vectors: str | Path | LoadedModel | Suite,
    *,
    roles: Sequence[str] | None = None,
    timeout: float = USUAL_TIMEOUT,
) -> Outcome:
    """Assert that an implementation answers all vectors, or those of some roles, as the rules do.

    `vectors` are a folder that `pmmc vectors` wrote, or a model, of which they are made. A command runs
    in the current folder; a function is asked in this process, and may raise. Raises AssertionError, whose
    message is the report with a shortest run to the first that fails; and what is wrong with the vectors
    or the command.
    """
    __tracebackhide__ = True
    suite = suite_of(vectors)
    model = suite.manifest["model"]
    rules = Rules(load_text(model["text"], model["file"], protocols=protocols()))
    with _asked(implementation, suite, timeout) as ask:
        outcome = conform(suite, rules, ask, command=_named(implementation), roles=roles)
    if outcome.interrupted:
        raise KeyboardInterrupt
    if not outcome.all_passed:
        first = outcome.failures[0].vector
        trace = replay(rules.system, suite.path(first.run))
        raise AssertionError("\n".join(outcome_lines(outcome, rules, trace)))
    return outcome


def suite_of(vectors: str | Path | LoadedModel | Suite) -> Suite:
    """The vectors of a folder, or of a model: its file, its text, or itself loaded."""
    if isinstance(vectors, Suite):
        return vectors
    if isinstance(vectors, LoadedModel):
        return make(vectors)
    is_folder = "\n" not in str(vectors) and Path(vectors).is_dir()
    return folder.read(Path(vectors)) if is_folder else make(read(vectors))


def _named(implementation: Implementation) -> str:
    if callable(implementation):
        return getattr(implementation, "__qualname__", "a function")
    return " ".join(implementation)


@contextmanager
def _asked(implementation: Implementation, suite: Suite, timeout: float) -> Iterator[Asked]:
    if not callable(implementation):
        with asking(Command(tuple(implementation), Path(), timeout), suite) as ask:
            yield ask
        return
    hello = {"id": 0, "do": "hello", "protocol": suite.manifest["line_protocol"]}
    implementation({**hello, "config": suite.manifest["config"]})

    def ask_function(requests: Sequence[Json], *, again: bool = False) -> Sequence[Json | Fault]:
        return [_called(implementation, request) for request in requests]

    yield ask_function


def _called(function: Callable[[Any], Mapping[str, Any]], request: Json) -> Json | Fault:
    """The answer of a function, as a line would have it: it gets a copy, and gives one."""
    try:
        return json.loads(json.dumps(function(json.loads(json.dumps(request)))))
    except Exception as error:  # noqa: BLE001 - whatever it raises is what it answers
        return Fault(f"it raised {type(error).__name__}: {error}")
