"""From a model of ours to a configuration of its TLA+ twin, and TLC's answer to it.

TLC is not part of this project: it is run if a command for it is given (`--tlc`, or the variable
PMMC_TLC), for example `java -cp tla2tools.jar tlc2.TLC`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure import ROOT, Measured, RunError, run
from bench.sizes import Size

TWIN = ROOT / "spec" / "twins" / "tla" / "PMMC.tla"
EXPERT = TWIN.with_name("Expert.tla")
#: The variable that holds the command of TLC.
VARIABLE = "PMMC_TLC"

INVARIANTS = (
    *("A2State", "A4", "A5", "C1", "C2", "UniqueBallots"),
    *("R1", "R2", "Validity", "ExactlyOnce", "PrefixAgreement"),
)
#: Properties of two states.
STEPS = ("A1", "A2", "A3", "R4", "R5")

_VERSION = re.compile(r"TLC2 Version (.+)")
_COUNTS = re.compile(r"(\d+) states generated, (\d+) distinct states found, 0 states left")
_DEPTH = re.compile(r"depth of the complete state graph search is (\d+)")
_CLEAN = "No error has been found"


def configuration(size: Size, *, properties: bool = True) -> str:
    """The configuration file for TLC: the twin with the bounds and the network of a model."""
    lines = [
        "SPECIFICATION Spec",
        "CONSTANTS",
        f"  Acceptors = {_values('a', size.acceptors)}",
        f"  NumLeaders = {size.leaders}",
        f"  Replicas = {_values('r', size.replicas)}",
        f"  Commands = {_values('c', size.commands)}",
        f"  Slots = {size.slots}",
        f"  Rounds = {size.rounds}",
        f"  Window = {size.window}",
        f'  Network = "{size.network}"',
        "CHECK_DEADLOCK FALSE",
    ]
    if properties:
        lines += [f"INVARIANTS {' '.join(INVARIANTS)}", f"PROPERTIES {' '.join(STEPS)}"]
    return "\n".join(lines) + "\n"


def expert_configuration(size: Size) -> str:
    """The configuration file for the expert's version: acceptors and commands are symmetry sets."""
    lines = [
        "SPECIFICATION Spec",
        "SYMMETRY Symmetry",
        "CONSTANTS",
        f"  Acceptors = {_values('a', size.acceptors)}",
        f"  NumLeaders = {size.leaders}",
        f"  Commands = {_values('c', size.commands)}",
        f"  Slots = {size.slots}",
        f"  Rounds = {size.rounds}",
        "CHECK_DEADLOCK FALSE",
        "INVARIANTS Agreement A4 A5",
    ]
    return "\n".join(lines) + "\n"


def _values(letter: str, count: int) -> str:
    return f"{{{', '.join(f'{letter}{i}' for i in range(count))}}}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What TLC found: exact counts, the depth (the initial state being level 1), and its cost."""

    version: str
    states: int
    generated: int
    depth: int
    cost: Measured


@dataclass(frozen=True, slots=True)
class Tlc:
    """A TLC that can be run, by its command."""

    command: tuple[str, ...]

    def check(self, size: Size, *, workers: int, properties: bool = True) -> Answer:
        """Explore a model of the twin. Raises RunError if TLC does not end well."""
        return self.explore(TWIN, configuration(size, properties=properties), workers)

    def explore(self, module: Path, text: str, workers: int) -> Answer:
        """Explore a module under a configuration. Raises RunError if TLC does not end well."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            shutil.copy(module, folder)
            (folder / "model.cfg").write_text(text, encoding="utf-8")
            words = (*self.command, "-workers", str(workers), "-config", "model.cfg", module.name)
            cost = run(words, folder=folder)
        version, counts = _VERSION.search(cost.output), _COUNTS.search(cost.output)
        depth = _DEPTH.search(cost.output)
        if version is None or counts is None or depth is None or _CLEAN not in cost.output:
            raise RunError(f"TLC has not explored everything:\n{cost.output[-1500:]}")
        generated, states = int(counts[1]), int(counts[2])
        return Answer(version[1].strip(), states, generated, int(depth[1]), cost)


def find_tlc(given: str | None) -> Tlc | None:
    """The TLC that was asked for, on the command line or in the environment; None if none was."""
    text = given or os.environ.get(VARIABLE)
    if not text:
        return None
    words: Sequence[str] = shlex.split(text)
    return Tlc(tuple(words)) if shutil.which(words[0]) else None
