"""The wire form of a system whose scouts and commanders are nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from checker.model.system import System
from checker.model.vocabulary import action_name
from checker.modelfiles.protocol import Variant
from pmmc.leader import Scout
from pmmc.roles import ROLES
from pmmc.values import Command, Node
from spec.separate.values import Adopted, Commanding, Idle, Preempted, StartCommander, StartScout
from spec.travels import ALWAYS, messages
from spec.wire.codecs import Record
from spec.wire.form import PmmcWire

#: What a leader and its scouts and commanders tell each other.
WITHIN = (StartScout, StartCommander, Adopted, Preempted)


@dataclass(frozen=True, slots=True)
class Submitter:
    """A client that waits for no answer: it may submit any of its commands, at any time and again."""

    commands: tuple[Command, ...] = ()


class SeparateWire(PmmcWire):
    """As the wire form of the folded system, with the messages, states and names that there are here."""

    def __init__(
        self, system: System, varied: Iterable[Variant], more: Mapping[str, Node], rules: Mapping[str, str]
    ) -> None:
        types: dict[str, type] = {action_name(kind): kind for kind in (*ALWAYS, *WITHIN)}
        types |= messages(varied)
        names: dict[str, Any] = {str(member.name): member.name for member in system.members}
        usual = {m.role.name: type(m.local) for m in system.members if m.role.name in ROLES}
        usual.pop("client", None)
        super().__init__(system.setting.deployment, types, {**more, **names}, usual, rules)
        kinds = {"scout": Scout, "scout at rest": Idle, "commanders": Commanding, "submitter": Submitter}
        for name, kind in kinds.items():
            self._bases[name] = kind
            self.states[name] = Record(kind, self._codecs)
