"""Owners as actors of Ray: the one module that imports it, and only when a cluster is asked for.

Without an address Ray is started on this machine, and ends with this process; with one, the cluster that is
there is used. Actors that a search does not need any more are kept for the next one.
"""

from __future__ import annotations

import logging
import os
import signal
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from threading import current_thread, main_thread
from typing import Any

from checker.engines.native.distributed.owner import Owner
from checker.engines.native.distributed.transport import (
    LOOKS,
    MAIL,
    ClusterError,
    Future,
    Lost,
    Peer,
    Transport,
)

#: Bytes of memory that a Ray on this machine may take for what is on its way: at most, and at least.
STORE, LEAST_STORE = 1 << 30, 100 << 20
#: Seconds until actors have started; where machines come when they are needed that takes a while.
STARTING = 300.0
#: How many calls of each kind are carried out at a time.
GROUPS = {"mail": 4, "look": 2}

try:
    ray: Any = import_module("ray")
    exceptions: Any = import_module("ray.exceptions")
except ImportError as error:
    raise ClusterError(
        f"a cluster needs Ray, which cannot be imported ({error}): pip install 'pmmc-checker[cluster]'"
    ) from None


class RayFuture:
    """An answer of an actor."""

    def __init__(self, ref: Any) -> None:
        self._ref = ref

    def done(self, seconds: float) -> bool:
        """Whether it has come; waits for it for so long at most."""
        found, _ = ray.wait([self._ref], timeout=seconds)
        return bool(found)

    def result(self) -> Any:
        """The answer. Raises what the call raised, and Lost."""
        try:
            return ray.get(self._ref)
        except exceptions.RayTaskError as error:
            raise error.cause from None
        except (exceptions.RayActorError, exceptions.ObjectLostError) as error:
            raise Lost(str(error)) from None


@dataclass(frozen=True)
class RayPeer:
    """An owner as an actor; it can be sent to other actors."""

    actor: Any

    def call(self, method: str, *arguments: Any) -> Future:
        """Call a method of it; arguments are copied."""
        group = "mail" if method in MAIL else "look" if method in LOOKS else None
        called = getattr(self.actor, method)
        if group is not None:
            called = called.options(concurrency_group=group)
        return RayFuture(called.remote(*arguments))


class RayTransport:
    """The actors of a cluster that this process is connected with."""

    def __init__(self, address: str) -> None:
        self.name = f"Ray at {address}" if address else "Ray on this machine"
        self._address = address
        self._make = ray.remote(concurrency_groups=GROUPS)(Owner)
        #: actors that nobody needs
        self._idle: list[RayPeer] = []
        self.actors: list[Any] = []

    @property
    def cpus(self) -> int:
        """How many processors the cluster has."""
        return max(1, int(ray.cluster_resources().get("CPU", 1)))

    def start(self, count: int) -> list[Peer]:
        """So many owners, each an actor with a processor of its own. Raises ClusterError."""
        peers, self._idle = self._idle[:count], self._idle[count:]
        options: dict[str, Any] = {
            "num_cpus": 1,
            "max_restarts": 0,
            "max_task_retries": 0,
            "scheduling_strategy": "SPREAD",
        }
        if not self._address:
            options["num_cpus"] = 0  # here there may be more owners than processors
        new = [RayPeer(self._make.options(**options).remote()) for _ in range(count - len(peers))]
        answers = [peer.call("hello") for peer in new]
        ends = time.monotonic() + STARTING
        there = [peer for peer, answer in zip(new, answers, strict=True) if _is_there(answer, ends)]
        if len(there) < len(new):
            self.end([*new, *peers])
            raise ClusterError(
                f"of {count:,} owners {len(there) + len(peers):,} have started in {STARTING:.0f} seconds: "
                f"{self.name} has {self.cpus:,} processors; --workers N asks for fewer"
            )
        return [*peers, *there]

    def share(self, value: Any) -> Any:
        """A value, put into the memory that all actors of a machine share."""
        return ray.put(value)

    def end(self, peers: Sequence[Peer]) -> None:
        """Let owners go; those that answer are kept for the next search."""
        leaving = [(peer, peer.call("leave")) for peer in peers]
        ends = time.monotonic() + 5.0
        for peer, answer in leaving:
            assert isinstance(peer, RayPeer), "only those that were started here are ended here"
            if _is_there(answer, ends):
                self._idle.append(peer)
            else:
                ray.kill(peer.actor)


def _is_there(answer: Future, ends: float) -> bool:
    try:
        if not answer.done(max(0.0, ends - time.monotonic())):
            return False
        answer.result()
    except Lost:
        return False
    return True


# Connecting ---------------------------------------------------------------------------------------------


@cache
def connected(address: str) -> Transport:
    """The actors of the cluster at an address or, if that is empty, of one that is started here.

    It stays until this process ends; then a Ray that was started here ends too. Raises ClusterError.
    """
    if not ray.is_initialized():
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        try:
            with _signals_kept(), _quiet():
                _connect(address)
        except (ConnectionError, RuntimeError, ValueError, OSError, TimeoutError) as error:
            where = f"the cluster at {address}" if address else "Ray on this machine"
            raise ClusterError(f"{where} cannot be had: {str(error).strip().splitlines()[0]}") from error
    return RayTransport(address)


def _connect(address: str) -> None:
    common: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address:
        ray.init(address=address, **common)
        return
    os.environ.setdefault("RAY_memory_monitor_refresh_ms", "0")  # a check looks after its memory itself
    ray.init(
        address="local",
        num_cpus=os.cpu_count(),
        include_dashboard=False,
        object_store_memory=_store(),
        **common,
    )


def _store() -> int:
    """Bytes for what is on its way: a twentieth of the memory, within limits."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        memory = 0
    return max(LEAST_STORE, min(STORE, memory // 20))


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Keep what this process does on signals: it says what it has found, and ends Ray in the end."""
    if current_thread() is not main_thread():
        yield
        return
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextmanager
def _quiet() -> Iterator[None]:
    """No warnings about what is Ray's own business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
