"""Vectors as files: written whole or not at all, read only as they were written."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from suites import TWO, asked, loaded, suite_of

from checker.conformance import folder
from checker.conformance.folder import FolderFault
from checker.conformance.rules import Rules
from checker.conformance.schema import schema_of
from checker.conformance.suite import NoVectors, Suite


def write(place: Path, suite: Suite | None = None) -> None:
    folder.write(place, suite or suite_of(TWO), schema_of(Rules(loaded(TWO)).wire))


@pytest.fixture
def there(tmp_path: Path) -> Path:
    write(tmp_path / "vectors")
    return tmp_path / "vectors"


def said(place: Path) -> str:
    with pytest.raises(FolderFault) as caught:
        folder.read(place)
    return str(caught.value)


def test_what_is_read_is_what_was_written(there: Path) -> None:
    found = folder.read(there)
    assert (found.vectors, found.runs) == (suite_of(TWO).vectors, suite_of(TWO).runs)
    assert {one.name for one in there.iterdir()} == {
        "manifest.json",
        "schema.json",
        "runs.jsonl",
        "acceptor.jsonl",
        "leader.jsonl",
        "replica.jsonl",
    }
    assert [*there.parent.iterdir()] == [there], "nothing is left beside it"


def test_each_line_is_one_value_and_the_manifest_counts_them(there: Path) -> None:
    manifest = json.loads((there / "manifest.json").read_text(encoding="utf-8"))
    for role, told in manifest["roles"].items():
        lines = (there / f"{role}.jsonl").read_text(encoding="utf-8").splitlines()
        assert len(lines) == told["vectors"]
        assert all(set(json.loads(line)) == {"request", "answer", "run"} for line in lines)
    assert len((there / "runs.jsonl").read_text(encoding="utf-8").splitlines()) == manifest["runs"]


def test_vectors_that_were_there_are_replaced_and_nothing_else_is(there: Path, tmp_path: Path) -> None:
    less = replace(suite_of(TWO), vectors=suite_of(TWO).vectors[:5])
    counted = {role: {"vectors": sum(v.role == role for v in less.vectors)} for role in less.roles}
    less = replace(less, manifest={**less.manifest, "roles": counted})
    write(there, less)
    assert len(folder.read(there).vectors) == 5
    (there / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderFault, match="holds something else than vectors"):
        write(there)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FolderFault, match="it is no folder"):
        write(tmp_path / "file")
    with pytest.raises(FolderFault, match="there is no folder"):
        write(tmp_path / "absent" / "vectors")
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty")
    assert len(folder.read(tmp_path / "empty").vectors) == len(suite_of(TWO).vectors)


@pytest.mark.parametrize("fails", ["write_new", "_put"])
def test_what_ends_writing_leaves_what_was_there(
    there: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    calls = []

    def fail(*_: Any) -> None:
        calls.append(1)
        raise OSError(28, "No space left on device") if fails == "write_new" else KeyboardInterrupt

    monkeypatch.setattr(folder, fails, fail)
    with pytest.raises((FolderFault, KeyboardInterrupt)):
        write(there)
    assert calls
    assert len(folder.read(there).vectors) == len(suite_of(TWO).vectors)
    assert [*there.parent.iterdir()] == [there]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def edit(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    def edited(path: Path) -> None:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        change(manifest)
        path.write_text(json.dumps(manifest), encoding="utf-8")

    return edited


@pytest.mark.parametrize(
    ("name", "harm", "expected"),
    [
        ("acceptor.jsonl", cut, "acceptor.jsonl: it is not as it was written"),
        ("runs.jsonl", Path.unlink, "runs.jsonl: cannot be read: No such file"),
        ("manifest.json", cut, "manifest.json: no JSON"),
        ("manifest.json", Path.unlink, "manifest.json: cannot be read: No such file"),
        ("manifest.json", edit(lambda m: m.pop("kind")), "not the manifest of vectors that pmmc wrote"),
        ("manifest.json", edit(lambda m: m.update(format=7)), "format 7; this version reads 1: write the"),
        (
            "manifest.json",
            edit(lambda m: m.update(line_protocol=2)),
            "line_protocol 2; this version reads 1",
        ),
        ("manifest.json", edit(lambda m: m.update(model=3)), "nothing under 'model' that can be used"),
        ("manifest.json", edit(lambda m: m.update(files={})), "nothing under 'files' of acceptor.jsonl"),
        ("manifest.json", edit(lambda m: m["files"].update(x=1)), "nothing under 'files' that can be used"),
        (
            "manifest.json",
            edit(lambda m: m["files"].update({"../x": {"bytes": 1, "sha256": ""}})),
            "nothing under 'files' that can be used",
        ),
    ],
)
def test_what_is_not_as_it_was_written_is_refused(
    there: Path, name: str, harm: Callable[[Path], Any], expected: str
) -> None:
    harm(there / name)
    assert expected in said(there)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("runs.jsonl", '{"run":1,"after":1,"step":0}'),
        ("runs.jsonl", '{"run":1,"after":0,"step":-1}'),
        (
            "acceptor.jsonl",
            '{"request":{"do":"init","id":1,"node":"acceptor 0"},"answer":{"id":2},"run":0}',
        ),
        (
            "acceptor.jsonl",
            '{"request":{"do":"init","id":1,"node":"acceptor 0"},"answer":{"id":1},"run":-1}',
        ),
        (
            "acceptor.jsonl",
            '{"request":{"do":"sing","id":1,"node":"acceptor 0"},"answer":{"id":1},"run":0}',
        ),
        ("acceptor.jsonl", "[]"),
    ],
)
def test_what_was_forged_is_refused(there: Path, name: str, line: str) -> None:
    lines = (there / name).read_text(encoding="utf-8").splitlines()
    data = "".join(f"{one}\n" for one in [lines[0], line]).encode()
    (there / name).write_bytes(data)
    told = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    edit(lambda manifest: manifest["files"].update({name: told}))(there / "manifest.json")
    assert "no vectors of format 1" in said(there)


def test_a_vector_less_than_the_manifest_counts_is_no_whole_suite(there: Path) -> None:
    """Even with the right hash: what a pass means rests on all of them."""
    path, manifest = there / "acceptor.jsonl", there / "manifest.json"
    path.write_text(
        "".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8"
    )
    data, told = path.read_bytes(), json.loads(manifest.read_text(encoding="utf-8"))
    told["files"][path.name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest.write_text(json.dumps(told), encoding="utf-8")
    assert "18 vectors, and the manifest counts 19" in said(there)


def test_all_files_that_are_not_whole_are_told_at_once(there: Path) -> None:
    for name in ("acceptor.jsonl", "leader.jsonl"):
        cut(there / name)
    assert len(said(there).splitlines()) == 2


def test_vectors_of_other_rules_are_stale() -> None:
    suite = suite_of(TWO)
    first = next(v for v in suite.vectors if v.request["do"] == "step")
    other = first._replace(answer={**first.answer, "steps": []})
    stale = replace(suite, vectors=tuple(other if v is first else v for v in suite.vectors))
    with pytest.raises(NoVectors, match=r"stale: version .* 1 of 73 are others; the first is vector"):
        asked(stale, Rules(loaded(TWO)))


def test_a_config_that_this_version_makes_otherwise_is_stale() -> None:
    suite = suite_of(TWO)
    config = {**suite.manifest["config"], "window": 3}
    with pytest.raises(NoVectors, match="stale"):
        asked(replace(suite, manifest={**suite.manifest, "config": config}), Rules(loaded(TWO)))
