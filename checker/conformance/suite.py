"""Conformance vectors as values: a request, the answer to it, a shortest run after which it comes up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from checker.model.wire import Json

#: The version of the form of these files.
FORMAT = 1
#: What the manifest says it is.
KIND = "pmmc vectors"
#: The version of the line protocol that requests and answers are in.
LINE_PROTOCOL = 1
#: The run that takes no step.
BEGINNING = 0


class NoVectors(Exception):  # noqa: N818 - a property of the model
    """There are no vectors of a model, or none that can be used; the message says why."""


class Vector(NamedTuple):
    """A request to a node of a role, and the answer to it, both with the same `id`.

    It comes up after `run`, a number in the table of runs.
    """

    role: str
    request: Mapping[str, Json]
    answer: Mapping[str, Json]
    run: int

    @property
    def id(self) -> int:
        """The number of the vector; numbers go up with the length of the run."""
        number: int = self.request["id"]
        return number

    @property
    def node(self) -> str:
        """The name of the node that is asked."""
        name: str = self.request["node"]
        return name

    def document(self) -> Json:
        """The vector as it stands on a line of a file."""
        return {"request": self.request, "answer": self.answer, "run": self.run}


@dataclass(frozen=True, slots=True)
class Suite:
    """The vectors of a model, or of some of its roles.

    `runs` are the runs by number: each goes on from the run `after` by one `step`, an index among the steps
    that are possible there. `manifest` says what the vectors are of.
    """

    manifest: Mapping[str, Any]
    vectors: tuple[Vector, ...]
    runs: tuple[Mapping[str, Json], ...]

    @property
    def roles(self) -> Sequence[str]:
        """The roles that there are vectors of."""
        return [*self.manifest["roles"]]

    def of_roles(self, roles: Sequence[str] | None) -> tuple[Vector, ...]:
        """The vectors of some roles; None: of all."""
        return tuple(v for v in self.vectors if roles is None or v.role in roles)

    def path(self, run: int) -> tuple[int, ...]:
        """The steps of a run, as `pmmc replay` takes them."""
        return tuple(reversed([one["step"] for one in self._back(run)]))

    def _back(self, run: int) -> Iterator[Mapping[str, Json]]:
        while run != BEGINNING:
            yield self.runs[run]
            run = self.runs[run]["after"]
