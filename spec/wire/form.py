"""The wire form of a model of PMMC: what is written depends on its deployment and on its variants."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from checker.model.outside import Unbegun
from checker.model.system import System
from checker.model.values import Hosted
from checker.model.vocabulary import Down, Local, Member, Message, action_name
from checker.model.wire import Json, Misfit, WireFault
from checker.modelfiles import selection
from checker.modelfiles.protocol import Variant
from pmmc.ballots import Ballot
from pmmc.kv import Op
from pmmc.roles import ROLES
from pmmc.values import Deployment, Node
from spec.schema import PmmcModel
from spec.travels import ALWAYS, messages
from spec.wire.codecs import Codec, Codecs, Record
from spec.wire.config import CONFIG_SCHEMA, written_config
from spec.wire.values import BallotForm, Messages, Nodes, Operations

#: What is written of a node that is down: what its disk holds, under this name.
DOWN = "down"

#: Role → what the config does not say of how its nodes begin.
UNSAID: Mapping[str, str] = MappingProxyType({"client": "what a client asks for is no part of the config"})


def wire_of(variants: Sequence[Variant], model: PmmcModel, system: System) -> PmmcWire:
    """The wire form of a model, `variants` being all that it may name."""
    varied = selection.select_variants(model, variants, [])
    members = [process for member in system.members for process in (member.parts or (member,))]
    playing = [member for member in members if member.role.name in ROLES]
    known = {**{action_name(kind): kind for kind in ALWAYS}, **messages(varied), **_told(playing)}
    names: dict[str, Any] = {str(member.name): member.name for member in (*members, *system.members)}
    usual = {member.role.name: type(_up(member.local)) for member in playing}
    return PmmcWire(system.setting.deployment, known, names, usual, model.rules, given=bool(model.initial))


def _told(members: Iterable[Member]) -> Mapping[str, type]:
    """The messages for which these have rules; not what an environment does to them, which is none."""
    kinds = (kind for member in members for kind in member.role.rules)
    return {action_name(kind): kind for kind in kinds if not kind.__module__.startswith("checker.")}


def _up(local: Local) -> Local:
    local = local.saved if isinstance(local, Down) else local
    return local.like if isinstance(local, Unbegun) else local


class PmmcWire:
    """How messages and local states of a model of PMMC are written and read. See `checker.model.wire`.

    `types` are the messages by name, `names` the nodes by theirs, `usual` the class of the local states of
    each role: where rules have more in a state than they began with, it is marked with its class. `given`:
    the model file says how some nodes begin.
    """

    def __init__(
        self,
        deployment: Deployment,
        types: Mapping[str, type],
        names: Mapping[str, Node],
        usual: Mapping[str, type],
        rules: Mapping[str, str] = MappingProxyType({}),
        *,
        given: bool = False,
    ) -> None:
        everybody = {str(node): node for node in deployment.everybody()}
        self._nodes = Nodes({**everybody, **names})
        self._codecs = Codecs(
            {
                Node: lambda _: self._nodes,
                Ballot: lambda _: BallotForm(deployment),
                Op: lambda _: Operations(),
                Hashable: lambda codecs: Messages(types, codecs),
            }
        )
        self.messages = self._codecs.of(Hashable)
        bases = {role.name: role.local for role in ROLES.values()}
        self.states = {name: Record(usual.get(name, base), self._codecs) for name, base in bases.items()}
        self._bases = bases
        why = "the model file says how nodes begin" if given else ""
        self.roles = {name: why or UNSAID.get(name, "") for name in usual}
        self._deployment, self._rules = deployment, rules

    def write_node(self, name: Any) -> str:
        """The name of a node, such as `acceptor 0`."""
        return str(name)

    def read_node(self, written: Json) -> Node:
        """The node of that name. Raises WireFault."""
        node: Node = _read(self._nodes, written)
        return node

    def write_message(self, message: Message) -> Json:
        """The message. Raises TypeError for one that the model has not."""
        return self.messages.write(message)

    def read_message(self, written: Json) -> Message:
        """The message. Raises WireFault."""
        message: Message = _read(self.messages, written)
        return message

    def write_state(self, local: Local) -> Json:
        """The fields of a local state; of a machine the states of its processes, by their names."""
        if isinstance(local, Down):
            return {DOWN: self.write_state(local.saved)}
        if isinstance(local, Hosted):
            return {str(name): self.write_state(own) for name, own in local.processes}
        return self._of(local).write(local)

    def read_state(self, written: Json, like: Local) -> Local:
        """The local state of a node that may be in the state `like`. Raises WireFault."""
        wrong: list[Misfit] = []
        found = self._state((), written, like, wrong)
        if wrong:
            raise WireFault(wrong)
        return found

    def _state(self, path: tuple[str | int, ...], written: Json, like: Local, wrong: list[Misfit]) -> Local:
        like = _up(like)
        if isinstance(written, dict) and DOWN in written and len(written) == 1:
            return Down(self._state((*path, DOWN), written[DOWN], like, wrong))
        if not isinstance(like, Hosted):
            return self._of(like).read(path, written, wrong)
        names = [str(name) for name, _ in like.processes]
        if not isinstance(written, dict) or sorted(written) != sorted(names):
            wrong.append(Misfit(path, f"expected an object with {', '.join(names)}", written))
            return like
        states = (
            (name, self._state((*path, str(name)), written[str(name)], own, wrong))
            for name, own in like.processes
        )
        return Hosted(tuple(states))

    def read_fields(self, written: Json, like: Local) -> Mapping[str, Any]:
        """Some fields of such a local state, by name. Raises WireFault."""
        wrong: list[Misfit] = []
        found = self._of(_up(like)).some((), written, wrong)
        if wrong:
            raise WireFault(wrong)
        return found

    def _of(self, local: Local) -> Record:
        """How local states like this one are written."""
        for name, base in self._bases.items():
            if isinstance(local, base):
                return self.states[name]
        raise TypeError(f"{type(local).__name__} is no local state of a process of PMMC")

    def config(self) -> Json:
        """Who takes part, the bounds, and the rules that the model file chooses."""
        return written_config(self._deployment, self._rules)

    def schema(self) -> Mapping[str, Json]:
        """Schemas for `$defs` by name: `message`, `p1a message`, `acceptor state` and so on, `config`."""
        defined: dict[str, Json] = {}
        self._nodes.schema(defined)
        self.messages.schema(defined)
        for name, record in self.states.items():
            defined[f"{name} state"] = record.schema(defined)
        return {**defined, "config": dict(CONFIG_SCHEMA)}


def known_types(wire: PmmcWire) -> Iterator[type]:
    """The types of the messages that a model has."""
    if isinstance(wire.messages, Messages):
        yield from wire.messages.types.values()


def _read(codec: Codec, written: Json) -> Any:
    wrong: list[Misfit] = []
    found = codec.read((), written, wrong)
    if wrong:
        raise WireFault(wrong)
    return found
