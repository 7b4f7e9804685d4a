"""The pages that `pmmc check --html` and `pmmc replay --html` write."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from checker.cli import main

BROKEN = """
name: broken
nodes: {acceptors: 1, leaders: 2, replicas: 2}
commands: [put k1 v1, put k2 v2]
bounds: {slots: 1, rounds: 1}
network: at-most-once
rules: {acceptor: accept-any-ballot}
properties: [R1]
sometimes: [slot-decided]
"""
#: Violated after few steps, which it does not expect.
SHORT = """
name: short
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
network: at-most-once
properties: [one-active-leader]
"""

Run = Callable[..., tuple[int, str, str]]


class Page(HTMLParser):
    """Tags that must be closed, ids, and everything that a browser would fetch."""

    VOID = frozenset({"meta", "input", "br", "line", "rect", "circle", "path", "polygon"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.ids: list[str] = []
        self.data: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.fetched += [named[name] or "" for name in ("src", "href", "xlink:href") if name in named]
        self.ids += [named["id"] or ""] if "id" in named else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script" and data.startswith("{"):
            self.data.append(data)


@pytest.fixture
def run(pmmc: Run, tmp_path: Path) -> Run:
    """One command in a folder of its own: exit code, stdout, stderr."""
    (tmp_path / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    return pmmc


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page of a check that found something, and the trace of that."""
    folder = tmp_path_factory.mktemp("checked")
    (folder / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    files = ("--html", str(folder / "broken.html"), "--trace-dir", str(folder / "out"))
    main(["check", str(folder / "broken.yaml"), "--engine", "reference", "-q", *files])
    return folder


@pytest.fixture(scope="module")
def broken(checked: Path) -> str:
    return (checked / "broken.html").read_text(encoding="utf-8")


@pytest.fixture
def page(run: Run, tmp_path: Path) -> Callable[..., str]:
    def make(*words: str) -> str:
        run("check", *words, "--engine", "reference", "--html", "report.html", "-q")
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return make


@pytest.fixture
def replayed(run: Run, tmp_path: Path) -> Callable[..., str]:
    def make(*words: str) -> str:
        run("replay", *words, "--html", "trace.html")
        return (tmp_path / "trace.html").read_text(encoding="utf-8")

    return make


def test_needs_nothing_from_anywhere(page: Callable[..., str]) -> None:
    text = page("one-active-leader", "duel")
    assert "http:" not in text
    assert "https:" not in text
    assert "@import" not in text
    assert "url(" not in text
    read = Page(text)
    assert read.open == []
    assert set(read.fetched) == {"#result-0", "#result-1"}
    assert len(set(read.ids)) == len(read.ids)


def test_has_every_state_of_the_counterexample(broken: str) -> None:
    data, goal = map(json.loads, Page(broken).data)
    assert len(data["states"]) == len(data["steps"]) == len(data["changes"]) == len(data["pictures"]) == 15
    assert len(goal["states"]) < 15
    shown = [dict(data["cells"][place]) for place in data["states"][-1]]
    last: dict[str, dict[str, str]] = dict(zip(data["nodes"], shown, strict=True))
    assert last["replica 0"]["decisions"] == "{⟨1, put k1 v1⟩, ⟨1, put k2 v2⟩}"
    assert data["steps"][:2] == ["initial state", "acceptor 0  p1a(leader 0, ballot 0.0)"]


def test_has_what_each_step_changes(broken: str) -> None:
    data, _ = map(json.loads, Page(broken).data)
    assert data["changes"][0] == []
    first, *_ = data["changes"][1]
    taken = ["inbox", ["− p1a(leader 0, ballot 0.0)"]]
    assert first == [data["nodes"].index("acceptor 0"), [["ballot", ["⊥ → 0.0"]], taken]]
    (node, decided), *_ = data["changes"][-1]
    assert data["nodes"][node] == "replica 0"
    assert ["decisions", ["+ ⟨1, put k2 v2⟩"]] in decided


def test_has_the_pictures_of_every_moment(broken: str) -> None:
    data, _ = map(json.loads, Page(broken).data)
    pictures = ["".join(data["pieces"][place] for place in places) for places in data["pictures"]]
    assert pictures[-1] in broken
    assert "conflict" in pictures[-1]
    assert "conflict" not in pictures[3]
    assert all(Page(picture).open == [] for picture in pictures)


def test_has_the_story_of_what_is_violated(broken: str) -> None:
    told = "".join(re.findall(r'<p class="story">(.*)</p>', broken))
    steps = {int(step) for said in re.findall(r'data-steps="(.*?)"', told) for step in said.split()}
    assert steps == set(range(1, 15))
    assert "slot 1 is decided as put k1 v1 at replica 0 and as put k2 v2 at replica 0" in told


def test_tells_the_verdict_of_each_model_and_unfolds_what_is_not_as_expected(
    page: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "short.yaml").write_text(SHORT, encoding="utf-8")
    text = page("short.yaml", "duel", "one-active-leader")
    badges = re.findall(r'<span class="badge (\w+)">([\w ]+)</span>', text)
    violated, verified, as_expected = ("bad", "VIOLATED"), ("good", "VERIFIED"), ("good", "as expected")
    assert badges == [violated, verified, as_expected, violated, as_expected]
    assert re.findall(r'<details class="result"(.*?)>', text) == [" open", "", ""]
    assert text.count('class="pmmc growth"') == 3


def test_draws_how_goals_are_reached(page: Callable[..., str]) -> None:
    reached = re.findall(r'<details class="trace"(.*?)>\s<summary><h2>([\w-]+) is reached', page("duel"))
    names = ("slot-decided", "leader-preempted", "two-leaders-active", "all-performed")
    assert reached == [("", name) for name in names]


def test_says_that_a_goal_is_not_reached(page: Callable[..., str]) -> None:
    text = page("broken.yaml", "--max-states", "3")
    assert '<p class="goal"><b>slot-decided</b> is not yet reached' in text


def test_names_from_a_model_file_are_text(page: Callable[..., str], tmp_path: Path) -> None:
    hostile = SHORT.replace("name: short", "name: \"<script>alert('x')</script>\"")
    (tmp_path / "hostile.yaml").write_text(hostile, encoding="utf-8")
    text = page("hostile.yaml")
    assert "<script>alert" not in text
    assert Page(text).open == []


# A trace that was replayed ------------------------------------------------------------------------------


def test_a_trace_file_shows_its_claim(checked: Path, replayed: Callable[..., str]) -> None:
    text = replayed(str(checked / "out" / "broken" / "R1.itf.json"))
    assert '<h1><span class="badge bad">VIOLATED</span>' in text
    assert "<h2>R1 is violated" in text
    assert "every step and state is as it was" in text
    assert Page(text).open == []


def test_a_path_claims_nothing(replayed: Callable[..., str]) -> None:
    text = replayed("duel", "--path", "0/0")
    assert '<h1><span class="badge good">REPLAYED</span>duel</h1>' in text
    assert "<h2>What happens" in text
    assert "<h3>What caused what</h3>" in text


def test_a_page_ends_where_the_trace_departs(replayed: Callable[..., str]) -> None:
    text = replayed("duel", "--path", "0/99")
    assert '<span class="badge warn">DEPARTED</span>duel' in text
    assert "step 2: there is no step 99" in text
    assert len(json.loads(Page(text).data[0])["states"]) == 2


def test_a_page_goes_to_stdout_and_the_text_elsewhere(run: Run) -> None:
    code, out, err = run("replay", "duel", "--path", "0", "--html", "-")
    assert code == 0
    assert Page(out).open == []
    assert err.startswith("REPLAYED")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("duel", "--path", "0", "--html", "no/trace.html"), "there is no folder"),
        (("duel", "--path", "0", "--html", "x.html", "--at", "1"), "--html has every step"),
        (("broken.yaml", "--path", "0", "--html", "broken.yaml"), "broken.yaml, which is read"),
    ],
)
def test_what_cannot_be_written_is_said_at_once(run: Run, words: tuple[str, ...], complaint: str) -> None:
    code, out, err = run("replay", *words)
    assert (code, out) == (2, "")
    assert complaint in err
