"""What an answer must look like: steps, each a local state and what is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from checker.implementations import lines
from checker.implementations.opaque import holding
from checker.implementations.pool import Fault
from checker.model.plaintext import printable
from checker.model.vocabulary import Local, Sends
from checker.model.wire import Wire, WireFault, located

#: What a node does; several steps are a choice, none means that it does nothing.
Steps = tuple[tuple[Local, Sends], ...]

_KEYS = ("state", "view", "sends")
#: Requests that have one answer: a node begins, and goes down, in one way.
ONE = ("init", "crash", "restart")


class _Misshapen(Exception):  # noqa: N818 - a property of the answer
    """An answer is not what it must be; the message says where."""


class Reading(NamedTuple):
    """How answers about one node are read: by `wire`, its local states being such as `like`.

    With `opaque` a local state is kept as it is beside what is read of it; else only where the answer has a
    `view` of it, and one without is read in full.
    """

    wire: Wire
    like: Local
    opaque: bool = False

    def steps(self, do: str, answer: dict[str, Any]) -> Steps | Fault:
        """The steps of an answer, or what is wrong with it."""
        if "error" in answer:
            error = answer["error"]
            return Fault(
                f"answered with an error: {printable(error) if isinstance(error, str) else _q(error)}"
            )
        try:
            steps = enumerate(_listed("steps", answer))
            found = tuple(self._step(f"steps[{k}]", one, do) for k, one in steps)
        except _Misshapen as error:
            return Fault(f"answered what is no answer to '{do}': {error}")
        if do in ONE and len(found) != 1:
            return Fault(f"answered {len(found)} steps to '{do}', which has exactly one")
        return found

    def _step(self, at: str, step: Any, do: str) -> tuple[Local, Sends]:
        if not isinstance(step, dict):
            raise _Misshapen(f"{at}: expected an object with a state, not {_q(step)}")
        _known(at, step, _KEYS)
        if "state" not in step:
            raise _Misshapen(f"{at}: there is no 'state'")
        sends = _listed("sends", step, at) if "sends" in step else []
        return self._local(at, step, do), tuple(
            self._send(f"{at}.sends[{k}]", s) for k, s in enumerate(sends)
        )

    def _local(self, at: str, step: dict[str, Any], do: str) -> Local:
        if self.opaque and do == "crash":  # what a disk holds shows nothing to anybody
            return holding(self.like, lines.written(step["state"]))
        key = "view" if "view" in step else "state"
        local = _read(f"{at}.{key}", lambda: self.wire.read_state(step[key], self.like))
        is_held = self.opaque or "view" in step
        return holding(local, lines.written(step["state"])) if is_held else local

    def _send(self, at: str, send: Any) -> tuple[Any, Any]:
        if not isinstance(send, dict):
            raise _Misshapen(f"{at}: expected an object with 'to' and 'message', not {_q(send)}")
        _known(at, send, ("to", "message"))
        for key in ("to", "message"):
            if key not in send:
                raise _Misshapen(f"{at}: there is no '{key}'")
        to = _read(f"{at}.to", lambda: self.wire.read_node(send["to"]))
        return to, _read(f"{at}.message", lambda: self.wire.read_message(send["message"]))


def _listed(key: str, value: dict[str, Any], at: str = "") -> list[Any]:
    where = f"{at}.{key}" if at else key
    if key not in value:
        raise _Misshapen(f"there is no '{where}'; it has {_q(sorted(value)) if value else 'nothing'}")
    found = value[key]
    if not isinstance(found, list):
        raise _Misshapen(f"{where}: expected an array, not {_q(found)}")
    return found


def _known(at: str, value: dict[str, Any], keys: tuple[str, ...]) -> None:
    for key in value:
        if key not in keys:
            raise _Misshapen(f"{at}: '{printable(key)}' is not known; there are {', '.join(keys)}")


def _read(at: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except WireFault as fault:
        path = located(fault.misfits[0].path)
        more = f"; and {len(fault.misfits) - 1} more" if len(fault.misfits) > 1 else ""
        first = fault.misfits[0]._replace(path=())
        dot = "" if not path or path.startswith("[") else "."
        raise _Misshapen(f"{at}{dot}{path}: {first}{more}") from None


def _q(value: Any) -> str:
    text = printable(lines.written(value))
    return text if len(text) <= 60 else f"{text[:59]}…"
