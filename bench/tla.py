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
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.claims import FORMULAS, Claim, Judged, constants
from bench.measure import ROOT, Measured, RunError, run
from bench.sizes import Size

TWIN = ROOT / "spec" / "twins" / "tla" / "PMMC.tla"
RUNS = TWIN.with_name("Runs.tla")
EXPERT = TWIN.with_name("Expert.tla")
COLLECTION = TWIN.with_name("Collection.tla")
RECONFIGURATION = TWIN.with_name("Reconfiguration.tla")
#: The variable that holds the command of TLC.
VARIABLE = "PMMC_TLC"

INVARIANTS = (
    *("A2State", "A4", "A5", "C1", "C2", "UniqueBallots"),
    *("R1", "R2", "Validity", "ExactlyOnce", "PrefixAgreement"),
)
#: What is claimed as well when configurations change.
RECONFIGURED = ("RC1", "RC2", "RC3", "RC4", "RC5", "RC6")
#: What is claimed as well where garbage is collected, and what is not.
COLLECTED, COLLECTED_STEPS = ("R2Transferred", "GC1", "GC3", "GC4", "GC5", "GC8", "Forgotten"), ("GC2",)
GIVEN_UP = ("A3", "R2")
#: Properties of two states.
STEPS = ("A1", "A2", "A3", "R4", "R5")

_VERSION = re.compile(r"TLC2 Version (.+)")
_COUNTS = re.compile(r"(\d+) states generated, (\d+) distinct states found, 0 states left")
_DEPTH = re.compile(r"depth of the complete state graph search is (\d+)")
_CLEAN = "No error has been found"
_CLAIM_VIOLATED = "Temporal property .+ was violated|Temporal properties were violated"
_LAST, _BACK = re.compile(r"^State (\d+):", re.MULTILINE), re.compile(r"^Back to state (\d+)", re.MULTILINE)
_STAYS = re.compile(r"^State \d+: Stuttering", re.MULTILINE)
#: TLC's exit code for a temporal property that is violated.
_LIVENESS = 13


def configuration(size: Size, *, properties: bool = True) -> str:
    """The configuration file for TLC: the twin with the bounds and the network of a model."""
    spec = "CollectingSpec" if size.rule else "Spec"
    lines = [f"SPECIFICATION {spec}", *_bounds(size), *_replaced(size), "CHECK_DEADLOCK FALSE"]
    if properties:
        lines += _claims(size)
    return "\n".join(lines) + "\n"


def runs_configuration(claim: Claim) -> str:
    """The configuration file for TLC: what a claim about runs assumes, and the claim."""
    lines = ["SPECIFICATION Runs", *_bounds(claim.size), *constants(claim), "CHECK_DEADLOCK FALSE"]
    lines += [f"INVARIANTS {' '.join(INVARIANTS)}", f"PROPERTIES {FORMULAS[claim.key]}"]
    return "\n".join(lines) + "\n"


def _claims(size: Size) -> list[str]:
    states, steps, given_up = [*INVARIANTS], [*STEPS], ()
    if size.configurations:
        states += RECONFIGURED
    if size.rule:
        states, steps, given_up = [*states, *COLLECTED], [*steps, *COLLECTED_STEPS], GIVEN_UP
    return [
        f"INVARIANTS {' '.join(claim for claim in states if claim not in given_up)}",
        f"PROPERTIES {' '.join(claim for claim in steps if claim not in given_up)}",
    ]


def _bounds(size: Size) -> list[str]:
    return [
        "CONSTANTS",
        f"  Acceptors = {_values('a', size.acceptors)}",
        f"  NumLeaders = {size.leaders}",
        f"  Replicas = {_values('r', size.replicas)}",
        f"  Commands = {_values('c', size.commands)}",
        f"  Reconfigurations = {_set(f'k{k}' for k in size.reconfigurations)}",
        f"  Configurations = {_set(map(_set, _configurations(size)))}",
        f"  Slots = {size.slots}",
        f"  Rounds = {size.rounds}",
        f"  Spread = {size.spread}",
        f"  Window = {size.window}",
        f'  Network = "{size.network}"',
    ]


def _replaced(size: Size) -> list[str]:
    """By whom what is collected, and what the properties read there instead."""
    if not size.rule:
        return []
    part, _, name = size.rule.partition(": ")
    policy = name if part == "collection" else "none"
    return [
        f'  Policy = "{policy}"',
        "  Votes <- CollectedVotes",
        "  Learned <- ForgottenLearned",
        "  Performed <- ForgottenPerformed",
    ]


def _configurations(size: Size) -> Iterator[list[str]]:
    for k, (leaders, acceptors) in enumerate(size.members()):
        change = [f"k{k}"] if k in size.reconfigurations else []
        yield [*map(str, leaders), *(f"a{i}" for i in acceptors), *change]


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
    return _set(f"{letter}{i}" for i in range(count))


def _set(members: Iterable[str]) -> str:
    return f"{{{', '.join(members)}}}"


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
        module = COLLECTION if size.rule else RECONFIGURATION if size.configurations else TWIN
        return self.explore(module, configuration(size, properties=properties), workers)

    def explore(self, module: Path, text: str, workers: int) -> Answer:
        """Explore a module under a configuration. Raises RunError if TLC does not end well."""
        cost = self._run(module, text, workers)
        if _CLEAN not in cost.output:
            raise RunError(f"TLC has not found all well:\n{cost.output[-1500:]}")
        return _answer(cost)

    def judge(self, claim: Claim, workers: int) -> tuple[Judged, Answer]:
        """What TLC says of a claim about runs once it knows all states. Raises RunError if it does not."""
        text = runs_configuration(claim)
        cost = self._run(RUNS, text, workers, "-lncheck", "final", codes=(0, _LIVENESS))
        answer = _answer(cost)
        if _CLEAN in cost.output:
            return Judged(answer.states, answer.depth), answer
        if not re.search(_CLAIM_VIOLATED, cost.output):
            raise RunError(f"TLC says neither that the claim holds nor that not:\n{cost.output[-1500:]}")
        way, loop = _lasso(cost.output)
        return Judged(answer.states, answer.depth, way, loop), answer

    def _run(
        self, module: Path, text: str, workers: int, *options: str, codes: Collection[int] = (0,)
    ) -> Measured:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for each in module.parent.glob("*.tla"):
                shutil.copy(each, folder)
            (folder / "model.cfg").write_text(text, encoding="utf-8")
            told = ("-workers", str(workers), "-config", "model.cfg", *options)
            return run((*self.command, *told, module.name), folder=folder, codes=codes)


def _answer(cost: Measured) -> Answer:
    version, counts = _VERSION.search(cost.output), _COUNTS.search(cost.output)
    depth = _DEPTH.search(cost.output)
    if version is None or counts is None or depth is None:
        raise RunError(f"TLC has not explored everything:\n{cost.output[-1500:]}")
    return Answer(version[1].strip(), int(counts[2]), int(counts[1]), int(depth[1]), cost)


def _lasso(output: str) -> tuple[int, int | None]:
    """Steps of the way in and of the cycle of TLC's counterexample; no cycle if it stays where it is."""
    last, back = int(_LAST.findall(output)[-1]), _BACK.search(output)
    if _STAYS.search(output):
        return last - 2, None
    if back is None:
        raise RunError(f"TLC's counterexample neither repeats nor stays:\n{output[-1500:]}")
    return int(back[1]) - 1, last - int(back[1]) + 1


def find_tlc(given: str | None) -> Tlc | None:
    """The TLC that was asked for, on the command line or in the environment; None if none was."""
    text = given or os.environ.get(VARIABLE)
    if not text:
        return None
    words: Sequence[str] = shlex.split(text)
    return Tlc(tuple(words)) if shutil.which(words[0]) else None
