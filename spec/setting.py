"""What the properties of PMMC may know beside the views they read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pmmc.kv import Reconfigure
from pmmc.values import Command, Deployment, Node


@dataclass(frozen=True, slots=True)
class Setting:
    """The deployment, every command that clients submit in this model, and the machine of each process."""

    deployment: Deployment
    commands: tuple[Command, ...]
    home: Mapping[Node, Node] = field(default_factory=dict)

    @property
    def performable(self) -> tuple[Command, ...]:
        """The commands that replicas perform once they are decided: all but reconfigurations."""
        return tuple(command for command in self.commands if not isinstance(command.op, Reconfigure))

    def down(self, processes: Iterable[Node], crashed: Collection[Node]) -> tuple[Node, ...]:
        """Those of some processes that are down if these nodes are: they are one, or on one."""
        return tuple(process for process in processes if self.home.get(process, process) in crashed)
