"""A small reader of event logs: each node's log is replayed by the pure functions, event by event."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from checker.model.deployed import Deployed, Played


class Misfit(AssertionError):  # noqa: N818 - as events of logs are called that do not fit
    """The first event of a node's log that the rules do not make."""


def replay(deployed: Deployed, path: Path) -> Counter[str]:
    """Replay one node's log; how often each event was there. Raises Misfit."""
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [event["seq"] for event in events] == [*range(1, len(events) + 1)]
    wire = deployed.wire
    played = deployed.playing(wire.read_node(events[0]["node"]), (), 1)
    state: Any = None
    expected: list[tuple[str, Any]] = []
    for event, following in zip(events, [*events[1:], None], strict=True):
        kind = event["event"]
        if kind == "start":
            state, expected = (
                wire.read_state(event["state"], played.begin),
                _written(deployed, played.sends),
            )
        elif kind == "recover":
            saved = replace(played.begin, **{name: getattr(state, name) for name in played.stable})
            state, sends = played.recover(saved)
            expected = _written(deployed, sends)
        elif kind in ("receive", "wake"):
            state, sends = _step(deployed, played, state, event)
            expected = _written(deployed, sends)
        elif kind == "send" and (not expected or expected.pop(0) != (event["to"], event["message"])):
            raise Misfit(f"{path.name}:{event['seq']}: no rule sends {event['message']} to {event['to']}")
        if kind in ("state", "recover") and wire.write_state(state) != event["state"]:
            wrong = [
                name for name, value in wire.write_state(state).items() if event["state"][name] != value
            ]
            raise Misfit(f"{path.name}:{event['seq']}: {kind} with other {', '.join(wrong)}")
        ends_here = following is None or following["event"] in ("receive", "wake")
        if expected and ends_here:
            raise Misfit(f"{path.name}:{event['seq']}: {expected[0]} was not sent")
    return Counter(event["event"] for event in events)


def _step(deployed: Deployed, played: Played, state: Any, event: Any) -> tuple[Any, Any]:
    if event["event"] == "wake":
        steps = tuple(played.role.wakes[event["name"]](played.context, state))
    else:
        message = deployed.wire.read_message(event["message"])
        steps = tuple(played.role.rules[type(message)](played.context, state, message))
    return steps[0] if steps else (state, ())


def _written(deployed: Deployed, sends: Any) -> list[tuple[str, Any]]:
    return [(str(to), deployed.wire.write_message(message)) for to, message in sends]


def received_unsent(paths: list[Path]) -> Iterator[str]:
    """Messages that somebody took although nobody had sent them, by all logs together."""
    sent: set[str] = set()
    taken: set[str] = set()
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            if event["event"] == "send":
                sent.add(json.dumps([event["node"], event["to"], event["message"]]))
            elif event["event"] == "receive":
                taken.add(json.dumps([event["from"], event["node"], event["message"]]))
    yield from sorted(taken - sent)
