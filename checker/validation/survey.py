"""A first look at logs: whose they are, which nodes have one, and what the config says.

Small ones, and foreign ones, are gone through as a whole, so that what is wrong with them is told before
anything is replayed. Of large ones the names of nodes are looked for, and only the beginnings are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from checker.model.logs import Observed
from checker.model.wire import Json, text
from checker.validation.events import Event, EventKind, LogFaults, Translate
from checker.validation.reading import Reader

#: Bytes of logs that are gone through as a whole before they are replayed.
SMALL = 24_000_000
#: Lines of each file that are read of larger ones.
BEGINNING = 50
_NODE = re.compile(rb'"node"\s*:\s*("(?:[^"\\]|\\.)*")')
_CHUNK = 1 << 24


def survey(
    paths: Sequence[Path],
    translate: Translate | None,
    collect: Callable[[Json], Iterable[Json]],
    rules: Mapping[str, str],
    kind: str = "",
) -> Observed:
    """What is seen of the logs. Raises LogFaults, OSError."""
    reader = Reader(paths, translate)
    small = translate is not None or reader.size <= SMALL
    seen = _Seen(collect, kind)
    try:
        for source in reader.sources:
            left = BEGINNING
            while not source.done and (small or left > 0):
                for event, _ in reader.some(source):
                    seen.note(event, reader)
                left -= BEGINNING
        if reader.faults:
            raise LogFaults(reader.faults)
    finally:
        reader.close()
    nodes = seen.nodes if small else {**seen.nodes, **dict.fromkeys(_named(paths))}
    configs, collected = tuple(seen.configs), tuple(seen.collected.values())
    return Observed(configs, tuple(nodes), rules, kind, collected if small else (), small)


class _Seen:
    """What was seen so far."""

    def __init__(self, collect: Callable[[Json], Iterable[Json]], kind: str) -> None:
        self.configs: list[Json] = []
        self.nodes: dict[str, None] = {}
        self.collected: dict[str, Json] = {}
        self._collect, self._kind = collect, kind
        self._first: Any = None

    def note(self, event: Event, reader: Reader) -> None:
        """One more event."""
        if event.kind is not EventKind.START or "state" in event.body or not self._kind:
            self.nodes[event.node] = None
        if event.kind is EventKind.START and event.body.get("config") is not None:
            self._config(event, reader)
        if event.kind in (EventKind.RECEIVE, EventKind.SEND):
            for one in self._collect(event.body["message"]):
                self.collected.setdefault(text(one), one)

    def _config(self, event: Event, reader: Reader) -> None:
        config = event.body["config"]
        if not self.configs:
            self._first = event
        if config in self.configs:
            return
        if self.configs and not self._kind:
            first = reader.named(self._first.place)
            apart = [n for n in {**config, **self.configs[0]} if config.get(n) != self.configs[0].get(n)]
            said = f"another config than in {first}: they differ in {', '.join(sorted(apart))}"
            reader.fault(event.place, said)
        self.configs.append(config)


def _named(paths: Sequence[Path]) -> Iterable[str]:
    """The names of all nodes that may have events; perhaps some more."""
    found: dict[bytes, None] = {}
    for path in paths:
        with path.open("rb") as file:
            rest = b""
            while chunk := file.read(_CHUNK):
                found.update(dict.fromkeys(_NODE.findall(rest + chunk)))
                rest = chunk[-200:]
    for name in found:
        try:
            yield json.loads(name)
        except ValueError:
            continue
