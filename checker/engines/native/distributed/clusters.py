"""Which cluster is meant, and why a model cannot be checked on one."""

from __future__ import annotations

from checker.engines.native.distributed.transport import ClusterError, Transport
from checker.model.properties import On
from checker.model.system import System

__all__ = ["ClusterError", "against", "transport_to"]


def transport_to(address: str) -> Transport:
    """A way to the cluster at an address, or to one on this machine if it is empty. Raises ClusterError."""
    from checker.engines.native.distributed.onray import connected  # noqa: PLC0415 - imports Ray

    return connected(address)


def against(system: System, *, checkpoints: bool = False) -> str | None:
    """Why a system cannot be checked on a cluster, with or without `checkpoints`; None if it can.

    What can still be reached, and what fair runs come to, is told by marks of all states, which are spread
    from state to state on one machine.
    """
    if checkpoints:
        return (
            "checkpoints are kept on one machine: leave --checkpoint or --cluster out; what an owner has "
            "another one keeps a copy of"
        )
    asked = [p.id for p in system.properties if p.kind.on in (On.FUTURE, On.RUN)]
    if not asked:
        return None
    return (
        f"not on a cluster: {', '.join(asked)} — what can still be reached, and what fair runs come to, is "
        "judged on one machine: leave --cluster out, or name the others with --property"
    )
