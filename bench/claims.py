"""What is claimed of all runs of models by their sizes: what our engine says, and what TLC is to be asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bench.measure import RunError
from bench.sizes import Size
from checker.engines.choose import Means, choose_engine
from checker.engines.contract import UNREDUCED, Limits
from checker.modelfiles.loading import load_text
from checker.modelfiles.protocol import protocols
from checker.modelfiles.runs import DELIVERIES

FIFO, ONCE, DUPLICATING = "fifo", "at-most-once", "lossy-duplicating"
#: All actions of the twin: what `deliveries` means.
ACTIONS = ("request", "propose", "p1a", "p1b", "p2a", "p2b", "decision")
#: Key of the model file → name of the formula in Runs.tla.
FORMULAS = {"eventually": "Eventually", "always-eventually": "AlwaysEventually", "leads-to": "LeadsTo"}


class Judged(NamedTuple):
    """What a checker says of a claim. `loop` is None for a run that ends, as `way` is if the claim holds."""

    states: int
    depth: int
    way: int | None = None
    loop: int | None = None

    @property
    def verdict(self) -> str:
        """Whether the claim holds, and if not, what the counterexample does after its way in."""
        if self.way is None:
            return "holds"
        return "violated: ends" if self.loop is None else "violated: repeats"

    @property
    def lengths(self) -> str:
        """Steps of the way in and of the cycle."""
        if self.way is None:
            return ""
        return f"{self.way}" if self.loop is None else f"{self.way} + {self.loop}"


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
