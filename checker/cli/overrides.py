"""`--network` and `--property`: what takes the place of what the model file asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from checker.checking.check import Options, asked
from checker.cli.usage import UsageFault
from checker.modelfiles.complaints import unknown

if TYPE_CHECKING:
    from checker.model.network import Network
    from checker.model.properties import Property
    from checker.model.system import System
    from checker.modelfiles.loading import LoadedModel


def network_asked(name: str | None) -> Network | None:
    """The network of that name; None if none is named. Raises UsageFault for an unknown one."""
    from checker.modelfiles.schema import network_named  # noqa: PLC0415 - imports pydantic

    if name is None:
        return None
    try:
        return network_named(name)
    except ValueError as error:
        raise UsageFault(f"--network: {error}") from None


def properties_asked(names: Sequence[str] | None, loaded: LoadedModel) -> tuple[Property, ...] | None:
    """The properties of those names; None if none are named. Raises UsageFault for unknown ones."""
    if names is None:
        return None
    known = {**loaded.protocol.properties, **{p.id: p for p in loaded.system.properties}}
    for name in names:
        if name not in known:
            raise UsageFault(f"--property: {unknown('property', name, list(known))}")
    return tuple(known[name] for name in dict.fromkeys(names))


def system_asked(loaded: LoadedModel, network: str | None, properties: Sequence[str] | None) -> System:
    """The model's system with what is asked instead. Raises UsageFault."""
    options = Options(network=network_asked(network), properties=properties_asked(properties, loaded))
    return asked(loaded.system, options)
