"""One node replayed by its rules: which local states it may be in, after what its log has told so far.

Mostly that is one: a rule makes one step of a message, and the log tells the state. Where it does not,
and a rule may choose, or a wake was not logged, there are several, and they are all followed. Steps that
were not logged are only looked for where it does not go on without; then from the last state on that was
told in full.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from checker.model.logs import Logged, Taken
from checker.model.modelcode import PASSED_ON, CodeError, told
from checker.model.semantics import ModelError
from checker.model.values import show
from checker.model.vocabulary import (
    Envelope,
    Local,
    Member,
    Message,
    NodeName,
    Sends,
    Wake,
    action_name,
    kind_of,
)
from checker.validation.words import names_of_fields

#: Situations of one node that are looked at in search of steps that were not logged, for one step.
MOST_SITUATIONS = 5_000
#: Steps that are gone through again in such a search.
LONGEST_WINDOW = 500

Posted = tuple[tuple[NodeName, Message], ...]


class Heard(NamedTuple):
    """What a log says of a step, read. `action` is the message's, the wake's, `start`, `recover`, or ""."""

    action: str
    message: Message | None
    sender: NodeName | None
    sends: Posted
    fields: Mapping[str, Any] | None
    cut: bool = False
    torn: bool = False


class Fit(NamedTuple):
    """A local state that a node may be in, and the steps to it since that was last known for sure."""

    local: Local
    path: tuple[Taken, ...] = ()


class TooMany(Exception):  # noqa: N818 - a limit
    """More situations than are looked at; the message says where."""


class Node:
    """One node, as far as its log has been replayed. Not pure: `take` goes on."""

    def __init__(self, name: str, member: Member, logged: Logged, unlogged: frozenset[str]) -> None:
        self.name, self.member = name, member
        self._logged, self._unlogged = logged, unlogged
        self.fits: tuple[Fit, ...] = (Fit(member.local),)
        self._base: tuple[Fit, ...] = self.fits
        self._window: deque[Heard] = deque(maxlen=LONGEST_WINDOW)
        #: names of wakes that the log tells: those of them that it does not tell did not happen
        self._told_wakes: set[str] = set()
        #: how many steps were put in that the log does not tell, and whether some of them into the past
        self.assumed = 0
        self.jumped = False

    @property
    def local(self) -> Local:
        """A local state that it may be in: the one, if it is known."""
        return self.fits[0].local

    @property
    def known(self) -> bool:
        """Whether it can be in one local state only."""
        return len(self.fits) == 1

    def take(self, heard: Heard) -> bool:
        """Go on by a step; whether its rules make such a one. Raises CodeError, TooMany."""
        if heard.message is None and heard.action in self.member.role.wakes:
            self._told_wakes.add(heard.action)
        found = self._after(self.fits, heard, silent=False)
        if not found and self._silent():
            found = self._searched(heard)
        if not found:
            return False
        self._settle(found, heard)
        return True

    def begin_with(self, fields: Mapping[str, Any]) -> None:
        """Begin with these fields otherwise than the system says."""
        self.adopt(replace(self.local, **fields))

    def would(self, heard: Heard) -> bool:
        """Whether its rules make such a step, in the state that it is in."""
        try:
            return bool(self._after(self.fits, heard, silent=False))
        except (CodeError, TooMany):
            return False

    def adopt(self, local: Local, steps: tuple[Taken, ...] = ()) -> None:
        """Go on from this local state, whatever the rules say."""
        self.fits = self._base = (Fit(local, steps),)
        self._window.clear()

    def taken(self) -> tuple[Taken, ...]:
        """The steps since this was asked last; none as long as it is not known which they were."""
        if not self.known:
            return ()
        (fit,) = self.fits
        self.fits = (Fit(fit.local),)
        if not self._window:
            self._base = self.fits
        return fit.path

    def _settle(self, found: tuple[Fit, ...], heard: Heard) -> None:
        self.fits = found
        exact = len(found) == 1 and (not self._silent() or self._is_full(heard, found[0].local))
        if exact:
            self._window.clear()
            self._base = found
        else:
            self._window.append(heard)

    def _is_full(self, heard: Heard, local: Local) -> bool:
        return heard.fields is not None and set(names_of_fields(local)) <= heard.fields.keys()

    def _silent(self) -> Mapping[str, Wake]:
        """The wakes that may have happened without a word."""
        wakes = self.member.role.wakes
        return {name: wake for name, wake in wakes.items() if name not in self._told_wakes}

    def _searched(self, heard: Heard) -> tuple[Fit, ...]:
        """What the node may be in, if steps were left out since the last state told in full."""
        found = self._base
        if len(self._window) == LONGEST_WINDOW:
            raise TooMany(f"{self.name}: {LONGEST_WINDOW} steps since its state was told in full")
        for one in (*self._window, heard):
            found = self._after(found, one, silent=True)
            if not found:
                return ()
        self.assumed += min(sum(t.action in self._silent() for t in fit.path) for fit in found)
        if self._window:  # some of these steps were told already, without those that were put in
            self.jumped = True
            return tuple(Fit(fit.local) for fit in found)
        return found

    def _after(self, fits: Iterable[Fit], heard: Heard, *, silent: bool) -> tuple[Fit, ...]:
        """Where a step may lead from any of these, with steps before and after it that were not logged."""
        found: dict[Local, Fit] = {}
        for fit in fits:
            begins = self._wakes(fit, (), heard) if silent and heard.action != "start" else [(fit, ())]
            for before, left in list(begins):
                if left:
                    continue
                for after, rest in self._steps(before, heard):
                    ends = self._wakes(after, rest, heard) if silent else [(after, rest)]
                    for end, unsaid in ends:
                        if not unsaid and self._agrees(end.local, heard.fields):
                            found.setdefault(end.local, end)
            if heard.torn and self._agrees(fit.local, heard.fields) and not heard.sends:
                found.setdefault(fit.local, fit)
        return tuple(found.values())

    def _wakes(self, fit: Fit, sends: Posted, heard: Heard) -> Iterator[tuple[Fit, Posted]]:
        """What wakes that were not logged may lead to, and which of these sends are then yet to be made."""
        seen = {(fit.local, sends)}
        waiting = deque([(fit, sends)])
        while waiting:
            here, left = waiting.popleft()
            yield here, left
            for name, wake in self._silent().items():
                for after, made in self._call(name, wake, here.local, None):
                    rest = without(left, self._told(made))
                    if rest is None or (after, rest) in seen:
                        continue
                    if len(seen) >= MOST_SITUATIONS:
                        raise TooMany(f"{self.name}: more than {MOST_SITUATIONS} situations by wakes alone")
                    seen.add((after, rest))
                    taken = Taken(self.member.name, name, here.local, None, after, made)
                    waiting.append((Fit(after, (*here.path, taken)), rest))

    def _steps(self, fit: Fit, heard: Heard) -> Iterator[tuple[Fit, Posted]]:
        """What the rule makes of the step itself, and which sends it leaves to others."""
        if not heard.action:
            yield fit, heard.sends
            return
        for after, made in self.outcomes(fit.local, heard):
            rest = without(heard.sends, self._told(made), some=heard.cut)
            if rest is not None:
                taken = Taken(self.member.name, heard.action, fit.local, heard.message, after, made)
                yield Fit(after, (*fit.path, taken)), rest

    def outcomes(self, local: Local, heard: Heard) -> list[tuple[Local, Sends]]:
        """What may come of it: of a message that is ignored, nothing. Raises CodeError."""
        member = self.member
        if heard.action == "start":
            return [(local, self._logged.begins.get(member.name, ()))]
        if heard.action == "recover":
            return [self._logged.recover(member, local)]
        if heard.message is None:
            return self._call(heard.action, member.role.wakes[heard.action], local, None)
        message = heard.message
        rule = member.role.rules.get(kind_of(message))
        if rule is None:
            return []
        given = Envelope(heard.sender, message) if member.role.senders else message
        return self._call(action_name(kind_of(message)), rule, local, given) or [(local, ())]

    def _call(
        self, name: str, rule: Any, local: Local, message: Message | None
    ) -> list[tuple[Local, Sends]]:
        given = (self.member.context, local) if message is None else (self.member.context, local, message)
        try:
            return [(after, tuple(sends)) for after, sends in rule(*given)]
        except PASSED_ON:
            raise
        except BaseException as error:
            raise ModelError(show(self.member.name), name, local, message, told(error, rule)) from error

    def _told(self, made: Sends) -> Posted:
        """Those of the sends of a rule that a log tells."""
        if not self._unlogged:
            return made
        return tuple((to, m) for to, m in made if action_name(kind_of(m)) not in self._unlogged)

    def unlogged(self, made: Sends) -> Posted:
        """Those that it does not tell."""
        if not self._unlogged:
            return ()
        return tuple((to, m) for to, m in made if action_name(kind_of(m)) in self._unlogged)

    def _agrees(self, local: Local, fields: Mapping[str, Any] | None) -> bool:
        return not fields or all(getattr(local, name, _MISSING) == value for name, value in fields.items())


_MISSING = object()


def without(sends: Posted, made: Posted, *, some: bool = False) -> Posted | None:
    """The sends that are left of a log's after those that a rule makes; None if one of these is not there.

    With `some` it may be: the node went down as it sent them.
    """
    if sends == made:
        return ()
    left = list(sends)
    for one in made:
        if one in left:
            left.remove(one)
        elif not some:
            return None
    return tuple(left)
