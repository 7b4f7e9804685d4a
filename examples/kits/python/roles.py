"""The roles of Paxos Made Moderately Complex, in the wire form "pmmc 1" (`pmmc schema --wire`).

For one configuration. Ballots are [round, leader], which Python's lists compare as they should.
"""

from kit import Node, serve


def with_one(members, one):
    """A set, which JSON has as a list, with one more member."""
    return members if one in members else [*members, one]


class Acceptor(Node):
    """It knows the `ballot` that it has adopted, and all that it has `accepted`."""

    def begin(self):
        self.state = {"ballot": [-1, -1], "accepted": []}

    def on_p1a(self, message, sender):
        self.state["ballot"] = max(self.state["ballot"], message["ballot"])
        reply = {"current": self.state["ballot"], "accepted": self.state["accepted"]}
        reply |= {"type": "p1b", "acceptor": self.name, "ballot": message["ballot"]}
        self.send(message["leader"], reply)

    def on_p2a(self, message, sender):
        pvalue = message["pvalue"]
        if pvalue["ballot"] == self.state["ballot"]:
            self.state["accepted"] = with_one(self.state["accepted"], pvalue)
        reply = {"ballot": pvalue["ballot"], "slot": pvalue["slot"], "current": self.state["ballot"]}
        self.send(message["leader"], {"type": "p2b", "acceptor": self.name, **reply})


class Leader(Node):
    """It knows its `ballot`, whether it is `active`, its `proposals`; of phase 1 a `scout` (whom it has
    heard, and what they had accepted), of phase 2 `commanders`, each of one pvalue."""

    def begin(self):
        self.state = {"ballot": [0, self.index()], "active": False, "proposals": [], "commanders": []}
        self.probe()

    def restart(self):
        self.state["active"] = False
        self.rise(self.state["ballot"])

    def index(self):
        return int(self.name.split()[1])

    def is_quorum(self, heard):
        return 2 * len(heard) > len(self.config["acceptors"])

    def probe(self):
        self.state["scout"] = {"heard": [], "pvalues": []}
        p1a = {"type": "p1a", "leader": self.name, "ballot": self.state["ballot"]}
        self.send(self.config["acceptors"], p1a)

    def command(self, proposal):
        pvalue = {"ballot": self.state["ballot"], **proposal}
        self.state["commanders"] = with_one(self.state["commanders"], {"pvalue": pvalue, "heard": []})
        self.send(self.config["acceptors"], {"type": "p2a", "leader": self.name, "pvalue": pvalue})

    def on_propose(self, message, sender):
        if any(p["slot"] == message["slot"] for p in self.state["proposals"]):
            return
        proposal = {"slot": message["slot"], "command": message["command"]}
        self.state["proposals"].append(proposal)
        if self.state["active"]:
            self.command(proposal)

    def on_p1b(self, message, sender):
        scout, ballot = self.state["scout"], message["ballot"]
        if scout is None or ballot != self.state["ballot"] or message["acceptor"] in scout["heard"]:
            return
        if message["current"] > ballot:
            self.preempted(message["current"])
        elif message["current"] == ballot:
            scout["heard"].append(message["acceptor"])
            for pvalue in message["accepted"]:
                scout["pvalues"] = with_one(scout["pvalues"], pvalue)
            if self.is_quorum(scout["heard"]):
                self.adopted(scout["pvalues"])

    def adopted(self, pvalues):
        """For each slot what was accepted in the highest ballot is proposed: the paper's pmax."""
        proposals = {p["slot"]: p["command"] for p in self.state["proposals"]}
        proposals |= {p["slot"]: p["command"] for p in sorted(pvalues, key=lambda p: p["ballot"])}
        self.state["proposals"] = [{"slot": s, "command": c} for s, c in sorted(proposals.items())]
        self.state.update(active=True, scout=None)
        for proposal in self.state["proposals"]:
            self.command(proposal)

    def on_p2b(self, message, sender):
        asked = [message["ballot"], message["slot"]]
        current, acceptor = message["current"], message["acceptor"]
        for commander in list(self.state["commanders"]):
            pvalue, heard = commander["pvalue"], commander["heard"]
            if [pvalue["ballot"], pvalue["slot"]] != asked or current < pvalue["ballot"]:
                continue
            if current > pvalue["ballot"]:
                self.state["commanders"].remove(commander)
                self.preempted(current)
            elif acceptor not in heard:
                heard.append(acceptor)
                if self.is_quorum(heard):
                    self.state["commanders"].remove(commander)
                    decision = {"slot": pvalue["slot"], "command": pvalue["command"]}
                    self.send(self.config["replicas"], {"type": "decision", **decision})

    def preempted(self, ballot):
        if ballot > self.state["ballot"]:
            self.state["active"] = False
            self.rise(ballot)

    def rise(self, ballot):
        """A scout in a ballot above that one; if there is none any more, never again."""
        self.state["scout"] = None
        rounds = self.config["rounds"]
        if rounds is None or ballot[0] + 1 < rounds:
            self.state["ballot"] = [ballot[0] + 1, self.index()]
            self.probe()


class Replica(Node):
    """It knows the `store` and what was `performed`, the next slots to propose for (`slot_in`) and to
    perform (`slot_out`), `requests` that wait, `proposals`, `decisions`."""

    def begin(self):
        lists = ("store", "performed", "requests", "proposals", "decisions", "reads")
        self.state = {name: [] for name in lists} | {"slot_in": 1, "slot_out": 1, "configuration": 0}

    def on_request(self, message, sender):
        placed = self.state["proposals"] + self.state["decisions"]
        if message["command"] not in self.state["requests"] + [p["command"] for p in placed]:
            self.state["requests"].append(message["command"])
            self.propose()

    def on_decision(self, message, sender):
        decision = {"slot": message["slot"], "command": message["command"]}
        if decision in self.state["decisions"]:
            return
        self.state["decisions"].append(decision)
        while (command := self.decided(self.state["slot_out"])) is not None:
            self.perform(command)
        self.propose()

    def decided(self, slot):
        return next((d["command"] for d in self.state["decisions"] if d["slot"] == slot), None)

    def perform(self, command):
        slot = self.state["slot_out"]
        ours = [p for p in self.state["proposals"] if p["slot"] == slot]
        self.state["proposals"] = [p for p in self.state["proposals"] if p["slot"] != slot]
        self.state["requests"] += [p["command"] for p in ours if p["command"] != command]
        self.state["slot_out"] += 1
        if any(d["slot"] < slot and d["command"] == command for d in self.state["decisions"]):
            return
        result = self.apply(*command["op"].split())
        self.state["performed"].append(command)
        if command["client"] in self.config["clients"]:
            response = {"type": "response", "cid": command["cid"], "result": result}
            self.send(command["client"], response)

    def apply(self, word, key="", value=""):
        store = dict(self.state["store"])
        old = store.get(key, [])
        if word in {"get", "noop"}:
            return old
        store[key] = [*old, value] if word == "append" else [value]
        self.state["store"] = [[key, parts] for key, parts in sorted(store.items())]
        return store[key]

    def propose(self):
        state, slots = self.state, self.config["slots"]
        while state["requests"] and state["slot_in"] < state["slot_out"] + self.config["window"]:
            if slots is not None and state["slot_in"] > slots:
                break
            if self.decided(state["slot_in"]) is None:
                proposal = {"slot": state["slot_in"], "command": state["requests"].pop(0)}
                state["proposals"].append(proposal)
                self.send(self.config["leaders"], {"type": "propose", **proposal})
            state["slot_in"] += 1


if __name__ == "__main__":
    serve({"acceptor": Acceptor, "leader": Leader, "replica": Replica})
