"""The paper around the project: tasks, site, citation, decisions, glossary, templates."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import checker
from checker.data.formats import FORMATS
from checker.host.version import DISTRIBUTION

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ADR = sorted((DOCS / "adr").glob("0*.md"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DATA = [
    *ROOT.glob("*.yml"),
    *ROOT.glob(".*.yaml"),
    *ROOT.glob("*.cff"),
    *(ROOT / ".github").rglob("*.yml"),
]


def text_of(*path: str) -> str:
    return ROOT.joinpath(*path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DATA, ids=lambda path: str(path.relative_to(ROOT)))
def test_data_can_be_read(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


# Tasks ----------------------------------------------------------------------------------------------


def recipes() -> dict[str, str]:
    """The command of each task, as it is in an environment that is entered."""
    found = re.findall(r"^(\w+)(?: \*\w+)?:\n    (.+)$", text_of("justfile"), re.MULTILINE)
    return {name: line.replace(".venv/bin/", "").replace(" {{words}}", "") for name, line in found}


def test_tasks_are_those_of_contributing() -> None:
    listed = re.findall(r"^\| `just (\w+)` \| `(.+)` \|$", text_of("CONTRIBUTING.md"), re.MULTILINE)
    tasks = {name: command for name, command in recipes().items() if not name.startswith("_")}
    assert list(tasks) == ["test", "lint", "types", "fmt", "golden", "bench", "docs", "ci"]
    assert dict(listed) == tasks


def test_every_recipe_is_one_line() -> None:
    assert not re.findall(r"^    .+\n    ", text_of("justfile"), re.MULTILINE)


def test_ci_runs_the_tasks() -> None:
    script = text_of(".ci", "run").replace('"$venv/bin/ruff"', "ruff").replace('"$venv/bin/mypy"', "mypy")
    tasks = recipes()
    assert f"run lint {tasks['lint']}\n" in script
    assert f"run types {tasks['types']}\n" in script
    assert f"run format {tasks['fmt']} --check".replace(" . --check", " --check .") in script
    assert f"'$venv/bin/{tasks['docs'].split()[0]}' {tasks['docs'].split(maxsplit=1)[1]}" in script
    readme = next(line for line in text_of("README.md").splitlines() if line.endswith(tasks["test"]))
    assert readme.startswith("python3 -m venv ")


def test_hooks_before_a_commit_are_tasks() -> None:
    config = yaml.safe_load(text_of(".pre-commit-config.yaml"))
    entries = [
        hook["entry"].replace(".venv/bin/", "") for repo in config["repos"] for hook in repo["hooks"]
    ]
    assert entries == [recipes()["lint"], "ruff format --check .", recipes()["types"]]


def test_github_runs_it_on_every_python_that_is_promised() -> None:
    job = yaml.safe_load(text_of(".github", "workflows", "ci.yml"))["jobs"]["check"]
    promised = [c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert job["strategy"]["matrix"]["python"] == promised
    assert [step["run"] for step in job["steps"] if "run" in step] == [recipes()["ci"]]


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml")), ids=str)
def test_issue_forms_ask_something(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(form)
    ids = [field["id"] for field in form["body"]]
    assert len(ids) == len(set(ids)) > 0
    assert all(field["attributes"]["label"] for field in form["body"])


# Citation and changes -------------------------------------------------------------------------------


def test_the_citation_is_of_this_version_and_of_the_paper() -> None:
    citation = yaml.safe_load(text_of("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert DISTRIBUTION in citation["title"]
    assert [a["name"] for a in citation["authors"]] == [a["name"] for a in PROJECT["authors"]]
    (paper,) = citation["references"]
    assert f"https://doi.org/{paper['doi']}" in text_of("README.md")


def test_the_changelog_is_kept_in_its_form() -> None:
    text = text_of("CHANGELOG.md")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == "Unreleased"
    known = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= known


# The site -------------------------------------------------------------------------------------------


def leaves(nav: object) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    inner = nav.values() if isinstance(nav, dict) else nav
    return [leaf for entry in inner for leaf in leaves(entry)]


def test_every_page_is_in_the_site() -> None:
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    named = leaves(yaml.safe_load(text_of("mkdocs.yml"))["nav"])
    assert len(named) == len(set(named))
    assert set(named) == pages


def test_the_index_leads_to_every_page() -> None:
    pages = {path.name for path in DOCS.glob("*.md")} - {"index.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", text_of("docs", "index.md"))) == pages


def test_the_site_is_built_strictly(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="mkdocs is not installed; .ci/run builds the site")
    build = pytest.importorskip("mkdocs.commands.build").build
    load = pytest.importorskip("mkdocs.config").load_config
    build(load(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path), strict=True))
    page = (tmp_path / "what-a-pass-means" / "index.html").read_text(encoding="utf-8")
    linked = re.findall(r'href="(\.\./repository/[^"]+)"', page)
    assert linked
    assert all((tmp_path / "what-a-pass-means" / link).resolve().is_file() for link in linked)


# Decisions, glossary, stability -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ADR, ids=lambda path: path.stem)
def test_a_decision_has_number_date_and_alternative(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    number, title = re.match(r"# (\d+)\. (.+)\n", text).groups()
    assert path.name.startswith(f"{int(number):04d}-")
    date = re.search(r"^\d{4}-\d\d-\d\d", text, re.MULTILINE)[0]
    row = rf"^\| {number} \| \[{re.escape(title)}\]\({path.name}\)[:;] .+ \| {date} \|$"
    assert re.search(row, text_of("docs", "adr", "index.md"), re.MULTILINE)
    heads = re.findall(r"^\*\*(.+?)\.\*\* ", text, re.MULTILINE)
    assert heads == ["Why", "Decision", "Alternative", "What follows"]


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(path.name[:4]) for path in ADR] == list(range(1, len(ADR) + 1))


def terms() -> list[str]:
    found = re.findall(r"^\| (\w+) \| ", text_of("docs", "glossary.md"), re.MULTILINE)
    return [term for term in found if term != "term"]


def test_every_term_of_the_glossary_is_a_word_of_the_code() -> None:
    rooms = (ROOT / room for room in ("pmmc", "spec", "checker"))
    code = "\n".join(path.read_text(encoding="utf-8") for room in rooms for path in room.rglob("*.py"))
    words = {word.lower() for word in re.findall(r"[A-Za-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", code))}
    assert len(terms()) > 40
    assert [term for term in terms() if not {term, f"{term}s"} & words] == []


def test_a_term_is_defined_once() -> None:
    assert len(terms()) == len(set(terms()))


def test_what_is_said_to_be_stable_is_there() -> None:
    page = text_of("docs", "stability.md")
    (number,) = set(FORMATS.values())
    assert f"changes `format`, which is {number} " in page
    assert checker.__all__
    assert "checker.protocols" in PROJECT["entry-points"]
