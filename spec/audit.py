"""What must be so when a run is over: nothing that was answered is lost, and replicas are equal.

This is judged from what was decided, as leaders have told replicas, from the states in which replicas
ended, and from what clients were answered and when: without the rules of replicas, and without their logs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checker.model.deployed import Acknowledged, Found
from checker.model.linearizability import Invocation, Response, SequentialObject, linearization
from pmmc import kv
from pmmc.replica import Replica
from pmmc.values import Command, Node

#: What was looked at.
KEPT = "no acknowledged command is lost"
EQUAL, AGREEING = "replicas are equal", "replicas agree as far as they have come"
LINEARIZABLE = "answers are linearizable"
UNLOGGED = "and without event logs it is not known whether all that was acknowledged was decided"
#: Of faults of one kind so many are told.
TOLD = 5


def examine(
    states: Mapping[Any, Any],
    decided: Iterable[Any] | None,
    acknowledged: Sequence[Acknowledged],
    *,
    settled: bool,
) -> Found:
    """All that is wrong; of what was decided nothing is known if nobody has logged it.

    That replicas have come equally far is only asked for if there was time for that.
    """
    replicas = {node: state for node, state in states.items() if isinstance(state, Replica)}
    unequal = [*_unequal(replicas, settled=settled), *not_linearizable(acknowledged)]
    says = [EQUAL if settled else AGREEING, LINEARIZABLE]
    if decided is None:
        return Found(", ".join((*says, UNLOGGED)), unequal)
    log, wrong = one_for_each_slot(decided)
    performed, results = replayed(log)
    for node, state in replicas.items():
        wrong += _not_of_the_log(node, state, log)
    wrong += _lost(acknowledged, results)
    wrong += _out_of_order(acknowledged, performed)
    return Found(", ".join((KEPT, *says)), [*wrong, *unequal])


def one_for_each_slot(decided: Iterable[Any]) -> tuple[dict[int, Command], list[str]]:
    """What was decided by slot, and what was decided otherwise as well."""
    log: dict[int, Command] = {}
    wrong = []
    for decision in decided:
        known = log.setdefault(decision.slot, decision.command)
        if known != decision.command:
            wrong.append(f"slot {decision.slot} is decided as {known} and as {decision.command}")
    return log, wrong[:TOLD]


def replayed(log: Mapping[int, Command]) -> tuple[list[tuple[str, int]], dict[tuple[str, int], str]]:
    """What is performed if decisions are performed in order, each command once, and its result.

    Commands go by client and number.
    """
    store, performed, results = kv.EMPTY, [], {}
    for slot in sorted(log):
        command = log[slot]
        call = (str(command.client), command.cid)
        if call not in results and not isinstance(command.op, kv.Reconfigure):
            store, result = kv.apply(store, command.op)
            performed.append(call)
            results[call] = "".join(result)
    return performed, results


def _unequal(replicas: Mapping[Node, Replica], *, settled: bool) -> Iterator[str]:
    first = next(iter(replicas), None)
    for node, state in replicas.items():
        if first is not None and state.slot_out != replicas[first].slot_out:
            if settled:
                yield f"{node} has come to slot {state.slot_out}, {first} to {replicas[first].slot_out}"
        elif first is not None and state.store != replicas[first].store:
            yield f"{node} and {first} have performed the same slots and hold other values"


def _not_of_the_log(node: Node, state: Replica, log: Mapping[int, Command]) -> Iterator[str]:
    missing = [slot for slot in range(1, state.slot_out) if slot not in log]
    if missing:
        yield f"{node} has performed slot {missing[0]}, which nobody has decided"
        return
    store, done = kv.EMPTY, set()
    for slot in range(1, state.slot_out):
        command = log[slot]
        if (command.client, command.cid) not in done and not isinstance(command.op, kv.Reconfigure):
            done.add((command.client, command.cid))
            store, _ = kv.apply(store, command.op)
    if store != state.store:
        yield f"{node} does not hold what the decisions below slot {state.slot_out} give"


def _lost(acknowledged: Sequence[Acknowledged], results: Mapping[tuple[str, int], str]) -> list[str]:
    wrong = []
    for one in acknowledged:
        result = results.get((str(one.client), one.number))
        if result is None:
            wrong.append(f"{one.client} was answered '{one.text}', which was never decided")
        elif result != one.answer:
            wrong.append(f"{one.client} was answered '{one.answer}' to '{one.text}', and not '{result}'")
    return wrong[:TOLD]


def _out_of_order(acknowledged: Sequence[Acknowledged], performed: Sequence[tuple[str, int]]) -> list[str]:
    """What comes before another in the log although that had been answered before it was asked for."""
    times = {(str(one.client), one.number): one for one in acknowledged}
    wrong = []
    latest: Acknowledged | None = None
    for call in performed:
        one = times.get(call)
        if one is None:
            continue
        if latest is not None and one.ended < latest.began:
            wrong.append(f"'{latest.text}' of {latest.client} comes before '{one.text}' of {one.client}")
        if latest is None or one.began > latest.began:
            latest = one
    return wrong[:TOLD]


def not_linearizable(acknowledged: Sequence[Acknowledged]) -> list[str]:
    """The keys whose histories are not linearizable: by plain search, which knows nothing of any log."""
    by_key: dict[str, list[Acknowledged]] = defaultdict(list)
    for one in acknowledged:
        op = kv.parse(one.text)
        if isinstance(op, kv.Put | kv.Get | kv.Append):
            by_key[op.key].append(one)
    store = SequentialObject(kv.EMPTY, _applied)
    return [
        f"what clients were answered of key {key} is not linearizable"
        for key, calls in sorted(by_key.items())
        if linearization(store, _history(calls)) is None
    ][:TOLD]


def _applied(store: kv.Store, text: str) -> tuple[kv.Store, str]:
    after, result = kv.apply(store, kv.parse(text))
    return after, "".join(result)


def _history(calls: Sequence[Acknowledged]) -> list[Invocation | Response]:
    events: list[tuple[float, int, Invocation | Response]] = []
    for one in calls:
        call = (str(one.client), one.number)
        events.append((one.began, 0, Invocation(one.client, call, one.text)))
        events.append((one.ended, 1, Response(one.client, call, one.text, one.answer)))
    return [event for _, _, event in sorted(events, key=lambda event: event[:2])]
