"""Crashes of a protocol that is not Paxos: a lock server should know after one who has the lock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker import AtMostOnce, Kind, Member, Property, Reductions, Role, System, View
from checker.engines import reference
from checker.engines.native import engine as native
from checker.model.environment.crashes import Crashes, Environment, Restarted, Stable
from checker.model.environment.detectors import Detector
from checker.model.modelcode import written_at
from checker.model.vocabulary import Down
from checker.modelfiles.places import of_code

CLIENTS = ("client 0", "client 1")


@dataclass(frozen=True)
class Ask:
    """Client → server."""

    client: str


@dataclass(frozen=True)
class Grant:
    """Server → client."""


@dataclass(frozen=True)
class Server:
    """Who has the lock, and how many have asked."""

    holder: str | None = None
    asked: int = 0


@dataclass(frozen=True)
class Client:
    """Whether it has asked, and whether it is inside."""

    asked: bool = False
    inside: bool = False


def on_ask(me: str, server: Server, ask: Ask) -> Any:
    counted = replace(server, asked=server.asked + 1)
    if server.holder is not None:
        return ((counted, ()),)
    return ((replace(counted, holder=ask.client), ((ask.client, Grant()),)),)


def ask(me: str, client: Client) -> Any:
    return () if client.asked else ((replace(client, asked=True), (("server", Ask(me)),)),)


def on_grant(me: str, client: Client, grant: Grant) -> Any:
    return ((replace(client, inside=True), ()),)


def exclusion(setting: Any, inside: Any) -> str | None:
    found = [name for name, is_inside in inside.items() if is_inside]
    return f"{found[0]} and {found[1]} are inside" if len(found) > 1 else None


EXCLUSION = Property(
    id="exclusion",
    kind=Kind.STATE,
    meaning="One client is inside at most.",
    source="ours",
    views=(View("inside", "client", lambda client: client.inside),),
    judge=exclusion,
)
HOLDER = View("holder", "server", lambda server: server.holder)
MEMBERS = (
    Member("server", Role("server", {Ask: on_ask}), "server", Server()),
    *(Member(name, Role("client", {Grant: on_grant}, {"ask": ask}), name, Client()) for name in CLIENTS),
)


def system(crashes: Crashes | None, members: Sequence[Member] = MEMBERS) -> System:
    joined = tuple(members) if crashes is None else crashes.join(members)
    return System("locks", joined, AtMostOnce(), (EXCLUSION,))


def crashes(budget: int = 1, *stable: str, **more: Any) -> Crashes:
    return Crashes(budget, ("server",), {"server": Stable(stable, **more)})


@pytest.mark.parametrize("search", [reference.explore, native.explore], ids=["reference", "native"])
@pytest.mark.parametrize(
    ("given", "length"),
    [
        (None, None),
        (crashes(1, "holder"), None),
        (crashes(0), None),
        # ask, its arrival, crash, restart; ask, its arrival; two grants
        (crashes(1), 8),
        (crashes(1, "asked"), 8),
        (replace(crashes(1), restarts=False), None),
        # how it recovers is the protocol's own: with the lock given to nobody, nobody else gets it
        (crashes(1, recover=lambda me, saved: (replace(saved, holder="nobody"), ())), None),
        (crashes(2, "holder", "asked"), None),
    ],
)
def test_what_is_not_stable_is_lost(search: Any, given: Crashes | None, length: int | None) -> None:
    found = search(system(given)).violations
    assert [len(d.path) for d in found] == ([] if length is None else [length])


def test_both_engines_count_the_same() -> None:
    ours = system(crashes(2, "holder"))
    found = native.explore(ours, reductions=Reductions(fusion=False, settling=False, symmetry=False))
    wanted = reference.explore(ours)
    assert (found.states, found.generated) == (wanted.states, wanted.generated)
    assert wanted.states > 50


def test_a_node_that_is_down_is_seen_as_it_will_begin() -> None:
    assert HOLDER(Down(Server("client 0"))) == HOLDER(Server("client 0")) == "client 0"


def test_the_rest_falls_back_to_where_the_node_began_or_to_what_is_given() -> None:
    begun = (replace(MEMBERS[0], local=Server(asked=5)), *MEMBERS[1:])
    for stable, expected in (
        (Stable(("holder",)), Server("client 1", 5)),
        (
            Stable(("holder",), fresh=lambda node: Server(asked=len(node))),
            Server("client 1", len("server")),
        ),
        (Stable(history=("asked",)), Server(None, 7)),
    ):
        joined = Crashes(1, ("server",), {"server": stable}).join(begun)
        crash = next(kind for kind in joined[0].role.rules if kind.__name__ == "Crash")
        ((down, sends),) = joined[0].role.rules[crash]("server", Server("client 1", 7), crash())
        assert (down, sends) == (Down(expected), ())
        assert joined[0].role.rules[Ask]("server", down, Ask("client 0")) == ()
        ((up, told),) = joined[0].role.wakes["restart"]("server", down)
        assert (up, told) == (expected, (("environment", Restarted("server")),))
    assert joined[-1].local == Environment(1)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="servant is to crash, which is no node of this system"):
        Crashes(1, ("servant",)).join(MEMBERS)
    with pytest.raises(ValueError, match="no field holders; the fields are: holder, asked"):
        crashes(1, "holders").join(MEMBERS)


def test_reports_point_at_the_rules_that_can_crash() -> None:
    server, *_ = Crashes(1, ["server"], {"server": Stable(("holder",))}).join(
        [Member("server", Role("server", {Ask: on_ask}, {"ask": ask}), "server", Server())]
    )
    for code, own in (server.role.rules[Ask], on_ask), (server.role.wakes["ask"], ask):
        place = of_code(code)
        assert place is not None
        assert place.line == own.__code__.co_firstlineno
        assert written_at(code) == written_at(own)


@dataclass(frozen=True)
class Refused:
    """Nobody → client: the server is down."""


def on_refused(me: str, client: Client, refused: Refused) -> Any:
    return ((replace(client, asked=False), ()),)


def detected(restarts: bool = True) -> tuple[Member, ...]:
    """The lock server, which may crash, and one client, which is told if it asks one that is down."""
    server, one, _ = MEMBERS
    told = replace(one, role=one.role.with_rules({Refused: on_refused}))
    crashing = Crashes(1, ("server",), restarts=restarts).join((server, told))
    return Detector(Ask, lambda node, ask: ((ask.client, Refused()),)).join(crashing)


def test_who_asks_a_node_that_is_down_is_told_so_and_nobody_else_is() -> None:
    server, client, environment = detected()
    assert (client.role.rules[Refused], environment.role.name) == (on_refused, "environment")
    rule = server.role.rules[Ask]
    assert rule("server", Server(), Ask("client 0")) == on_ask("server", Server(), Ask("client 0"))
    down = Down(Server())
    assert rule("server", down, Ask("client 0")) == ((down, (("client 0", Refused()),)),)
    assert written_at(rule) == written_at(on_ask)
    assert not client.role.rules.keys() & {Ask}


def test_nodes_that_cannot_crash_are_left_as_they_are() -> None:
    members = MEMBERS
    assert Detector(Ask, lambda node, ask: ()).join(members) == members


@pytest.mark.parametrize("restarts", [True, False])
def test_both_engines_agree_on_what_is_detected(restarts: bool) -> None:
    ours = System("detected", detected(restarts), AtMostOnce(), ())
    found, wanted = (
        native.explore(ours, reductions=Reductions(False, False, False)),
        reference.explore(ours),
    )
    assert (found.states, found.generated) == (wanted.states, wanted.generated)
    assert wanted.fired["client.refused"] > 0
