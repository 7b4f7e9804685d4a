"""Servers that come with the checker: a small Multi-Paxos, whose answers are those of the line protocol.

It stands in where a model file says `reference: multi-paxos`, for models that show what is checked before
there are servers of one's own. A ballot is [round, number of the server]; all have promised [0, 0] at
first, so server 0 leads without asking. A server whose timer goes off asks for promises in a higher ballot,
proposes anew what these report, and leads. All that a server knows is on its disk.
"""

from __future__ import annotations

import copy
from typing import Any

Json = Any


class Server:
    """One server at one moment: its state, changed by the one thing that is asked, and what it sends."""

    def __init__(self, name: str, config: Json, state: Json) -> None:
        self.name, self.servers, self.state = name, config["servers"], copy.deepcopy(state)
        self.options = config["options"]
        self.sends: list[Json] = []
        self.number = self.servers.index(name)

    # What may be asked ------------------------------------------------------------------------------------

    def init(self) -> None:
        """Begin: server 0 leads in ballot [0, 0]."""
        self.state = {"promised": [0, 0], "leads": self.number == 0, "votes": {}, "chosen": {}}
        self.state |= {"heard": {}, "acks": {}, "next": 1, "performed": [], "store": {}, "results": {}}

    def restart(self) -> None:
        """Come up with all that is on disk, as a follower."""
        self.follow(self.state["promised"])

    def wake(self) -> None:
        """The timer: ask for promises in a ballot above all that it has seen."""
        if self.state["leads"]:
            return
        self.follow([self.state["promised"][0] + 1, self.number])
        self.broadcast({"type": "p1a", "ballot": self.state["promised"]})
        self.hear(self.name, self.state["votes"])

    def on_request(self, message: Json, sender: str) -> None:
        """A client asks: who leads proposes the command, or answers if it is done."""
        command = {key: message[key] for key in ("client", "cid", "op")}
        if not self.state["leads"]:
            return
        if self.is_done(command):
            self.respond(command["client"])
        elif all(vote["command"] != command for vote in self.state["votes"].values()):
            slot = next(
                s for s in range(1, len(self.state["votes"]) + 2) if str(s) not in self.state["votes"]
            )
            self.propose(str(slot), command)

    def on_p1a(self, message: Json, sender: str) -> None:
        """A candidate asks: promise a higher ballot, and report all votes."""
        if message["ballot"] > self.state["promised"]:
            self.follow(message["ballot"])
            self.send(sender, {"type": "p1b", "ballot": message["ballot"], "votes": self.report()})

    def on_p1b(self, message: Json, sender: str) -> None:
        """A promise for the ballot that it asks for."""
        is_mine = message["ballot"] == self.state["promised"] and message["ballot"][1] == self.number
        if is_mine and not self.state["leads"]:
            self.hear(sender, message["votes"])

    def on_p2a(self, message: Json, sender: str) -> None:
        """A leader proposes: vote for it, unless a higher ballot is promised."""
        if self.may_vote(message["ballot"]):
            if message["ballot"] > self.state["promised"]:
                self.follow(message["ballot"])
            self.vote(message["ballot"], str(message["slot"]), message["command"])
            self.send(sender, {"type": "p2b", "ballot": message["ballot"], "slot": message["slot"]})

    def on_p2b(self, message: Json, sender: str) -> None:
        """A vote for what it proposes."""
        if self.state["leads"] and message["ballot"] == self.state["promised"]:
            self.acknowledge(sender, str(message["slot"]))

    def on_decision(self, message: Json, sender: str) -> None:
        """A slot is chosen."""
        slot = str(message["slot"])
        vote = self.state["votes"].get(slot)
        if vote is None or vote["ballot"] < message["ballot"]:
            self.vote(message["ballot"], slot, message["command"])
        self.learn(slot, message["command"])

    # How it goes on ---------------------------------------------------------------------------------------

    def follow(self, ballot: Json) -> None:
        """Lead no more, and promise a ballot."""
        self.state.update(promised=ballot, leads=False, heard={}, acks={})

    def may_vote(self, ballot: Json) -> bool:
        """Whether it may vote in a ballot."""
        return bool(ballot >= self.state["promised"])

    def report(self) -> Json:
        """What a promise reports."""
        return self.state["votes"]

    def is_majority(self, count: int) -> bool:
        """Whether so many servers are a majority."""
        return 2 * count > len(self.servers)

    def hear(self, server: str, votes: Json) -> None:
        """A promise; with those of a majority it leads, and proposes anew what they report."""
        self.state["heard"][server] = votes
        if not self.is_majority(len(self.state["heard"])):
            return
        best = self.best(self.state["heard"].values())
        self.state.update(leads=True, heard={})
        for slot in sorted(best, key=int):
            self.propose(slot, best[slot]["command"])

    def best(self, reported: Json) -> dict[str, Json]:
        """Of each slot the vote in the highest ballot."""
        found: dict[str, Json] = {}
        for votes in reported:
            for slot, vote in votes.items():
                if slot not in found or vote["ballot"] > found[slot]["ballot"]:
                    found[slot] = vote
        return found

    def propose(self, slot: str, command: Json) -> None:
        """Have a command voted for."""
        ballot = self.state["promised"]
        self.vote(ballot, slot, command)
        self.broadcast({"type": "p2a", "ballot": ballot, "slot": int(slot), "command": command})
        self.acknowledge(self.name, slot)

    def vote(self, ballot: Json, slot: str, command: Json) -> None:
        """Vote for a command."""
        self.state["votes"][slot] = {"ballot": ballot, "command": command}

    def acknowledge(self, server: str, slot: str) -> None:
        """A vote was counted; with those of a majority the command is chosen."""
        acks = sorted({*self.state["acks"].get(slot, []), server})
        before = len(self.state["acks"].get(slot, []))
        self.state["acks"][slot] = acks
        if self.is_majority(len(acks)) and not self.is_majority(before):
            vote = self.state["votes"][slot]
            self.learn(slot, vote["command"])
            decided = {"type": "decision", "slot": int(slot), "ballot": vote["ballot"]}
            self.broadcast({**decided, "command": vote["command"]})

    def learn(self, slot: str, command: Json) -> None:
        """A slot is chosen: perform what is next."""
        self.state["chosen"].setdefault(slot, command)
        while str(self.state["next"]) in self.state["chosen"]:
            self.perform(self.state["chosen"][str(self.state["next"])])
            self.state["next"] += 1

    def perform(self, command: Json) -> None:
        """Perform a command, unless it was performed for another slot; who leads answers."""
        if not self.is_done(command):
            word, key, *value = command["op"].split()
            old = self.state["store"].get(key, "")
            new = {"get": old, "put": "".join(value), "append": old + "".join(value)}[word]
            if word != "get":
                self.state["store"][key] = new
            self.state["performed"].append(command)
            self.state["results"][command["client"]] = {"cid": command["cid"], "result": new}
        if self.state["leads"]:
            self.respond(command["client"])

    def is_done(self, command: Json) -> bool:
        """Whether a command was performed: a client asks for one after the other."""
        return bool(self.state["results"].get(command["client"], {"cid": 0})["cid"] >= command["cid"])

    def respond(self, client: str) -> None:
        """Answer a client with its last result."""
        self.send(client, {"type": "response", **self.state["results"][client]})

    def send(self, to: str, message: Json) -> None:
        """Send a message to one node."""
        self.sends.append({"to": to, "message": copy.deepcopy(message)})

    def broadcast(self, message: Json) -> None:
        """Send a message to all other servers."""
        for server in self.servers:
            if server != self.name:
                self.send(server, message)

    def view(self) -> Json:
        """The log as it is shown."""
        chosen = self.state["chosen"]
        log = {
            slot: {
                "status": "chosen" if slot in chosen else "accepted",
                "command": chosen.get(slot, vote["command"]),
            }
            for slot, vote in self.state["votes"].items()
        }
        return {"log": log, "performed": self.state["performed"]}


def answer(config: Json, request: dict[str, Json], kind: type[Server] = Server) -> dict[str, Json]:
    """The answer of the line protocol to a request, without its id; `kind` is the server that is asked."""
    before = request.get("state")
    server = kind(request["node"], config, before)
    what = request["do"]
    if what == "crash":
        return {"steps": [{"state": before}]}
    if what == "step":
        handler = getattr(server, f"on_{request['message']['type']}", None)
        if handler is not None:
            handler(request["message"], request["from"])
    else:
        getattr(server, what)()
    if what in {"step", "wake"} and server.state == before and not server.sends:
        return {"steps": []}
    return {"steps": [{"state": server.state, "view": server.view(), "sends": server.sends}]}
