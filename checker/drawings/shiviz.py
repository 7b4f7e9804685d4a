"""A trace as a log with vector clocks, as ShiViz reads it: two lines an event.

Every step ticks the clock of the node that takes it and learns from the clock of whoever sent what it
takes. Handling an immediate message is an event of its receiver. A message that goes missing is an event of
the host `network`. A host begins at 1 and rises by 1; a clock names only hosts that log.
"""

from __future__ import annotations

import json
import re

from checker.model.behaviour import Trace
from checker.model.values import show
from checker.model.wording import action_of, step_differences
from checker.traces.causality import Causality

#: The host of what the network does by itself.
NETWORK = "network"
#: How ShiViz finds an event in a log made here; it is its default.
PARSER = r"(?<event>.*)\n(?<host>\S*) (?<clock>{.*})"

Clock = dict[str, int]


def log(trace: Trace) -> str:
    """The log of a trace."""
    known, hosts = Causality(trace), hosts_of(trace)
    clocks: dict[str, Clock] = {host: {} for host in [*hosts, NETWORK]}
    sent: dict[int, Clock] = {}
    lines: list[str] = []

    def happens(host: str, event: str, learns: Clock) -> Clock:
        clock = clocks[host]
        for other, ticks in learns.items():
            clock[other] = max(clock.get(other, 0), ticks)
        clock[host] = clock.get(host, 0) + 1
        ordered = {host: clock[host], **{name: clock[name] for name in sorted(clock)}}
        lines.extend([re.sub(r"\s+", " ", event), f"{host} {json.dumps(ordered, ensure_ascii=False)}"])
        return dict(clock)

    for number, step in enumerate(trace.steps, start=1):
        transition = step.transition
        host = NETWORK if transition.lost else hosts[transition.node]
        again = ["repeats for ever"] if trace.loop is not None and number > trace.loop else []
        changed = step_differences(trace.system, step)
        what = "; ".join([f"{number}. {action_of(transition)}", *changed, *again])
        sent[number] = happens(host, what, sent.get(known.origins[number - 1] or 0, {}))
        for parcel in known.parcels:
            if parcel.at_once and parcel.sent == number:
                happens(hosts[parcel.receiver], f"{number}. {show(parcel.message)}", sent[number])
    return "".join(f"{line}\n" for line in lines)


def hosts_of(trace: Trace) -> list[str]:
    """A name for each node that has no blank in it and is no other node's."""
    hosts: list[str] = []
    for position, member in enumerate(trace.system.members):
        host = re.sub(r"\s+", "", show(member.name)) or f"node{position}"
        hosts.append(host if host not in {*hosts, NETWORK} else f"{host}.{position}")
    return hosts
