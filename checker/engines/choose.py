"""The engines by name. An engine's module is imported when it is chosen, not before."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, cast

from checker.engines.checkpoint import CheckpointError, Keeping
from checker.engines.contract import Exploration, Failed, Limits, Progress, Raised, Reductions
from checker.model.claims import UnsoundClaim
from checker.model.modelcode import CodeError
from checker.model.played import begun, tested
from checker.model.system import System
from checker.model.verdict import ExitCode

Reporter = Callable[[Progress], None]


class Engine(Protocol):
    """Explores a system breadth first as far as the limits allow, reporting how far it is.

    What is counted, and how, is the same for all engines; see `checker.engines.contract`.
    """

    def __call__(self, system: System, limits: Limits, report: Reporter | None) -> Exploration:
        """Explore; a KeyboardInterrupt ends the search and is told in the answer."""


#: Engine → the module whose `explore` it is.
ENGINES: Mapping[str, str] = MappingProxyType(
    {"reference": "checker.engines.reference", "native": "checker.engines.native.engine"}
)
#: The module that says which cluster is meant.
CLUSTERS = "checker.engines.native.distributed.clusters"
#: What `--engine` may name.
ENGINE_NAMES = ("auto", *ENGINES)


#: `auto` tries this many states and steps in plain Python before it brings in the compiled engine: about as
#: many as plain Python explores in the time that loading the compiled code takes. Which engine a model gets
#: depends on the model alone, not on what happens to be loaded, so that its figures are always the same.
STATES_BEFORE_NATIVE = 400
STEPS_BEFORE_NATIVE = 1_500
#: It tries no more once a level is wider than the first of these, or the next one would be wider than the
#: second, if it grew as that one did: of systems of at most so many nodes, and of larger ones, whose levels
#: grow for longer. No shipped model was ever through after that: of larger ones that are, the widest level
#: has 54 states, and none had reason to expect more than 77. More than half of the time that was spent in
#: vain is saved so. Of others the verdict is the same, and whose figures it has depends on the model alone.
FEW_NODES = 4
WIDE_OF_FEW, WIDE_OF_MANY = (110, 170), (64, 100)


@dataclass(frozen=True, slots=True)
class Means:
    """With what to explore: an engine by name, and what the native engine is told.

    `workers` are the threads of the native engine; None: one for each core. With `goal_paths` it tells how
    each goal is reached, also those deep in a large search, which may take as long as the search. It keeps
    states in files in the folder `disk`, if there is one, from the beginning. `checkpoints` says where the
    native engine keeps some; `auto` is native then. `cluster` is the address of one, whose processes then
    are the workers, empty for one on this machine.
    """

    engine: str = "auto"
    reductions: Reductions = Reductions()
    workers: int | None = None
    goal_paths: bool = False
    checkpoints: Keeping | None = None
    cluster: str | None = None
    disk: Path | None = None


def choose_engine(means: Means) -> Engine:
    """The engine that was asked for, ready to explore.

    Where nodes are played by processes it sees to it that they have begun, and tests what they answered.
    """
    return partial(_tested, _chosen(means))


def _chosen(means: Means) -> Engine:
    if means.engine == "reference":
        return _reference if means.checkpoints is None else _refusing
    native = partial(_native, means=means)
    if means.engine == "native" or means.checkpoints is not None:
        return native
    return partial(_tiny_or_native, native=native, reductions=means.reductions)


def _tested(engine: Engine, system: System, limits: Limits, report: Reporter | None) -> Exploration:
    """What an engine finds, and whether the answers from outside were any to rely on."""
    found = engine(begun(system), limits, report)
    if found.interrupted:
        return found
    try:
        tested(system)
    except CodeError as error:
        found.raised = found.raised or Raised(str(error), None)
    except KeyboardInterrupt:
        found.interrupted, found.stopped = True, "interrupted"
    return found


def native_reaching() -> Callable[..., Any]:
    """What the native engine answers `checker.engines.reaching` with."""
    return cast("Callable[..., Any]", import_module("checker.engines.native.reach").reaching)


def native_walks() -> Callable[..., Any]:
    """What the native engine walks at random with, see `checker.engines.simulating`."""
    return cast("Callable[..., Any]", import_module("checker.engines.native.walks.simulating").walk_through)


def native_situations() -> Callable[..., Any]:
    """What the native engine answers `checker.engines.situations` with."""
    return cast("Callable[..., Any]", import_module("checker.engines.native.situations").situations)


def _reference(system: System, limits: Limits, report: Reporter | None, **more: Any) -> Exploration:
    return cast("Exploration", import_module(ENGINES["reference"]).explore(system, limits, report, **more))


def _refusing(system: System, limits: Limits, report: Reporter | None) -> Exploration:
    raise CheckpointError("the reference engine keeps no checkpoints; the native one does")


def _native(system: System, limits: Limits, report: Reporter | None, *, means: Means) -> Exploration:
    explore = import_module(ENGINES["native"]).explore
    workers, transport = means.workers or os.cpu_count() or 1, None
    if means.cluster is not None:
        clusters = import_module(CLUSTERS)
        reason = clusters.against(system, checkpoints=means.checkpoints is not None)
        try:
            transport = clusters.transport_to(means.cluster) if reason is None else None
        except clusters.ClusterError as error:
            reason = str(error)
        if reason is not None or transport is None:
            return Exploration("native", failed=Failed(str(reason), ExitCode.USAGE))
        workers = means.workers or transport.cpus
    found = explore(
        system,
        limits,
        report,
        reductions=means.reductions,
        workers=workers,
        goal_paths=means.goal_paths,
        transport=transport,
        keeping=means.checkpoints,
        disk=means.disk,
    )
    return cast("Exploration", found)


def _tiny_or_native(
    system: System, limits: Limits, report: Reporter | None, *, native: Engine, reductions: Reductions
) -> Exploration:
    """The reference engine if it is through before the native one were loaded, else the native one."""
    few = min(STATES_BEFORE_NATIVE, limits.max_states or STATES_BEFORE_NATIVE)
    tried = replace(limits, max_states=few, max_generated=STEPS_BEFORE_NATIVE)
    found = _reference(system, tried, report, enough=partial(too_wide, len(system.members)))
    late = limits.timeout is not None and found.seconds >= limits.timeout
    if found.interrupted or late:
        return found
    if found.stopped is None:
        if _rests_on_claims(system, reductions):
            _check_claims(found, partial(native, system, limits, None))
        return found
    return native(system, limits, report)


def too_wide(nodes: int, levels: Sequence[int]) -> bool:
    """Whether a search of so many nodes whose levels have so many states will not be through soon."""
    widest, widest_next = WIDE_OF_FEW if nodes <= FEW_NODES else WIDE_OF_MANY
    last = levels[-1]
    before = levels[-2] if len(levels) > 1 else last
    return last > widest or last * last > widest_next * before


def _check_claims(found: Exploration, reduced: Callable[[], Exploration]) -> None:
    """Check the claims by a reduced search. A violation found before stands, even if a claim is refuted.

    Raises UnsoundClaim if there is no violation that it would take with it.
    """
    try:
        found.raised = found.raised or reduced().raised
    except UnsoundClaim as error:
        if not found.violations:
            raise
        found.failed = Failed(str(error), ExitCode.USAGE)


def _rests_on_claims(system: System, reductions: Reductions) -> bool:
    """Whether a reduced search would rest on what the system claims: that some symmetry or settle is sound.

    The native engine checks that; so a claim that is false is refused however small the model is.
    """
    settles = any(member.role.settle is not None for member in system.members)
    declared = any(not symmetry.assumed for symmetry in system.symmetries)
    return (reductions.settling and settles) or (reductions.symmetry and declared)
