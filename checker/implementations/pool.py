"""The processes of one command: started when they are first asked, asked in batches, several at a time.

A request is written without waiting for the answer to the one before. What goes wrong is some request's
fault: if a process ends, or says nothing any more, with several of them unanswered, these are asked again
one by one of a new process, which shows whose it is.
"""

from __future__ import annotations

import selectors
import time
import weakref
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from checker.implementations import lines
from checker.implementations.command import CannotStart, Command
from checker.implementations.guardian import Guardian
from checker.implementations.lines import NoJson
from checker.implementations.process import GRACE, Process
from checker.model.plaintext import printable

#: The version of the protocol.
VERSION = 1
#: Requests that a process may have unanswered.
WINDOW = 256
#: So many requests are worth another process.
SHARE = 32
#: What a process that went wrong costs of the patience that there is with a command, and a silent one.
PATIENCE, FAILED, SILENT = 64, 1, 32
#: The number of the request that says hello, and the place of what nobody has asked for.
HELLO = 0
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong instead of an answer, in words."""

    text: str


@dataclass(eq=False, slots=True)
class _Talk:
    """What one process is asked: what is yet to be asked, and what it has not answered."""

    slot: int
    todo: deque[int]
    process: Process | None = None
    #: (number of the request, its place), in order
    unanswered: deque[tuple[int, int]] = field(default_factory=deque)
    #: so many are to be asked one by one, and what was said of the first of them
    careful: int = 0
    suspect: tuple[int, str] | None = None
    due: float = 0.0
    #: the place of what it has answered last
    last: int = _NOBODY


class Pool:
    """The processes of a command, `hello` being the body of the first request that each is asked.

    A request is the text of a JSON object without its braces and its `id`.
    """

    def __init__(self, command: Command, hello: str) -> None:
        self.command = command
        self._hello = hello
        self._processes: list[Process | None] = [None] * command.most
        self._numbers = [HELLO] * command.most
        self._running: list[Process] = []  # shared with what ends them all
        self._guardians: list[Guardian] = []
        self._patience = PATIENCE
        #: why nothing is asked any more
        self._broken = ""
        # at the end of Python, or of everybody's interest, should nobody have closed it
        self._closing = weakref.finalize(self, _end_all, self._running, self._guardians)

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that run."""
        return [process.pid for process in self._running]

    def is_broken(self) -> bool:
        """Whether nothing is asked any more, until it is closed."""
        return bool(self._broken)

    def close(self) -> None:
        """End all processes. Should somebody ask after that, they are started anew."""
        _end_all(self._running, self._guardians)
        self._processes = [None] * self.command.most
        self._patience, self._broken = PATIENCE, ""

    def slots_for(self, count: int) -> list[int]:
        """Which process each of so many requests is asked of, in order."""
        used = max(1, min(self.command.most, count // SHARE))
        ends = [count * k // used for k in range(used + 1)]
        return [slot for slot, (begin, end) in enumerate(pairwise(ends)) for _ in range(begin, end)]

    def ask(self, requests: Sequence[str], slots: Sequence[int] | None = None) -> list[Any]:
        """For each request the answer, a JSON object without its `id`, or a Fault.

        `slots` says which process each is asked of. Whatever ends this early ends the processes.
        """
        answers: list[Any] = [None] * len(requests)
        by_slot: dict[int, deque[int]] = {}
        for place, slot in enumerate(self.slots_for(len(requests)) if slots is None else slots):
            by_slot.setdefault(slot, deque()).append(place)
        talks = [_Talk(slot, todo) for slot, todo in by_slot.items()]
        try:
            self._converse(talks, requests, answers)
        except BaseException:
            self.close()
            raise
        for place, answer in enumerate(answers):
            if answer is None:
                answers[place] = Fault(self._broken or "it is not asked any more")
        return answers

    # The conversation -----------------------------------------------------------------------------------

    def _converse(self, talks: Iterable[_Talk], requests: Sequence[str], answers: list[Any]) -> None:
        busy = [talk for talk in talks if talk.todo]
        with selectors.DefaultSelector() as selector:
            while busy and not self.is_broken():
                for talk in busy:
                    self._send(talk, requests, selector)
                if self.is_broken():
                    break
                self._wait(busy, selector, answers)
                busy = [talk for talk in busy if talk.todo or talk.unanswered]
            for talk in busy:  # it is over early: what is yet to be answered must not be taken for more
                if talk.process is not None and talk.unanswered:
                    self._end(talk, selector)

    def _send(self, talk: _Talk, requests: Sequence[str], selector: selectors.BaseSelector) -> None:
        """Write what the process may be asked by now; start it if there is none."""
        process = talk.process
        if process is None:
            process = talk.process = self._process(talk)
            if process is None:
                return
            selector.register(process.stdout, selectors.EVENT_READ, talk)
            selector.register(process.stderr, selectors.EVENT_READ, talk)
            process.write()
        most = 1 if talk.careful else WINDOW
        if len(talk.unanswered) > most // 2:
            return
        if not talk.unanswered:
            talk.due = time.monotonic() + self.command.timeout
        batch = []
        while talk.todo and len(talk.unanswered) < most:
            place = talk.todo.popleft()
            self._numbers[talk.slot] += 1
            number = self._numbers[talk.slot]
            batch.append(f'{{"id":{number},{requests[place]}}}\n')
            talk.unanswered.append((number, place))
        process.put("".join(batch).encode())
        process.write()
        if process.is_waiting:
            _register(selector, process.stdin, talk)

    def _process(self, talk: _Talk) -> Process | None:
        """The process of a slot, started and greeted if there was none; None if it cannot be."""
        process = self._processes[talk.slot]
        if process is not None:
            return process
        if self._patience <= 0:
            self._broken = self._broken or "it is not asked any more"
            return None
        try:
            if not self._guardians:
                self._guardians.append(Guardian())
            process = Process(self.command, self._guardians[0])
        except CannotStart as error:
            self._broken = str(error)
            return None
        self._running.append(process)
        self._processes[talk.slot] = process
        self._numbers[talk.slot] = HELLO
        process.put(f'{{"id":{HELLO},{self._hello}}}\n'.encode())
        talk.unanswered.append((HELLO, _NOBODY))
        talk.due = time.monotonic() + self.command.timeout
        return process

    def _wait(self, busy: Sequence[_Talk], selector: selectors.BaseSelector, answers: list[Any]) -> None:
        """Wait until something happens, and see to it."""
        now = time.monotonic()
        until = min(talk.due for talk in busy)
        for key, _ in selector.select(max(0.0, until - now)):
            talk: _Talk = key.data
            process = talk.process
            if process is None or process.ended:
                continue
            if key.fileobj is process.stdin:
                process.write()
                if not process.is_waiting:
                    selector.unregister(process.stdin)
            elif key.fileobj is process.stderr:
                if not process.listen():
                    selector.unregister(process.stderr)
            else:
                self._hear(talk, process, selector, answers)
        now = time.monotonic()
        for talk in busy:
            if talk.unanswered and talk.process is not None and now >= talk.due:
                hint = "does it flush its output after each line?"
                said = f"gave no answer within {self.command.timeout:g} s ({hint})"
                self._went_wrong(talk, said, selector, answers, costs=SILENT, again=True)

    def _hear(
        self, talk: _Talk, process: Process, selector: selectors.BaseSelector, answers: list[Any]
    ) -> None:
        """Take the answers that have come."""
        found = process.read()
        for line in found or ():
            if not talk.unanswered:
                said = f"wrote a line that was not asked for: {_quoted(line)}"
                talk.unanswered.append((HELLO, talk.last))
                self._went_wrong(talk, said, selector, answers)
                return
            number, place = talk.unanswered[0]
            answer = _answer(line, number)
            if not isinstance(answer, Fault) and place == _NOBODY:
                answer = _greeting(answer)
            if isinstance(answer, Fault):
                self._went_wrong(talk, answer.text, selector, answers)
                return
            talk.unanswered.popleft()
            talk.due = time.monotonic() + self.command.timeout
            if place != _NOBODY:
                answers[place], talk.last = answer, place
                self._was_careful(talk, answers)
        if process.lines.too_long:
            said = f"wrote a line of more than {lines.LONGEST:,} bytes"
            self._went_wrong(talk, said, selector, answers)
        elif found is None and talk.unanswered:
            rest = process.lines.rest
            half = f", in the middle of a line: {_quoted(rest)}" if rest else ""
            said = f"{process.how_it_ended()} before it answered{half}"
            self._went_wrong(talk, said, selector, answers, again=True)
        elif found is None and not talk.todo:
            _unregister(selector, process.stdout)  # that it has ended is told when it is asked more

    def _was_careful(self, talk: _Talk, answers: list[Any]) -> None:
        """Note that one of those that are asked one by one was answered. After the last it is told."""
        if talk.careful:
            talk.careful -= 1
            if not talk.careful and talk.suspect is not None:
                place, said = talk.suspect
                answers[place] = Fault(f"{said}; asked once more, by itself, it answered")
                talk.suspect = None

    def _went_wrong(
        self,
        talk: _Talk,
        said: str,
        selector: selectors.BaseSelector,
        answers: list[Any],
        *,
        costs: int = FAILED,
        again: bool = False,
    ) -> None:
        """End the process; what went wrong is the fault of the request that it had to answer.

        With `again` that may be another one of those unanswered: they are asked again, one by one.
        """
        process = talk.process
        assert process is not None
        self._end(talk, selector)
        words = process.last_words()
        text = f"'{self.command}' {said}" + (f"; last on its stderr: {words}" if words else "")
        unanswered = [place for _, place in talk.unanswered]
        talk.unanswered.clear()
        self._patience -= costs if talk.careful or not again or len(unanswered) < 2 else FAILED
        if _NOBODY in unanswered:
            self._broken = text
            return
        if again and len(unanswered) > 1:
            talk.todo.extendleft(reversed(unanswered))
            talk.careful, talk.suspect = len(unanswered), (unanswered[0], text)
            return
        if unanswered:
            answers[unanswered[0]] = Fault(text)
            talk.todo.extendleft(reversed(unanswered[1:]))
        talk.careful, talk.suspect = 0, None
        if self._patience <= 0:
            self._broken = f"{text}; it is not asked any more"

    def _end(self, talk: _Talk, selector: selectors.BaseSelector) -> None:
        process, talk.process = talk.process, None
        assert process is not None
        for stream in (process.stdin, process.stdout, process.stderr):
            _unregister(selector, stream)
        self._drop(process)

    def _drop(self, process: Process) -> None:
        process.end()
        self._running.remove(process)
        self._processes = [None if one is process else one for one in self._processes]


def _register(selector: selectors.BaseSelector, stream: Any, talk: _Talk) -> None:
    if stream not in selector.get_map():
        selector.register(stream, selectors.EVENT_WRITE, talk)


def _unregister(selector: selectors.BaseSelector, stream: Any) -> None:
    for key in [key for key in selector.get_map().values() if key.fileobj is stream]:
        selector.unregister(key.fd)


def _end_all(running: list[Process], guardians: list[Guardian]) -> None:
    """End processes; they have a moment to do so by themselves."""
    for process in running:
        process.hang_up()
    grace = GRACE
    while running:
        begun = time.monotonic()
        running.pop().end(grace)
        grace = max(0.0, grace - (time.monotonic() - begun))
    while guardians:
        guardians.pop().close()


def _quoted(line: bytes) -> str:
    return printable(lines.excerpt(line)) or "an empty line"


def _answer(line: bytes, number: int) -> Any:
    """The answer on a line to the request of that number, or what is wrong with it."""
    try:
        value = lines.read(line)
    except NoJson as error:
        return Fault(f"answered with a line that is no JSON ({error}): {_quoted(line)}")
    if not isinstance(value, dict):
        return Fault(f"answered with what is no JSON object: {_quoted(line)}")
    given = value.pop("id", None)
    if given.__class__ is not int or given != number:
        what = "without an id" if given is None else f"with id {printable(lines.written(given))}"
        return Fault(f"answered {what}, and not {number}, which was next: {_quoted(line)}")
    return value


def _greeting(answer: dict[str, Any]) -> Any:
    """The answer to hello, or what is wrong with it."""
    if "error" in answer:
        return Fault(f"answered with an error: {_text(answer['error'])}")
    if answer.get("protocol") != VERSION:
        given = printable(lines.written(answer.get("protocol")))
        return Fault(f"speaks version {given} of the line protocol, and not {VERSION}")
    return answer


def _text(value: Any) -> str:
    return printable(value if isinstance(value, str) else lines.written(value))
