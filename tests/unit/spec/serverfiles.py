"""Model files of servers and machines, as short as they can be."""

from typing import Any

from checker.modelfiles.loading import load_text
from spec.protocol import PMMC

FILE = """\
name: machines
commands: [put k A, put k B]
bounds: {slots: 2, rounds: 1}
network: at-most-once
"""
SERVERS = "nodes: {servers: 3}\n"
NODES = "nodes: {acceptors: 3, leaders: 2, replicas: 1}\n"

#: With one command for one slot.
SMALL = FILE.replace(", put k B", "").replace("slots: 2", "slots: 1")


def system(text: str, file: str = FILE) -> Any:
    return load_text(file + text, "m.yaml", protocols={"pmmc": PMMC}).system
