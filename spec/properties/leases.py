"""Leases, by which one replica alone answers for a while: LS-1 to LS-6 (paper, section 4.5)."""

from collections.abc import Mapping

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.quorums import MAJORITIES
from pmmc.values import Context, Node
from spec import views
from spec.setting import Setting

SECTION = "paper, section 4.5"
GRAY_CHERITON = "Gray and Cheriton, Leases, SOSP 1989"
Granted = tuple[Node, ...]


def _ls1(context: Context, granted: Granted) -> str | None:
    return _several(context, granted, "runs for")


def _ls5(context: Context, given: Granted) -> str | None:
    return _several(context, given, "was granted and still runs, known or forgotten, to")


def _several(context: Context, granted: Granted, how: str) -> str | None:
    if len(granted) < 2:
        return None
    return f"{context.me}: a lease {how} {' and '.join(map(str, granted))}"


def _ls2(setting: Setting, holds: Mapping[Node, bool]) -> str | None:
    holding = [node for node, held in holds.items() if held]
    return f"{' and '.join(map(str, holding[:2]))} hold a lease at one time" if len(holding) > 1 else None


def _ls3(setting: Setting, holds: Mapping[Node, bool], given: Mapping[Node, Granted]) -> str | None:
    for node in (node for node, held in holds.items() if held):
        granting = [acceptor for acceptor, granted in given.items() if node in granted]
        if not MAJORITIES.phase1.is_quorum(granting, setting.deployment.acceptors):
            who = show(tuple(granting)) if granting else "none"
            return f"{node} holds a lease; of the grants {who} still runs, which is no majority"
    return None


def _held(setting: Setting, holds: Mapping[Node, bool]) -> str | None:
    return next((f"{node} holds a lease" for node, held in holds.items() if held), None)


def _ls4(context: Context, strayed: frozenset[tuple[Node, int]]) -> str | None:
    for client, number in sorted(strayed):
        return f"{context.me} has answered command {number} of {client} without holding the lease"
    return None


def _dead_and_granted(
    setting: Setting, down: Mapping[Node, frozenset[Node]], granted: Mapping[Node, Granted]
) -> str | None:
    crashed = frozenset[Node]().union(*down.values())
    dead = frozenset(setting.down(setting.deployment.replicas, crashed))
    for acceptor, replicas in granted.items():
        for replica in sorted(dead.intersection(replicas)):
            return f"{acceptor} has granted a lease to {replica}, which is down"
    return None


def _dead_and_over(
    setting: Setting, down: Mapping[Node, frozenset[Node]], granted: Mapping[Node, Granted]
) -> str | None:
    none = _dead_and_granted(setting, down, granted) is None
    return "no lease runs for a replica that is down" if none else None


LEASE_PROPERTIES = (
    Property(
        id="LS-1",
        kind=Kind.NODE,
        meaning="An acceptor knows of one lease at most that it has granted and that still runs.",
        source=SECTION,
        views=(views.GRANTED,),
        judge=_ls1,
        default=False,
    ),
    Property(
        id="LS-2",
        kind=Kind.STATE,
        meaning="At any time one replica at most believes that it holds a lease.",
        source=f"{SECTION}; {GRAY_CHERITON}",
        views=(views.HOLDS,),
        judge=_ls2,
        default=False,
    ),
    Property(
        id="LS-3",
        kind=Kind.STATE,
        meaning="As long as a replica believes that it holds a lease, one runs for it at a majority of the "
        "acceptors, whatever their clocks show.",
        source=f"{SECTION}; {GRAY_CHERITON}",
        views=(views.HOLDS, views.GIVEN),
        judge=_ls3,
        default=False,
    ),
    Property(
        id="LS-4",
        kind=Kind.NODE,
        meaning="A replica answers a client only while it holds a lease, so nobody does while another one "
        "holds it.",
        source=f"{SECTION}: who holds the lease handles all requests, updates too",
        views=(views.STRAYED,),
        judge=_ls4,
        default=False,
    ),
    Property(
        id="LS-5",
        kind=Kind.NODE,
        meaning="An acceptor grants no lease while another runs that it has granted, before a crash too.",
        source=f"{SECTION}; stable storage of the grants: section 4.3",
        views=(views.GIVEN,),
        judge=_ls5,
        default=False,
    ),
    Property(
        id="LS-6",
        kind=Kind.LEADS_TO,
        meaning="The lease of a replica that has crashed ends: every fair run comes to a state in which no "
        "acceptor knows of one that runs for a replica that is down.",
        source=f"{SECTION}; {GRAY_CHERITON}",
        views=(views.DOWN, views.GRANTED),
        when=_dead_and_granted,
        judge=_dead_and_over,
        default=False,
    ),
)

LEASE_GOALS = (
    Property(
        id="lease-held",
        kind=Kind.SOMETIMES,
        meaning="A replica holds a lease.",
        source=SECTION,
        views=(views.HOLDS,),
        judge=_held,
    ),
)
