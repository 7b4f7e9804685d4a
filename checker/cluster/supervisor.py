"""The one who runs a cluster: starts its processes, kills some, starts them again, and ends them all.

The clients of a load are in this process. When they have all their answers no more is killed, and the
replicas are given time to become equal; then all is ended, and what is on the disks is examined.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from checker.cluster import datagrams
from checker.cluster.counters import Counters
from checker.cluster.host import ASKING, Host
from checker.cluster.nursery import PATIENCE, Ended, Nursery, until_parent_is_gone
from checker.cluster.outcome import Outcome
from checker.cluster.setup import CLIENTS, LOCALHOST, Setup
from checker.cluster.storage import read_records, recovered
from checker.model.deployed import Acknowledged, Called
from checker.model.vocabulary import Local, NodeName, action_name

#: Seconds that replicas have to become equal when there is nothing more to be done, and between two looks.
SETTLING, LOOK = 30.0, 0.05
#: Seconds in which all processes must have begun.
BEGINNING = 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen: so many commands by the clients of the load (None: no load, until told to end).

    Each `kill_every` seconds one of the processes is killed, in an order by seed; None: none is.
    """

    load: int | None = None
    kill_every: float | None = None
    seed: int = 0


class Failed(Exception):  # noqa: N818 - the run failed, not this program
    """A process of the cluster has ended by itself, or did not begin."""


class Cluster:
    """The processes of a cluster. Made before there is an event loop, because it forks. Raises OSError."""

    def __init__(self, setup: Setup, plan: Plan) -> None:
        self.setup, self.plan = setup, plan
        self.random = Random(f"{plan.seed} kills")  # noqa: S311 - whom, no secret
        self.pids: dict[str, int] = {}
        self.kills: Counter[str] = Counter()
        self.acknowledged: list[Acknowledged] = []
        self._began: dict[tuple[NodeName, int], float] = {}
        self._lives: Counter[str] = Counter()
        self._ending = False
        setup.make_folders()
        self.complaints = setup.folder / "complaints.txt"
        self.nursery = Nursery(self._live, self.complaints)

    def _live(self, name: str, life: int) -> None:
        asyncio.run(_living(self.setup, name, life))

    async def run(self, tell: Callable[[Cluster, float], None]) -> Outcome:
        """Carry out the plan. `tell` is called with the seconds since the load began, now and then."""
        self.loop = asyncio.get_running_loop()
        self._stop, self._failed = asyncio.Event(), self.loop.create_future()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.loop.add_signal_handler(number, self._stop.set)
        self.loop.set_exception_handler(lambda _, told: self._fail(f"clients: {_what_failed(told)}"))
        self.loop.add_reader(self.nursery.line, self._heard)
        outcome = Outcome(self.plan.load or 0, (), 0.0, {}, {})
        try:
            await self._or_end(self._begin())
            outcome = await self._carry_out(tell)
        except Failed as fault:
            outcome = replace(outcome, acknowledged=self.acknowledged, failed=str(fault))
        finally:
            await self._end()
        counted = self.counted()
        return replace(outcome, kills=dict(self.kills), counted=counted, stopped=self._stop.is_set())

    async def _begin(self) -> None:
        for name in self.setup.deployed.hosts:
            self.nursery.start(name, 0)
        until = time.monotonic() + BEGINNING
        while len(await self.ask()) < len(self.setup.deployed.hosts):
            if time.monotonic() > until:
                raise Failed("not all processes have begun")

    async def _carry_out(self, tell: Callable[[Cluster, float], None]) -> Outcome:
        began = time.monotonic()
        tasks = [asyncio.ensure_future(self._telling(tell, began))]
        if self.plan.kill_every is not None:
            tasks.append(asyncio.ensure_future(self._killing(self.plan.kill_every)))
        host = self._clients()
        try:
            await self._or_end(self._loaded())
        finally:
            seconds = time.monotonic() - began
            for task in tasks:
                task.cancel()
            host.stop()
        quiet = None if self.plan.load is None else await self._or_end(self._settled())
        settled = None if self._stop.is_set() else time.monotonic() - began - seconds
        return Outcome(
            self.plan.load or 0,
            self.acknowledged,
            seconds,
            {},
            {},
            quiet=quiet is not False,
            settled=settled,
        )

    async def _or_end(self, what: Any) -> Any:
        """Wait for something, but no longer than until this is to end. Raises Failed."""
        task = asyncio.ensure_future(what)
        stop = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait([task, stop, self._failed], return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if self._failed.done():
            task.cancel()
            raise Failed(self._failed.result())
        if not task.done():
            task.cancel()
            return None
        return task.result()

    def _clients(self) -> Host:
        """The clients of the load, each with its share of the commands."""
        deployed, plan = self.setup.deployed, self.plan
        played = {}
        for index, node in enumerate(deployed.clients):
            each, more = divmod(plan.load or 0, len(deployed.clients))
            chance = Random(f"{plan.seed} load {index}")  # noqa: S311 - a load, no secret
            texts = deployed.load(index, each + (index < more), chance)
            played[str(node)] = deployed.playing(node, texts, 1)
        host = Host(self.setup, CLIENTS, 0, played, disk=False)
        for node in host.nodes.values():
            node.watch = self._watching(node.played.name)
        host.start(self.loop)
        return host

    def _watching(self, client: NodeName) -> Callable[[Local, Local], None]:
        def watch(before: Local, after: Local) -> None:
            for one in self.setup.deployed.calls(before, after):
                self._note(client, one)

        return watch

    def _note(self, client: NodeName, one: Called) -> None:
        now = time.monotonic()
        if one.answer is None:
            self._began[client, one.number] = now
        else:
            began = self._began[client, one.number]
            self.acknowledged.append(Acknowledged(client, one.number, one.text, one.answer, began, now))

    async def _loaded(self) -> None:
        """Until all that is asked for is answered; without a load, for ever."""
        while self.plan.load is None or len(self.acknowledged) < self.plan.load:  # noqa: ASYNC110
            await asyncio.sleep(LOOK)

    async def _telling(self, tell: Callable[[Cluster, float], None], began: float) -> None:
        while True:
            tell(self, time.monotonic() - began)
            await asyncio.sleep(0.1)

    async def _killing(self, every: float) -> None:
        """Kill one process after the other, all of them in turn, in another order each time."""
        turn: list[str] = []
        while True:
            await asyncio.sleep(every)
            turn = turn or self.random.sample([*self.setup.deployed.hosts], len(self.setup.deployed.hosts))
            self.kill(turn.pop())

    def kill(self, name: str) -> None:
        """Kill a process, as `kill -9` does; it is started again when it has ended."""
        with suppress(ProcessLookupError, KeyError):
            os.kill(self.pids[name], signal.SIGKILL)
            self.kills[name] += 1

    async def _settled(self) -> bool:
        """Whether the replicas become equal, in the time that they have."""
        until, same = time.monotonic() + SETTLING, 0
        while time.monotonic() < until:
            told = await self.ask()
            digests = {d for one in told.values() for d in one["nodes"].values() if d is not None}
            same = same + 1 if len(told) == len(self.setup.deployed.hosts) and len(digests) <= 1 else 0
            if same == 3:
                return True
            await asyncio.sleep(LOOK)
        return False

    async def ask(self) -> Mapping[str, Any]:
        """How the processes say they are, those that answer at once."""
        found: dict[str, Any] = {}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            for host in self.setup.deployed.hosts:
                question = next(datagrams.written(ASKING, host, b"", ""))
                line.sendto(question, (LOCALHOST, self.setup.ports[host]))
            with suppress(TimeoutError, OSError):
                while len(found) < len(self.setup.deployed.hosts):
                    content = await asyncio.wait_for(self.loop.sock_recv(line, 1 << 16), 0.5)
                    told = json.loads(content)
                    found[told["host"]] = told
        return found

    def _heard(self) -> None:
        """What the nursery tells: that a process has begun, or has ended."""
        try:
            heard = self.nursery.heard()
        except (EOFError, OSError):
            self.loop.remove_reader(self.nursery.line)
            self._fail("the process that starts the others is gone")
            return
        for told in heard:
            if not isinstance(told, Ended):
                self.pids[told[0]] = told[1]
            elif told.code >= 0 and not self._ending:
                self._fail(f"{told.name} has ended by itself, {self._complaint()}")
            else:
                self._ended(told.name)

    def _ended(self, name: str) -> None:
        self.pids.pop(name, None)
        if not self._ending:
            self._lives[name] += 1
            self.nursery.start(name, self._lives[name])

    def _fail(self, why: str) -> None:
        if not self._failed.done():
            self._failed.set_result(why)

    def _complaint(self) -> str:
        if not self.complaints.exists():
            return "and said nothing"
        lines = self.complaints.read_text(encoding="utf-8").splitlines()
        return f"see {self.complaints}: {lines[-1] if lines else 'nothing'}"

    async def _end(self) -> None:
        """Ask all processes to end, and see to it that they do."""
        self._ending = True
        for pid in self.pids.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        while self.pids and time.monotonic() < until and not self._failed.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        self.loop.remove_reader(self.nursery.line)
        self.nursery.close()

    def counted(self) -> Mapping[str, float]:
        """What all processes have counted, together."""
        total: defaultdict[str, float] = defaultdict(float)
        for host in (*self.setup.deployed.hosts, CLIENTS):
            counters = Counters(self.setup.counters_of(host), self.setup.counted())
            for name, value in counters.read().items():
                total[name] += value
            counters.close()
        return dict(total)


def _what_failed(told: Mapping[str, Any]) -> str:
    """What a callback has raised, in words."""
    return str(told.get("exception") or told["message"])


async def _living(setup: Setup, name: str, life: int) -> None:
    """The life of a process of the cluster."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    played = {str(node): setup.deployed.playing(node, (), 1) for node in setup.deployed.hosts[name]}
    host = Host(setup, name, life, played)
    broken: asyncio.Future[BaseException] = loop.create_future()

    def fails(loop: asyncio.AbstractEventLoop, told: Mapping[str, Any]) -> None:
        """A disk that is full, a fault in a rule: what was to be stored is not, so nothing may go on."""
        host.give_up()
        if not broken.done():
            broken.set_result(told.get("exception") or RuntimeError(told["message"]))

    loop.set_exception_handler(fails)
    host.start(loop)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    gone = asyncio.ensure_future(until_parent_is_gone())
    ends: list[asyncio.Future[Any]] = [asyncio.ensure_future(stop.wait()), gone, broken]
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    if broken.done():
        raise broken.result()
    if gone.done():
        os._exit(1)
    host.stop()


def stored_states(setup: Setup) -> Mapping[NodeName, Local]:
    """The states of all nodes as their disks have them. Raises OSError, Damaged."""
    found = {}
    for host, nodes in setup.deployed.hosts.items():
        path = setup.disk_of(host)
        fields, _, _ = recovered(*read_records(path.read_bytes(), str(path)), {})
        for node in nodes:
            begin = setup.deployed.playing(node, (), 1).begin
            found[node] = replace(begin, **fields.get(str(node), {}))
    return found


def deciding(setup: Setup) -> Iterator[Any]:
    """The messages that decide, each as often as it was sent, by the event logs. Raises OSError."""
    marks = [f'"type":"{action_name(kind)}"'.encode() for kind in setup.deployed.deciding]
    known: dict[str, Any] = {}
    for path in sorted((setup.folder / "logs").glob("*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                if line.startswith(b'{"event":"send"') and any(mark in line for mark in marks):
                    written = json.loads(line)["message"]
                    text = json.dumps(written, sort_keys=True)
                    if text not in known:
                        known[text] = setup.deployed.wire.read_message(written)
                        yield known[text]


def examined(cluster: Cluster, outcome: Outcome) -> Outcome:
    """The outcome with what is wrong, when all processes have ended."""
    setup = cluster.setup
    if outcome.failed is not None:
        return outcome
    decided = deciding(setup) if setup.logged else None
    found = setup.deployed.examine(
        stored_states(setup), decided, outcome.acknowledged, settled=outcome.settled is not None
    )
    return replace(outcome, wrong=tuple(found.wrong), examined=found.says)
