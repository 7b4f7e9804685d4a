"""The kernels mean the same however they are run, and what is kept of them is never stale."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest

from checker.engines.native.kernel import machine
from checker.engines.native.kernel.machine import FORMS, StaleForm

ROOT = Path(__file__).parents[3]

#: Prints all that native searches of some small models find, and whether numba was needed.
EXPLORE = """
import sys
from checker.engines.contract import UNREDUCED, Limits, Reductions
from checker.modelfiles.loading import load
from checker.engines.native import tuning
from checker.engines.native.engine import explore
from spec.protocol import PMMC
small = dict(few=4, alone=0, outbox=64)
usual = ("duel", "two-replicas", "fifo-loss", "commander-as-printed", "accept-any-ballot")
in_order = ("duel", "two-replicas", "majorities-keep-highest")
for name, ordered in (*((name, False) for name in usual), *((name, True) for name in in_order)):
    tuning.USUAL = tuning.Tuning(**small, **(dict(ordered=0, steps=0, spared=0) if ordered else {}))
    system = load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).system
    for reductions in (Reductions(),) if ordered else (UNREDUCED, Reductions()):
        for workers in (1, 2):
            found = explore(system, Limits(max_depth=9), reductions=reductions, workers=workers)
            decided = [(d.property, d.path) for d in (*found.violations, *found.witnesses)]
            assert (found.followed < found.generated) == ordered, name
            print(name, found.states, found.depth, found.generated, found.terminal, found.cut, decided)
            print(found.followed)
print("numba" in sys.modules, file=sys.stderr)
"""


def start(**environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", EXPLORE],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out, err.strip()


@pytest.fixture(scope="module")
def usual() -> str:
    machine.kernels()
    return finish(start())[0]


@pytest.mark.parametrize(
    "switch",
    # plain Python checks bounds too, but those that are negative
    ["NUMBA_DISABLE_JIT", pytest.param("NUMBA_BOUNDSCHECK", marks=pytest.mark.slow)],
)
def test_plain_python_and_checked_bounds_find_the_same(switch: str, usual: str) -> None:
    assert finish(start(**{switch: "1"}))[0] == usual


def test_what_is_kept_is_loaded_without_numba(usual: str) -> None:
    assert finish(start()) == (usual, "False")


@pytest.mark.slow
def test_two_processes_may_compile_at_once(tmp_path: Path, usual: str) -> None:
    folder = tmp_path / "deep" / "down"
    both = [start(PMMC_CACHE_DIR=str(folder)) for _ in range(2)]
    assert [finish(process)[0] for process in both] == [usual, usual]
    kept = {f"kernels-{machine.fingerprint()}-{part}.json" for part in (machine.SEARCH, machine.ORDERING)}
    assert {path.name for path in folder.iterdir()} == kept
    assert finish(start(PMMC_CACHE_DIR=str(folder))) == (usual, "False")


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path, usual: str) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    out, err = finish(start(PMMC_CACHE_DIR=str(file)))
    assert out == usual
    assert err.startswith("compiling the kernels, for this run: put_posts expand ")


def test_all_that_kernels_are_written_in_is_a_source() -> None:
    here = Path(machine.__file__).parent
    others = {path.name for path in here.glob("*.py")} - set(machine._SOURCES)
    assert others == {"__init__.py", "keeping.py"}


def test_the_name_depends_on_sources_and_versions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = {machine.fingerprint()}
    here = Path(machine.__file__).parent
    for name in machine._SOURCES:
        (tmp_path / name).write_bytes((here / name).read_bytes())
    monkeypatch.setattr(machine, "__file__", str(tmp_path / "machine.py"))
    assert machine.fingerprint() in known
    for name in machine._SOURCES:
        with (tmp_path / name).open("ab") as file:
            file.write(b"\n")
        known.add(machine.fingerprint())
    monkeypatch.setattr(machine.metadata, "version", lambda name: f"{name} of tomorrow")
    known.add(machine.fingerprint())
    monkeypatch.setattr(machine.llvm, "get_host_cpu_name", lambda: "another")
    known.add(machine.fingerprint())
    assert len(known) == len(machine._SOURCES) + 3


def form_of(kind: Any) -> Any:
    """The form of an argument that is annotated so; of arrays the element type only."""
    if kind in (int, bool):
        return "i"
    if hasattr(kind, "_fields"):
        return tuple(map(form_of, get_type_hints(kind).values()))
    return np.dtype(get_args(get_args(kind)[1])[0]).str[1:]


def without_dimensions(form: Any) -> Any:
    return tuple(map(without_dimensions, form)) if isinstance(form, tuple) else form[:2]


@pytest.mark.parametrize("name", FORMS)
def test_the_forms_of_a_kernel_are_what_its_annotations_say(name: str) -> None:
    function = machine.written(name)
    hints = get_type_hints(getattr(function, "py_func", function))
    hints.pop("return")
    assert tuple(map(form_of, hints.values())) == without_dimensions(FORMS[name])


def test_a_call_of_a_kernel_is_checked_against_the_kernel() -> None:
    """What type checkers are told of `machine` are the kernels, with nothing in between."""
    tree = ast.parse(Path(machine.__file__).read_text(encoding="utf-8"))
    told = [
        (node.module, alias)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in machine.MODULES.values()
        for alias in node.names
    ]
    assert {(module, alias.name) for module, alias in told} == {
        (machine.written(name).__module__, name) for name in FORMS
    }
    assert not [alias for _, alias in told if alias.asname]


def test_arrays_of_another_type_are_refused() -> None:
    with pytest.raises(StaleForm, match="reinsert: expected u8, got int32"):
        machine.kernels()["reinsert"](np.zeros(4, np.int32), 4, np.zeros(8, np.uint64))
    with pytest.raises(StaleForm):
        machine.kernels()["reinsert"](np.zeros(8, np.uint64)[::2], 4, np.zeros(8, np.uint64))
