"""What the properties of PMMC may know beside the views they read."""

from dataclasses import dataclass

from pmmc.values import Command, Deployment


@dataclass(frozen=True, slots=True)
class Setting:
    """The deployment, and every command that clients submit in this model."""

    deployment: Deployment
    commands: tuple[Command, ...]
