"""The quorums that a model file asks for: by number, by weight, or one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from checker.modelfiles.complaints import Objection, Path, Unknown
from checker.modelfiles.fields import Whole, refusal
from pmmc.quorums import Count, Majority, Quorums, QuorumSystem, Sets, Weights
from pmmc.values import Node
from spec.schema import A_NUMBER, QuorumsOfPhase, QuorumsOfPhases, WeighedQuorums


def read_quorums(
    path: Path, given: QuorumsOfPhases | None, acceptors: Sequence[Node], wrong: list[Objection]
) -> Quorums:
    """The quorums of both phases, majorities where the file says nothing; `wrong` gets what is wrong.

    That quorums of phase 1 and of phase 2 meet is not asked for: a check finds what comes of it.
    """
    if given is None:
        return Quorums()
    reader = _Reader({str(node): node for node in acceptors}, wrong)
    return Quorums(
        reader.of_phase((*path, "phase1"), given.phase1),
        reader.of_phase((*path, "phase2"), given.phase2),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads quorums of these acceptors. What is faulty is noted, and something takes its place."""

    acceptors: Mapping[str, Node]
    wrong: list[Objection]

    def of_phase(self, path: Path, given: QuorumsOfPhase | None) -> QuorumSystem:
        match given:
            case None:
                return Majority()
            case int():
                return self.count(path, given)
            case WeighedQuorums():
                return self.weights(path, given)
        return self.sets(path, given)

    def object_to(self, path: Path, message: str | Unknown, *, key: bool = False) -> None:
        self.wrong.append(Objection(path, message, key))

    def count(self, path: Path, least: int) -> QuorumSystem:
        try:
            Whole(1, len(self.acceptors), A_NUMBER).read(least)
        except PydanticCustomError as error:
            self.object_to(path, refusal(error))
        return Count(least)

    def weights(self, path: Path, given: WeighedQuorums) -> QuorumSystem:
        strange = [name for name in given.weights if name not in self.acceptors]
        for name in strange:
            self.object_to((*path, "weights", name), self.unknown(name), key=True)
        weights = tuple((node, given.weights.get(name, 1)) for name, node in self.acceptors.items())
        total = sum(weight for _, weight in weights)
        if given.least > total and not strange:
            message = f"all acceptors together weigh {total}: no set of them weighs {given.least}"
            self.object_to((*path, "least"), message)
        return Weights(weights, given.least)

    def sets(self, path: Path, given: Sequence[Sequence[str]]) -> QuorumSystem:
        if not given:
            self.object_to(
                path, "expected at least one set of acceptors: without a quorum nothing is decided"
            )
        for i, names in enumerate(given):
            if not names:
                self.object_to((*path, i), "expected at least one acceptor: nobody is no quorum")
            for j, name in enumerate(names):
                if name not in self.acceptors:
                    self.object_to((*path, i, j), self.unknown(name))
                elif name in names[:j]:
                    self.object_to((*path, i, j), f"'{name}' is listed twice")
        known = (frozenset(self.acceptors[n] for n in names if n in self.acceptors) for names in given)
        return Sets(frozenset(known))

    def unknown(self, name: str) -> str | Unknown:
        return Unknown.of("acceptor", name, self.acceptors)
