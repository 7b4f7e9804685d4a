"""Models of the protocol by their sizes: no clients, crashes or given beginnings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Size:
    """How many of everything, and which network.

    With 0 rounds there is no end to them, and `spread` is how far apart they may be in one state.
    `configurations` are (leaders, acceptors) of each, and together all that there are; without them there
    is one. `reconfigurations` are those to which somebody wants to change, by number. `rule` is a variant
    as a model file names it, such as `collection: all`.
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
    configurations: tuple[tuple[int, int], ...] = ()
    reconfigurations: tuple[int, ...] = ()
    rule: str = ""

    def members(self) -> Iterator[tuple[range, range]]:
        """Leaders and acceptors of each configuration, numbered through."""
        sizes = self.configurations or ((self.leaders, self.acceptors),)
        yield from zip(*(_numbered(each) for each in zip(*sizes, strict=True)), strict=True)

    @property
    def supply(self) -> str:
        """The bound on rounds, for showing and for model files."""
        return str(self.rounds) if self.rounds else f"endless, spread: {self.spread}"

    def __str__(self) -> str:
        told = [
            f"{self.acceptors} acceptors, {self.leaders} leaders, {self.replicas} replicas",
            f"{self.slots} slots, rounds: {self.supply}, {self.commands} commands, {self.network}",
            *(f"reconfigure {k}" for k in self.reconfigurations),
        ]
        return ", ".join([*told, self.rule] if self.rule else told)

    def yaml(self) -> str:
        """The model file."""
        commands = [f"put k{i} v{i}" for i in range(1, self.commands + 1)]
        commands += [f"reconfigure {k}" for k in self.reconfigurations]
        return (
            "name: sized\n"
            f"{self._nodes()}"
            f"commands: [{', '.join(commands)}]\n"
            f"bounds: {{slots: {self.slots}, rounds: {self.supply}, window: {self.window}}}\n"
            f"network: {self.network}\n"
            f"rules: {{{self.rule}}}\n"
        )

    def _nodes(self) -> str:
        if not self.configurations:
            return (
                f"nodes: {{acceptors: {self.acceptors}, leaders: {self.leaders}, "
                f"replicas: {self.replicas}}}\n"
            )
        each = ", ".join(f"{{leaders: {k}, acceptors: {a}}}" for k, a in self.configurations)
        return f"nodes: {{replicas: {self.replicas}}}\nconfigurations: [{each}]\n"


def _numbered(sizes: tuple[int, ...]) -> list[range]:
    """As many numbers as each size says, each number once."""
    return [range(end - size, end) for size, end in zip(sizes, accumulate(sizes), strict=True)]


#: The shipped model majorities-two-commands.
RAW = Size(3, 2, 1, 1, 1, 2, "at-most-once")
#: The shipped model duel: so small that running it takes what starting up takes.
TINY = Size(1, 2, 1, 1, 1, 1, "at-most-once")
