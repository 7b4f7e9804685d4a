"""Vectors that several tests look at, made once."""

from functools import cache
from typing import Any

from servedrules import answered, rules_of

from checker.conformance.conforming import Outcome, conform
from checker.conformance.making import make
from checker.conformance.rules import Rules
from checker.conformance.suite import Suite
from checker.modelfiles.loading import LoadedModel, load, load_text
from spec.protocol import PMMC

#: Two leaders and two commands: 529 states.
TWO = "two-commands"
#: The model of which the vectors are that implementations are held to.
MAJORITIES = "majorities-two-commands"


@cache
def loaded(name: str) -> LoadedModel:
    """A shipped model."""
    path = next(path for path in PMMC.model_files() if path.stem == name)
    return load(path, protocols={"pmmc": PMMC})


def of_text(text: str) -> LoadedModel:
    """A model by its text."""
    return load_text(text, "model.yaml", protocols={"pmmc": PMMC})


@cache
def suite_of(name: str) -> Suite:
    """The vectors of a shipped model."""
    return make(loaded(name))


def with_rules(name: str, rules: dict[str, str]) -> str:
    """The text of a shipped model with other rules, and without what it expects."""
    kept = [line for line in loaded(name).text.split("\nexpect:")[0].splitlines() if line.strip()]
    return "\n".join([*kept, f"rules: {{{', '.join(f'{k}: {v}' for k, v in rules.items())}}}", ""])


def asked(suite: Suite, served: Rules, roles: list[str] | None = None) -> Outcome:
    """What becomes of vectors that are answered by these rules."""
    own = Rules(of_text(suite.manifest["model"]["text"]))

    def ask(requests: Any, *, again: bool = False) -> Any:
        return [answered(served, request) for request in requests]

    return conform(suite, own, ask, roles=roles)


def mutated(name: str, rules: dict[str, str]) -> Rules:
    """The rules of a shipped model with some that are wrong on purpose."""
    return rules_of(with_rules(name, rules))
