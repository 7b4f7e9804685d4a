"""What holds of garbage collection (paper, section 4.2): claimed where a model file chooses it.

A *watermark* is the lowest slot of which an acceptor or a leader must still keep something. Of what is
below, properties read the history of acceptors and replicas.
"""

from collections.abc import Mapping
from functools import partial

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc import kv
from pmmc.messages import P1b
from pmmc.values import Context, Node, Proposal, in_slot_order, serving
from spec import views
from spec.properties.acceptors import Accepted, chosen
from spec.properties.messages import untold
from spec.properties.replicas import Performed
from spec.setting import Setting

SECTION = "paper, section 4.2"
#: Node → a slot: a watermark, or slot_out.
Slots = Mapping[Node, int]


def _performed_by_enough(setting: Setting, acceptors: Slots, leaders: Slots, slots: Slots) -> str | None:
    for keeper, watermark in (*acceptors.items(), *leaders.items()):
        done = [node for node, slot_out in slots.items() if slot_out >= watermark]
        enough = serving(setting.deployment.configurations, keeper).tolerated + 1
        if watermark > 1 and len(done) < enough:
            have = f"{show(tuple(done))} have" if done else "nobody has"
            return f"{keeper} has collected slots below {watermark}, which {have} performed, not {enough}"
    return None


def _watermark_rises(context: Context, before: int, after: int) -> str | None:
    return f"{context.me} goes back from watermark {before} to {after}" if after < before else None


def _promise_tells_watermark(
    setting: Setting, promises: Mapping[Node, frozenset[P1b]], accepted: Accepted
) -> str | None:
    for leader, words in promises.items():
        for promise in sorted(words, key=show):
            below = getattr(promise, "watermark", 1)
            votes = frozenset(p for p in accepted.get(promise.acceptor, ()) if p.slot >= below)
            fault = untold(promise, votes)
            if fault is not None:
                told = f"with watermark {below} {fault}"
                return f"{promise.acceptor} tells {leader} for ballot {promise.ballot} {told}"
    return None


def _nothing_commanded_below(context: Context, kept: tuple[int, frozenset[int]]) -> str | None:
    watermark, slots = kept
    below = sorted(slot for slot in slots if slot < watermark)
    return (
        f"{context.me} has collected slots below {watermark} and keeps slot {below[0]}" if below else None
    )


def _collected_is_decided(
    setting: Setting, acceptors: Slots, leaders: Slots, accepted: Accepted
) -> str | None:
    decided = {p.slot for p, _ in chosen(setting, accepted)}
    for keeper, watermark in (*acceptors.items(), *leaders.items()):
        undecided = sorted(set(range(1, watermark)) - decided)
        if undecided:
            return f"{keeper} has collected slot {undecided[0]}, which is not decided"
    return None


def _somebody_has_it(
    setting: Setting,
    acceptors: Slots,
    leaders: Slots,
    slots: Slots,
    environments: Mapping[Node, frozenset[Node]],
) -> str | None:
    down = setting.down(slots, frozenset[Node]().union(*environments.values()))
    for keeper, watermark in (*acceptors.items(), *leaders.items()):
        excused = len(down) > serving(setting.deployment.configurations, keeper).tolerated
        if (
            watermark > 1
            and not excused
            and all(slot < watermark for node, slot in slots.items() if node not in down)
        ):
            gone = f"{show(down)} are down, and nobody has them"
            return f"{keeper} has collected slots below {watermark}; {gone}"
    return None


def _remembers(context: Context, history: tuple[kv.Store, Performed]) -> str | None:
    store, performed = history
    expected = kv.EMPTY
    for command in performed:
        expected, _ = kv.apply(expected, command.op)
    if store != expected:
        return f"{context.me} holds {show(store)}; what it knows to have performed gives {show(expected)}"
    return None


def _reconfigurations_kept(
    context: Context, known: tuple[int, frozenset[Proposal], frozenset[Proposal]]
) -> str | None:
    slot_in, learned, kept = known
    window = context.deployment.window
    for p in in_slot_order(learned - kept):
        if slot_in <= p.slot + window:
            governs = f"governs slots from {p.slot + window} on"
            return f"{context.me} has forgotten {p}, which {governs}, and its slot_in is {slot_in}"
    return None


def _few_slots_kept(
    setting: Setting,
    acceptors: Mapping[Node, frozenset[int]],
    leaders: Mapping[Node, tuple[int, frozenset[int]]],
) -> str | None:
    kept = {**acceptors, **{node: slots for node, (_, slots) in leaders.items()}}
    window = setting.deployment.window
    for node, slots in kept.items():
        if len(slots) > window:
            many = f"{len(slots)} slots, and WINDOW is {window}"
            return f"nothing more will happen, and {node} keeps {show(slots)}: {many}"
    return None


def _slot_collected(setting: Setting, acceptors: Slots) -> str | None:
    for node, watermark in acceptors.items():
        if watermark > 1:
            return f"{node} has collected the slots below {watermark}"
    return None


def _state_transferred(setting: Setting, slots: Slots) -> str | None:
    for node, slot in slots.items():
        if slot > 1:
            return f"{node} was given the state of another replica, which has performed all below {slot}"
    return None


WATERMARKS = (views.COLLECTED, views.COLLECTED_BY_LEADER)
_claim = partial(Property, default=False)

COLLECTION_PROPERTIES = (
    _claim(
        id="GC-1",
        kind=Kind.STATE,
        meaning="What a leader or an acceptor has collected, f + 1 replicas have performed.",
        source=f"{SECTION}; Hawblitzel et al., IronFleet, SOSP 2015 (log truncation)",
        views=(*WATERMARKS, views.SLOT_OUT),
        judge=_performed_by_enough,
    ),
    _claim(
        id="GC-2",
        kind=Kind.ACTION,
        meaning="The watermark of an acceptor never decreases.",
        source="Hawblitzel et al., IronFleet, SOSP 2015; what is left of A3 under garbage collection",
        views=(views.COLLECTED,),
        judge=_watermark_rises,
    ),
    _claim(
        id="GC-2-leaders",
        kind=Kind.ACTION,
        meaning="The watermark of a leader never decreases.",
        source="as GC-2",
        views=(views.COLLECTED_BY_LEADER,),
        judge=_watermark_rises,
    ),
    _claim(
        id="GC-3",
        kind=Kind.STATE,
        meaning="What a promise under way leaves out of what its acceptor has accepted is below the "
        "watermark that it tells.",
        source=f"{SECTION}: the watermark in p1b; promise-tells-all",
        views=(views.PROMISES, views.ACCEPTED),
        judge=_promise_tells_watermark,
    ),
    _claim(
        id="GC-4",
        kind=Kind.NODE,
        meaning="A leader holds no proposal and commands nothing for a slot below its watermark.",
        source=f"{SECTION}: leaders skip what is collected",
        views=(views.LEADER_KEEPS,),
        judge=_nothing_commanded_below,
    ),
    _claim(
        id="GC-5",
        kind=Kind.STATE,
        meaning="A slot that is not decided is never collected.",
        source=f"{SECTION}; scylladb/scylladb#6149",
        views=(*WATERMARKS, views.ACCEPTED),
        judge=_collected_is_decided,
    ),
    _claim(
        id="GC-6",
        kind=Kind.STATE,
        meaning="As long as at most f replicas are down, one that is up has performed what is collected.",
        source=f"{SECTION}: why f + 1 replicas; Hawblitzel et al., IronFleet, SOSP 2015",
        views=(*WATERMARKS, views.SLOT_OUT, views.DOWN),
        judge=_somebody_has_it,
    ),
    _claim(
        id="GC-7",
        kind=Kind.NODE,
        meaning="The commands that a replica remembers as performed are those that have made its state.",
        source="paper, section 4.2: what is kept to tell duplicates; Hawblitzel et al., IronFleet, "
        "SOSP 2015 (the reply cache is transferred with the state)",
        views=(views.HISTORY,),
        judge=_remembers,
    ),
    _claim(
        id="GC-8",
        kind=Kind.NODE,
        meaning="A replica keeps the decision of a reconfiguration until slot_in is more than WINDOW above "
        "its slot.",
        source="paper, section 2.1, function propose",
        views=(views.RECONFIGURATIONS,),
        judge=_reconfigurations_kept,
    ),
    _claim(
        id="GC-9",
        kind=Kind.TERMINAL,
        meaning="When nothing more can happen, acceptors and leaders keep WINDOW slots at most; so it is "
        "for models in which they come up again, for one that is down keeps what it had.",
        source=f"{SECTION}: memory stays bounded",
        views=(views.ACCEPTOR_KEEPS, views.LEADER_KEEPS),
        judge=_few_slots_kept,
    ),
)

#: What a model with garbage collection must be able to reach.
COLLECTION_GOALS = (
    Property(
        id="slot-collected",
        kind=Kind.SOMETIMES,
        meaning="An acceptor forgets a slot that enough replicas have performed.",
        source="non-triviality: where nothing is collected garbage collection is not tested",
        views=(views.COLLECTED,),
        judge=_slot_collected,
    ),
    Property(
        id="state-transferred",
        kind=Kind.SOMETIMES,
        meaning="A replica that lags behind goes on from the state of another.",
        source=SECTION,
        views=(views.TRANSFERRED,),
        judge=_state_transferred,
    ),
)
