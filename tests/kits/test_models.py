"""The models beside the kits find what they expect; a process has exactly the states of our roles."""

import shutil
from pathlib import Path

import pytest
from asking import EXAMPLES, NEEDED

from checker import ExitCode, Options, verify
from checker.checking.result import CheckResult
from checker.engines.choose import Means
from checker.engines.contract import UNREDUCED

MODELS = sorted(path.relative_to(EXAMPLES) for path in EXAMPLES.rglob("*.pmmc.yaml"))
ONCE_EACH = Options(Means("native", reductions=UNREDUCED))
#: Unreduced, without --slow: those for which the issue gives times.
QUICK = {"javascript/acceptor", "java/acceptor"}


def has(path: Path) -> None:
    """Skip what is in a language that is not here."""
    program = NEEDED[path.parts[0]]
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} here")


def name_of(path: Path) -> str:
    return path.as_posix().removesuffix(".pmmc.yaml")


def is_slow(path: Path) -> bool:
    """What says so; of the servers all but one; roles, which pass all vectors (test_kits_conform.py)."""
    says_so = "slow: true" in (EXAMPLES / path).read_text(encoding="utf-8")
    return says_so or path.name == "roles.pmmc.yaml" or name_of(path) in {"python/server", "java/server"}


def marked(path: Path, *, slow: bool) -> object:
    return pytest.param(path, id=name_of(path), marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize("path", [marked(path, slow=is_slow(path)) for path in MODELS])
def test_a_model_finds_what_it_expects(kits: Path, path: Path) -> None:
    has(path)
    result = verify(kits / path)
    assert result.expect is not None
    assert result.exit_code is ExitCode.OK, str(result)


@pytest.mark.parametrize("language", ["javascript", "java"])
def test_a_broken_acceptor_has_the_counterexample_of_our_mutant(kits: Path, language: str) -> None:
    folder = kits / language
    model = next(folder.rglob("acceptor-any-ballot.pmmc.yaml"))
    has(model.relative_to(kits))
    theirs = verify(model, ONCE_EACH)
    text = model.read_text(encoding="utf-8").splitlines()
    ours = verify(
        "\n".join(
            "rules: {acceptor: accept-any-ballot}" if line.startswith("implementation:") else line
            for line in text
        ),
        ONCE_EACH,
    )
    assert steps_of(theirs) == steps_of(ours)
    assert len(steps_of(ours)) == 7


def steps_of(result: CheckResult) -> list[str]:
    (violated,) = result.violated()
    return [str(step.transition) for step in result.traces[violated.id].steps]


@pytest.mark.parametrize(
    "path",
    [
        marked(path, slow=name_of(path) not in QUICK)
        for path in MODELS
        if path.name in {"acceptor.pmmc.yaml", "roles.pmmc.yaml"}
    ],
)
def test_the_states_are_those_of_our_roles(kits: Path, path: Path) -> None:
    has(path)
    result = verify(kits / path, ONCE_EACH)
    assert (result.found.states, result.found.depth) == (1_572_457, 26)
    assert result.exit_code is ExitCode.OK, str(result)
