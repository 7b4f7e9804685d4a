"""What a model file says of runs: to what they must come, and which steps are assumed to be fair or to end.

Steps are named by *patterns*: `deliveries`, `wakes` and `losses` of all nodes, the name of a role or node
(all that it does), the name of an action, or of some of what a role or node does, as in `leader 0.p1b`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from checker.model.fairness import LOSS, Assumption, Fairness
from checker.model.network import Network
from checker.model.processes import receivers, wake_of
from checker.model.properties import On, Property, always_eventually, eventually, leads_to
from checker.model.values import show
from checker.model.vocabulary import Member, NodeName, action_name
from checker.modelfiles.complaints import Objection, Unknown, nearest
from checker.modelfiles.selection import Goals

if TYPE_CHECKING:
    from checker.modelfiles.schema import ModelFile

#: The keys of what is assumed of runs.
ASSUMED = ("fair", "strongly_fair", "finitely")
#: Patterns for all steps that take a message, and for all that take none.
DELIVERIES, WAKES = "deliveries", "wakes"

Steps = frozenset[tuple[NodeName, str]]
_Meant = defaultdict[str, set[tuple[NodeName, str]]]


def select_temporal(model: ModelFile, goals: Goals) -> tuple[Property, ...]:
    """The claims under `eventually`, `always-eventually` and `leads-to`, in order."""
    return (
        *map(eventually, goals.under("eventually", model.eventually)),
        *map(always_eventually, goals.under("always-eventually", model.always_eventually)),
        *_select_leads_to(model, goals),
    )


def _select_leads_to(model: ModelFile, goals: Goals) -> tuple[Property, ...]:
    key = "leads-to"
    claims: dict[str, Property] = {}
    for i, entry in enumerate(model.leads_to):
        cause, goal = (goals.at((key, i, part), getattr(entry, part)) for part in ("when", "then"))
        if cause is None or goal is None:
            continue
        claim = leads_to(cause, goal)
        if claim.id in claims:
            goals.wrong.append(Objection((key, i), f"'{claim.id}' is listed twice"))
        claims[claim.id] = claim
    return tuple(claims.values())


def object_to_needless(model: ModelFile, properties: Sequence[Property], wrong: list[Objection]) -> None:
    """Object to assumptions on which nothing rests."""
    if any(p.kind.on is On.RUN for p in properties):
        return
    for key in ASSUMED:
        if getattr(model, key):
            message = f"nothing rests on '{key}': no property is about runs, as under `eventually`"
            wrong.append(Objection((key,), message, key=True))


def assumed(
    model: ModelFile,
    members: Sequence[Member],
    network: Network,
    roles: Collection[str],
    wrong: list[Objection],
) -> Fairness:
    """What the file assumes of runs of these members. `roles` are those that a model may do without."""
    known, shared = patterns(members, network, roles), mixed(members)
    weak, strong, ending = (
        _read(key, getattr(model, key), known, shared, network, wrong) for key in ASSUMED
    )
    finitely = []
    for i, assumption in ending.items():
        try:
            Fairness(tuple(weak.values()), tuple(strong.values()), (assumption,))
            finitely.append(assumption)
        except ValueError as both:
            wrong.append(Objection(("finitely", i), str(both)))
    return Fairness(tuple(weak.values()), tuple(strong.values()), tuple(finitely))


def _read(
    key: str,
    texts: Sequence[str],
    known: Mapping[str, Steps],
    shared: Mapping[str, str],
    network: Network,
    wrong: list[Objection],
) -> dict[int, Assumption]:
    """The assumptions that a key lists, by their places there. `shared` says what cannot be told apart."""
    found: dict[int, Assumption] = {}
    for i, text in enumerate(texts):
        if text in texts[:i]:
            wrong.append(Objection((key, i), f"'{text}' is listed twice"))
        elif text in shared:
            wrong.append(Objection((key, i), shared[text]))
        elif text not in known:
            simple = [name for name in known if "." not in name]
            names = known if nearest(text, known) is not None else simple
            wrong.append(Objection((key, i), Unknown.of("steps", text, names)))
        elif not known[text]:
            wrong.append(Objection((key, i), _fits_nothing(text, network)))
        else:
            found[i] = Assumption(text, known[text])
    return found


def _fits_nothing(text: str, network: Network) -> str:
    if text.rpartition(".")[2] != LOSS or loses(network):
        return f"'{text}' fits nothing here: no node of this model takes such a step"
    never = "a message is lost there by never being taken" if network.unordered else "it loses none"
    return f"'{text}' fits nothing here: no step of the network {network.name} loses a message; {never}"


def loses(network: Network) -> bool:
    """Whether the network has steps that lose a message."""
    waiting = network.post(network.empty, "sender", ("message",))
    return any(choice.lost for choice in network.choices(waiting))


def patterns(members: Sequence[Member], network: Network, roles: Collection[str] = ()) -> dict[str, Steps]:
    """Every pattern, with the steps that it means; none for one that is known but fits nothing here.

    Of several meanings of a text the first counts: all nodes, a role, a node, an action. `roles` are those
    that a model may do without.
    """
    everybody, by_role, by_node, by_action = meanings = tuple[_Meant, ...](
        defaultdict(set) for _ in range(4)
    )
    for word in (DELIVERIES, WAKES, LOSS):
        everybody[word] = set()
    for role in roles:
        by_role[role] = set()
    lossy = loses(network)
    for member, process in ((m, one) for m in members for one in (m, *m.parts)):
        whose = ((by_role, process.role.name), (by_node, show(process.name)))
        for way, actions in _ways(member, process, lossy=lossy).items():
            steps = {(member.name, action) for action in actions.values()}
            everybody[way] |= steps
            for meant, who in whose:
                meant[who] |= steps if way != LOSS else set()
                meant[f"{who}.{way}"] |= steps
                for own, action in actions.items():
                    meant[f"{who}.{own}"].add((member.name, action))
            for own, action in actions.items():
                by_action[own].add((member.name, action))
    found: dict[str, Steps] = {}
    for meant in meanings:
        for text, steps in meant.items():
            found.setdefault(text, frozenset(steps))
    return found


def mixed(members: Sequence[Member]) -> dict[str, str]:
    """Patterns for steps of a process that nothing tells from those of another on its machine, and why."""
    found = {}
    for member in members:
        for kind in {kind for part in member.parts for kind in part.role.rules}:
            sharing = [member.parts[place] for place in receivers(member.parts, kind)]
            for one, other in ((one, other) for one in sharing for other in sharing if one is not other):
                why = f"{show(member.name)} takes {action_name(kind)} for {show(other.name)} too"
                whose = [show(one.name)] + ([one.role.name] if one.role.name != other.role.name else [])
                for who in whose:
                    for text in (who, f"{who}.{DELIVERIES}", f"{who}.{LOSS}", f"{who}.{action_name(kind)}"):
                        found[text] = f"'{text}' cannot be told from other steps: {why}"
    return found


def _ways(member: Member, process: Member, *, lossy: bool) -> dict[str, dict[str, str]]:
    """The actions of a member, by whether they take a message, take none, or lose one.

    Of a process that it hosts: the process's own, each with what the member calls it.
    """
    role = process.role
    taken = [action_name(kind) for kind in role.rules if kind not in role.immediate]
    parts = member.parts if process is not member else ()
    wakes = {name: wake_of(name, process, parts) for name in role.wakes}
    return {
        DELIVERIES: {name: name for name in taken},
        WAKES: wakes,
        LOSS: {LOSS: LOSS} if lossy and taken else {},
    }
