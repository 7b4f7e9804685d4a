"""What README, ARCHITECTURE and docs/ say is so: commands, outputs, tables, links.

`PMMC_UPDATE_GOLDEN=1` writes outputs and tables anew; read the difference before you commit it.
"""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from checker.cli.grammar.parser import parser
from checker.model.verdict import ExitCode
from checker.modelfiles.loading import load, load_text
from spec.properties import PROPERTIES
from spec.properties.tempting import TEMPTING
from spec.protocol import PMMC
from spec.replicated_log.protocol import REPLICATED_LOG

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
#: Pages whose every block is run, in a folder of its own, by test_docs_blocks.py: their commands may
#: name files and models that the page itself makes.
RUN = {"traces.md", "ci.md", "tutorial.md", "writing.md", "one-file.md", "what-a-pass-means.md"}
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
pages_not_run = pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name not in RUN], ids=lambda page: page.name
)

#: What differs from run to run and from machine to machine.
EVENED = (
    (re.compile(r"\b\d+\.\d\d? s\b"), "0.00 s"),
    (re.compile(r", [\d,]+ states/s"), ""),
    (re.compile(r"pmmc \d\S*, Python [\d.]+\w*"), "pmmc VERSION, Python VERSION"),
    (re.compile(r"^  statistics .*\n(?: {14}.*\n)*", re.MULTILINE), ""),
    (re.compile(r"\S*\bspec/models/"), "spec/models/"),
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(pmmc [^`]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
#: What those who meant it do about a difference.
UPDATE = (
    "PMMC_UPDATE_GOLDEN=1 pytest -n 0 tests/docs/test_readme.py writes README anew; read the difference"
)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, *languages: str) -> list[str]:
    return [body for language, body in FENCE.findall(text_of(page)) if language in languages]


def even(text: str) -> str:
    for pattern, evened in EVENED:
        text = pattern.sub(evened, text)
    return text


@cache
def pmmc(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "checker.cli", *arguments],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"},
        check=False,
    )


def updated(write: Callable[[str], str]) -> None:
    """Let `write` make a new README of the old one, if that is asked for."""
    if os.environ.get("PMMC_UPDATE_GOLDEN"):
        README.write_text(write(text_of(README)), encoding="utf-8")


def commands(page: Path) -> Iterator[str]:
    """Every pmmc command of a page, in blocks and in sentences."""
    for body in blocks(page, "sh", "console", "bash"):
        for line in body.splitlines():
            for part in re.split(r"&&|\|\|?|;", line.split("#")[0]):
                words = part.removeprefix("$ ").strip().removeprefix(".venv/bin/")
                if words.startswith("pmmc "):
                    yield words
    prose = FENCE.sub("", text_of(page))
    yield from (found.split("|")[0].replace("[MODEL…]", "MODEL") for found in INLINE.findall(prose))


SHOWN = [body.splitlines()[0].removeprefix("$ ") for body in blocks(README, "console")]


@pytest.mark.parametrize("command", SHOWN)
def test_shows_what_is_printed(command: str) -> None:
    program, *arguments = shlex.split(command)
    assert program == "pmmc"
    actual = f"$ {command}\n{pmmc(*arguments).stdout}"
    shown = next(body for body in blocks(README, "console") if body.startswith(f"$ {command}\n"))
    updated(lambda text: text.replace(f"```console\n{shown}```", f"```console\n{actual}```"))
    assert even(shown) == even(actual), UPDATE


@pytest.mark.parametrize("command", SHOWN)
def test_shows_the_same_for_any_number_of_workers(command: str) -> None:
    arguments = shlex.split(command)[1:]
    usual = even(pmmc(*arguments).stdout)
    for count in ("1", "3"):
        shown = even(pmmc(*arguments, "--workers", count).stdout)
        assert shown.count(f" --workers {count} ") == 1, "the command that checks it again says how many"
        assert shown.replace(f" --workers {count} ", " ") == usual


def test_the_first_command_installs_and_ends_well() -> None:
    line, _ = set_up()
    assert line == "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/pmmc check"
    run = pmmc("check", "--protocol", "pmmc")  # as in a new environment, whatever is installed in this one
    assert re.search(r"^\d+ models, all as expected, ", run.stdout, re.MULTILINE), run.stdout
    assert run.returncode == ExitCode.OK


def test_the_second_command_installs_and_runs_the_tests() -> None:
    _, line = set_up()
    assert line == "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest"
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    assert "pytest" in {re.split(r"\W", need)[0] for need in project["optional-dependencies"]["test"]}


def set_up() -> list[str]:
    lines = text_of(README).splitlines()
    return [line for line in lines if line.startswith("python3 -m venv ")]


def test_ci_runs_the_command_of_this_page() -> None:
    script = text_of(ROOT / ".ci" / "run")
    found = re.search(r"grep -E '([^']+)' README\.md", script)
    assert found is not None
    taken = [line for line in text_of(README).splitlines() if re.search(found[1], line)]
    assert taken == set_up()[1:]


def parses(words: list[str]) -> bool:
    try:
        parser().parse_args(words)
    except SystemExit as ended:
        return ended.code == 0
    return True


@pages_not_run
def test_commands_are_commands(page: Path) -> None:
    for command in commands(page):
        words = shlex.split(command)[1:]
        assert parses(words) or parses([*words, "1"]), f"{command}: in prose an option may lack its value"


@pages_not_run
def test_models_that_are_named_exist(page: Path) -> None:
    shipped = {path.stem for own in (PMMC, REPLICATED_LOG) for path in own.model_files()}
    for body in blocks(page, "sh", "console"):
        for name in re.findall(r"pmmc check ([a-z][\w-]*)(?=\s|$)", body):
            assert name in shipped


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    prose = FENCE.sub("", text_of(page))
    targets = [target for target in LINK.findall(prose) if "://" not in target]
    targets += re.findall(r"`((?:pmmc|spec|checker|tests|docs|bench)/[\w/.-]*)`", prose)
    missing = [t for t in targets if not (page.parent / t).exists() and not (ROOT / t).exists()]
    assert missing == []


def rows(page: Path) -> list[tuple[str, str]]:
    """The table of exit codes."""
    return re.findall(r"^\| (\d+) \| (.+) \|$", text_of(page), re.MULTILINE)


def test_exit_codes() -> None:
    assert [int(code) for code, _ in rows(README)] == sorted(ExitCode)
    assert rows(README) == rows(ROOT / "docs" / "json.md")


def property_table() -> str:
    lines = ["| id | kind | meaning | source |", "|---|---|---|---|"]
    lines += [f"| `{p.id}` | {p.kind.value} | {p.meaning} | {p.source} |" for p in PROPERTIES.values()]
    return "\n".join(lines)


def test_properties() -> None:
    between = re.compile(r"(?<=<!-- properties:begin -->\n).*?(?=<!-- properties:end -->)", re.DOTALL)
    updated(lambda text: between.sub(lambda _: property_table() + "\n", text))
    found = between.search(text_of(README))
    assert found is not None
    assert found[0].strip() == property_table(), UPDATE


def test_false_statements_have_their_models() -> None:
    """ "The last four are false": in this order, each with a model of its name and a note."""
    false = [p.id for p in TEMPTING]
    assert list(PROPERTIES)[-4:] == false
    for name in false:
        expect = load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).model.expect
        assert expect is not None
        assert (expect.verdict.value, expect.property) == ("violated", name)


def test_the_first_check_covers_what_is_said() -> None:
    expect = load(PMMC.models / "majorities-two-commands.yaml", protocols={"pmmc": PMMC}).model.expect
    assert expect is not None
    assert expect.reduced is not None
    sentence = re.sub(r"\s+", " ", text_of(README))
    assert f"The first check covers {expect.states:,} states;" in sentence
    assert f"leave {expect.reduced.states:,} of them" in sentence


@pytest.mark.parametrize("text", blocks(README, "yaml"))
def test_the_model_file_is_one(text: str) -> None:
    load_text(text, "README.md", protocols={"pmmc": PMMC})
    run = pmmc("check", "-", stdin=text)
    assert run.returncode == ExitCode.OK, run.stdout + run.stderr


def test_there_is_a_place_for_the_measurements() -> None:
    assert re.search(
        r"^## How fast\n\n<!-- bench:begin -->\n.*<!-- bench:end -->$",
        text_of(README),
        re.MULTILINE | re.DOTALL,
    )
