"""From a model to its vectors: every situation of its nodes, and what the rules make of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from checker.conformance.rules import Rules, nodes_of, unwrapped
from checker.conformance.suite import BEGINNING, FORMAT, KIND, LINE_PROTOCOL, Suite, Vector
from checker.engines.contract import Limits
from checker.engines.situations import Run, Situation, Situations, situations
from checker.host.version import own_version
from checker.model.environment.crashes import RESTART, Crash
from checker.model.values import show
from checker.model.vocabulary import Down, Member, action_name, kind_of
from checker.model.wire import Json, Wire

if TYPE_CHECKING:
    from checker.engines.choose import Reporter
    from checker.modelfiles.loading import LoadedModel

#: A request, and the run after which it comes up.
Due = tuple[Mapping[str, Json], int]


class Stopped(Exception):  # noqa: N818 - a limit, and no fault of anybody
    """The search came to no end, so not all situations are known; the message says why."""

    def __init__(self, why: str, *, interrupted: bool = False) -> None:
        super().__init__(why)
        self.interrupted = interrupted


def make(
    loaded: LoadedModel,
    roles: Sequence[str] | None = None,
    limits: Limits = Limits(),
    report: Reporter | None = None,
    *,
    workers: int = 1,
) -> Suite:
    """The vectors of some roles of a model, of all if none are named.

    Raises NoVectors if there can be none, Stopped if the search ends early, and CodeError where the
    model's own code goes wrong.
    """
    rules = Rules(loaded)
    nodes = nodes_of(loaded, rules.wire, roles)
    found = situations(loaded.system, frozenset(nodes), limits, report, workers=workers)
    if found.stopped is not None:
        raise Stopped(found.stopped, interrupted=found.interrupted)
    if found.unplaced:
        raise AssertionError(f"no run was found to {found.unplaced[0]}")
    maker = _Maker(rules)
    due = [*maker.beginnings(nodes), *maker.situations(found)]
    vectors = tuple(
        Vector(
            rules.nodes[request["node"]][1].role.name,
            {"id": number, **request},
            {"id": number, **rules.answer(request)},
            run,
        )
        for number, (request, run) in enumerate(due, 1)
    )
    runs = tuple(maker.run(number, run) for number, run in enumerate(found.runs))
    return Suite(_manifest(loaded, rules.wire, found, vectors, maker.left_out), vectors, runs)


class _Maker:
    """Makes requests of situations."""

    def __init__(self, rules: Rules) -> None:
        self._system, self._wire = rules.system, rules.wire
        #: what there is no vector of → how many there would be
        self.left_out: Counter[str] = Counter()

    def beginnings(self, nodes: Mapping[int, Member]) -> Iterator[Due]:
        """How nodes begin, of those of which the config tells it."""
        for member in nodes.values():
            why = self._wire.roles[member.role.name]
            if not why and isinstance(member.local, Down):
                why = "it begins down"
            if why:
                self.left_out[f"init of {member.role.name}: {why}"] += 1
            else:
                yield {"do": "init", "node": self._wire.write_node(member.name)}, BEGINNING

    def situations(self, found: Situations) -> Iterator[Due]:
        """All that nodes are asked later."""
        for situation, run in zip(found.found, found.leading, strict=True):
            member = self._system.members[situation.node]
            asked = self._asked(member, situation)
            if asked is not None:
                yield {"node": self._wire.write_node(member.name), **asked}, run

    def _asked(self, member: Member, situation: Situation) -> dict[str, Json] | None:
        """What a node is asked; None if it is asked nothing, or nothing that can be written."""
        local, message = situation.local, situation.message
        down = isinstance(local, Down)
        if message is None and (situation.wake == RESTART) is down:
            return self._woken(local, situation.wake)
        if down or message is None:
            return None
        state = self._wire.write_state(local)
        if isinstance(message, Crash):
            return {"do": "crash", "state": state}
        bare, sender = unwrapped(message)
        try:
            request = {"do": "step", "state": state, "message": self._wire.write_message(bare)}
        except TypeError:
            kind = action_name(kind_of(bare))
            self.left_out[f"{member.role.name}.{kind}: no message of the protocol"] += 1
            return None
        return request if sender is None else {**request, "from": self._wire.write_node(sender)}

    def _woken(self, local: Any, wake: str) -> dict[str, Json]:
        if isinstance(local, Down):
            return {"do": "restart", "state": self._wire.write_state(local.saved)}
        return {"do": "wake", "state": self._wire.write_state(local), "timer": wake}

    def run(self, number: int, run: Run) -> Json:
        """A run as the table of runs has it: what it goes on from, and its last step, in words too."""
        if number == BEGINNING:
            return {"run": number}
        does: dict[str, Json] = {"action": run.action}
        if run.message is not None:
            bare, sender = unwrapped(run.message)
            does["takes"] = show(bare)
            sender = run.sender if sender is None else sender
            does |= {} if sender is None else {"from": show(sender)}
        if run.lost:
            does["lost"] = True
        node = show(self._system.members[run.node].name)
        return {"run": number, "after": run.parent, "step": run.step, "node": node, **does}


def _manifest(
    loaded: LoadedModel,
    wire: Wire,
    found: Situations,
    vectors: Sequence[Vector],
    left_out: Mapping[str, int],
) -> dict[str, Any]:
    """What the vectors are of; the names and hashes of files are added when they are written."""
    by_role: dict[str, list[Vector]] = {}
    for vector in vectors:
        by_role.setdefault(vector.role, []).append(vector)
    return {
        "kind": KIND,
        "format": FORMAT,
        "line_protocol": LINE_PROTOCOL,
        "version": own_version(),
        "protocol": loaded.protocol.name,
        "model": {
            "name": loaded.model.name,
            "file": loaded.path,
            "sha256": loaded.sha256,
            "text": loaded.text,
        },
        "config": wire.config(),
        "network": loaded.system.network.name,
        "search": {
            "exhaustive": True,
            "reductions": [],
            "states": found.states,
            "generated": found.generated,
            "depth": found.depth,
        },
        "roles": {
            role: {
                "vectors": len(those),
                "nodes": sorted({vector.node for vector in those}),
                "asked": dict(Counter(vector.request["do"] for vector in those)),
            }
            for role, those in by_role.items()
        },
        "runs": len(found.runs),
        "left_out": dict(sorted(left_out.items())),
        "sets": sets_in(wire, ordered=not loaded.system.network.unordered),
    }


def sets_in(wire: Wire, *, ordered: bool) -> list[str]:
    """The fields whose arrays are sets, the order of which means nothing.

    So are the steps of an answer, and what one sends, unless the network is `ordered`.
    """
    found = {"steps"} if ordered else {"steps", "sends"}
    for one in wire.schema().values():
        for name, shape in one.get("properties", {}).items():
            if any(inner.get("uniqueItems") for inner in (shape, *shape.get("anyOf", ()))):
                found.add(name)
    return sorted(found)
