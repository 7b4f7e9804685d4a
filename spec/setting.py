"""What the properties of PMMC may know beside the views they read."""

from dataclasses import dataclass

from pmmc.kv import Reconfigure
from pmmc.values import Command, Deployment


@dataclass(frozen=True, slots=True)
class Setting:
    """The deployment, and every command that clients submit in this model."""

    deployment: Deployment
    commands: tuple[Command, ...]

    @property
    def performable(self) -> tuple[Command, ...]:
        """The commands that replicas perform once they are decided: all but reconfigurations."""
        return tuple(command for command in self.commands if not isinstance(command.op, Reconfigure))
