"""The architecture as a test: who imports whom, what the protocol may not do, how long a file may be."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("pmmc", "spec", "checker")
#: Room → the rooms it may import.
MAY_IMPORT = {"pmmc": {"pmmc"}, "spec": {"pmmc", "spec", "checker"}, "checker": {"checker"}}
#: The rooms of the checker, floor by floor: a room may import what is below its floor, and itself.
FLOORS = (
    ("host", "model"),
    ("implementations",),
    ("modelfiles", "engines"),
    ("checking",),
    ("traces",),
    (
        *("cluster", "comparison", "conformance", "costs", "explanation", "mutation", "simulation"),
        "validation",
    ),
    ("text",),
    ("data", "graphs"),
    ("drawings",),
    ("ci", "explorer"),
    ("cli",),
    ("testing",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
#: What the protocol may use: nothing that reads, waits, guesses or remembers.
PURE_MODULES = {"collections.abc", "dataclasses", "types", "typing", "enum", "functools", "itertools"}
IMPURE_NAMES = {"open", "print", "input", "exec", "eval", "globals", "setattr", "id", "hash", "__import__"}
#: Lines of a file, and the one file that may have more.
LONGEST = 450
#: Lines of ARCHITECTURE.md: one page, read in five minutes.
PAGE = 82
#: The compiled functions of a search are in one file.
LONGER = {"checker/engines/native/kernel/kernel.py": 600}
#: Compiled code and arrays: only the native engine needs them, and it is loaded when it is chosen.
HEAVY = {"numpy", "numba", "networkx"}

FILES = [
    path.relative_to(ROOT).as_posix() for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))
]
MODULES = {name.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for name in FILES}
every_file = pytest.mark.parametrize("name", FILES)
every_pure_file = pytest.mark.parametrize("name", [name for name in FILES if name.startswith("pmmc/")])


@cache
def tree_of(name: str) -> ast.Module:
    """Parsed when a test wants it: all workers import this file, to know which tests there are."""
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> Iterator[str]:
    """The full names of all modules that are imported, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module or ""


def at_import(tree: ast.Module) -> ast.Module:
    """What runs when the module is imported: no function bodies, nothing for type checkers only."""

    class Outer(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            return None

        def visit_If(self, node: ast.If) -> ast.AST | None:
            is_typing = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            return None if is_typing else node

    return Outer().visit(ast.parse(ast.unparse(tree)))


@every_file
def test_rooms_import_one_way(name: str) -> None:
    rooms = {module.split(".")[0] for module in imports(tree_of(name))} & set(ROOMS)
    assert rooms <= MAY_IMPORT[name.split("/", maxsplit=1)[0]]


def room_of(module: str) -> str:
    """The room of the checker that a module is in; empty for all other modules."""
    parts = module.split(".")
    return parts[1] if parts[0] == "checker" and len(parts) > 1 else ""


@pytest.mark.parametrize(
    "name", [name for name in FILES if name.count("/") > 1 and name.startswith("checker/")]
)
def test_rooms_of_the_checker_import_downwards(name: str) -> None:
    own = room_of(module_of(name))
    others = {room_of(module) for module in imports(tree_of(name))} & set(FLOOR_OF) - {own}
    assert not [other for other in others if FLOOR_OF[other] >= FLOOR_OF[own]]


def test_every_room_has_its_floor() -> None:
    rooms = {name.split("/")[1] for name in FILES if name.startswith("checker/") and name.count("/") > 1}
    assert rooms == set(FLOOR_OF)


def test_the_page_has_the_floors_from_the_top() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert page.count("\n") <= PAGE
    rows = [re.findall(r"\]\(checker/(\w+)\)", row) for row in page.splitlines() if row.startswith("| [")]
    assert [set(row) for row in rows if row] == [set(floor) for floor in reversed(FLOORS)]


def reading_order(package: Path) -> set[str] | None:
    """The modules and packages that a package's docstring names, if it says how the package is read."""
    text = ast.get_docstring(tree_of((package / "__init__.py").relative_to(ROOT).as_posix())) or ""
    return set(re.findall(r"`([\w.]+)`", text)) if "Reading order" in text else None


def test_reading_orders_leave_nothing_out() -> None:
    packages = sorted((ROOT / name).parent for name in FILES if name.endswith("/__init__.py"))
    orders = {package: reading_order(package) for package in packages}
    native = ROOT / "checker" / "engines" / "native"
    left_out = {}
    for package, order in orders.items():
        inside = {p.stem for p in package.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
        if package == native:  # it speaks for its rooms, but for those that have an order of their own
            rooms = [p for p in packages if p.parent == native and orders[p] is None]
            inside |= {p.stem for room in rooms for p in room.glob("*.py")}
            inside -= {room.name for room in rooms if not (room / f"{room.name}.py").exists()}
        if order is not None and (missing := inside - {"__init__", "__main__"} - order):
            left_out[package.relative_to(ROOT).as_posix()] = missing
    assert left_out == {}
    assert sum(order is not None for order in orders.values()) > 10


def module_of(name: str) -> str:
    """The module that a file is."""
    return name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def test_no_modules_import_each_other() -> None:
    modules = {module_of(name): set(imports(tree_of(name))) for name in FILES}
    known = nx.DiGraph((a, b) for a, seen in modules.items() for b in seen & MODULES)
    assert [sorted(c) for c in nx.strongly_connected_components(known) if len(c) > 1] == []


#: Where modules are named in texts, to be imported when they are needed: each a table of its own.
BY_NAME = {
    "checker/__init__.py",
    "checker/cli/registry.py",
    "checker/engines/choose.py",
    "checker/engines/native/kernel/machine.py",
}


def test_modules_are_named_in_few_places() -> None:
    module = re.compile(r"(checker|spec|pmmc)(\.[a-z_]+)+")
    found = set()
    for name in FILES:
        for node in ast.walk(tree_of(name)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                word = module.fullmatch(node.value)
                found |= {name} if word and word[0] in MODULES else set()
    assert found <= BY_NAME


@every_file
def test_nothing_imports_tests_or_benchmarks(name: str) -> None:
    others = {module.split(".")[0] for module in imports(tree_of(name))} & {"tests", "bench", "pytest"}
    assert others <= ({"pytest"} if name.startswith("checker/testing/pytest_") else set())


@every_file
def test_only_the_native_engine_needs_compiled_code(name: str) -> None:
    if not name.startswith("checker/engines/native/"):
        modules = set(imports(at_import(tree_of(name))))
        assert not {module.split(".")[0] for module in modules} & HEAVY
        assert not [module for module in modules if module.startswith("checker.engines.native")]


@pytest.mark.parametrize("module", ["checker.cli", "checker.engines.reference", "spec.protocol"])
def test_is_loaded_without_compiled_code(module: str) -> None:
    script = f"import sys, {module}; print(sorted({HEAVY!r} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@every_pure_file
def test_the_protocol_uses_little_of_python(name: str) -> None:
    tree = tree_of(name)
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    outside = {module for module in modules if module and module.split(".")[0] != "pmmc"}
    assert outside <= PURE_MODULES


@every_pure_file
def test_the_protocol_has_no_effects(name: str) -> None:
    for node in ast.walk(tree_of(name)):
        assert not isinstance(node, ast.Global | ast.Nonlocal | ast.Await | ast.Delete)
        assert not (isinstance(node, ast.Name) and node.id in IMPURE_NAMES), f"line {node.lineno}"
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            assert not any(isinstance(t, ast.Attribute) for t in targets), f"line {node.lineno}"


@every_pure_file
def test_the_protocol_keeps_nothing_that_can_change(name: str) -> None:
    tree = tree_of(name)
    mutable = ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            assert not isinstance(node.value, mutable), f"line {node.lineno}: a constant that can change"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            assert not any(isinstance(d, mutable) for d in defaults), f"{node.name}: mutable default"


@every_pure_file
def test_the_protocol_s_values_are_frozen(name: str) -> None:
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.ClassDef) and not any(
            isinstance(base, ast.Name) and base.id in {"NamedTuple", "Protocol", "Enum"}
            for base in node.bases
        ):
            decorators = [ast.unparse(d) for d in node.decorator_list]
            assert any(d.startswith("dataclass(frozen=True, slots=True") for d in decorators), node.name


@every_file
def test_files_are_short(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").count("\n")
    assert lines <= LONGER.get(name, LONGEST)


@every_file
def test_what_is_public_says_what_it_is(name: str) -> None:
    tree = tree_of(name)
    assert ast.get_docstring(tree), "every module begins with a sentence about it"
    for node in tree.body:
        is_public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        assert not is_public or ast.get_docstring(node), node.name


def texts() -> list[Path]:
    """Every text file of the project."""
    folders = [ROOT / name for name in (*ROOMS, "tests", "examples", "docs", "bench", ".ci")]
    inside = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    beside = [path for path in ROOT.glob("*") if path.suffix in {".md", ".toml"}]
    return [p for p in (*inside, *beside) if "__pycache__" not in p.parts and p.suffix != ".pyc"]


def test_nothing_speaks_of_one_person_s_machine() -> None:
    place = re.compile(r"(?<![\w.<{}])/(?:home|work|tmp|Users|root)/\w|\.\./shared")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if place.search(line) and path != Path(__file__)
    ]
    assert found == []
