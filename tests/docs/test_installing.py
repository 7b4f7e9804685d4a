"""What pages, workflows and templates say of installing is so, and nothing says to install `pmmc`.

On PyPI `pmmc` is another project; this one is `pmmc-checker`.
"""

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from cleanroom import ROOT, CleanRoom

from checker.host.version import DISTRIBUTION

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# ([\w./-]+\.\w+)\n")
WORKFLOW = ROOT / "checker" / "ci" / "workflow.yml"
SPOKEN = {".md", ".py", ".yml", ".yaml", ".toml", ".cff", ".html", ""}


class Project(NamedTuple):
    """A project that a page prints: its pyproject.toml, and its files by path."""

    page: str
    about: str
    files: dict[str, str]

    @property
    def package(self) -> str:
        """The package that its entry point is in."""
        (offered,) = tomllib.loads(self.about)["project"]["entry-points"]["checker.protocols"].values()
        return re.split(r"[.:]", offered)[0]

    def write(self, folder: Path) -> Path:
        for name, text in {"pyproject.toml": self.about, **self.files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder


def projects() -> list[Project]:
    found = []
    for page in PAGES:
        bodies = [body for _, body in FENCE.findall(page.read_text(encoding="utf-8"))]
        named = [(name[1], body) for body in bodies if (name := NAMED.match(body))]
        for about in (body for name, body in named if name == "pyproject.toml"):
            project = Project(page.name, about, {})
            files = {name: body for name, body in named if name.startswith(f"{project.package}/")}
            found.append(project._replace(files=files))
    return found


every_project = pytest.mark.parametrize("project", projects(), ids=lambda p: f"{p.page}-{p.package}")


@every_project
def test_a_project_of_a_page_installs_with_its_models(
    project: Project, tmp_path: Path, furnished: CleanRoom
) -> None:
    """Not editable, and looked at from elsewhere: what is not in the wheel is not there."""
    room = CleanRoom(tmp_path / "room", furnished)
    folder = project.write(tmp_path / "project")
    room.well("pip install --quiet .", folder)
    shutil.rmtree(folder)
    listed = json.loads(room.well("pmmc models --json", tmp_path))["models"]
    shipped = {yaml.safe_load(text)["name"] for name, text in project.files.items() if "/models/" in name}
    assert shipped
    assert shipped <= {model["name"] for model in listed}


@every_project
def test_a_project_of_a_page_depends_on_what_it_uses(project: Project) -> None:
    assert DISTRIBUTION in tomllib.loads(project.about)["project"].get("dependencies", ())


def test_the_workflow_runs_on_a_machine_where_nothing_is_installed(tmp_path: Path) -> None:
    project = next(p for p in projects() if p.page == "ci.md")
    folder = project.write(tmp_path / "project")
    room = CleanRoom(tmp_path / "room")
    assert room("pmmc models", folder)[1] == 127, "there is no pmmc before it is installed"
    room.well(f"pip wheel --quiet --no-deps --wheel-dir vendor {ROOT}", folder)
    steps = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["check"]["steps"]
    install, check = (step["run"] for step in steps if "run" in step)
    room.well(install, folder)
    room.well(check.replace("models ", f"{project.package}/models ", 1), folder)
    cached = next(
        step["with"]["cache-dependency-path"] for step in steps if "cache" in step.get("with", {})
    )
    assert list(folder.glob(cached)), "setup-python fails if nothing matches"


def test_the_page_installs_as_the_workflow_does() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    steps = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["check"]["steps"]
    install = next(step["run"] for step in steps if step.get("name") == "Install")
    quiet = install.replace("pip install", "$ pip install --quiet")
    assert quiet.replace("-e .", "-e '.[test]'") in page  # who works on it has what its tests need, too


#: Names of what is to be installed: after `pip install` or in a list of dependencies.
INSTALLED = re.compile(r"pip3? (?:install|download|wheel)\b([^\n`#&|]*)")
DEPENDENCIES = re.compile(r"^\s*(?:dependencies|requires|test|docs) = \[(.*?)\]", re.MULTILINE | re.DOTALL)


def requirements(text: str) -> list[str]:
    """The words of a text that name distributions, quotes and extras left out; paths are none."""
    words = [word for found in INSTALLED.findall(text) for word in found.split()]
    words += [word for found in DEPENDENCIES.findall(text) for word in re.findall(r'"([^"]*)"', found)]
    return [re.split(r"[\[<>=~! @;,.)]", word.strip("\"'"))[0] for word in words]


def test_nothing_tells_anybody_to_install_another_project() -> None:
    spoken = [
        path
        for path in ROOT.rglob("*")
        if path.suffix in SPOKEN
        and path.is_file()
        and not any(part.startswith((".venv", ".pytest_cache")) or part == ".git" for part in path.parts)
    ]
    assert WORKFLOW in spoken
    wrong = [path for path in spoken if "pmmc" in requirements(path.read_text("utf-8", "replace"))]
    assert [path for path in wrong if path != Path(__file__)] == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("pip install pmmc", True),
        ("`pip install pmmc`", True),
        ("pip install 'pmmc[test]>=0.1'", True),
        ('dependencies = ["pmmc"]', True),
        ('dependencies = [\n  "yaml",\n  "pmmc>=1",\n]', True),
        ("pip install pmmc-checker", False),
        ("pip install ./pmmc", False),
        ("pip install . && pmmc check", False),
    ],
)
def test_what_names_the_other_project(text: str, *, named: bool) -> None:
    assert ("pmmc" in requirements(text)) is named
