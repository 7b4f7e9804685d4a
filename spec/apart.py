"""Rules that do not go together, so that models with both are refused, although neither replaces the other.

Those that replace the same rule are told apart by the checker (`checker.modelfiles.selection`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from checker.modelfiles.complaints import Objection
from checker.modelfiles.protocol import Variant
from pmmc.messages import Ping
from pmmc.values import Node
from spec.machines import Hosting
from spec.schema import PmmcModel

_PROPER = "it goes by a reconfiguration's first decision, whatever is chosen for 'reconfiguration'"
#: (part, another part) → why the rules of both are not meant together.
APART: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("no-ops", "reconfiguration"): _PROPER,
        ("reads", "reconfiguration"): _PROPER,
        ("proposals", "reconfiguration"): _PROPER,
    }
)
_GAP = (
    "a read has a number of its client and is never in the log, so the client's next command would wait "
    "for it there, for ever"
)
#: (part, another part, its rule) → the same of one rule of the other part.
APART_FROM: Mapping[tuple[str, str, str], str] = MappingProxyType(
    {
        ("reads", "replica", "sessions"): _GAP,
        ("reads", "replica", "in-number-order"): _GAP,
    }
)


def object_to_apart(
    model: PmmcModel, varied: Sequence[Variant], hosting: Hosting, wrong: list[Objection]
) -> None:
    """Object to rules that do not go together, and to those that do not go with the machines there are."""
    for (part, other), why in APART.items():
        if part in model.rules and other in model.rules:
            wrong.append(Objection(("rules", part), f"not together with '{other}': {why}"))
    for (part, other, name), why in APART_FROM.items():
        if part in model.rules and model.rules.get(other) == name:
            wrong.append(Objection(("rules", part), f"not together with '{other}: {name}': {why}"))
    pinging = next((v.part for v in varied if Ping in v.rules), None)
    for machine in hosting.machines if pinging is not None else ():
        leaders = [p for p in hosting.processes(machine) if p.role == "leader"]
        if len(leaders) > 1:
            wrong.append(Objection(("rules", str(pinging)), _for_ever(machine, leaders)))


def _for_ever(machine: Node, leaders: list[Node]) -> str:
    """What two leaders on one machine do that ping each other."""
    both = " and ".join(map(str, leaders[:2]))
    return (
        f"{both} are on {machine}, where a ping is answered within the step that sends it, and so on "
        "without end: leaders that ping need machines of their own"
    )
