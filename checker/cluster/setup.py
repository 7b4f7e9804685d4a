"""What all processes of a cluster know: who is where, what the network does, what does not sync."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from checker.cluster.datagrams import MOST
from checker.cluster.faults import Faults
from checker.model.deployed import Deployed

#: The process of the clients of the load, and of one that asks by hand.
CLIENTS, PROMPT = "clients", "prompt"
LOCALHOST = "127.0.0.1"
NO_FAULTS = Faults()
#: What a process counts beside the messages that it sends, by name.
COUNTED = (
    *(
        "steps",
        "received",
        "unreadable",
        "handed over",
        "datagrams",
        "bytes",
        "lost",
        "doubled",
        "fragmented",
    ),
    *("batches", "syncs", "sync seconds", "stored bytes"),
)


@dataclass(frozen=True, slots=True)
class Setup:
    """A cluster: its folder, its system, and process → port; the nodes in `unsynced` do not sync.

    `seed` is that of timers and choices, `logged` whether event logs are written, `every` after how many
    steps a node's state is among them.
    """

    folder: Path
    deployed: Deployed
    ports: Mapping[str, int]
    faults: Faults = NO_FAULTS
    unsynced: frozenset[str] = frozenset()
    seed: int = 0
    logged: bool = True
    every: int = 200
    datagram: int = MOST
    homes: Mapping[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        hosted = {**self.deployed.hosts, CLIENTS: self.deployed.clients}
        homes = {str(node): host for host, nodes in hosted.items() for node in nodes}
        prompts = {str(node): str(node) for node in self.deployed.prompts}
        object.__setattr__(self, "homes", {**homes, **prompts})

    def counted(self) -> tuple[str, ...]:
        """The names of all counts of a process."""
        return (*COUNTED, *self.deployed.messages)

    def log_of(self, node: str) -> Path:
        """The event log of a node."""
        return self.folder / "logs" / f"{file_name(node)}.jsonl"

    def disk_of(self, host: str) -> Path:
        """The stable storage of a process."""
        return self.folder / "disk" / f"{file_name(host)}.storage"

    def counters_of(self, host: str) -> Path:
        """What a process counts."""
        return self.folder / "counters" / file_name(host)

    def make_folders(self) -> None:
        """Make the folders of all these files."""
        for name in ("logs", "disk", "counters"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)


def file_name(name: str) -> str:
    """A name as that of a file."""
    return name.replace(" ", "-")
