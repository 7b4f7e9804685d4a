"""PMMC's own functions as a process: a model's roles in Python, asked over the line protocol.

    python served.py MODEL [--view]

With `--view` its local states are its own, with the fields that properties read beside them.
"""

import argparse
import json
import sys
from typing import Any

from checker.model.environment.crashes import Crash
from checker.model.vocabulary import Down, Member, Step, kind_of
from checker.model.wire import Wire
from checker.modelfiles.loading import load_text
from checker.modelfiles.protocol import protocols


class Served:
    """The members of a model, and how they are written."""

    def __init__(self, text: str, *, view: bool) -> None:
        loaded = load_text(text, "served", protocols=protocols())
        assert loaded.protocol.wire is not None
        self.wire: Wire = loaded.protocol.wire(loaded.model, loaded.system)
        self.members = {str(member.name): member for member in loaded.system.members}
        self.first = {
            str(member.name): [
                (str(to.name), message)
                for to in loaded.system.members
                for sender, message in to.inbox
                if sender == member.name
            ]
            for member in loaded.system.members
        }
        self.view = view

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What is answered to a request."""
        if asked["do"] == "hello":
            return {"protocol": 1}
        member = self.members[asked["node"]]
        if asked["do"] == "init":
            sends = [
                {"to": to, "message": self.wire.write_message(m)} for to, m in self.first[asked["node"]]
            ]
            return {"steps": [{**self.state(member.local), "sends": sends}]}
        local = self.read(member, asked["state"])
        if asked["do"] == "crash":
            ((down, _),) = member.role.rules[Crash](member.context, local, Crash())
            return {"steps": [self.state(down.saved)]}
        if asked["do"] == "restart":
            steps = member.role.wakes["restart"](member.context, Down(local))
        elif asked["do"] == "wake":
            steps = member.role.wakes[asked["timer"]](member.context, local)
        else:
            message = self.wire.read_message(asked["message"])
            steps = member.role.rules[kind_of(message)](member.context, local, message)
        return {"steps": [self.step(Step(*step)) for step in steps]}

    def step(self, step: Step) -> dict[str, Any]:
        """A step as it is written; what is sent to the environment is not the node's own."""
        sends = [(str(to), m) for to, m in step.sends if not str(to).startswith("environment")]
        written = [{"to": to, "message": self.wire.write_message(m)} for to, m in sends]
        return {**self.state(step.state), "sends": written}

    def state(self, local: Any) -> dict[str, Any]:
        """A local state as it is written."""
        if not self.view:
            return {"state": self.wire.write_state(local)}
        fields = self.wire.write_state(local)
        return {"state": ["own", fields], "view": fields}

    def read(self, member: Member, written: Any) -> Any:
        """The local state that is written so."""
        return self.wire.read_state(written[1] if self.view else written, member.local)


def main() -> None:
    """Answer until there is nothing more to be answered."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("model")
    arguments.add_argument("--view", action="store_true")
    given = arguments.parse_args()
    with open(given.model, encoding="utf-8") as file:  # noqa: PTH123 - a script
        served = Served(file.read(), view=given.view)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps({"id": asked["id"], **served.answer(asked)}), flush=True)


if __name__ == "__main__":
    main()
