"""SPIN as a peer: exact search of the Promela model, if `spin` and a C compiler are on the path."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure import ROOT, Measured, RunError, run

MODEL = ROOT / "spec" / "twins" / "promela" / "pmmc.pml"

_STATES = re.compile(r"^\s*([\d.e+]+) states, stored", re.MULTILINE)
_STEPS = re.compile(r"^\s*([\d.e+]+) transitions \(= stored\+matched\)", re.MULTILINE)
_VECTOR = re.compile(r"State-vector (\d+) byte")
_ERRORS = re.compile(r"errors: (\d+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verifier made by SPIN found: stored states, transitions, bytes of a state vector, cost."""

    states: int
    transitions: int
    vector: int
    cost: Measured


@dataclass(frozen=True, slots=True)
class Spin:
    """An installed SPIN with the C compiler it needs."""

    version: str
    compiler: str

    def verify(self, define: Sequence[str], compile_with: Sequence[str], options: Sequence[str]) -> Answer:
        """Make a verifier, compile it with -O2 and run it; only its run is measured. Raises RunError."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            run(["spin", *(f"-D{d}" for d in define), "-a", str(MODEL)], folder=folder)
            run(["gcc", "-O2", "-w", *compile_with, "-o", "pan", "pan.c"], folder=folder)
            cost = run(["./pan", *options], folder=folder)
        found = [pattern.search(cost.output) for pattern in (_STATES, _STEPS, _VECTOR, _ERRORS)]
        if None in found or found[3][1] != "0" or "max search depth too small" in cost.output:  # type: ignore[index]
            raise RunError(f"SPIN has not explored everything:\n{cost.output[-1500:]}")
        states, steps, vector = (int(float(match[1])) for match in found[:3] if match)
        return Answer(states, steps, vector, cost)


def find_spin() -> Spin | None:
    """The SPIN on this machine, if it, a C compiler and our Promela model are there."""
    if shutil.which("spin") is None or shutil.which("gcc") is None or not MODEL.exists():
        return None
    version = run(["spin", "-V"]).output.strip().removeprefix("Spin Version ")
    compiler = run(["gcc", "--version"]).output.splitlines()[0]
    return Spin(version, compiler)
