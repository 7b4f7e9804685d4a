"""A-02 of the catalogue: a promise is told, and not kept in mind."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from kit import serve
from server import Server


class NoPromise(Server):
    """Answers a candidate, and goes on accepting what lower ballots propose."""

    def on_p1a(self, message, candidate):
        if message["ballot"] > self.state["promised"]:
            self.send(candidate, {"type": "p1b", "ballot": message["ballot"], "log": self.reported()})


serve(NoPromise)
