"""A checkpoint that is damaged, or of something else, is refused; never is a count wrong for it."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from checkpointed import asked, in_turns, told

from checker.checking.check import check
from checker.checking.question import Question
from checker.checking.result import CheckResult
from checker.cli.models import load_one
from checker.engines import checkpoint
from checker.engines.checkpoint import Keeping
from checker.engines.choose import Means
from checker.engines.contract import Limits
from checker.engines.native.checkpoints.files import Files
from checker.engines.native.checkpoints.resuming import Resuming
from checker.model.verdict import ExitCode

PMMC = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "kept"
    asked("can-still-decide", folder=folder, limits=Limits(max_depth=9), every=0)
    return folder


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refused(result: CheckResult) -> str:
    assert result.exit_code is ExitCode.USAGE
    assert result.found.failed is not None
    return result.found.failed.reason


def test_what_is_kept(kept: Path) -> None:
    assert [name.split("-")[0] for name in files(kept)] == ["journal", "keys", "manifest.json", "tally"]


@pytest.mark.parametrize("which", range(4))
@pytest.mark.parametrize("at", [0, 0.3, 0.7, 1])
def test_a_byte_that_was_flipped(which: int, at: float, kept: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(kept, folder)
    path = folder / files(kept)[which]
    data = bytearray(path.read_bytes())
    place = min(int(at * len(data)), len(data) - 2)
    data[place] ^= 0x04
    path.write_bytes(data)
    again = asked("can-still-decide", folder=folder)
    if again.found.failed is None:  # as white space between words of the manifest
        assert path.name == "manifest.json"
        assert told(again) == told(asked("can-still-decide"))
    else:
        assert str(folder) in refused(again)


@pytest.mark.parametrize("which", range(4))
@pytest.mark.parametrize("left", [0, 0.5, 0.99])
def test_a_file_that_was_cut_off(which: int, left: float, kept: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(kept, folder)
    path = folder / files(kept)[which]
    path.write_bytes(path.read_bytes()[: int(left * path.stat().st_size)])
    assert "damaged" in refused(asked("can-still-decide", folder=folder))


def test_files_that_are_missing_are_named_at_once(kept: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(kept, folder)
    missing = [name for name in files(kept) if name != "manifest.json"]
    for name in missing:
        (folder / name).unlink()
    reason = refused(asked("can-still-decide", folder=folder))
    assert all(f"{name}: damaged: the file is missing" in reason for name in missing)


def test_what_is_behind_the_part_that_counts_does_no_harm(kept: Path, tmp_path: Path) -> None:
    """As if it was killed when it had appended to every file, and the manifest was yet to be written."""
    folder = tmp_path / "copy"
    shutil.copytree(kept, folder)
    for name in files(kept):
        if name != "manifest.json":
            with (folder / name).open("ab") as file:
                file.write(b"12345")
    (folder / "keys-99-0.words").write_bytes(b"half")
    (folder / ".0123456789abcdef.tmp").write_bytes(b"half")
    assert told(asked("can-still-decide", folder=folder)) == told(asked("can-still-decide"))
    assert not (folder / "keys-99-0.words").exists()
    assert not (folder / ".0123456789abcdef.tmp").exists()


def test_other_questions_are_refused_with_all_that_differs(kept: Path) -> None:
    loaded = load_one("can-still-decide")
    means = Means("native", checkpoints=Keeping(kept, resume=True))
    system = replace(loaded.system, properties=loaded.system.properties[:1])
    other = replace(loaded, system=system)
    reason = refused(check(other, Question(means, Limits(past_violations=True))))
    assert "properties: " in reason
    assert "past violations: no in the checkpoint, yes now" in reason


@pytest.mark.parametrize("limit", [1, 8])
def test_fewer_levels_than_it_has_are_refused(limit: int, kept: Path) -> None:
    reason = refused(asked("can-still-decide", folder=kept, limits=Limits(max_depth=limit)))
    assert f"{kept} is of 9 levels, more than the limit of {limit}" in reason


def test_as_many_levels_as_it_has_are_told_as_by_a_check_of_so_many(kept: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(kept, folder)
    so_many = Limits(max_depth=9)
    again = asked("can-still-decide", folder=folder, limits=so_many)
    assert told(again) == told(asked("can-still-decide", limits=so_many))


def test_one_that_is_through_has_no_level_that_a_limit_could_keep_away(tmp_path: Path) -> None:
    whole = asked("fifo", folder=tmp_path)
    assert told(asked("fifo", folder=tmp_path, limits=Limits(max_depth=1))) == told(whole)


def test_another_version_and_another_form(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "own_version", lambda: "0.0.7")
    assert "version: " in refused(asked("can-still-decide", folder=kept))
    monkeypatch.setattr(checkpoint, "FORMAT", "pmmc-checkpoint/2")
    assert "this version reads pmmc-checkpoint/2" in refused(asked("can-still-decide", folder=kept))


def test_other_rules_are_told_by_the_first_step_that_differs(kept: Path) -> None:
    loaded = load_one("can-still-decide")
    members = list(loaded.system.members)
    for k, member in enumerate(members):
        if member.role.name != "acceptor":
            continue
        rules = dict(member.role.rules)
        kind, rule = next(iter(rules.items()))
        rules[kind] = lambda context, state, message, _rule=rule: ()
        members[k] = replace(member, role=replace(member.role, rules=rules))
    other = replace(loaded, system=replace(loaded.system, members=tuple(members)))
    means = Means("native", checkpoints=Keeping(kept, resume=True))
    reason = refused(check(other, Question(means)))
    assert reason.startswith("the rules are not those of the checkpoint: what acceptor 0 makes of ")


def test_another_check_is_at_work_there(kept: Path) -> None:
    other = Files(kept)
    other.lock()
    try:
        assert "another check is at work there" in refused(asked("can-still-decide", folder=kept))
    finally:
        other.close()


def test_a_folder_is_not_written_over(kept: Path) -> None:
    means = Means("native", checkpoints=Keeping(kept))
    assert "holds a checkpoint" in refused(check(load_one("can-still-decide"), Question(means)))


def test_a_checkpoint_that_is_whole_is_not_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something comes between when it was just written, and what is there cannot be read right now."""
    files = Files(tmp_path)
    files.append("keys.words", [np.arange(3)])
    files.commit(["keys.words"], {"serial": 1})
    before = files.counting()
    files.append("keys.words", [np.arange(4)])
    files.commit(["keys.words"], {"serial": 2})
    with monkeypatch.context() as patch:
        patch.setattr(Files, "manifest", Files(tmp_path / "elsewhere").manifest)
        files.restore(before)
    there = Files(tmp_path)
    there.verify(there.manifest()["files"])
    files.restore(before)
    there.verify(there.manifest()["files"])
    assert there.size("keys.words") == 7 * 8


def test_a_way_back_that_is_interrupted_tells_what_is_kept(kept: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(kept, folder)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Resuming, "enter", interrupted)
        found = asked("can-still-decide", folder=folder).found
    assert (found.interrupted, found.stopped) == (True, "interrupted")
    assert found.kept is not None
    assert (found.kept.level, found.kept.resumed) == (8, None)
    assert told(asked("can-still-decide", folder=folder)) == told(asked("can-still-decide"))


# On the command line -----------------------------------------------------------------------------------


def test_going_on_needs_no_other_word(pmmc: PMMC, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    code, out, _ = pmmc("check", "fifo", "--no-fusion", "--max-depth", "9", "--checkpoint", kept)
    assert code == ExitCode.INCONCLUSIVE
    assert f"to go on: pmmc check --resume {kept}" in " ".join(out.split())
    code, out, _ = pmmc("check", "--resume", kept)
    assert code == 0
    assert "gone on from depth 8" in out


def test_several_models_have_a_folder_each(pmmc: PMMC, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    code, *_ = pmmc("check", "two-acceptors", "fifo", "--max-states", "300", "--checkpoint", kept)
    assert code == ExitCode.INCONCLUSIVE
    code, out, _ = pmmc("check", "--resume", kept)
    assert code == 0
    assert "2 models, all as expected" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["duel"], "another check than it was then"),
        (["--network", "lossy", "--no-symmetry"], "reductions off: none in the checkpoint, symmetry now"),
        (["--network", "lossy", "--no-symmetry"], "network: fifo in the checkpoint, lossy now"),
        (["fifo", "duel"], "it is of 1 models, and 2 are named"),
        (["--cluster"], "--resume does not go with --cluster: checkpoints are kept on one machine"),
        (["--engine", "reference"], "the reference engine keeps no checkpoints"),
        (["--update"], "does not go with --update"),
    ],
)
def test_others_are_refused(words: list[str], says: str, pmmc: PMMC, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    pmmc("check", "fifo", "--max-depth", "3", "--checkpoint", kept)
    code, _, err = pmmc("check", *words, "--resume", kept)
    assert code == ExitCode.USAGE
    assert says in err


def test_a_refused_option_leaves_nothing_behind(pmmc: PMMC, tmp_path: Path) -> None:
    code, _, err = pmmc("check", "fifo", "--checkpoint", str(tmp_path / "kept"), "--cluster")
    assert code == ExitCode.USAGE
    assert "--checkpoint does not go with --cluster" in err
    assert not list(tmp_path.rglob("*.json"))


def test_what_is_no_folder_of_checkpoints(pmmc: PMMC, tmp_path: Path) -> None:
    code, _, err = pmmc("check", "--resume", str(tmp_path))
    assert code == ExitCode.USAGE
    assert "check.json is missing" in err
    kept = str(tmp_path / "kept")
    pmmc("check", "fifo", "--max-depth", "3", "--checkpoint", kept)
    code, _, err = pmmc("check", "fifo", "--checkpoint", kept)
    assert code == ExitCode.USAGE
    assert "holds checkpoints" in err


def test_one_after_the_other(tmp_path: Path) -> None:
    assert in_turns("fifo", tmp_path, [2, 2, 2], [1]).found.kept is not None
