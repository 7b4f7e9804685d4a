"""A lock server: frozen values and pure functions."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Ask:
    """Client → server: I want the lock."""

    client: str


@dataclass(frozen=True)
class Grant:
    """Server → client: it is yours."""


@dataclass(frozen=True)
class Release:
    """Client → server: I have left."""

    client: str


@dataclass(frozen=True)
class Server:
    """Who holds the lock, and who waits for it, in order."""

    holder: str | None = None
    queue: tuple[str, ...] = ()


@dataclass(frozen=True)
class Client:
    """idle, waiting, inside or done."""

    phase: str = "idle"


def on_ask(me, server, ask):
    """Grant a free lock; else let the client wait."""
    if ask.client == server.holder or ask.client in server.queue:
        return ()
    if server.holder is None:
        return ((replace(server, holder=ask.client), ((ask.client, Grant()),)),)
    return ((replace(server, queue=(*server.queue, ask.client)), ()),)


def on_release(me, server, release):
    """Hand the lock to who waits longest."""
    if release.client != server.holder:
        return ()
    if not server.queue:
        return ((replace(server, holder=None), ()),)
    first, *rest = server.queue
    return ((Server(first, tuple(rest)), ((first, Grant()),)),)


def on_release_trusting(me, server, release):
    """Wrong on purpose: does not look at who releases."""
    return on_release(me, server, replace(release, client=server.holder))


def ask(me, client):
    """Want the lock."""
    return ((Client("waiting"), (("server", Ask(me)),)),) if client.phase == "idle" else ()


def on_grant(me, client, grant):
    """Enter."""
    return ((Client("inside"), ()),) if client.phase == "waiting" else ()


def leave(me, client):
    """Leave, and say so."""
    return ((Client("done"), (("server", Release(me)),)),) if client.phase == "inside" else ()
