"""What pictures of PMMC show, read as a reader would, and compared with what the nodes hold."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from checker.model.pictures import Table
from checker.model.processes import Process
from checker.model.semantics import State
from checker.model.system import System
from checker.model.vocabulary import Down
from pmmc.values import PValue
from spec.pictures.ballots import ballot_table
from spec.pictures.logs import log_table
from spec.properties.acceptors import chosen, is_chosen
from spec.views import votes_of


def held(process: Process, state: State) -> Any:
    local = process.local(state[process.node].local)
    return local.saved if isinstance(local, Down) else local


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def entries(table: Table, column: int) -> Iterator[tuple[str, list[str]]]:
    """Heading and texts of each row in a column."""
    for row in table.rows:
        yield plain(row.heading), [plain(entry.text) for entry in row.cells[column]]


VOTE = re.compile(r"(?:(forgets|collects|replaces|drops) )?slot (\d+): (.*?)(?: \(.*\))?")

#: (ballot, slot, command) as they are shown
Shown = tuple[str, str, str]


def as_shown(pvalue: PValue) -> Shown:
    return str(pvalue.ballot), str(pvalue.slot), str(pvalue.command)


def read_votes(table: Table, column: int) -> tuple[set[Shown], set[Shown], list[str]]:
    """What an acceptor holds by the table, all that it ever voted for, and the ballots it has promised."""
    holds, ever, promised = set(), set(), []
    for heading, texts in entries(table, column):
        ballot, is_promised = heading.partition(",")[0], False
        for text in texts:
            vote = VOTE.fullmatch(text)
            if vote is None:
                assert text in ("promised", "forgets promise", "drops promise")
                is_promised = text == "promised"
            elif vote[1] is None:
                holds.add((ballot, vote[2], vote[3]))
                ever.add((ballot, vote[2], vote[3]))
            else:
                holds.remove((ballot, vote[2], vote[3]))
        promised += [ballot] * is_promised
    return holds, ever, promised


def assert_ballots_agree(system: System, states: Sequence[State]) -> None:
    table, acceptors = ballot_table(system, states), system.playing["acceptor"]
    voters: dict[PValue, set[Any]] = {}
    for column, acceptor in enumerate(acceptors):
        holds, ever, promised = read_votes(table, column)
        now = held(acceptor, states[-1])
        assert holds == set(map(as_shown, now.accepted))
        assert (promised or ["⊥"])[-1] == str(now.ballot)
        voted = {p for state in states for p in votes_of(held(acceptor, state))}
        assert ever == set(map(as_shown, voted))
        for pvalue in voted:
            voters.setdefault(pvalue, set()).add(acceptor.name)
    configurations = system.setting.deployment.configurations
    by_votes = {as_shown(p) for p, names in voters.items() if is_chosen(configurations, p, names)}
    shown = [(b.partition(",")[0], t) for b, texts in entries(table, len(acceptors)) for t in texts]
    votes = [(ballot, VOTE.fullmatch(text)) for ballot, text in shown]
    assert {(ballot, vote[2], vote[3]) for ballot, vote in votes if vote} == by_votes
    for state in states:
        accepted = {one.name: votes_of(held(one, state)) for one in acceptors}
        assert {as_shown(p) for p, _ in chosen(system.setting, accepted)} <= by_votes


CHANGE = re.compile(
    r"(?P<what>(?:decided, )?(?:decided|performed|passed)|proposed|forgets proposal|forgets decision)"
    r" (?P<command>[^()]*?)(?: \((?P<why>.*)\))?"
    r"|(?P<other>transferred|goes back before this slot|forgets what it performed|passed \(not decided\))"
)


class Log:
    """What a replica has by the table: proposals, decisions, and what it performed, of which slot."""

    def __init__(self) -> None:
        self.proposals: set[tuple[str, str]] = set()
        self.decisions: set[tuple[str, str]] = set()
        self.ever: set[tuple[str, str]] = set()
        self.performed: list[tuple[str, str]] = []
        self.transferred = False

    def read(self, slot: str, text: str) -> None:
        change = CHANGE.fullmatch(text)
        assert change is not None, text
        if change["other"] == "forgets what it performed":
            self.performed = [entry for entry in self.performed if entry[0] != slot]
        self.transferred |= change["other"] == "transferred"
        what, place = change["what"] or "", (slot, change["command"])
        if what.startswith("forgets"):
            (self.proposals if what == "forgets proposal" else self.decisions).remove(place)
        self.proposals |= {place} if what == "proposed" else set()
        if what.startswith("decided"):
            self.decisions.add(place)
            self.ever.add(place)
        if what.endswith("performed"):
            self.performed.append(place)
        if what.endswith(("performed", "passed")) or change["other"] == "transferred":
            self.proposals = {proposal for proposal in self.proposals if proposal[0] != slot}


def assert_logs_agree(system: System, states: Sequence[State]) -> None:
    table = log_table(system, states)
    for replica in system.playing.get("replica", ()):
        log, now = Log(), held(replica, states[-1])
        for column in range(len(table.columns) - 1):
            for heading, texts in entries(table, column):
                name, _, slot = heading.partition(", slot ")
                for text in texts if name == str(replica.name) else ():
                    log.read(slot, text)
        in_front = [(p.slot, str(p.slot), str(p.command)) for p in now.decisions]
        there = {(slot, command) for number, slot, command in in_front if number >= now.slot_out}
        assert {place for place in log.decisions if int(place[0]) >= now.slot_out} == there
        assert {(slot, command) for _, slot, command in in_front} <= log.ever
        all_of_them = [held(replica, state) for state in states]
        learned = {p for r in all_of_them for p in (getattr(r, "learned", r.decisions) | r.decisions)}
        assert log.ever == {(str(p.slot), str(p.command)) for p in learned}
        proposed = {(str(p.slot), str(p.command)) for p in now.proposals if p.slot >= now.slot_out}
        assert {place for place in log.proposals if int(place[0]) >= now.slot_out} == proposed
        if not log.transferred:
            assert sorted(command for _, command in log.performed) == sorted(map(str, now.performed))


def kept(table: Table) -> set[tuple[str, str, str, str, int | None]]:
    """Every entry with its row, its column and its mark."""
    return {
        (plain(row.heading), plain(column).removesuffix(", down"), plain(e.text), e.mark, e.step)
        for row in table.rows
        for column, cell in zip(table.columns[1:], row.cells, strict=True)
        for e in cell
    }
