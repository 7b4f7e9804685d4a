"""Acceptors other than that of figure 4: state reduction, and a rule that adopts while accepting.

With state reduction (paper, section 4.1) an acceptor keeps, and reports, one pvalue for each slot: the
one it accepted last. What it once accepted is then no longer in its state, and the invariants that
speak of what was ever accepted (A4, A5, C2) have to be judged on a history variable (Abadi and Lamport
1988): `votes`, which rules write and never read or send. A3 is given up; what takes its place is in
`spec.properties.reduction`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from checker.modelfiles.protocol import Variant
from pmmc import acceptor as proper
from pmmc.acceptor import Acceptor
from pmmc.messages import P2a
from pmmc.values import Context, PValue, Step, highest_ballots


@dataclass(frozen=True, slots=True)
class Voter(Acceptor):
    """Keeps one pvalue for each slot in `accepted`; `votes` are all that it ever accepted."""

    votes: frozenset[PValue] = frozenset()


def voter(state: Acceptor) -> Voter:
    """The acceptor with state reduction: of what it has accepted it keeps the highest of each slot."""
    return Voter(state.ballot, highest(state.accepted), state.accepted)


def highest(pvalues: Iterable[PValue]) -> frozenset[PValue]:
    """For each slot the pvalue with the highest ballot; of equal ballots the least command's."""
    known = frozenset(pvalues)
    best = highest_ballots(known)
    alike = (p for p in known if p.ballot == best[p.slot])
    first = {p.slot: p for p in sorted(alike, key=lambda p: str(p.command), reverse=True)}
    return frozenset(first.values())


def keep(state: Voter, pvalue: PValue) -> Voter:
    """The acceptor with a pvalue accepted: it takes the place of the one kept for its slot."""
    return replace(state, accepted=in_its_place(state, pvalue), votes=state.votes | {pvalue})


def in_its_place(state: Acceptor, pvalue: PValue) -> frozenset[PValue]:
    """What an acceptor keeps, with a pvalue in the place of the one that it kept for that slot."""
    return frozenset(p for p in state.accepted if p.slot != pvalue.slot) | {pvalue}


def on_p2a_keep(context: Context, state: Voter, message: P2a) -> tuple[Step, ...]:
    """As `pmmc.acceptor.on_p2a`, but only the latest pvalue of a slot is kept."""
    if message.pvalue.ballot == state.ballot:
        state = keep(state, message.pvalue)
    return proper.answer_p2a(context, state, message)


def on_p2a_forget(context: Context, state: Acceptor, message: P2a) -> tuple[Step, ...]:
    """As `on_p2a_keep`, of an acceptor without history."""
    if message.pvalue.ballot == state.ballot:
        state = replace(state, accepted=in_its_place(state, message.pvalue))
    return proper.answer_p2a(context, state, message)


def on_p2a_adopt(context: Context, state: Acceptor, message: P2a) -> tuple[Step, ...]:
    """Accept also if the pvalue's ballot is *higher* than the adopted one, and adopt it then."""
    if message.pvalue.ballot >= state.ballot:
        state = proper.accept(replace(state, ballot=message.pvalue.ballot), message.pvalue)
    return proper.answer_p2a(context, state, message)


def on_p2a_adopt_keep(context: Context, state: Voter, message: P2a) -> tuple[Step, ...]:
    """As `on_p2a_adopt`, but only the latest pvalue of a slot is kept."""
    if message.pvalue.ballot >= state.ballot:
        state = keep(replace(state, ballot=message.pvalue.ballot), message.pvalue)
    return proper.answer_p2a(context, state, message)


_INSTEAD_OF_A3 = ("kept-ballot-rises", "one-kept", "kept-is-highest", "chosen-command-kept")

ACCEPTOR_VARIANTS = (
    Variant(
        part="acceptor",
        name="keep-highest",
        role="acceptor",
        about="State reduction: of each slot an acceptor keeps and reports only the pvalue that it "
        "accepted last, which is the highest.",
        source="paper, section 4.1",
        rules={P2a: on_p2a_keep},
        begin=voter,
        history=("votes",),
        gives_up=("A3",),
        claims=_INSTEAD_OF_A3,
    ),
    Variant(
        part="acceptor",
        name="keep-highest-only",
        role="acceptor",
        about="State reduction as with keep-highest, and no history of what was accepted beside it: so old "
        "ballots are forgotten for good, and rounds without end give finitely many states. What is "
        "said of all that was ever accepted is not judged.",
        source="paper, section 4.1",
        rules={P2a: on_p2a_forget},
        gives_up=("A3", "A4", "A5", "C2", "decided-is-chosen", "RC-3"),
        claims=("kept-ballot-rises", "one-kept"),
    ),
    Variant(
        part="acceptor",
        name="adopt-higher",
        role="acceptor",
        about="An acceptor accepts also in a higher ballot than the adopted one, and adopts it then.",
        source="the 2011 report of the paper and the authors' program, in place of figure 4's equality",
        rules={P2a: on_p2a_adopt},
    ),
    Variant(
        part="acceptor",
        name="adopt-higher-keep-highest",
        role="acceptor",
        about="Both: an acceptor accepts also in a higher ballot, which it adopts, and of each slot keeps "
        "only the latest pvalue.",
        source="paper, section 4.1, with the rule of the 2011 report",
        rules={P2a: on_p2a_adopt_keep},
        begin=voter,
        history=("votes",),
        gives_up=("A3",),
        claims=_INSTEAD_OF_A3,
    ),
)
