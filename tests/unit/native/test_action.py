"""How renamings act: what is found once for each orbit is what renaming each value would give."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.engines.contract import Limits, Reductions
from checker.engines.native.arrays import PerCell
from checker.engines.native.engine import explore
from checker.engines.native.numbering import Numbering
from checker.engines.native.reductions.action import Action
from checker.engines.native.reductions.symmetry import Symmetry as Obligations
from checker.engines.native.reductions.symmetry import whole_group
from checker.model.system import System
from checker.model.values import Renaming
from checker.model.vocabulary import Symmetry
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC

TEXT = """\
name: small
nodes: {acceptors: 3, leaders: 1, replicas: 2}
commands: [put k v, put l w]
bounds: {slots: 1, rounds: 1}
"""


def read(network: str) -> System:
    return load_text(TEXT + f"network: {network}\n", "m.yaml", protocols={"pmmc": PMMC}).system


@pytest.mark.parametrize("network", ["lossy-duplicating", "at-most-once", "fifo"])
def test_images_are_those_of_the_values(network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every image that a search has asked for, by way of others or not."""
    kept: list[tuple[Action, Numbering]] = []
    check_initial = Obligations.check_initial

    def keeping(symmetry: Obligations, state: tuple[int, ...]) -> None:
        kept.append((symmetry._action, symmetry._numbering))
        check_initial(symmetry, state)

    monkeypatch.setattr(Obligations, "check_initial", keeping)
    explore(read(network), Limits(max_states=1_000), reductions=Reductions(ordering=False))
    action, numbering = kept[-1]
    assert action._after is not None
    assert len(action.group) == 24
    for (g, node), images in action.locals.items():
        rename, there = Renaming(action.group[g]), numbering.locals[action.position[g][node]]
        for local, image in images.items():
            assert rename(numbering.locals[node][local]) == there[image]
    for g, images in action.messages.items():
        rename = Renaming(action.group[g])
        for message, image in images.items():
            assert rename(numbering.messages[message]) == numbering.messages[image]
    cells = [(node, cell) for node, cells in enumerate(numbering.cells) for cell in range(len(cells))]
    for g in range(len(action.group)):
        rename = Renaming(action.group[g])
        for node, cell in cells[::3]:
            local, inbox = numbering.cells[node][cell]
            there = action.position[g][node]
            image = numbering.cells[there][action.cell(g, node, cell)]
            messages = Renaming(action.group[g])
            renamed = numbering.network.mapped(
                inbox, lambda m, to=messages: numbering.message(to(numbering.messages[m])), rename
            )
            assert image == (numbering.local(there, rename(numbering.locals[node][local])), renamed)


def test_a_name_within_another_is_renamed_by_value() -> None:
    """Where renaming twice may not be what both do at once, no image is taken from others."""
    system = read("lossy-duplicating")
    within = {("k",): ("l",), ("l",): ("k",), "k": "m", "m": "k"}  # ("k",), looked into, is ("m",)
    for images, acts in ((within, False), ({"k": "l", "l": "k", ("k",): ("l",), ("l",): ("k",)}, True)):
        changed = replace(system, symmetries=(Symmetry("names", (images,)),))
        numbering, per_cell = Numbering(changed), PerCell(len(system.members))
        action = Action(numbering, per_cell, whole_group(changed))
        assert (action._after is not None) is acts


ENTRIES = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 200), st.integers(-5, 5), *[st.integers(0, 2**64 - 1)] * 3)
)


@given(ENTRIES)
def test_what_waits_is_entered(entries: list[tuple[int, int, int, int, int, int]]) -> None:
    """Signed values, unsigned ones of all 64 bits, and planes; the last one that was put counts."""
    arrays = PerCell(2, room=2)
    arrays.add("signed", int, 7)
    arrays.add("word", np.uint64, 0)
    arrays.add("planes", np.uint64, 0, planes=2)
    last: dict[tuple[int, int], tuple[int, list[int]]] = {}
    for node, cell, signed, word, *planes in entries:
        arrays.put(("signed",), node, cell, (signed,))
        arrays.put(("word", "planes"), node, cell, (word, *planes))
        last[node, cell] = signed, [word, *planes]
    arrays.flush()
    for (node, cell), (signed, words) in last.items():
        at = arrays.at(node, cell)
        assert arrays["signed"][at] == signed
        assert [int(arrays["word"][at]), *map(int, arrays["planes"][:, at])] == words
