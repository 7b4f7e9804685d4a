"""What is claimed of all runs of models by their sizes: what our engine says, and what TLC is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from bench.measure import RunError
from bench.sizes import Size
from checker.engines.choose import Means, choose_engine
from checker.engines.contract import UNREDUCED, Limits
from checker.model.fairness import LOSS
from checker.modelfiles.loading import load_text
from checker.modelfiles.protocol import protocols
from checker.modelfiles.runs import DELIVERIES

FIFO, ONCE, DUPLICATING, LOSSY = "fifo", "at-most-once", "lossy-duplicating", "lossy"
#: All actions of the twin: what `deliveries` means.
ACTIONS = ("request", "propose", "p1a", "p1b", "p2a", "p2b", "decision")
#: Key of the model file → name of the formula in Runs.tla.
FORMULAS = {"eventually": "Eventually", "always-eventually": "AlwaysEventually", "leads-to": "LeadsTo"}


class Judged(NamedTuple):
    """What a checker says of a claim. `loop` is None for a run that ends, `way` too if the claim holds."""

    states: int
    depth: int
    way: int | None = None
    loop: int | None = None

    @property
    def verdict(self) -> str:
        """Whether the claim holds, and if not, what the counterexample does after its way in."""
        if self.way is None:
            return "holds"
        return "violated, ends" if self.loop is None else "violated, repeats"

    @property
    def shown(self) -> str:
        """The verdict, with the steps of the way in and of the cycle."""
        if self.way is None:
            return self.verdict
        return f"{self.verdict} ({self.way}{'' if self.loop is None else f' + {self.loop}'})"


@dataclass(frozen=True, slots=True)
class Claim:
    """A temporal property of a model, and the actions of which something is assumed."""

    size: Size
    goal: str = "all-performed"
    key: str = "eventually"
    #: for leads-to: after what
    cause: str | None = None
    fair: tuple[str, ...] = (DELIVERIES,)
    strongly_fair: tuple[str, ...] = ()
    finitely: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The claim in a few words."""
        if self.cause is not None:
            return f"{self.cause} leads to {self.goal}"
        return f"{self.key.replace('-', ' ')} {self.goal}"

    @property
    def assumed(self) -> str:
        """What is assumed of runs, as model files say it."""
        assumed = {"fair": self.fair, "strongly_fair": self.strongly_fair, "finitely": self.finitely}
        return ", ".join(f"{key}: [{', '.join(words)}]" for key, words in assumed.items() if words)

    def yaml(self) -> str:
        """The model file."""
        asked = self.goal if self.cause is None else f"{{when: {self.cause}, then: {self.goal}}}"
        assumed = self.assumed.replace("], ", "]\n")
        return f"{self.size.yaml()}{self.key}: [{asked}]\n{assumed}\n"

    def judged(self, engine: str = "native") -> Judged:
        """What an engine of ours says, without reductions. Raises RunError if it leaves something open."""
        system = load_text(self.yaml(), "sized", protocols=protocols()).system
        found = choose_engine(Means(engine, UNREDUCED, workers=1))(system, Limits(), None)
        if not found.complete:
            raise RunError(f"{self.text}: not explored completely")
        if not found.violations:
            if not all(waits.answered for waits in found.waits.values()):
                raise RunError(f"{self.text}: left open, a bound stops a node in every run")
            return Judged(found.states, found.depth)
        (discovery,) = found.violations
        if discovery.path is None:
            raise RunError(f"{self.text}: no path to a violation")
        way, all_steps = discovery.length, len(discovery.path)
        loop = None if discovery.loop is None else all_steps - discovery.loop
        return Judged(found.states, found.depth, way, loop)


def constants(claim: Claim) -> list[str]:
    """The lines of TLC's configuration about a claim."""

    def listed(words: Iterable[str]) -> str:
        named = [a for word in words for a in (ACTIONS if word == DELIVERIES else (word,))]
        return "{" + ", ".join(f'"{action}"' for action in named) + "}"

    return [
        f"  Fair = {listed(claim.fair)}",
        f"  StronglyFair = {listed(claim.strongly_fair)}",
        f"  Finitely = {listed(claim.finitely)}",
        f'  Goal = "{claim.goal}"',
        f'  Cause = "{claim.cause or claim.goal}"',
    ]


def _without(*actions: str) -> tuple[str, ...]:
    return tuple(action for action in ACTIONS if action not in actions)


_ACTIVE, _DECIDED = "two-leaders-active", "slot-decided"
#: Two leaders that never retire, as in figure 9 of the paper.
_DUEL = Size(1, 2, 1, 1, 0, 1, FIFO, spread=2)
_DUEL_ONCE, _DUEL_LOSSY = replace(_DUEL, network=ONCE), replace(_DUEL, network=LOSSY)
#: What both checkers are asked; the large ones last.
CLAIMS = (
    Claim(Size(3, 1, 1, 1, 1, 1, ONCE)),
    Claim(Size(3, 1, 1, 1, 1, 1, DUPLICATING)),
    Claim(Size(2, 1, 2, 1, 1, 1, FIFO)),
    Claim(Size(2, 1, 2, 2, 1, 2, ONCE, window=1)),
    Claim(Size(2, 1, 2, 1, 1, 2, ONCE), goal=_DECIDED),
    Claim(Size(2, 1, 2, 1, 1, 1, FIFO), key="always-eventually"),
    Claim(Size(2, 1, 2, 1, 1, 1, FIFO), fair=_without("decision")),
    Claim(Size(3, 1, 1, 1, 1, 1, ONCE), fair=_without("request")),
    Claim(Size(3, 1, 1, 1, 1, 1, DUPLICATING), fair=_without("p2b")),
    Claim(Size(1, 2, 1, 1, 2, 1, FIFO)),
    Claim(Size(1, 2, 1, 1, 1, 1, FIFO), key="leads-to", cause=_DECIDED),
    Claim(Size(1, 2, 1, 1, 1, 1, ONCE), _DECIDED, "leads-to", _ACTIVE),
    Claim(_DUEL),
    Claim(_DUEL_ONCE),
    Claim(replace(_DUEL, commands=2), goal=_DECIDED, fair=_without("request")),
    Claim(_DUEL, _DECIDED, "leads-to", _ACTIVE),
    Claim(_DUEL, key="leads-to", cause=_DECIDED),
    Claim(_DUEL, _ACTIVE, "always-eventually"),
    Claim(_DUEL, fair=_without("p2a"), strongly_fair=("p2a",)),
    Claim(_DUEL_ONCE, fair=_without("p2a", "p2b"), strongly_fair=("p2a", "p2b")),
    Claim(_DUEL, fair=_without("p1a"), finitely=("p1a",)),
    Claim(_DUEL_LOSSY, key="leads-to", cause=_DECIDED),
    Claim(_DUEL_LOSSY, _DECIDED, "leads-to", _ACTIVE, finitely=(LOSS,)),
    Claim(Size(2, 1, 2, 1, 1, 1, LOSSY), finitely=(LOSS,)),
    Claim(replace(_DUEL, leaders=3)),
    Claim(replace(_DUEL, acceptors=2)),
    Claim(replace(_DUEL, network=DUPLICATING, spread=1)),
)
