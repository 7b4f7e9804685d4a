"""Behaviours of a small model, given state by state, and what pictures show of them, cell by cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checker.model.pictures import Table
from checker.model.semantics import Cell, State, initial_state
from checker.model.system import System
from checker.modelfiles.loading import load_text
from pmmc.acceptor import Acceptor
from pmmc.ballots import Ballot
from pmmc.kv import Put
from pmmc.values import Command, Node, PValue
from spec.pictures.ballots import ballot_table
from spec.pictures.logs import log_table
from spec.protocol import PMMC

TEXT = """
name: small
nodes: {acceptors: 3, leaders: 2, replicas: 2}
commands: [put k A, put k B]
bounds: {slots: 3, rounds: 2}
network: at-most-once
"""
A, B = (Command(Node("client", i), 1, Put("k", value)) for i, value in enumerate("AB"))
LOW, HIGH, HIGHEST = Ballot(0, 0), Ballot(0, 1), Ballot(1, 0)
ACCEPTORS = tuple(Node("acceptor", i) for i in range(3))
ONE, TWO = (Node("replica", i) for i in range(2))


def system_of(text: str = TEXT) -> System:
    return load_text(text, "small.yaml", protocols={"pmmc": PMMC}).system


SMALL = system_of()


def behaviour(*steps: Mapping[Node, Any], system: System = SMALL) -> list[State]:
    """The states in which each step gives some nodes other local states."""
    states = [initial_state(system)]
    for changed in steps:
        state = list(states[-1])
        for name, local in changed.items():
            place = system.positions[name]
            state[place] = Cell(local, state[place].inbox)
        states.append(tuple(state))
    return states


def headings(table: Table) -> list[str]:
    return [column.replace("\xa0", " ") for column in table.columns]


def cells(table: Table) -> dict[tuple[str, str], list[str]]:
    """What stands in each cell that is not empty, by row and column: the mark, the text, the step."""
    return {
        (row.heading.replace("\xa0", " "), column.replace("\xa0", " ")): [
            " ".join(
                filter(None, [e.mark, e.text.replace("\xa0", " "), "" if e.step is None else f"@{e.step}"])
            )
            for e in cell
        ]
        for row in table.rows
        for column, cell in zip(table.columns[1:], row.cells, strict=True)
        if cell
    }


def ballots(*steps: Mapping[Node, Any], system: System = SMALL) -> dict[tuple[str, str], list[str]]:
    return cells(ballot_table(system, behaviour(*steps, system=system)))


def logs(*steps: Mapping[Node, Any], system: System = SMALL) -> dict[tuple[str, str], list[str]]:
    return cells(log_table(system, behaviour(*steps, system=system)))


def vote(ballot: Ballot, command: Command, slot: int = 1) -> PValue:
    return PValue(ballot, slot, command)


def acceptor(ballot: Ballot, *accepted: PValue) -> Acceptor:
    return Acceptor(ballot, frozenset(accepted))


@dataclass(frozen=True)
class Other:
    """What an acceptor or a replica of somebody else's may know."""

    word: str = ""
