"""What the rules of a model answer to requests: the answers that an implementation is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from checker.conformance.suite import NoVectors
from checker.model.environment.crashes import RESTART, Crash
from checker.model.environment.wrapping import loses
from checker.model.semantics import LocalSteps, first_messages, local_steps, wake_steps
from checker.model.values import show
from checker.model.vocabulary import Addressed, Down, Envelope, Local, Member, Message, kind_of
from checker.model.wire import Json, Wire

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel


def wire_of(loaded: LoadedModel) -> Wire:
    """The wire form of a model. Raises NoVectors."""
    make = loaded.protocol.wire
    if make is None:
        raise NoVectors(f"protocol {loaded.protocol.name} has no wire form: its `Protocol` gives no `wire`")
    return make(loaded.model, loaded.system)


def unwrapped(message: Message) -> tuple[Message, Any]:
    """A message and, if the node is told it, its sender."""
    sender = None
    while isinstance(message, Envelope | Addressed):
        if isinstance(message, Envelope):
            sender = message.sender
        message = message.message
    return message, sender


class Rules:
    """Answers requests as the line protocol has them, by the rules of a model."""

    def __init__(self, loaded: LoadedModel) -> None:
        self.system, self.wire = loaded.system, wire_of(loaded)
        #: node → its position, and itself
        self.nodes: Mapping[str, tuple[int, Member]] = {
            self.wire.write_node(m.name): (at, m)
            for at, m in enumerate(self.system.members)
            if m.role.name in self.wire.roles
        }

    def like(self, node: str) -> Local:
        """A state that a node may be in."""
        return self.nodes[node][1].local

    def answer(self, request: Mapping[str, Json]) -> dict[str, Json]:
        """The answer to a request. Raises WireFault, KeyError, and what rules raise."""
        at, member = self.nodes[request["node"]]
        if request["do"] == "init":
            return {"steps": [self._step(member.local, self._first_sends(member))]}
        state = self.wire.read_state(request["state"], member.local)
        match request["do"]:
            case "step":
                message = self._message(request, member)
                found: LocalSteps = local_steps(self.system, at, state, message)
            case "crash":
                found = local_steps(self.system, at, state, Crash())
                return {"steps": [{"state": self.wire.write_state(down.saved)} for down, _ in found]}
            case "restart":
                found = self._wake(at, Down(state), RESTART)
            case _:
                found = self._wake(at, state, request["timer"])
        return {"steps": [self._step(then, sends) for then, sends in found]}

    def _message(self, request: Mapping[str, Json], member: Member) -> Message:
        message = self.wire.read_message(request["message"])
        return Envelope(self.wire.read_node(request["from"]), message) if member.role.senders else message

    def _wake(self, at: int, local: Local, name: str) -> LocalSteps:
        return next((steps for one, steps in wake_steps(self.system, at, local) if one == name), [])

    def _first_sends(self, member: Member) -> Iterator[tuple[Any, Message]]:
        for to in self.system.members:
            for sender, message in first_messages(to):
                if sender == member.name:
                    yield to.name, message

    def _step(self, state: Local, sends: Iterable[tuple[Any, Message]]) -> Json:
        """A step as answers have it; what environments are told of it is left out."""
        members, positions = self.system.members, self.system.positions
        return {
            "state": self.wire.write_state(state),
            "sends": [
                {"to": self.wire.write_node(to), "message": self.wire.write_message(unwrapped(message)[0])}
                for to, message in sends
                if kind_of(message) not in members[positions[to]].role.immediate
            ],
        }

    def situation(self, request: Mapping[str, Json]) -> tuple[str, str]:
        """For people: what a node does that is asked this, and the state that it does it in."""
        told, state = "", request.get("state")
        match request["do"]:
            case "step":
                told = f"takes {show(self.wire.read_message(request['message']))}"
                told += f" from {request['from']}" if "from" in request else ""
            case "wake":
                told = f"wakes: {request['timer']}"
            case word:
                told = {"init": "begins", "crash": "crashes"}.get(word, "restarts")
        return told, "" if state is None else show(self.wire.read_state(state, self.like(request["node"])))


def nodes_of(loaded: LoadedModel, wire: Wire, roles: Sequence[str] | None) -> dict[int, Member]:
    """The nodes that there are to be vectors of, by their positions. Raises NoVectors."""
    system = loaded.system
    hosting = next((m for m in system.members if any(p.role.name in wire.roles for p in m.parts)), None)
    if hosting is not None:
        raise NoVectors(
            f"{show(hosting.name)} is a machine with several processes: there are vectors of models "
            "without machines only"
        )
    if system.outside:
        raise NoVectors("a command plays nodes of this model, and vectors are of the protocol's own rules")
    if any(loses(m.role) for m in system.members):
        raise NoVectors(
            "links of this model lose messages, or a partition keeps them back, which is no rule of those "
            "who send them: there are vectors of models without 'links' and 'partition'"
        )
    if system.shift is not None:
        raise NoVectors(f"{system.shift.name} have no bound in this model, so there is no end of vectors")
    if not wire.roles:
        raise NoVectors(
            "what its nodes do is up to whoever plays them, and there are no rules to answer by"
        )
    wanted = wire.roles if roles is None else roles
    found = {at: m for at, m in enumerate(system.members) if m.role.name in wanted}
    absent = [role for role in wanted if role not in {m.role.name for m in found.values()}]
    if absent:
        raise NoVectors(f"no {absent[0]} takes part in this model; roles are {', '.join(wire.roles)}")
    return found
