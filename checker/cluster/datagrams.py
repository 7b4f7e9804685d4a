"""Messages as datagrams: who sends to whom on the first line, then the message; or fragments of it.

    ["leader 0","acceptor 1"]
    {"type":"p1a","leader":"leader 0","ballot":[0,0]}

What is longer than a datagram may be is sent in several, whose first lines say which part of how many they
are of what. All of them must arrive: of a message of many parts some is lost more often, and then it is
sent again, as any other, by the protocol.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

#: Bytes of a message in one datagram; UDP on one machine carries 65,507 with its first line.
MOST = 32_000
#: So many messages of which a part is missing are remembered, and the oldest given up.
WAITING = 64


class Datagram(NamedTuple):
    """What a datagram says: from whom to whom, and the bytes of the message or of a part of it.

    `part` is (name of the message, number, how many), or None for a message that is whole.
    """

    sender: str
    to: str
    body: bytes
    part: tuple[str, int, int] | None = None


def written(sender: str, to: str, body: bytes, name: str, most: int = MOST) -> Iterator[bytes]:
    """The datagrams of a message; `name` is one that its sender gives to no other."""
    if len(body) <= most:
        yield _head(sender, to) + body
        return
    parts = range(0, len(body), most)
    for number, at in enumerate(parts):
        yield _head(sender, to, name, number, len(parts)) + body[at : at + most]


def _head(*words: object) -> bytes:
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read(datagram: bytes) -> Datagram | None:
    """What a datagram says; None if it is none of ours."""
    head, line, body = datagram.partition(b"\n")
    try:
        words = json.loads(head) if line else None
    except ValueError:
        return None
    match words:
        case [str(sender), str(to)]:
            return Datagram(sender, to, body)
        case [str(sender), str(to), str(name), int(number), int(many)] if 0 <= number < many:
            return Datagram(sender, to, body, (name, number, many))
    return None


class Assembly:
    """Makes whole messages of datagrams, whatever their order, also if some come twice."""

    def __init__(self, waiting: int = WAITING) -> None:
        self._most = waiting
        self._parts: dict[tuple[str, str, str], dict[int, bytes | None]] = {}

    def take(self, one: Datagram) -> bytes | None:
        """The message, if with this datagram it is whole; each message once."""
        if one.part is None:
            return one.body
        name, number, many = one.part
        key = (one.sender, one.to, name)
        parts = self._parts.setdefault(key, {})
        parts[number] = one.body
        if len(parts) == many:
            # it stays known, without its content: a part that comes twice must not begin it anew
            ours = [part for _, part in sorted(parts.items()) if part is not None]
            self._parts[key] = dict.fromkeys(range(many))
            return b"".join(ours) if len(ours) == many else None
        while len(self._parts) > self._most:
            del self._parts[next(iter(self._parts))]
        return None
