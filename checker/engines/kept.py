"""How states are kept in plain Python: as they are or, if the system has a shift, up to that.

A state up to a shift is kept in its normal form, with all levels lowered. Steps of the normal form are
those of the state itself, lowered; but they may be listed in another order, which goes by the text of
messages. So a path that leads from normal form to normal form is told in the steps of real states.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from checker.engines.contract import Applied, UpToShift
from checker.model.claims import ShiftError
from checker.model.judging import bound_of
from checker.model.semantics import Cell, State, initial_state, successors
from checker.model.shift import SPREAD, Shifting
from checker.model.system import System
from checker.model.vocabulary import Member

if TYPE_CHECKING:
    from checker.engines.shiftclaims import ShiftClaims


def _proof(system: System, shifting: Shifting) -> ShiftClaims:
    from checker.engines.shiftclaims import ShiftClaims  # noqa: PLC0415 - few systems need it

    return ShiftClaims(system, shifting)


class Kept:
    """What is kept of the states of one system."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._shifting = None if system.shift is None else Shifting(system.shift)
        #: the proof that nothing is lost by that
        self.proof = None if self._shifting is None else _proof(system, self._shifting)

    def normal(self, state: State) -> State:
        """What is kept of a state."""
        return state if self._shifting is None else self._shifting.normal(state)

    def first(self) -> State:
        """What is kept of the state that every run begins in."""
        return self.normal(initial_state(self._system))

    def is_left(self, state: State) -> bool:
        """Whether a state that is kept is not explored further, its levels being too far apart."""
        return self._shifting is not None and self._shifting.is_cut(state)

    def cut_by(self, state: State) -> str | None:
        """The bound that stops the first node that one does in a state that is kept; None if none does.

        A level above the spread stops the node that holds it, and with it the others. Raises CodeError.
        """
        bounds = map(self.bound, self._system.members, state)
        return next((bound for bound in bounds if bound is not None), None)

    def bound(self, member: Member, cell: Cell) -> str | None:
        """The same of one node. Raises CodeError."""
        bound = bound_of(member, cell.local)
        if bound is None and self._shifting is not None and self._shifting.is_high(cell):
            return SPREAD
        return bound

    def real(self, path: Iterable[int]) -> tuple[int, ...]:
        """A path whose steps are those of states that are kept, in steps of real states.

        Raises ShiftError if these take another way, and ModelError.
        """
        steps = tuple(path)
        return steps if self._shifting is None else self._retraced(self._shifting, steps)

    def _retraced(self, shifting: Shifting, path: tuple[int, ...]) -> tuple[int, ...]:
        system = self._system
        state, real = initial_state(system), []
        for step in path:
            by = shifting.lowest(state)
            wanted = next(islice(successors(system, shifting.normal(state)), step, None))
            after = shifting.moved(wanted.state, by)
            same = (
                (index, t)
                for index, t in enumerate(successors(system, state))
                if (t.node, t.action, t.lost, t.state) == (wanted.node, wanted.action, wanted.lost, after)
            )
            found = next(same, None)
            if found is None:
                _proof(system, shifting).compared(state)
                raise ShiftError(shifting.shift.name, f"no {wanted.action} is as it is lower down")
            real.append(found[0])
            state = found[1].state
        return tuple(real)

    def applied(self) -> Applied:
        """What is told of it: the shift, and how much of it was checked."""
        if self._shifting is None or self.proof is None:
            return Applied()
        shift = self._shifting.shift
        return Applied(shift=UpToShift(shift.name, shift.spread, self.proof.checked))
