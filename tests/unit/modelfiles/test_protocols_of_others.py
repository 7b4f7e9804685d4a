"""Protocols that others write: found one by one, their mistakes located, no claim dropped silently."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, Any

import pytest

from checker.checking.check import check, check_system
from checker.data.check import result_json
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.verdict import ExitCode, Verdict
from checker.model.vocabulary import Member, Role, View
from checker.modelfiles.assembly import system_of
from checker.modelfiles.complaints import Objection, Objections
from checker.modelfiles.fields import Whole
from checker.modelfiles.loading import Faults, load_text
from checker.modelfiles.protocol import Installed, Protocol, Variant
from checker.modelfiles.schema import ModelFile
from checker.text.report import report

HERE = "tests/unit/modelfiles/test_protocols_of_others.py"
ROOT = Path(__file__).parents[3]


class Clocks(ModelFile):
    """A model of clocks."""

    clocks: Annotated[int, Whole(1, 9)] = 1
    """How many there are."""


def tick(bound: int, hours: int) -> Any:
    """Go on by an hour."""
    return ((hours + 1, ()),) if hours < bound else ()


CLOCK = Role("clock", {}, {"tick": tick})


def reads(role: str, name: str = "right", kind: Kind = Kind.STATE) -> dict[str, Property]:
    """A property that looks at nodes of this role and finds nothing wrong."""
    view = View("hours", role, lambda hours: hours)
    return {name: Property(name, kind, "All is right.", "this test", (view,), lambda *_: None)}


def clocks(model: Clocks) -> list[Member]:
    return [Member(f"clock {i}", CLOCK, 2, 0) for i in range(model.clocks)]


def protocol(build: Callable[[Any], Any], properties: dict[str, Property] | None = None) -> Protocol:
    known = reads("clock") if properties is None else properties
    return Protocol("clocks", "", Clocks, build, known, Path("nowhere"), "")


MODEL = "name: two\nprotocol: clocks\nclocks: 2\n"


def load(
    build: Callable[[Any], Any], text: str = MODEL, properties: dict[str, Property] | None = None
) -> Any:
    return load_text(text, "two.yaml", protocols={"clocks": protocol(build, properties)})


def faults(build: Callable[[Any], Any], text: str = MODEL, properties: Any = None) -> list[str]:
    with pytest.raises(Faults) as caught:
        load(build, text, properties)
    return [str(fault).removeprefix("two.yaml:") for fault in caught.value.faults]


def line_of(code: Callable[..., Any], after: int = 0) -> int:
    return code.__code__.co_firstlineno + after


# Builds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [SystemExit(0), RuntimeError("oops"), GeneratorExit(), BaseException("base")]
)
def test_a_build_that_raises_is_a_fault_of_the_file(error: BaseException) -> None:
    def build(_: Any) -> Any:
        raise error

    said = f": {error}" if str(error) else ""
    place = f"({HERE}:{line_of(build, 1)} in build)"
    assert faults(build) == [f"2:11: build of protocol clocks raised {type(error).__name__}{said} {place}"]


def test_a_build_that_makes_two_nodes_of_one_name_is_a_fault_of_the_file() -> None:
    def build(model: Clocks) -> System:
        return system_of(model, [*clocks(model), *clocks(model)], reads("clock"))

    (fault,) = faults(build)
    assert fault.startswith(
        "2:11: build of protocol clocks raised ValueError: two nodes have the name clock 0 ("
    )
    assert f"{HERE}:{line_of(build, 1)} in build" in fault


def test_a_build_that_makes_no_system_is_a_fault_of_the_file() -> None:
    def build(_: Any) -> Any:
        return None

    place = f"({HERE}:{line_of(build)} in build)"
    assert faults(build) == [f"2:11: build of protocol clocks returned nothing, which is no System {place}"]


def test_what_a_build_objects_to_stays_as_it_is() -> None:
    def build(_: Any) -> Any:
        raise Objections([Objection(("clocks",), "they do not agree")])

    assert faults(build) == ["3:9: they do not agree"]


def test_a_build_of_half_a_file_may_raise_without_a_word() -> None:
    def build(model: Clocks) -> Any:
        raise KeyError(model.clocks)

    assert faults(build, MODEL.replace("2\n", "20\n")) == [
        "3:9: expected a whole number from 1 to 9, not 20"
    ]


def test_the_traceback_of_a_build_is_told_if_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(_: Any) -> Any:
        raise RuntimeError("oops")

    monkeypatch.setenv("PMMC_TRACEBACK", "1")
    (fault,) = faults(build)
    assert "Traceback (most recent call last):" in fault
    assert "in build" in fault
    assert "modelfile.py" not in fault


# Roles --------------------------------------------------------------------------------------------------


def building(properties: dict[str, Property], **given: Any) -> Callable[[Clocks], System]:
    return lambda model: system_of(model, clocks(model), properties, **given)


def test_a_misspelt_role_is_refused() -> None:
    known = {**reads("clock", "good"), **reads("clok", "bad")}
    assert faults(building(known), properties=known) == [
        "2:11: property 'bad', view 'hours': unknown role 'clok'; did you mean 'clock'? allowed: clock"
    ]


def test_a_role_that_a_model_does_without_is_told_and_no_failure() -> None:
    known = {**reads("clock", "good"), **reads("bell", "rings"), **reads("bell", "tolls")}
    result = check(load(building(known, roles=("bell", "clock")), properties=known))
    assert result.exit_code is ExitCode.OK
    assert [p.id for p in result.judged.properties] == ["good"]
    assert result_json(result)["not_judged"] == {"rings": "bell", "tolls": "bell"}
    assert "  not judged  rings tolls (no bell takes part)" in report(result, "pmmc check two")


def test_nothing_is_told_of_what_was_not_asked_for() -> None:
    known = {**reads("clock", "good"), **reads("bell", "rings")}
    build = building(known, roles=("bell",))
    assert check(load(build, f"{MODEL}properties: [good]\n", known)).not_judged == {}
    assert faults(build, f"{MODEL}properties: [rings]\n", known) == [
        "4:14: 'rings' reads the role bell, and no bell takes part"
    ]


def test_a_system_of_which_no_role_is_read_is_no_pass() -> None:
    system = building(reads("clock"))(Clocks(name="x"))
    (claim,) = reads("clok").values()
    result = check_system(System("s", system.members, system.network, (claim,)))
    assert (result.verdict, result.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.UNMET)


def test_a_variant_s_claims_are_looked_at_too() -> None:
    known = {**reads("clock", "good"), **reads("clok", "bad")}
    variant = Variant("clock", "odd", "clock", "", "", claims=("bad",))
    build = building(known, variants=[variant], default=["good"])
    (fault,) = faults(build, f"{MODEL}rules: {{clock: odd}}\n", known)
    assert "property 'bad', view 'hours': unknown role 'clok'; did you mean 'clock'?" in fault


# Entry points -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Package:
    """As much of a distribution as is told of."""

    name: str = "their-package"
    version: str = "1.2"


class Point(EntryPoint):
    """An entry point that notes that it was loaded."""

    def load(self) -> Any:
        """What it names."""
        LOADED.append(self.name)
        return super().load()


LOADED: list[str] = []


def point(name: str, value: str) -> EntryPoint:
    made = Point(name, value, "checker.protocols")
    vars(made)["dist"] = Package()
    return made


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python imports from, and the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    LOADED.clear()
    (tmp_path / "theirs_good.py").write_text(GOOD, encoding="utf-8")
    return tmp_path


GOOD = """
from pathlib import Path
from checker import ModelFile, Protocol

A = Protocol("a", "", ModelFile, len, {}, Path(), "")
B = Protocol("b", "", ModelFile, len, {}, Path(), "")
AGAIN = Protocol("a", "", ModelFile, len, {}, Path(), "")
"""
BROKEN = {
    "raise RuntimeError('oops')\n": "raised RuntimeError: oops (theirs_bad.py:1 in <module>)",
    "import sys\nsys.exit(0)\n": "raised SystemExit: 0 (theirs_bad.py:2 in <module>)",
    "x = = 1\n": "raised SyntaxError: invalid syntax (theirs_bad.py:1)",
    "import no_such\n": "ModuleNotFoundError: No module named 'no_such' (theirs_bad.py:1 in <module>)",
    "": "raised AttributeError: module 'theirs_bad' has no attribute 'X'",
    "X = 1\n": "theirs_bad:X is int, not a Protocol",
    "from theirs_good import AGAIN as X\n": "another package has a protocol 'a' too",
}


@pytest.mark.parametrize("text", BROKEN, ids=list(BROKEN.values()))
def test_a_broken_protocol_is_told_and_others_work(plugins: Path, text: str) -> None:
    sys.modules.pop("theirs_bad", None)
    (plugins / "theirs_bad.py").write_text(text, encoding="utf-8")
    told: list[str] = []
    installed = Installed(
        [point("a", "theirs_good:A"), point("bad", "theirs_bad:X"), point("b", "theirs_good:B")],
        told.append,
    )
    assert list(installed) == ["a", "b"]
    (why,) = told
    assert why.startswith("protocol 'bad' of their-package 1.2: ")
    assert BROKEN[text] in why
    with pytest.raises(Faults) as caught:
        load_text("name: x\nprotocol: bad\n", "x.yaml", protocols=installed)
    assert str(caught.value) == f"x.yaml:2:11: {why}"
    with pytest.raises(Faults, match="unknown protocol 'c'; allowed: a, b"):
        load_text("name: x\nprotocol: c\n", "x.yaml", protocols=installed)


@pytest.mark.usefixtures("plugins")
def test_a_protocol_is_loaded_when_it_is_asked_for() -> None:
    installed = Installed([point("a", "theirs_good:A"), point("b", "theirs_good:B")])
    assert installed["b"].name == "b"
    assert LOADED == ["b"]
    assert "a" in installed
    assert "c" not in installed
    assert LOADED == ["b", "a"]


@pytest.mark.usefixtures("plugins")
def test_an_entry_point_may_have_another_name_than_its_protocol() -> None:
    installed = Installed([point("first", "theirs_good:A"), point("second", "theirs_good:B")])
    assert installed["b"].name == "b"
    assert len(installed) == 2


def test_every_command_works_beside_a_broken_package(tmp_path: Path) -> None:
    (tmp_path / "theirs_bad.py").write_text("def broken(:\n", encoding="utf-8")
    info = tmp_path / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[checker.protocols]\nbad = theirs_bad:X\n", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("name: x\nprotocol: bad\n", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])

    def pmmc(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "checker.cli", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    why = "protocol 'bad' of theirs 1.0: loading theirs_bad:X raised SyntaxError: invalid syntax"
    why += " (theirs_bad.py:1)"
    run = pmmc("check", "duel", "--json", "out.json", "-q")
    assert (run.returncode, run.stderr) == (0, f"pmmc: warning: {why}\n")
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["results"][0]["model"] == "duel"
    run = pmmc("check", "bad.yaml")
    assert run.returncode == ExitCode.USAGE
    assert run.stderr.splitlines()[-1] == f"bad.yaml:2:11: {why}"
    run = pmmc("init", "--protocol", "bad")
    assert run.returncode == ExitCode.USAGE
    assert run.stderr.splitlines()[-1] == f"pmmc: --protocol: {why}"
