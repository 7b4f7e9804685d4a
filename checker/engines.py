"""The engines by name. An engine's module is imported when it is chosen, not before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

from checker.exploration import Exploration, Limits, Progress
from checker.vocabulary import System

Reporter = Callable[[Progress], None]


class Engine(Protocol):
    """Explores a system breadth first as far as the limits allow, reporting how far it is.

    What is counted, and how, is the same for all engines; see `checker.exploration`.
    """

    def __call__(self, system: System, limits: Limits, report: Reporter | None) -> Exploration:
        """Explore; a KeyboardInterrupt ends the search and is told in the answer."""


#: Engine → the module whose `explore` it is.
ENGINES: Mapping[str, str] = MappingProxyType({"reference": "checker.reference"})
#: What `--engine` may name.
ENGINE_NAMES = ("auto", *ENGINES)


def choose_engine(name: str, system: System) -> Engine:
    """The engine of that name; `auto` takes the one that suits the system best."""
    chosen = _best_for(system) if name == "auto" else name
    return cast("Engine", import_module(ENGINES[chosen]).explore)


def _best_for(system: System) -> str:  # noqa: ARG001 - there is one engine so far
    return "reference"
