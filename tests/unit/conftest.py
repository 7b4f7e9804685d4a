"""Strategies for the values of PMMC: a test asks Hypothesis for a `Ballot` or a `PValue` by its type.

The pools are small on purpose: laws break where values collide. The modules in `support` can
be imported.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from checker.cli import main
from pmmc.ballots import Ballot
from pmmc.kv import Append, Get, Put
from pmmc.values import Command, Node, Proposal, PValue

sys.path.insert(0, str(Path(__file__).parent / "support"))

KEYS = st.sampled_from("ab")
WORDS = st.sampled_from("uvw")
SLOTS = st.integers(1, 4)

st.register_type_strategy(Put, st.builds(Put, KEYS, WORDS))
st.register_type_strategy(Get, st.builds(Get, KEYS))
st.register_type_strategy(Append, st.builds(Append, KEYS, WORDS))
st.register_type_strategy(Node, st.builds(Node, st.just("client"), st.integers(0, 2)))
st.register_type_strategy(Ballot, st.builds(Ballot, st.integers(0, 3), st.integers(0, 2)))
st.register_type_strategy(
    Command,
    st.builds(Command, st.from_type(Node), st.integers(1, 2), st.from_type(Put | Get | Append)),
)
st.register_type_strategy(Proposal, st.builds(Proposal, SLOTS, st.from_type(Command)))
st.register_type_strategy(PValue, st.builds(PValue, st.from_type(Ballot), SLOTS, st.from_type(Command)))


@pytest.fixture
def pmmc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """One command in a folder of its own: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")

    def do(*words: str) -> tuple[int, str, str]:
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return do
