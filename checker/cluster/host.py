"""A process of a cluster: some nodes, a socket, a disk. What arrives together is handled as one batch.

A batch is taken through the rules of the nodes; then what has changed in stable storage is written and
synced, then what was logged is handed over, and then what the nodes have sent goes out, in this order.
Messages between nodes of one process do not go through the network: they belong to the same batch.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections import Counter, deque
from collections.abc import Mapping
from random import Random
from typing import Any

from checker.cluster import datagrams
from checker.cluster.counters import Counters
from checker.cluster.datagrams import Assembly, Datagram
from checker.cluster.eventlog import EventLog, json_text, length
from checker.cluster.faults import Network
from checker.cluster.node import RunningNode, Sent
from checker.cluster.setup import LOCALHOST, Setup
from checker.cluster.storage import Span, Storage
from checker.model.deployed import Played, Timer
from checker.model.vocabulary import Message, NodeName
from checker.model.wire import WireFault

#: So many datagrams are handled in one batch at most.
BATCH = 64
#: Bytes of the socket's buffers, as far as the system allows.
BUFFER = 4 << 20
#: Seconds after which a node that does not sync has its pages written back, as Linux does by default.
WRITE_BACK = 5.0
#: Who sends what is no message between nodes: questions of the one who runs the cluster.
ASKING = "?"


class Host:
    """The nodes of one process, running. Raises OSError, Damaged."""

    def __init__(
        self, setup: Setup, name: str, life: int, played: Mapping[str, Played], *, disk: bool = True
    ) -> None:
        self.setup, self.name = setup, name
        self._wire = setup.deployed.wire
        self._random = Random(f"{setup.seed} {name} {life}")  # noqa: S311 - for timers
        self._counters = Counters(setup.counters_of(name), setup.counted())
        #: what was counted in this batch: it counts when the batch is logged
        self._counted: Counter[str] = Counter()
        self._seconds = 0.0
        logs = {node: setup.log_of(node) for node in played} if setup.logged else {}
        self._storage: Storage | None = None
        if disk:
            stable = {node: one.stable for node, one in played.items()}
            logged = {node: length(path) for node, path in logs.items()}
            self._storage = Storage(setup.disk_of(name), stable, logged, setup.unsynced)
        undone = self._storage.undone if self._storage is not None else {}
        self._logs = {node: EventLog(path, node, undone.get(node)) for node, path in logs.items()}
        self.nodes = {
            node: RunningNode(one, self._wire, self._logs.get(node), self._random, setup.every)
            for node, one in played.items()
        }
        self._life = life
        self._assembly = Assembly()
        self._touched: set[str] = set()
        self._local: deque[tuple[NodeName, str, Message, str]] = deque()
        self._out: list[tuple[NodeName, str, str]] = []
        self._number = 0
        self._ended = False
        self._restarts: dict[tuple[str, str], tuple[float, float]] = {}
        self._names: dict[str, NodeName] = {}

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open the socket and begin."""
        self._loop = loop
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        self._socket.bind((LOCALHOST, self.setup.ports.get(self.name, 0)))
        self._network = Network(self.setup.faults, self.name, self._life, self._send, loop.call_later)
        for node in self.nodes.values():
            fields = self._storage.fields.get(node.name) if self._storage is not None else None
            log = self._logs.get(node.name)
            if fields is None and (self._life > 0 or (log is not None and log.number > 0)):
                fields = {}  # it has run before, and stored nothing
            config = self._wire.config() if fields is None else None
            self._sort(node, node.begin(None if fields is None else dict(fields), config))
        self._finish_batch()
        for node in self.nodes.values():
            for wake, timer in node.played.timers.items():
                if timer.first > 0:
                    self._set(node, wake, timer, timer.first)
        if self.setup.unsynced.intersection(self.nodes):
            loop.call_later(WRITE_BACK, self._write_back)
        loop.add_reader(self._socket, self._readable)

    def stop(self) -> None:
        """End well: the last states are logged and stored. What was to be done later is not done."""
        self._loop.remove_reader(self._socket)
        for node in self.nodes.values():
            node.tell_state()
        self._touched.update(self.nodes)
        self._finish_batch()
        if self._storage is not None:
            self._storage.write_back({name: node.state for name, node in self.nodes.items()})
            self._storage.close()
        for log in self._logs.values():
            log.close()
        self._socket.close()
        self._ended = True

    def give_up(self) -> None:
        """Do nothing more: something could not be stored, and what rests on it must not be sent."""
        self._ended = True
        self._loop.remove_reader(self._socket)

    def _readable(self) -> None:
        if self._ended:
            return
        for _ in range(BATCH):
            try:
                content, sender = self._socket.recvfrom(1 << 16)
            except BlockingIOError:
                break
            except OSError:  # what a process that is down sends back for it
                continue
            one = datagrams.read(content)
            if one is None:
                self._counted["unreadable"] += 1
            elif one.sender == ASKING:
                self._answer(sender)
            else:
                self._arrived(one)
        self._finish_batch()

    def _arrived(self, one: Datagram) -> None:
        body = self._assembly.take(one)
        if body is None:
            return
        node = self.nodes.get(one.to)
        try:
            sender, text = self._named(one.sender), body.decode()
            message = self._wire.read_message(json.loads(text))
        except (ValueError, WireFault):
            node = None
        if node is None:
            self._counted["unreadable"] += 1
            return
        self._take(node, sender, message, text)
        while self._local:
            sender, to, message, text = self._local.popleft()
            self._take(self.nodes[to], sender, message, text)

    def _named(self, text: str) -> NodeName:
        if text not in self._names:
            self._names[text] = self._wire.read_node(text)
        return self._names[text]

    def _take(self, node: RunningNode, sender: NodeName, message: Message, text: str) -> None:
        self._counted["received"] += 1
        for wake, timer in node.played.timers.items():
            if type(message) in timer.restarted_by:
                self._restarts[node.name, wake] = (
                    self._loop.time() + self._jittered(timer.first),
                    timer.first,
                )
        self._sort(node, node.take(sender, message, text))

    def _sort(self, node: RunningNode, sent: list[Sent]) -> None:
        """What a node has sent: to nodes of this process, or out."""
        self._touched.add(node.name)
        self._counted["steps"] += 1
        for to, message, text in sent:
            self._counted[self._kind(message)] += 1
            if str(to) in self.nodes:
                self._counted["handed over"] += 1
                self._local.append((node.played.name, str(to), message, text))
            else:
                self._out.append((node.played.name, str(to), text))

    def _kind(self, message: Message) -> str:
        name = type(message).__name__
        return name[:1].lower() + name[1:]

    def _finish_batch(self) -> None:
        """Store, log, send: what nodes have done since the last time."""
        while self._local:
            sender, to, message, text = self._local.popleft()
            self._take(self.nodes[to], sender, message, text)
        if not self._touched:
            return
        pending = {name: self._logs[name].pending() for name in self._touched if name in self._logs}
        self._store({name: span for name, (span, _) in pending.items()})
        for name, (_, content) in pending.items():
            self._logs[name].write(content)
        self._touched.clear()
        out, self._out = self._out, []
        for sender, to, text in out:
            self._number += 1
            home = self.setup.homes.get(to)
            body = text.encode()
            name = f"{self._life}.{self._number}"
            if len(body) > self.setup.datagram:
                self._counted["fragmented"] += 1
            for one in datagrams.written(str(sender), to, body, name, self.setup.datagram):
                if home is not None:
                    self._network.carry(home, one)
        self._counted["batches"] += 1
        self._counted["lost"] += self._network.lost
        self._counted["doubled"] += self._network.doubled
        self._network.lost = self._network.doubled = 0
        self._counters.add_all({**self._counted, "sync seconds": self._seconds})
        self._counted.clear()
        self._seconds = 0.0

    def _store(self, spans: Mapping[str, Span]) -> None:
        if self._storage is None:
            return
        states = {name: self.nodes[name].state for name in self._touched}
        before = self._storage.times
        syncs, seconds, written = before.syncs, before.seconds, before.written
        if self._storage.commit(states, spans):
            self._counted["syncs"] += self._storage.times.syncs - syncs
            self._seconds += self._storage.times.seconds - seconds
            self._counted["stored bytes"] += self._storage.times.written - written

    def _write_back(self) -> None:
        if self._storage is not None and not self._ended:
            self._storage.write_back(
                {name: self.nodes[name].state for name in self.setup.unsynced & {*self.nodes}}
            )
        self._loop.call_later(WRITE_BACK, self._write_back)

    def _send(self, home: str, datagram: bytes) -> None:
        port = self.setup.ports.get(home)
        if port is None or self._ended:
            return
        self._counted["datagrams"] += 1
        self._counted["bytes"] += len(datagram)
        try:
            self._socket.sendto(datagram, (LOCALHOST, port))
        except OSError:  # a full buffer, or nobody there: lost, as datagrams may be
            self._counted["unreadable"] += 1

    def _jittered(self, seconds: float) -> float:
        return seconds * self._random.uniform(0.75, 1.25)

    def _set(self, node: RunningNode, wake: str, timer: Timer, interval: float) -> None:
        self._loop.call_later(self._jittered(interval), self._fire, node, wake, timer, interval)

    def _fire(self, node: RunningNode, wake: str, timer: Timer, interval: float) -> None:
        if self._ended:
            return
        due, first = self._restarts.pop((node.name, wake), (0.0, 0.0))
        wait = due - self._loop.time()
        if wait > 0:  # it was started anew meanwhile
            self._loop.call_later(wait, self._fire, node, wake, timer, first)
            return
        sent = node.wake(wake)
        if sent is None:
            interval = timer.first
        else:
            self._sort(node, sent)
            self._finish_batch()
            interval = min(interval * timer.factor, timer.most)
        self._set(node, wake, timer, interval)

    def _answer(self, asking: Any) -> None:
        """Say how the nodes are."""
        digests = {name: self.setup.deployed.digest(node.state) for name, node in self.nodes.items()}
        told = {"host": self.name, "life": self._life, "pid": os.getpid(), "nodes": digests}
        self._socket.sendto(json_text(told).encode(), asking)
