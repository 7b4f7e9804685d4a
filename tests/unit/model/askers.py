"""A protocol that is not Paxos, some of whose processes are on machines: some ask, others answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from checker import (
    AtMostOnce,
    Fifo,
    Kind,
    Lossy,
    LossyDuplicating,
    Machine,
    Machines,
    Member,
    Property,
    Reliable,
    Role,
    Step,
    System,
    View,
)
from checker.engines import reference
from checker.engines.contract import UNREDUCED
from checker.engines.native import engine as native
from checker.model.semantics import State, initial_state, successors
from checker.model.wording import action_of

NETWORKS = [AtMostOnce(), LossyDuplicating(), Lossy(), Reliable(), Fifo(), Fifo(1)]


@dataclass(frozen=True)
class Ask:
    """Asker → servers."""

    asker: str


@dataclass(frozen=True)
class Told:
    """Server → asker."""

    server: str


@dataclass(frozen=True)
class Asker:
    """Whom it has heard from; None: it has not asked."""

    heard: frozenset[str] | None = None


@dataclass(frozen=True)
class Server:
    """Who has asked."""

    asked: frozenset[str] = frozenset()


def on_ask(me: str, state: Server, message: Ask) -> Any:
    return (Step(Server(state.asked | {message.asker}), ((message.asker, Told(me)),)),)


def ask(me: str, state: Asker) -> Any:
    asked = tuple((server, Ask(me)) for server in ("s0", "s1"))
    return (Step(Asker(frozenset()), asked),) if state.heard is None else ()


def on_told(me: str, state: Asker, message: Told) -> Any:
    return (Step(Asker(state.heard | {message.server})),) if state.heard is not None else ()


SERVER = Role("server", {Ask: on_ask})
ASKER = Role("asker", {Told: on_told}, {"ask": ask})
MEMBERS = (
    *(Member(name, SERVER, name, Server()) for name in ("s0", "s1")),
    Member("a", ASKER, "a", Asker()),
    Member("b", ASKER, "b", Asker(), (("s1", Told("s1")),)),
)
HEARD = View("heard", "asker", lambda asker: asker.heard)
ASKED = View("asked", "server", lambda server: server.asked)
WAITS = View("waits", "asker", frozenset, inbox=True)


def heard_from(asker: str, *servers: str) -> Property:
    def judge(setting: Any, heard: Any) -> str | None:
        return f"{asker} heard" if heard[asker] is not None and heard[asker] >= {*servers} else None

    return Property(f"{asker} hears {servers}", Kind.SOMETIMES, "It hears.", "this test", (HEARD,), judge)


GOALS = (heard_from("a", "s0"), heard_from("a", "s0", "s1"), heard_from("b", "s1"))


def machines(*groups: Sequence[str]) -> Machines:
    return Machines(tuple(Machine(f"m{i}", tuple(group)) for i, group in enumerate(groups)))


def system(
    *groups: Sequence[str],
    network: Any = NETWORKS[0],
    members: Sequence[Member] = MEMBERS,
    claims: Sequence[Property] = GOALS,
    after: Sequence[Any] = (),
    **more: Any,
) -> System:
    joined: Sequence[Member] = machines(*groups).join(members) if groups else members
    for environment in after:
        joined = environment.join(joined)
    return System("machines", tuple(joined), network, tuple(claims), **more)


def steps(of: System, state: State | None = None) -> dict[str, State]:
    """Step by its name → where it leads."""
    here = initial_state(of) if state is None else state
    found = successors(of, here)
    return {f"{of.members[step.node].name}: {action_of(step)}": step.state for step in found}


def counted(of: System) -> tuple[int, int]:
    """States and steps; the engines agree, on them and on what is found."""
    wanted = reference.explore(of)
    for reductions in (UNREDUCED, None):
        found = native.explore(of, **({"reductions": reductions} if reductions else {}))
        assert {w.property for w in found.witnesses} == {w.property for w in wanted.witnesses}
        assert {v.property for v in found.violations} == {v.property for v in wanted.violations}
        if reductions is not None:
            assert (found.states, found.generated) == (wanted.states, wanted.generated)
    return wanted.states, wanted.generated
