"""Reconfigurations: which configuration decides which slot, RC-1 to RC-6 (paper, section 2.1).

A reconfiguration decided in slot s governs the slots from s + WINDOW on, until another one does. The
decisions that a replica has without a hole from slot 1 on tell which configuration governs a slot, up to
WINDOW slots beyond them. `governs` reads it off them and asks no rule of the protocol. What is said here of
a slot is judged once some replica knows that much.

They are checked by default where a model lists configurations, and can be named in any.
"""

from collections.abc import Iterator, Mapping

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.ballots import BOTTOM, Ballot
from pmmc.values import Configuration, Context, Deployment, Node, Proposal, in_slot_order
from spec import views
from spec.properties.acceptors import Accepted
from spec.properties.replicas import Decisions
from spec.setting import Setting
from spec.views import Changes

SECTION = "paper, section 2.1"
Known = Mapping[Node, Changes]


def governs(deployment: Deployment, changes: Changes, slot: int) -> int | None:
    """The number of the configuration that governs a slot by what a replica knows, or None."""
    last = slot - deployment.window
    if last >= changes.undecided:
        return None
    return max(((there, number) for there, number in changes.made if there <= last), default=(0, 0))[1]


def governing(setting: Setting, known: Known, slot: int) -> Iterator[tuple[Node, Configuration, int]]:
    """The configuration that governs a slot, and its number, by what each replica knows, if it knows it."""
    for replica, changes in known.items():
        number = governs(setting.deployment, changes, slot)
        if number is not None:
            yield replica, setting.deployment.configurations[number], number


def _rc1(setting: Setting, accepted: Accepted, known: Known) -> str | None:
    for acceptor, pvalues in accepted.items():
        for p in sorted(pvalues, key=str):
            for replica, configuration, number in governing(setting, known, p.slot):
                if acceptor not in configuration.acceptors:
                    known_as = _as_known(replica, p.slot, number)
                    return f"{acceptor} has accepted {p}; {known_as}"
    return None


def _rc2(setting: Setting, proposed: Mapping[Node, frozenset[Proposal]], known: Known) -> str | None:
    for leader, proposals in proposed.items():
        for p in in_slot_order(proposals):
            for replica, configuration, number in governing(setting, known, p.slot):
                if leader not in configuration.leaders:
                    return f"{leader} holds {p}; {_as_known(replica, p.slot, number)}"
    return None


def _as_known(replica: Node, slot: int, number: int) -> str:
    return f"by the decisions of {replica} slot {slot} is for configuration {number}"


def _rc3(
    setting: Setting, decisions: Mapping[Node, Decisions], accepted: Accepted, known: Known
) -> str | None:
    for node, decided in decisions.items():
        for p in in_slot_order(decided):
            for replica, configuration, number in governing(setting, known, p.slot):
                votes = {a: accepted[a] for a in configuration.acceptors}
                if not _has_quorum(configuration, votes, p):
                    held = ", ".join(f"{a} {show(pvalues)}" for a, pvalues in votes.items())
                    return (
                        f"{node} knows {p} as decided; {_as_known(replica, p.slot, number)}, "
                        f"of which no quorum has accepted it in one ballot: {held}"
                    )
    return None


def _has_quorum(configuration: Configuration, votes: Accepted, decided: Proposal) -> bool:
    """Whether a quorum of a configuration's acceptors has accepted in one ballot what is decided."""
    cast = [
        (p.ballot, acceptor)
        for acceptor, pvalues in votes.items()
        for p in pvalues
        if (p.slot, p.command) == (decided.slot, decided.command)
    ]
    return any(
        configuration.chosen_by([acceptor for there, acceptor in cast if there == ballot])
        for ballot in {ballot for ballot, _ in cast}
    )


def _rc4(context: Context, course: tuple[int, int, Changes]) -> str | None:
    slot_in, configuration, changes = course
    expected = governs(context.deployment, changes, slot_in - 1)
    if expected is None or configuration == expected:
        return None
    passed = f"{context.me} has passed slot {slot_in - 1} with configuration {configuration}"
    return f"{passed}; {_as_known(context.me, slot_in - 1, expected)}"


def _rc5(setting: Setting, courses: Mapping[Node, tuple[int, int]]) -> str | None:
    first: dict[int, tuple[int, Node]] = {}
    for node, (slot_in, configuration) in courses.items():
        number, other = first.setdefault(slot_in, (configuration, node))
        if number != configuration:
            return (
                f"{other} and {node} both have slot_in {slot_in}; "
                f"{other} has configuration {number}, {node} has configuration {configuration}"
            )
    return None


def _rc6(context: Context, ballot: Ballot) -> str | None:
    if ballot == BOTTOM:
        return None
    leader = Node("leader", ballot.leader)
    if leader in context.configuration.leaders:
        return None
    return f"{context.me} has adopted ballot {ballot}, and {leader} is of another configuration"


def _new_decides(setting: Setting, known: Known) -> str | None:
    for replica, changes in known.items():
        last = changes.undecided - 1
        number = governs(setting.deployment, changes, last)
        if number:
            return f"{replica} knows the decision of slot {last}, which is for configuration {number}"
    return None


CONFIGURATION_PROPERTIES = (
    Property(
        id="RC-1",
        kind=Kind.STATE,
        meaning="Only acceptors of the configuration that governs a slot accept anything for it.",
        source=f"{SECTION}: each slot is decided by one configuration",
        views=(views.ACCEPTED, views.CHANGES),
        judge=_rc1,
        default=False,
    ),
    Property(
        id="RC-2",
        kind=Kind.STATE,
        meaning="Only leaders of the configuration that governs a slot hold a proposal for it.",
        source=f"{SECTION}, propose: to the leaders of the slot's configuration",
        views=(views.PROPOSED, views.CHANGES),
        judge=_rc2,
        default=False,
    ),
    Property(
        id="RC-3",
        kind=Kind.STATE,
        meaning="What a replica knows as decided, a quorum of the configuration that governs its slot has "
        "accepted in one ballot.",
        source=f"{SECTION}: a configuration has leaders and acceptors of its own",
        views=(views.DECISIONS, views.ACCEPTED, views.CHANGES),
        judge=_rc3,
        default=False,
    ),
    Property(
        id="RC-4",
        kind=Kind.NODE,
        meaning="A reconfiguration decided in slot s governs exactly the slots from s + WINDOW on, until "
        "another one does: that is the configuration with which a replica passes each slot. Decided once "
        "more, in a later slot, it changes nothing.",
        source=f"{SECTION}, propose; that one decided twice counts once is left open there",
        views=(views.COURSE,),
        judge=_rc4,
        default=False,
    ),
    Property(
        id="RC-5",
        kind=Kind.STATE,
        meaning="Replicas with the same slot_in have the same configuration.",
        source=f"{SECTION}: leaders is a function of the decisions",
        views=(views.CONFIGURED,),
        judge=_rc5,
        default=False,
    ),
    Property(
        id="RC-6",
        kind=Kind.NODE,
        meaning="The ballot that an acceptor has adopted is of its own configuration: ballots of different "
        "ones are never compared.",
        source=f"{SECTION}: an instance of the Synod protocol for each configuration",
        views=(views.PROMISED,),
        judge=_rc6,
        default=False,
    ),
)
#: What is checked by default of a model that lists configurations.
OF_CONFIGURATIONS = tuple(p.id for p in CONFIGURATION_PROPERTIES)

CONFIGURATION_GOALS = (
    Property(
        id="new-configuration-decides",
        kind=Kind.SOMETIMES,
        meaning="A replica learns the decision of a slot that another configuration than the first "
        "governs, and those of all slots below.",
        source="non-triviality: a reconfiguration after which nothing is decided proves nothing",
        views=(views.CHANGES,),
        judge=_new_decides,
    ),
)
