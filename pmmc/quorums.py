"""What a quorum is: enough of the acceptors that decide (paper, section 2.3).

The paper has majorities in both phases. Agreement rests on less: every quorum of phase 1, the promises
that make a leader active, shares an acceptor with every quorum of phase 2, the acceptances that make a
value chosen; two of one phase need not meet (Howard, Malkhi and Spiegelman, Flexible Paxos: Quorum
Intersection Revisited, OPODIS 2016). Nothing here sees to it: quorums that do not meet are what a model
checker is asked about.

Whoever asks whether enough acceptors have spoken asks here, rules and properties alike. The acceptors are
an argument: what decides may one day be another set of them for each slot.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol

#: The name of an acceptor.
Name = Hashable


class QuorumSystem(Hashable, Protocol):
    """Which sets of acceptors are quorums. The empty one is none, and a set that holds a quorum is one."""

    def is_quorum(self, heard: Collection[Name], acceptors: Sequence[Name]) -> bool:
        """Whether those that were heard, all different and all of `acceptors`, are a quorum of them."""


@dataclass(frozen=True, slots=True)
class Majority:
    """More than half of the acceptors (paper, section 2.3)."""

    def is_quorum(self, heard: Collection[Name], acceptors: Sequence[Name]) -> bool:
        """Whether more than half were heard."""
        return 2 * len(heard) > len(acceptors)

    def __str__(self) -> str:
        return "majorities"


@dataclass(frozen=True, slots=True)
class Count:
    """A number of acceptors, whichever they are (Howard, Malkhi and Spiegelman 2016, section 4)."""

    least: int

    def is_quorum(self, heard: Collection[Name], acceptors: Sequence[Name]) -> bool:
        """Whether so many were heard."""
        return len(heard) >= self.least

    def __str__(self) -> str:
        return f"any {self.least}"


@dataclass(frozen=True, slots=True)
class Weights:
    """Acceptors that weigh so much together (Gifford, Weighted Voting for Replicated Data, SOSP 1979).

    `weights` has every acceptor that weighs something, once.
    """

    weights: tuple[tuple[Name, int], ...]
    least: int

    def is_quorum(self, heard: Collection[Name], acceptors: Sequence[Name]) -> bool:
        """Whether those that were heard weigh enough."""
        return sum(weight for name, weight in self.weights if name in heard) >= self.least

    def of(self, acceptor: Name) -> int:
        """What an acceptor weighs."""
        return dict(self.weights).get(acceptor, 0)

    def __str__(self) -> str:
        each = [f"{name}: {weight}" for name, weight in self.weights if weight != 1]
        others = ["others: 1"] if len(each) < len(self.weights) else []
        return f"weight {self.least} of {{{', '.join(each + others)}}}"


@dataclass(frozen=True, slots=True)
class Sets:
    """Certain sets of acceptors, and what holds one of them.

    Garcia-Molina and Barbara, How to Assign Votes in a Distributed System, JACM 1985: not all that sets can
    say weights can say, a grid of four acceptors for one.
    """

    sets: frozenset[frozenset[Name]]

    def is_quorum(self, heard: Collection[Name], acceptors: Sequence[Name]) -> bool:
        """Whether all of one of the sets were heard."""
        return any(one.issubset(heard) for one in self.sets)

    def __str__(self) -> str:
        shown = sorted(f"[{', '.join(sorted(map(str, one)))}]" for one in self.sets)
        return " or ".join(shown)


@dataclass(frozen=True, slots=True)
class Quorums:
    """The quorums of each phase: of promises in phase 1, of acceptances in phase 2."""

    phase1: QuorumSystem = Majority()
    phase2: QuorumSystem = Majority()


#: The paper's own: majorities in both phases.
MAJORITIES = Quorums()
