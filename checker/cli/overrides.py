"""From the arguments of a command line to the question that they ask; `Question.words` is the way back."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from checker.checking.question import Question
from checker.cli.usage import UsageFault
from checker.engines.choose import Means
from checker.engines.contract import Limits, Reductions
from checker.modelfiles.complaints import unknown

if TYPE_CHECKING:
    from checker.model.network import Network
    from checker.model.properties import Property
    from checker.modelfiles.loading import LoadedModel


def question_of(args: Namespace, loaded: LoadedModel) -> Question:
    """All that a command line asks of a model. Raises UsageFault for names that do not exist."""
    network, properties = network_asked(args.network), properties_asked(args.property, loaded)
    return Question(means_of(args), limits_of(args), network, properties)


def question_named(loaded: LoadedModel, network: str | None, properties: Sequence[str] | None) -> Question:
    """What is asked instead of what a model file says, by names. Raises UsageFault for unknown ones."""
    return Question(network=network_asked(network), properties=properties_asked(properties, loaded))


def means_of(args: Namespace) -> Means:
    """With what to explore; a reduction that a command cannot switch off is on.

    Where goals are shown, as traces or drawn, the way to each of them is looked for. Raises UsageFault.
    """
    on = {f.name: not getattr(args, f"no_{f.name}", False) for f in fields(Reductions)}
    shown = bool(getattr(args, "witnesses", False) or getattr(args, "html", None))
    disk, cluster = getattr(args, "disk", None), getattr(args, "cluster", None)
    if cluster is not None and args.engine == "reference":
        raise UsageFault("--cluster is for the native engine: leave --engine reference out")
    return Means(
        args.engine,
        Reductions(**on),
        args.workers,
        goal_paths=shown,
        disk=None if disk is None else Path(disk),
        cluster=cluster,
    )


def limits_of(args: Namespace) -> Limits:
    """Where a search is to end; that it goes on past violations not every command can ask."""
    past = getattr(args, "continue", False)
    return Limits(args.max_states, args.max_depth, args.timeout, args.memory, past_violations=past)


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
