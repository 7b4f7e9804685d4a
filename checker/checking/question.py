"""What a check is asked, as one value, and as the words of a command line that say it.

The grammar of the command line reads these words back to the same value (`checker.cli.overrides`), so what
is printed to reproduce a check is the check, and nothing that is carried along has to be parsed again.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from checker.engines.choose import Means
from checker.engines.contract import Limits
from checker.model.behaviour import path_word
from checker.model.network import Network
from checker.model.processes import roles_of
from checker.model.properties import Property
from checker.model.system import System
from checker.modelfiles.complaints import Objections

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel

#: How a command line names the model that it reads from stdin.
STDIN = "-"
#: Units of `--memory`, the largest first.
_UNITS = (("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10))


@dataclass(frozen=True, slots=True)
class Question:
    """What a check is asked beside, or instead of, what its model file says.

    `network` and `properties` replace the model's own (None: keep them). `means` say with what to explore,
    `limits` where to give up.
    """

    means: Means = field(default_factory=Means)
    limits: Limits = field(default_factory=Limits)
    network: Network | None = None
    properties: tuple[Property, ...] | None = None

    def apply(self, system: System) -> System:
        """The system that the check is about: the model's, with what is asked instead."""
        if self.network is not None:
            system = replace(system, network=self.network)
        if self.properties is not None:
            system = replace(system, properties=self.properties, not_judged={})
        return system

    def of_model(self, loaded: LoadedModel) -> System:
        """The system that a check of a model is about.

        Some properties are judged by nodes that are there only if a model claims them, such as observers of
        histories. If one of these is asked the system is built as if the file had claimed what is asked.
        """
        present = roles_of(loaded.system.members)
        asked = self.properties or ()
        if all(view.role in present for claim in asked for view in claim.views):
            return self.apply(loaded.system)
        names = [claim.id for claim in asked if claim.id in loaded.protocol.properties]
        claiming = loaded.model.model_copy(update={"properties": names, "expect": None})
        try:
            return self.apply(loaded.protocol.build(claiming))
        except Objections:
            return self.apply(
                loaded.system
            )  # that there is nothing to judge it by is for the result to say

    def another(self) -> str | None:
        """In words, what makes this another question than the model file's; None if nothing does."""
        changed = (("--network", self.network), ("--property", self.properties))
        given = [name for name, value in changed if value is not None]
        return f"{' and '.join(given)} given" if given else None

    def words(self) -> tuple[str, ...]:
        """The options of `pmmc check` that say all this; what is as usual needs none.

        Not said is what the command line cannot ask: `max_generated`, and no properties at all; nor where
        checkpoints are kept, which changes nothing of what is found.
        """
        means, limits, reductions = self.means, self.limits, self.means.reductions
        off = (f.name for f in fields(reductions) if not getattr(reductions, f.name))
        return (
            *(option("engine", means.engine) if means.engine != Means().engine else ()),
            *option("workers", means.workers),
            *_cluster(means.cluster),
            *(f"--no-{name}" for name in off),
            *option("disk", None if means.disk is None else str(means.disk)),
            *self.instead(),
            *option("max-states", limits.max_states),
            *option("max-depth", limits.max_depth),
            *option("timeout", limits.timeout),
            *option("memory", None if limits.memory is None else _size(limits.memory)),
            *(("--continue",) if limits.past_violations else ()),
        )

    def instead(self) -> tuple[str, ...]:
        """The options that say what is asked instead of what the model file says, alike in all commands."""
        named = [word for claim in self.properties or () for word in option("property", claim.id)]
        return (*option("network", None if self.network is None else self.network.name), *named)

    def reproduce(self, model: Sequence[str]) -> str:
        """The command that does the check again; `model` are the words that name the model."""
        return shlex.join(("pmmc", "check", *model, *self.words()))

    def replay(self, model: Sequence[str], path: tuple[int, ...] | None, loop: int | None = None) -> str:
        """The command that takes the steps of a path of the system that was checked.

        Of a run without end those after the first `loop` repeat.
        """
        way = () if path is None else (*option("loop", loop), "--path", path_word(path))
        return shlex.join(("pmmc", "replay", *model, *self.instead(), *way))


#: Its public name: what a caller asks of `verify` and its like.
Options = Question


def replay_file(file: Sequence[str]) -> str:
    """The command that replays a trace file, which says what was asked; `file` may go with options."""
    return shlex.join(("pmmc", "replay", *file))


def option(name: str, value: str | float | None) -> Iterator[str]:
    """An option and its value as words of a command line; none if there is no value."""
    if value is None:
        return
    text = _number(value) if isinstance(value, float) else str(value)
    if text.startswith("-"):  # as a word of its own it would be taken for an option
        yield f"--{name}={text}"
    else:
        yield from (f"--{name}", text)


def _cluster(address: str | None) -> tuple[str, ...]:
    """The words that ask for a cluster; an address is a part of the word, a model that follows none."""
    if address is None:
        return ()
    return (f"--cluster={address}",) if address else ("--cluster",)


def _number(value: float) -> str:
    """The shortest text that is read as this number."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def _size(size: int) -> str:
    """So many bytes, in the largest unit that leaves no rest."""
    return next((f"{size // one}{unit}" for unit, one in _UNITS if size % one == 0), str(size))
