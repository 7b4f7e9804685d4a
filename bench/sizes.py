"""Models of the plain protocol by their sizes: no clients, variants, crashes or given beginnings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How many of everything, and which network.

    With 0 rounds there is no end to them, and `spread` is how far apart they may be in one state.
    """

    acceptors: int
    leaders: int
    replicas: int
    slots: int
    rounds: int
    commands: int
    network: str
    window: int = 2
    spread: int = 0

    @property
    def supply(self) -> str:
        """The bound on rounds, for showing and for model files."""
        return str(self.rounds) if self.rounds else f"endless, spread: {self.spread}"

    def __str__(self) -> str:
        return (
            f"{self.acceptors} acceptors, {self.leaders} leaders, {self.replicas} replicas, "
            f"{self.slots} slots, rounds: {self.supply}, {self.commands} commands, {self.network}"
        )

    def yaml(self) -> str:
        """The model file."""
        commands = ", ".join(f"put k{i} v{i}" for i in range(1, self.commands + 1))
        return (
            "name: sized\n"
            f"nodes: {{acceptors: {self.acceptors}, leaders: {self.leaders}, replicas: {self.replicas}}}\n"
            f"commands: [{commands}]\n"
            f"bounds: {{slots: {self.slots}, rounds: {self.supply}, window: {self.window}}}\n"
            f"network: {self.network}\n"
        )


#: The shipped model majorities-two-commands.
RAW = Size(3, 2, 1, 1, 1, 2, "at-most-once")
#: The shipped model duel: so small that running it takes what starting up takes.
TINY = Size(1, 2, 1, 1, 1, 1, "at-most-once")
