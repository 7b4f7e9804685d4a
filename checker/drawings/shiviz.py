"""Traces as logs with vector clocks, as ShiViz reads them: two lines an event, after two lines for ShiViz.

The first line of a file is the expression by which ShiViz finds events, the second the one by which it
finds where another execution begins, if there are several.

Every step ticks the clock of the node that takes it and learns from the clock of whoever sent what it
takes; what is under way at the start has its sender's event `start` for a cause. Handling an immediate
message is an event of its receiver. A message that goes missing is an event of the host `network`. A host
begins at 1 and rises by 1; a clock names only hosts that log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from checker.model.behaviour import Trace
from checker.model.values import show
from checker.model.vocabulary import NodeName
from checker.model.wording import action_of, step_differences
from checker.traces.causality import Causality

#: The host of what the network does by itself.
NETWORK = "network"
#: How ShiViz finds an event in the log of one trace; it is its default.
PARSER = r"(?<event>.*)\n(?<host>\S*) (?<clock>{.*})"
#: How it finds one where there are several traces, and where each of them begins. It marks events that the
#: other trace has not by their text, so the number of the step is a field of its own.
PARSER_OF_SEVERAL = r"(?<event>.*)\n(?<step>\d+) (?<host>\S*) (?<clock>{.*})"
DELIMITER = "^=== (?<trace>.*) ===$"

Clock = dict[str, int]


class Event(NamedTuple):
    """An event of a log: the step that it belongs to (0: before the first), its host, and its clock."""

    step: int
    text: str
    host: str
    clock: Clock


def log(trace: Trace) -> str:
    """The log of a trace."""
    lines = [PARSER, ""]
    for event in events(trace):
        lines += [
            f"{event.step}. {event.text}" if event.step else event.text,
            f"{event.host} {_json(event)}",
        ]
    return "".join(f"{line}\n" for line in lines)


def log_of_several(traces: Sequence[tuple[str, Trace]]) -> str:
    """The log of several traces, each with a title of its own; ShiViz shows two of them side by side."""
    lines = [PARSER_OF_SEVERAL, DELIMITER]
    for title, trace in traces:
        lines.append(f"=== {_line(title)} ===")
        for event in events(trace):
            lines += [event.text, f"{event.step} {event.host} {_json(event)}"]
    return "".join(f"{line}\n" for line in lines)


def _json(event: Event) -> str:
    return json.dumps(event.clock, ensure_ascii=False)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def events(trace: Trace) -> Iterator[Event]:
    """The events of a trace, each after those that it rests on."""
    known, hosts = Causality(trace), hosts_of(trace)
    names = dict(zip((member.name for member in trace.system.members), hosts, strict=True))
    clocks: dict[str, Clock] = {}
    begun: dict[NodeName, Clock] = {}
    sent: dict[int, Clock] = {}

    def happens(step: int, text: str, host: str, learns: Clock) -> Event:
        clock = clocks.setdefault(host, {})
        for other, ticks in learns.items():
            clock[other] = max(clock.get(other, 0), ticks)
        clock[host] = clock.get(host, 0) + 1
        ordered = {host: clock[host], **{name: clock[name] for name in sorted(clock)}}
        return Event(step, _line(text), host, ordered)

    first = [parcel for parcel in known.parcels if parcel.sent == 0]
    for sender in dict.fromkeys(parcel.sender for parcel in first):
        messages = dict.fromkeys(show(parcel.message) for parcel in first if parcel.sender == sender)
        host = names.setdefault(sender, _unique(show(sender), [*names.values(), NETWORK]))
        event = happens(0, f"start; {', '.join(messages)}", host, {})
        begun[sender] = event.clock
        yield event
    senders = {number: parcel.sender for parcel in first for number in parcel.taken}
    for number, step in enumerate(trace.steps, start=1):
        transition = step.transition
        host = NETWORK if transition.lost else hosts[transition.node]
        again = ["repeats for ever"] if trace.loop is not None and number > trace.loop else []
        what = [action_of(transition), *step_differences(trace.system, step), *again]
        cause = (
            begun[senders[number]] if number in senders else sent.get(known.origins[number - 1] or 0, {})
        )
        event = happens(number, "; ".join(what), host, cause)
        sent[number] = event.clock
        yield event
        for parcel in known.parcels:
            if parcel.at_once and parcel.sent == number:
                yield happens(number, show(parcel.message), hosts[parcel.receiver], event.clock)


def hosts_of(trace: Trace) -> list[str]:
    """A name for each node that has no blank in it and is no other node's."""
    hosts: list[str] = []
    for member in trace.system.members:
        hosts.append(_unique(show(member.name), [*hosts, NETWORK]))
    return hosts


def _unique(name: str, taken: Sequence[str]) -> str:
    host = re.sub(r"\s+", "", name) or "node"
    return host if host not in taken else f"{host}.{len(taken) - 1}"
