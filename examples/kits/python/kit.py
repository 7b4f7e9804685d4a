"""The line protocol of pmmc, version 1, for nodes written in Python: copy this file, it needs no other.

A node is a subclass of `Node`. For each call a new object is made, `self.state` is set, one handler runs:

    begin()               set self.state to what the node knows at first; it may send
    on_TYPE(message, sender)   a message {"type": "TYPE", …} has come
    wake(timer)           the timer of this name goes off
    disk()                what is on disk: returned; all of the state if not overridden
    restart()             after a crash; self.state is what was on disk
    view()                what properties read, if that is not the state itself

A handler changes `self.state`, which is JSON, and calls `self.send(to, message)`. One that does neither has
ignored what came, and the message stays where it is. Nothing else may be kept from call to call.
"""

import json
import os
import sys
import traceback


class Node:
    """A node: `name`, the model's `config`, the `state`. Subclasses have the handlers."""

    def __init__(self, name, config, state):
        self.name, self.config, self.state, self.sends = name, config, state, []

    def send(self, to, message):
        """Send a message, {"type": …} and more, to one node or to each of a list."""
        for node in [to] if isinstance(to, str) else to:
            self.sends.append({"to": node, "message": message})

    def wake(self, timer):
        """A timer goes off. None is set."""

    def disk(self):
        """What is on disk: everything."""
        return self.state

    def restart(self):
        """After a crash, begin with what was on disk."""

    def view(self):
        """What properties read. None: the state itself."""
        return None

    def step(self):
        """What has come of a call, as the protocol has it."""
        step = {"state": self.state, "sends": self.sends}
        return step if (view := self.view()) is None else {**step, "view": view}


def answer(kinds, config, request):
    """The answer to one request; `kinds` are classes by the first word of a node's name, or one class."""
    if request["do"] == "hello":
        config.update(request["config"])
        return {"protocol": 1}
    kind = kinds if isinstance(kinds, type) else kinds[request["node"].split()[0]]
    before = request.get("state")
    node = kind(request["node"], config, json.loads(json.dumps(before)))
    match request["do"]:
        case "init":
            node.begin()
            return {"steps": [node.step()]}
        case "restart":
            node.restart()
            return {"steps": [node.step()]}
        case "crash":
            return {"steps": [{"state": node.disk()}]}
        case "wake":
            node.wake(request["timer"])
        case "step":
            message = request["message"]
            handler = getattr(node, "on_" + message["type"], None)
            if handler is not None:
                handler(message, request.get("from"))
    ignored = node.state == before and not node.sends
    return {"steps": [] if ignored else [node.step()]}


def serve(kinds):
    """Answer the requests on standard input, as many at once as are there, until it ends."""
    config, rest = {}, b""
    while chunk := os.read(0, 1 << 20):
        *lines, rest = (rest + chunk).split(b"\n")
        answers = []
        for request in map(json.loads, lines):
            try:
                said = answer(kinds, config, request)
            except Exception as error:  # noqa: BLE001 - whatever a handler raises is told
                traceback.print_exc()
                said = {"error": f"{type(error).__name__}: {error}"}
            answers.append(json.dumps({"id": request["id"], **said}, ensure_ascii=False) + "\n")
        sys.stdout.buffer.write("".join(answers).encode())
        sys.stdout.buffer.flush()
