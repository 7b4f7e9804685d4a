"""What becomes of a reconfiguration: the new configuration takes effect, the old one may go; RC-7 and RC-8.

A reconfiguration that is decided in slot s *has taken effect* at a replica when that one knows the
decisions of all slots below s + WINDOW, so that its slot_out has come there. From then on every slot that
it may propose for is one of the new configuration, and it needs nothing any more of the one before. It is
not enough that slot_in is there: what is proposed for slots below waits for the old configuration. Nor need
it be: slot_in of a replica without requests stays behind, and passes over those slots when one comes.

One that is down for good never comes there, so RC-7 is for models in which replicas restart.
"""

from collections.abc import Mapping

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.values import Context, Deployment, Node
from spec import views
from spec.properties.configurations import SECTION, Known, governs
from spec.setting import Setting
from spec.views import Changes

#: What is seen of each replica, and the configurations that are shut down.
Operated = tuple[frozenset[tuple[Node, Changes]], frozenset[int]]


def _awaited(setting: Setting, known: Known) -> str | None:
    made = sorted({change for one in known.values() for change in one.made})
    for slot, number in made:
        for replica, one in known.items():
            if one.undecided < slot + setting.deployment.window:
                of = f"configuration {number}, decided in slot {slot}, has not taken effect at {replica}"
                return f"{of}, which knows no decision of slot {one.undecided}"
    return None


def _in_effect(setting: Setting, known: Known) -> str | None:
    none = _awaited(setting, known) is None
    return "every reconfiguration that is decided has taken effect at all replicas" if none else None


def _rc8(context: Context, before: Operated, after: Operated) -> str | None:
    deployment = context.deployment
    for number in sorted(after[1] - before[1]):
        knowing = sorted(node for node, known in before[0] if knows_all_of(deployment, known, number))
        needed = deployment.configurations[number].tolerated + 1
        if len(knowing) < needed:
            who = show(tuple(knowing)) if knowing else "nobody"
            known = f"all that it decides is known to {who}, f + 1 is {needed}"
            return f"configuration {number} is shut down; {known}"
    return None


def knows_all_of(deployment: Deployment, known: Changes, number: int) -> bool:
    """Whether a configuration governs no slot of which a replica knows no decision; it governed some."""
    seen = range(1, known.undecided + deployment.window)
    slots = [slot for slot in seen if governs(deployment, known, slot) == number]
    return bool(slots) and slots[-1] < known.undecided


def _shut_down(setting: Setting, operators: Mapping[Node, Operated]) -> str | None:
    for _, off in operators.values():
        for number in sorted(off):
            return f"configuration {number} is shut down"
    return None


TAKEOVER_PROPERTIES = (
    Property(
        id="RC-7",
        kind=Kind.LEADS_TO,
        meaning="A reconfiguration that is decided takes effect: every fair run comes to a state in which "
        "every replica knows the decisions of all slots before those that the new configuration governs.",
        source=f"{SECTION}: a reconfiguration decided in slot s governs the slots from s + WINDOW on; the "
        "authors' program, env.py, submits no-ops so that it does",
        views=(views.CHANGES,),
        when=_awaited,
        judge=_in_effect,
        default=False,
    ),
    Property(
        id="RC-8",
        kind=Kind.ACTION,
        meaning="A configuration is shut down only when f + 1 replicas have learned all decisions of its "
        "slots.",
        source="paper, section 4.2: what f + 1 replicas have learned, acceptors and leaders need not keep",
        views=(views.OPERATOR,),
        judge=_rc8,
        default=False,
    ),
    Property(
        id="configuration-shut-down",
        kind=Kind.SOMETIMES,
        meaning="A configuration that was replaced is shut down.",
        source="paper, section 4.2",
        views=(views.OPERATOR,),
        judge=_shut_down,
    ),
)
