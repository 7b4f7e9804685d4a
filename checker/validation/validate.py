"""Logs held against a system: node by node by its rules, between nodes by what was sent, in one order.

A step is taken as soon as what it takes was sent, so the order in which steps are taken is one in which
everything comes after its causes. A node whose message was not sent yet waits, and others go on.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from checker.model.logs import Logged, Taken
from checker.model.network import Fifo
from checker.model.vocabulary import NodeName
from checker.modelfiles.complaints import unknown
from checker.validation.along import Along
from checker.validation.coverage import Coverage
from checker.validation.events import Event, EventKind
from checker.validation.hearing import Hearing, Pending
from checker.validation.local import Heard, Node, TooMany
from checker.validation.misfits import Misfits
from checker.validation.network import Queues, Sent, key
from checker.validation.reading import Buffer, Queue, Reader, Source
from checker.validation.result import MOST_PLACES, NodeResult, OtherRule, Validated, Why
from checker.validation.retold import NoTrace
from checker.validation.steps import LoggedStep, Steps
from checker.validation.stuck import Blocked, find
from checker.validation.words import Word, Words

#: Messages of late that are remembered for each node, to tell which would have fitted.
REMEMBERED = 64
#: Steps of a run that are remembered for a trace.
MOST_TRACED = 2_000


class Progress(NamedTuple):
    """How far it is."""

    read: int
    size: int
    events: int
    seconds: float


class Player:
    """One node: its log, its rules, and what is known of how they go together."""

    def __init__(self, node: Node, steps: Steps, role: str) -> None:
        self.node, self.steps = node, steps
        self.result = NodeResult(node.name, role)
        self.pending: Pending | None = None
        self.awaits: int | None = None
        self.ready = self.begun = False
        #: what was sent to it of late
        self.offered: deque[Word] = deque(maxlen=REMEMBERED)


class Validation:
    """One validation. `run` does it.

    `having` are the nodes that have a log; `unlogged` types of messages whose sends logs do not tell.
    """

    def __init__(
        self,
        logged: Logged,
        reader: Reader,
        having: frozenset[str],
        *,
        unlogged: frozenset[str] = frozenset(),
        coverage: Coverage | None = None,
        report: Callable[[Progress], None] | None = None,
        timeout: float | None = None,
    ) -> None:
        self.logged, self.reader, self.having = logged, reader, having
        self.words = Words(logged.wire)
        self.hearing = Hearing(self.words, reader)
        system = logged.system
        playing = [m for m in system.members if m.name in logged.nodes or not logged.nodes]
        self.names = {logged.wire.write_node(m.name): m for m in playing if m.role.observe is None}
        self.judging, self.ambiguous = True, 0
        self.players: dict[str, Player] = {}
        self.network = system.network
        self.sent = Sent(keeps=system.network.keeps)
        self.queues = Queues(system.network.loss) if isinstance(system.network, Fifo) else None
        self.waiting: dict[int, list[Player]] = {}
        self.traced: list[Taken] | None = []
        self.account: list[Taken] | None = [] if logged.account is not None else None
        self.misfits = Misfits(self.words, logged, reader)
        self.stopped: str | None = None
        self._unlogged, self._report, self._timeout = unlogged, report, timeout
        self._coverage = coverage
        self._buffer = Buffer()
        self._home: dict[str, int] = {}
        self._ready: deque[Player] = deque()
        self._began = time.monotonic()
        self._without = frozenset(self.names) - having
        self.along = Along(system, {self.names[name].name for name in self._without})

    def steps_taken(self) -> list[Taken]:
        """The steps of the run, as far as it fits. Raises NoTrace if they were not kept."""
        if self.traced is None:
            said = f"the run has more than {MOST_TRACED:,} steps, or some that its logs do not tell"
            raise NoTrace(said)
        return self.traced

    # ------------------------------------------------------------------ the whole

    def run(self) -> Validated:
        """Read, replay, judge. Raises LogFaults, and CodeError for what rules raise."""
        interrupted = False
        for sender, sends in self.logged.begins.items():
            if self._written(sender) not in self.having:
                for to, message in sends:
                    self._post(self._written(sender), self._written(to), self.words.of(message))
        self.along.first()
        try:
            self._read_all()
            self._end()
        except KeyboardInterrupt:
            interrupted = True
        except TooMany as limit:
            self.stopped = str(limit)
        self.reader.stop_if_faulty()
        return self._result(interrupted=interrupted)

    def _written(self, name: NodeName) -> str:
        return self.logged.wire.write_node(name)

    def _read_all(self) -> None:
        while (source := self._next_source()) is not None and self.stopped is None:
            for event, begin in self.reader.some(source):
                self._push(event, begin)
            self.reader.stop_if_faulty()
            if source.done:
                self._close(source)
            self._go_on()
            self._tell()

    def _next_source(self) -> Source | None:
        """The file whose nodes have least to do."""
        waiting = dict.fromkeys((source.number for source in self.reader.sources if not source.done), 0)
        if not waiting:
            return None
        for player in self.players.values():
            number = self._home[player.node.name]
            if number in waiting:
                waiting[number] += len(player.steps.queue)
        return self.reader.sources[min(waiting, key=lambda number: waiting[number])]

    def _push(self, event: Event, begin: int) -> None:
        player = self.players.get(event.node)
        if player is None:
            player = self._new(event)
            if player is None:
                return
        player.steps.queue.push(event, begin)
        player.result.events += 1
        if not player.ready and player.awaits is None:
            player.ready = True
            self._ready.append(player)

    def _new(self, event: Event) -> Player | None:
        member = self.names.get(event.node)
        if member is None:
            if event.kind is not EventKind.START or "state" in event.body:
                self.reader.fault(event.place, unknown("node", event.node, [*self.names]))
            return None
        node = Node(event.node, member, self.logged, self._unlogged)
        player = Player(node, Steps(Queue(self.reader, self._buffer)), member.role.name)
        self.players[event.node] = player
        self._home[event.node] = event.place.file
        if (
            event.kind is not EventKind.START
        ):  # what it sends when it begins is not told: it has, whatever it awaits
            for to, message in self.logged.begins.get(member.name, ()):
                self._post(event.node, self._written(to), self.words.of(message))
        return player

    def _close(self, source: Source) -> None:
        for player in self.players.values():
            if self._home[player.node.name] == source.number and not player.steps.closed:
                player.steps.closed = True
                self._wake(player)

    def _wake(self, player: Player) -> None:
        if not player.ready:
            player.ready = True
            self._ready.append(player)

    def _tell(self) -> None:
        seconds = time.monotonic() - self._began
        if self._report is not None:
            self._report(Progress(self.reader.read, self.reader.size, self.reader.events, seconds))
        if self._timeout is not None and seconds > self._timeout:
            self.stopped = f"{self._timeout:g} seconds are over"

    # ------------------------------------------------------------------ steps

    def _go_on(self) -> None:
        while self._ready:
            player = self._ready.popleft()
            player.ready = False
            while (step := player.steps.peek()) is not None:
                if not self._do(player, step):
                    break
                player.steps.advance()
                player.pending = None

    def _do(self, player: Player, step: LoggedStep, *, forced: bool = False) -> bool:
        """Take a step; False if it waits for what it takes."""
        if player.pending is None or player.pending.step is not step:
            player.pending = self.hearing.heard(player.node, step, begun=player.begun)
            if player.pending is None:
                return True
        pending = player.pending
        if pending.word is not None and not forced and not self._arrives(player, pending):
            return False
        player.awaits = None
        self._replay(player, pending)
        for to, word in pending.sends:
            self._post(player.node.name, to, word)
        return True

    def _arrives(self, player: Player, pending: Pending) -> bool:
        """Whether what is taken was sent; else the node waits for that."""
        assert pending.word is not None
        name, sender = player.node.name, pending.sender
        told = key(name, pending.word.digest)
        if self.queues is not None and sender in self.having:
            assert sender is not None
            arrived = self.queues.take(sender, name, told)
            if arrived and self.queues.overtaken:
                self._misfit(player, pending, Why.ORDER)
            self.sent.take(told)
        else:
            arrived = self.sent.take(told)
        if not arrived and sender is not None and self._unseen(sender, pending):
            player.result.unproven += 1
            return True
        if not arrived:
            player.awaits = told
            self.waiting.setdefault(told, []).append(player)
        return arrived

    def _unseen(self, sender: str, pending: Pending) -> bool:
        """Whether a node may have sent what is taken without that being told: it has no log."""
        if sender in self.having or pending.heard.message is None:
            return False
        return self.logged.could_send(self.words.name(sender), pending.heard.message)

    def _from_nowhere(self, pending: Pending) -> bool:
        """Whether it is not said who sent what is taken, and some node without a log may have."""
        return pending.sender is None and any(self._unseen(name, pending) for name in self._without)

    def _post(self, sender: str, to: str, word: Word) -> None:
        told = key(to, word.digest)
        self.sent.post(told)
        if self.queues is not None:
            self.queues.post(sender, to, told)
        receiver = self.players.get(to)
        if receiver is not None:
            receiver.offered.append(word)
        for player in self.waiting.pop(told, ()):
            player.awaits = None
            self._wake(player)

    def _replay(self, player: Player, pending: Pending) -> None:
        """Have the node's rules make the step, or take down that they do not."""
        result, node, heard = player.result, player.node, pending.heard
        result.steps += 1
        result.states += pending.step.state is not None
        again = player.begun and heard.action == "start"
        heard = self._begun(player, heard)
        if again:
            self._misfit(player, pending, Why.AGAIN)
            self.misfits.adopt(node, heard)
        elif result.misfit is None and not node.take(heard):
            explained = self.misfits.explained(player.node, heard)
            if explained is None:
                self._misfit(player, pending._replace(heard=heard), None)
            else:
                self._explained(player, pending._replace(heard=heard), explained.name)
                node.adopt(*self.misfits.by(explained, node, heard))
        elif result.misfit is not None and not (node.take(heard) or self.misfits.adopt(node, heard)):
            result.others += 1
        if result.misfit is None:
            result.fitting += pending.step.events
        result.recovered += heard.action == "recover"
        result.assumed = node.assumed
        self._told(player)

    def _explained(self, player: Player, pending: Pending, name: str) -> None:
        """Take down that another rule makes a step."""
        known = player.result.explained.get(name)
        if known is None or len(known.places) < MOST_PLACES:
            step, heard, word = pending.step, pending.heard, pending.word
            misfit = self.misfits.told(player.node, step, heard, word, Why.OTHER_RULE, player.offered)
            known = player.result.explained.setdefault(name, OtherRule(misfit))
            known.places.append(misfit.place)
        known.times += 1

    def _begun(self, player: Player, heard: Heard) -> Heard:
        """The node has begun: what its log tells of that, if it tells something."""
        if player.begun:
            return heard
        player.begun = True
        if heard.action != "start":
            return heard
        free = self.logged.free.get(player.node.member.role.name, frozenset())
        given = {name: value for name, value in (heard.fields or {}).items() if name in free}
        if given:
            player.node.begin_with(given)
            self.along.begin(player.node.member.name, player.node.local)
        return heard

    def _told(self, player: Player) -> None:
        """Hand on the steps that are certain: to be judged, counted, and remembered."""
        node = player.node
        if not node.known:
            self.ambiguous += 1
            return
        for taken in node.taken():
            for to, message in node.unlogged(taken.sends):
                self._post(node.name, self._written(to), self.words.of(message))
            if self._coverage is not None:
                self._coverage.visit(taken)
            if self.account is not None:
                self.account.append(taken)
            if self.judging:
                self.along.step(taken)
            if self.traced is not None and self.judging:
                self.traced.append(taken)
                if len(self.traced) > MOST_TRACED or node.jumped:
                    self.traced = None

    def _misfit(self, player: Player, pending: Pending, why: Why | None) -> None:
        """Take down that a step does not fit, and go on from what the log says."""
        self.judging = False
        if player.result.misfit is None:
            player.result.misfit = self.misfits.told(
                player.node, pending.step, pending.heard, pending.word, why, player.offered
            )
        else:
            player.result.others += 1
        if why is None:
            self.misfits.adopt(player.node, pending.heard)

    # ------------------------------------------------------------------ the end

    def _end(self) -> None:
        """Nothing is left to be read: see to the nodes that still wait for something."""
        while self.stopped is None:
            blocked = [p for p in self.players.values() if p.awaits is not None]
            if not blocked:
                return
            from_nowhere = [p for p in blocked if p.pending and self._from_nowhere(p.pending)]
            if from_nowhere:
                for player in from_nowhere:
                    player.result.unproven += 1
                    self._force(player)
            else:
                self._see_to(blocked)
            self._go_on()
            self._tell()

    def _see_to(self, blocked: Sequence[Player]) -> None:
        waits = [Blocked(p.node.name, p.awaits or 0, p.steps, p.offered) for p in blocked]
        stuck = find(waits, self.words)
        for player in blocked:
            if player.node.name in stuck:
                assert player.pending is not None
                why, said = stuck[player.node.name]
                if why is Why.NEVER_SENT and not self.network.keeps and self._was_sent(player):
                    why = Why.TOO_OFTEN
                self._misfit(player, player.pending, why)
                if said and player.result.misfit is not None and not player.result.others:
                    player.result.misfit = replace(player.result.misfit, reason=said)
                self._force(player)

    def _was_sent(self, player: Player) -> bool:
        word = player.pending.word if player.pending else None
        return any(one.digest == word.digest for one in player.offered) if word else False

    def _force(self, player: Player) -> None:
        """Have a node take what nobody has been seen to send."""
        for waiting in self.waiting.values():
            if player in waiting:
                waiting.remove(player)
        step = player.steps.peek()
        if step is not None:
            self._do(player, step, forced=True)
            player.steps.advance()
            player.pending = None
        self._wake(player)

    def _result(self, *, interrupted: bool) -> Validated:
        torn = tuple(map(self.reader.named, self.reader.torn))
        told = self.logged.account(self.account) if self.logged.account and self.account else ()
        unlogged = tuple(sorted(self._without))
        self.sent.close()
        return Validated(
            model=self.logged.system.name,
            files=tuple(str(source.path) for source in self.reader.sources),
            size=self.reader.size,
            nodes=[player.result for player in self.players.values()],
            events=self.reader.events,
            bytes_read=self.reader.read,
            seconds=time.monotonic() - self._began,
            unlogged=unlogged,
            torn=torn,
            sent=self.sent.sent,
            in_flight=self.sent.in_flight,
            network=self.network.name,
            judged=tuple(claim.id for claim in self.along.claims),
            judged_states=self.along.states,
            ambiguous=self.ambiguous,
            left_out=self.along.left_out,
            findings=tuple(self.along.found),
            reached=self.along.reached,
            account=tuple(told),
            stopped=self.stopped,
            interrupted=interrupted,
            coverage=self._coverage,
        )
