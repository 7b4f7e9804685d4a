"""The kits' PMMC in each language passes all vectors of the full contest; acceptors with a bug do not."""

from pathlib import Path

import pytest

from checker.conformance.making import make
from checker.conformance.suite import Suite
from checker.modelfiles.loading import load
from checker.testing.conformance import assert_conforms
from spec.protocol import PMMC

#: What plays all roles of PMMC, by the language.
ROLES = {
    "python": ["python3", "python/roles.py"],
    "javascript": ["node", "javascript/roles.js"],
    "java": ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", "java/build", "Roles"],
}
#: An acceptor that accepts in any ballot.
WRONG = {
    "javascript": ["node", "javascript/bugs/acceptor-any-ballot.js"],
    "java": [*ROLES["java"][:-1], "AcceptorAnyBallot"],
}


@pytest.fixture(scope="module")
def suite() -> Suite:
    path = next(path for path in PMMC.model_files() if path.stem == "majorities-two-commands")
    return make(load(path, protocols={"pmmc": PMMC}))


@pytest.fixture(autouse=True)
def _there(kits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(kits)


def test_all_vectors_of_all_roles_are_passed(language: str, suite: Suite) -> None:
    outcome = assert_conforms(ROLES[language], suite)
    assert outcome.passed == {"acceptor": 81, "leader": 592, "replica": 15}


def test_an_acceptor_that_accepts_in_any_ballot_differs(language: str, suite: Suite) -> None:
    if language not in WRONG:
        pytest.skip(f"there is no such acceptor in {language}")
    with pytest.raises(AssertionError) as caught:
        assert_conforms(WRONG[language], suite, roles=["acceptor"])
    report = str(caught.value)
    assert report.startswith("DIFFERS  36 of 81 vectors")
    assert "differs     state.accepted: ⟨0.0, 1, put k1 v1⟩ is too much" in report
    assert "path        2/5/3/4/4/4" in report
