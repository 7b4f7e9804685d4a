"""Fairness: what is assumed of runs, so that something must come about in them.

Steps are told apart by *classes*: the node that takes the step, the action and, where the network keeps
apart what different nodes sent, the sender of the message that is taken. A step that changes nothing is
none. Of a class is assumed nothing, or

* that it is *weakly fair*: if from some state on it can always be taken, it is taken again and again;
* that it is *strongly fair*: if again and again it can be taken, it is taken again and again;
* that it is taken *finitely* often: so crashes, losses and false suspicions come to an end.

A run need not go on where no fair class can be taken. (Lamport, Specifying Systems, 2002, chapter 8: WF and
SF of ⟨A⟩_v, and stuttering.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from checker.model.values import show
from checker.model.vocabulary import NodeName

#: The action of steps by which messages are lost.
LOSS = "losses"
#: What may be assumed of steps.
WEAKLY, STRONGLY, FINITELY = "weakly fair", "strongly fair", "finitely often"


class StepClass(NamedTuple):
    """A class of steps: a node, an action without its role (or LOSS), and a sender if that is told."""

    node: NodeName
    action: str
    sender: NodeName | None = None

    def __str__(self) -> str:
        told = "" if self.sender is None else f" from {show(self.sender)}"
        return f"{show(self.node)}.{self.action}{told}"


class Assumption(NamedTuple):
    """What is assumed of some steps, (node, action), each a class of its own or, by sender, several.

    `text` is how the model file says it.
    """

    text: str
    steps: frozenset[tuple[NodeName, str]]

    def covers(self, those: StepClass) -> bool:
        """Whether something is assumed of such steps."""
        return (those.node, those.action) in self.steps


@dataclass(frozen=True, slots=True)
class Fairness:
    """All that is assumed of runs. Raises ValueError for steps that are to be fair and yet to end."""

    weak: tuple[Assumption, ...] = ()
    strong: tuple[Assumption, ...] = ()
    finitely: tuple[Assumption, ...] = ()

    def __post_init__(self) -> None:
        for ending in self.finitely:
            for fair in (*self.weak, *self.strong):
                both = sorted(ending.steps & fair.steps, key=lambda step: (show(step[0]), step[1]))
                if both:
                    what = StepClass(*both[0])
                    raise ValueError(
                        f"{what} is among '{fair.text}', which is fair, and among '{ending.text}', which "
                        "is taken finitely often: it cannot be both"
                    )

    def is_weak(self, those: StepClass) -> bool:
        """Whether such steps are weakly fair, and not strongly."""
        return any(a.covers(those) for a in self.weak) and not self.is_strong(those)

    def is_strong(self, those: StepClass) -> bool:
        """Whether such steps are strongly fair."""
        return any(a.covers(those) for a in self.strong)

    def is_fair(self, those: StepClass) -> bool:
        """Whether such steps are fair."""
        return self.is_weak(those) or self.is_strong(those)

    def ends(self, those: StepClass) -> bool:
        """Whether such steps are taken finitely often."""
        return any(a.covers(those) for a in self.finitely)

    def assumptions(self) -> Iterator[tuple[str, Assumption]]:
        """All assumptions, each with what it is: weakly fair, strongly fair, or finitely often."""
        yield from ((WEAKLY, a) for a in self.weak)
        yield from ((STRONGLY, a) for a in self.strong)
        yield from ((FINITELY, a) for a in self.finitely)


#: Nothing is assumed: every run may stop at any time.
NOTHING_ASSUMED = Fairness()
