"""A model file that is good, and what is said of it with a line changed."""

import pytest

from checker.modelfiles.loading import Faults, LoadedModel, load_text
from spec.protocol import PMMC

PROTOCOLS = {"pmmc": PMMC}
GOOD = """\
name: good
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k A, put k B]
bounds: {slots: 2, rounds: 4}
"""


def read(text: str) -> LoadedModel:
    return load_text(text, "m.yaml", protocols=PROTOCOLS)


def faults(text: str) -> list[str]:
    """The faults of a text without the file name: 'line:column: message'."""
    with pytest.raises(Faults) as caught:
        read(text)
    assert all(f.file == "m.yaml" for f in caught.value.faults)
    return [str(f).removeprefix("m.yaml:") for f in caught.value.faults]


def fault(line: str) -> str:
    """The one fault that a line, put under a good file as line 5, causes."""
    (found,) = faults(GOOD + line + "\n")
    return found
