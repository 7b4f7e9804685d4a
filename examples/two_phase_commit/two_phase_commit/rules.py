"""Two-phase commit: frozen values and pure functions, plain Python without any import of the checker.

A transaction manager (tm) and resource managers (rms). A resource manager prepares, and says so, or aborts
alone; the transaction manager commits when all have prepared, or aborts at any time before.
"""

from dataclasses import dataclass, replace
from enum import Enum


class Phase(Enum):
    """Where a manager is in the transaction."""

    WORKING = "working"
    PREPARED = "prepared"
    COMMITTED = "committed"
    ABORTED = "aborted"
    CRASHED = "crashed"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Prepared:
    """Rm → tm: I can commit."""

    rm: str


@dataclass(frozen=True)
class Commit:
    """Tm → rm: commit."""


@dataclass(frozen=True)
class Abort:
    """Tm → rm: abort."""


@dataclass(frozen=True)
class Tm:
    """The transaction manager: what it has decided, and which resource managers have prepared."""

    phase: Phase = Phase.WORKING
    prepared: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rm:
    """A resource manager."""

    phase: Phase = Phase.WORKING


@dataclass(frozen=True)
class Context:
    """What a node knows from the start."""

    me: str
    rms: tuple[str, ...]


Sends = tuple[tuple[str, Prepared | Commit | Abort], ...]


def on_prepared(context: Context, tm: Tm, message: Prepared) -> tuple[tuple[Tm, Sends], ...]:
    """Note who has prepared, as long as nothing is decided."""
    if tm.phase is not Phase.WORKING:
        return ()
    return ((replace(tm, prepared=tm.prepared | {message.rm}), ()),)


def commit(context: Context, tm: Tm) -> tuple[tuple[Tm, Sends], ...]:
    """Commit when all have prepared."""
    if tm.phase is not Phase.WORKING or len(tm.prepared) < len(context.rms):
        return ()
    return ((replace(tm, phase=Phase.COMMITTED), tuple((rm, Commit()) for rm in context.rms)),)


def commit_impatient(context: Context, tm: Tm) -> tuple[tuple[Tm, Sends], ...]:
    """Wrong on purpose: commit when more than half have prepared."""
    if 2 * len(tm.prepared) <= len(context.rms):
        return ()
    return commit(context, replace(tm, prepared=frozenset(context.rms)))


def abort(context: Context, tm: Tm) -> tuple[tuple[Tm, Sends], ...]:
    """Abort at any time before the decision: somebody may never prepare."""
    if tm.phase is not Phase.WORKING:
        return ()
    return ((replace(tm, phase=Phase.ABORTED), tuple((rm, Abort()) for rm in context.rms)),)


def crash(context: Context, tm: Tm) -> tuple[tuple[Tm, Sends], ...]:
    """Stop for good before anything is decided."""
    return ((replace(tm, phase=Phase.CRASHED), ()),) if tm.phase is Phase.WORKING else ()


def prepare(context: Context, rm: Rm) -> tuple[tuple[Rm, Sends], ...]:
    """Prepare, and say so."""
    if rm.phase is not Phase.WORKING:
        return ()
    return ((Rm(Phase.PREPARED), (("tm", Prepared(context.me)),)),)


def abort_alone(context: Context, rm: Rm) -> tuple[tuple[Rm, Sends], ...]:
    """Abort instead of preparing; nobody need be told, as without it nobody commits."""
    return ((Rm(Phase.ABORTED), ()),) if rm.phase is Phase.WORKING else ()


def on_commit(context: Context, rm: Rm, message: Commit) -> tuple[tuple[Rm, Sends], ...]:
    """Commit."""
    return ((Rm(Phase.COMMITTED), ()),)


def on_abort(context: Context, rm: Rm, message: Abort) -> tuple[tuple[Rm, Sends], ...]:
    """Abort."""
    return ((Rm(Phase.ABORTED), ()),)
