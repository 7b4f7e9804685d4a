"""Multi-Paxos in one process a server: acceptor, leader and replica together, for pmmc's replicated-log.

A ballot is [round, index of the server whose it is]. Everybody has promised [0, 0] from the start, so the
first server leads it without asking. A server whose election timer goes off asks for promises in a ballot
above all that it has seen, proposes again what they report in the highest ballot, and leads.
"""

from kit import Node, serve


class Server(Node):
    """A server: acceptor, leader and replica.

    It knows what it has `promised`, its `phase`, the `log` (slot → ballot, command, chosen); as a candidate
    whom it has `heard` and the `best` of what they report; as a leader `acks` (slot → who has accepted); as
    a replica the `store`, what was `performed`, the `next` slot, and each client's last `results`.
    """

    def begin(self):
        self.state = {
            "promised": [0, 0],
            "phase": "leader" if self.me() == 0 else "follower",
            "log": {},
            "heard": [],
            "best": {},
            "acks": {},
            "store": {},
            "performed": [],
            "next": 1,
            "results": {},
        }

    def me(self):
        return self.config["servers"].index(self.name)

    def others(self):
        return [server for server in self.config["servers"] if server != self.name]

    def is_majority(self, servers):
        return 2 * len(servers) > len(self.config["servers"])

    # A client asks: only a leader listens.

    def on_request(self, message, client):
        command = {"client": message["client"], "cid": message["cid"], "op": message["op"]}
        if self.state["phase"] != "leader":
            return
        if self.is_done(command):
            self.answer(command)
        elif all(entry["command"] != command for entry in self.state["log"].values()):
            self.propose(self.free_slot(), command)

    def free_slot(self):
        slot = 1
        while str(slot) in self.state["log"]:
            slot += 1
        return str(slot)

    # Phase 1: a candidate asks for promises.

    def wake(self, timer):
        candidates = self.config["options"].get("candidates", self.config["servers"])
        if self.state["phase"] == "leader" or self.name not in candidates:
            return
        self.follow([self.state["promised"][0] + 1, self.me()])
        self.state["phase"] = "candidate"
        self.send(self.others(), {"type": "p1a", "ballot": self.state["promised"]})
        self.note_promise(self.name, self.state["log"])

    def follow(self, ballot):
        """Promise a ballot that is higher: whatever it led before, it does so no more."""
        self.state.update(promised=ballot, phase="follower", heard=[], best={}, acks={})

    def on_p1a(self, message, candidate):
        if message["ballot"] > self.state["promised"]:
            self.follow(message["ballot"])
            self.send(candidate, {"type": "p1b", "ballot": message["ballot"], "log": self.reported()})

    def reported(self):
        return self.state["log"]

    def on_p1b(self, message, server):
        if self.state["phase"] == "candidate" and message["ballot"] == self.state["promised"]:
            self.note_promise(server, message["log"])

    def note_promise(self, server, log):
        self.state["heard"] = sorted({*self.state["heard"], server})
        for slot, entry in log.items():
            best = self.state["best"].get(slot)
            if best is None or entry["ballot"] > best["ballot"]:
                self.state["best"][slot] = {"ballot": entry["ballot"], "command": entry["command"]}
        if self.is_majority(self.state["heard"]):
            best = self.state["best"]
            self.state.update(phase="leader", heard=[], best={})
            self.lead(best)

    def lead(self, best):
        """What was accepted in the highest ballot may have been chosen: propose it again."""
        for slot, entry in sorted(best.items()):
            if self.state["log"].get(slot, {}).get("chosen"):
                self.announce(slot)
            else:
                self.propose(slot, entry["command"])

    # Phase 2: a leader has commands accepted.

    def propose(self, slot, command):
        self.accept(self.state["promised"], slot, command)
        self.send(
            self.others(),
            {"type": "p2a", "ballot": self.state["promised"], "slot": int(slot), "command": command},
        )
        self.note_accepted(self.name, slot)

    def accept(self, ballot, slot, command):
        chosen = self.state["log"].get(slot, {}).get("chosen", False)
        self.state["log"][slot] = {"ballot": ballot, "command": command, "chosen": chosen}

    def on_p2a(self, message, leader):
        if message["ballot"] >= self.state["promised"]:
            if message["ballot"] > self.state["promised"]:
                self.follow(message["ballot"])
            self.accept(message["ballot"], str(message["slot"]), message["command"])
            self.send(leader, {"type": "p2b", "ballot": message["ballot"], "slot": message["slot"]})

    def on_p2b(self, message, server):
        if self.state["phase"] == "leader" and message["ballot"] == self.state["promised"]:
            self.note_accepted(server, str(message["slot"]))

    def note_accepted(self, server, slot):
        if self.state["log"][slot]["chosen"]:
            return
        acks = sorted({*self.state["acks"].get(slot, []), server})
        self.state["acks"][slot] = acks
        if self.is_majority(acks):
            del self.state["acks"][slot]
            self.learn(slot)
            self.announce(slot)

    # Decisions: performed in the order of slots, each command once.

    def announce(self, slot):
        entry = self.state["log"][slot]
        decision = {"type": "decision", "ballot": entry["ballot"], "slot": int(slot)}
        self.send(self.others(), {**decision, "command": entry["command"]})

    def on_decision(self, message, leader):
        slot = str(message["slot"])
        entry = self.state["log"].get(slot)
        if entry is None or entry["ballot"] < message["ballot"]:
            self.accept(message["ballot"], slot, message["command"])
        if not self.state["log"][slot]["chosen"]:
            self.learn(slot)

    def learn(self, slot):
        self.state["log"][slot]["chosen"] = True
        while self.state["log"].get(str(self.state["next"]), {}).get("chosen"):
            self.perform(self.state["log"][str(self.state["next"])]["command"])
            self.state["next"] += 1

    def perform(self, command):
        if self.is_done(command):
            return
        word, key, *value = command["op"].split()
        old = self.state["store"].get(key, "")
        new = old + value[0] if word == "append" else value[0] if word == "put" else old
        if word != "get":
            self.state["store"][key] = new
        self.state["performed"].append(command)
        self.state["results"][command["client"]] = {"cid": command["cid"], "result": new}
        if self.state["phase"] == "leader":
            self.answer(command)

    def is_done(self, command):
        done = self.state["results"].get(command["client"], {"cid": 0})
        return done["cid"] >= command["cid"]

    def answer(self, command):
        self.send(command["client"], {"type": "response", **self.state["results"][command["client"]]})

    # What a crash leaves, and what properties read.

    def disk(self):
        return self.state

    def restart(self):
        self.follow(self.state["promised"])

    def view(self):
        log = {
            slot: {"status": "chosen" if entry["chosen"] else "accepted", "command": entry["command"]}
            for slot, entry in self.state["log"].items()
        }
        return {"log": log, "performed": self.state["performed"]}


if __name__ == "__main__":
    serve(Server)
