"""Models whose acceptors are processes of tests/unit/support/player.py."""

import os
import shlex
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from sys import executable

SUPPORT = Path(__file__).parent
PLAYER = (executable, "-I", "-S", str(SUPPORT / "player.py"))


def model(command: Sequence[str], keys: str = "", rest: str = "") -> str:
    """A duel of two leaders about one slot, its acceptor being a process; `keys` are more of the role's."""
    words = ", ".join(f"'{word}'" for word in command)
    return f"""
name: played
nodes: {{acceptors: 1, leaders: 2, replicas: 1}}
commands: [put k A]
bounds: {{slots: 1, rounds: 1}}
implementation:
  acceptor:
    command: [{words}]
{keys}
{rest}
"""


def told(command: Sequence[str]) -> str:
    """A command as faults name it."""
    return f"'{' '.join(command)}' "


def shell(script: str, *more: Sequence[str]) -> tuple[str, ...]:
    """A command that runs a script, with commands as its arguments."""
    return ("sh", "-c", script, *(shlex.join(words) for words in more))


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and not only its exit code."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def started(folder: Path) -> list[int]:
    """The processes that have left their mark in a folder."""
    return [int(path.name) for path in folder.iterdir() if path.name.isdigit()]


def end_soon(pids: Sequence[int], seconds: float = 10.0) -> bool:
    """Whether processes have all ended within so many seconds."""
    until = time.monotonic() + seconds
    while any(map(is_alive, pids)):
        if time.monotonic() > until:
            for pid in pids:  # a test that fails leaves nothing behind either
                if is_alive(pid):
                    os.kill(pid, signal.SIGKILL)
            return False
        time.sleep(0.02)
    return True
