"""What `pmmc cost` asks of a model of PMMC: the commands of clients, and what is in stable storage."""

from __future__ import annotations

from collections.abc import Sequence

from checker.model.calls import Calls
from checker.model.system import System
from checker.modelfiles.protocol import Variant
from checker.modelfiles.selection import select_variants
from spec.calls import event_of
from spec.crashes import stables
from spec.schema import PmmcModel
from spec.setting import Setting


def calls(model: PmmcModel, system: System, variants: Sequence[Variant]) -> Calls:
    """The commands of clients that take part, and what the model file has in stable storage.

    What a client knows is its own affair, and nothing that the service writes. `variants` are the rules
    that a model file may name.
    """
    setting: Setting = system.setting
    clients = setting.deployment.clients
    submitted = tuple(command for command in setting.commands if command.client in clients)
    kept = stables(model, select_variants(model, variants, []), lambda _: None)
    return Calls(submitted, clients, event_of, {role: stable.fields for role, stable in kept.items()})
