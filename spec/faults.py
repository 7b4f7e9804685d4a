"""Crashes and restarts: an environment with a budget, and roles that lose what is not in stable storage.

The environment crashes nodes that are up, as long as its budget lasts. A crash happens at once: the
node keeps what its stable storage holds and nothing else, and while it is down it takes no message.
It restarts of its own accord, at any later time or never. What the network holds for it stays there;
whether a message is lost or late is the network's business.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from checker.model.vocabulary import Role, Rule, Wake
from checker.modelfiles.complaints import Objection
from pmmc import leader
from pmmc.values import Context, Node, Step

#: The node that crashes others.
ENVIRONMENT = Node("environment", 0)

#: What of a role's local state survives a crash, unless a model file says otherwise.
STABLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "acceptor": ("ballot", "accepted"),
        "leader": ("ballot",),
        "replica": ("store", "performed", "slot_in", "slot_out", "requests", "proposals", "decisions"),
    }
)


@dataclass(frozen=True, slots=True)
class Crash:
    """Environment → node, immediate: lose all that is not in stable storage."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """Node → environment, immediate: this node is up again."""

    node: Node


@dataclass(frozen=True, slots=True)
class Environment:
    """How many crashes are left, and which nodes are down."""

    crashes: int
    down: frozenset[Node] = frozenset()


@dataclass(frozen=True, slots=True)
class Down:
    """A node that has crashed: `saved` is what it will begin with, and what others see of it."""

    saved: Any

    def __getattr__(self, name: str) -> Any:
        """What a property reads of a node that is down is what its stable storage holds."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.saved, name)


@dataclass(frozen=True, slots=True)
class Crashing:
    """The environment's wake: crash any one of these nodes that is up."""

    nodes: tuple[Node, ...]

    def __call__(self, context: Context, state: Environment) -> tuple[Step, ...]:
        """One step for each node that may crash."""
        if not state.crashes:
            return ()
        return tuple(
            Step(Environment(state.crashes - 1, state.down | {node}), ((node, Crash()),))
            for node in self.nodes
            if node not in state.down
        )


def on_restarted(context: Context, state: Environment, message: Restarted) -> tuple[Step, ...]:
    """Note that a node is up."""
    return (Step(replace(state, down=state.down - {message.node})),)


def environment(nodes: tuple[Node, ...]) -> Role:
    """The role of the environment that crashes these nodes."""
    return Role(
        "environment",
        MappingProxyType({Restarted: on_restarted}),
        MappingProxyType({"crash": Crashing(nodes)}),
        immediate=frozenset({Restarted}),
    )


@dataclass(frozen=True, slots=True)
class Stable:
    """A role's stable storage: the fields that survive, and the local state that the rest falls back to."""

    fields: tuple[str, ...]
    fresh: Callable[[Node], Any]

    def on_crash(self, context: Context, state: Any, message: Crash) -> tuple[Step, ...]:
        """Crash: keep the stable fields and the history that no rule reads; the rest is lost."""
        kept = {name: getattr(state, name) for name in (*self.fields, *getattr(state, "GHOSTS", ()))}
        return (Step(Down(replace(self.fresh(context.me), **kept))),)


def recover_as_saved(context: Context, saved: Any) -> Step:
    """Begin again with exactly what stable storage holds."""
    return Step(saved)


def recover_anew(context: Context, saved: leader.Leader) -> Step:
    """A leader whose ballot is not stable begins with its first one, not knowing that it was used."""
    anew = replace(saved, active=False, scout=leader.Scout(), commanders=frozenset())
    return Step(anew, leader.start(context, anew))


@dataclass(frozen=True, slots=True)
class Resume:
    """A leader that knows whether it was active comes back in the ballot that it had.

    What was under way and is not among the fields `kept` it begins once more in that ballot: phase 1 if
    it was passive; if it was active, a commander for each proposal that it still knows.
    """

    kept: tuple[str, ...]

    def __call__(self, context: Context, saved: leader.Leader) -> Step:
        """The leader as it was, as far as it knows."""
        if not saved.active:
            return Step(saved, () if "scout" in self.kept else leader.probe(context, saved.ballot))
        active = replace(saved, scout=None)
        if "commanders" in self.kept:
            return Step(active)
        return leader.begin(context, active, active.proposals)


def recovery(role: Role, stable: Stable) -> Callable[[Context, Any], Step]:
    """How a role begins again after a crash, by what is stable."""
    if role.name != "leader":
        return recover_as_saved
    if "active" in stable.fields:
        return Resume(stable.fields)
    return leader.recover if "ballot" in stable.fields else recover_anew


def object_to_stable(
    given: Mapping[str, Sequence[str]], crashing: Collection[str] | None, wrong: list[Objection]
) -> None:
    """Object to stable storage that nothing would come of. The usual one may be given all the same.

    `given` is what the model file lists, by role; `crashing` are the roles that may crash, None if there
    are no faults at all.
    """
    for role in (role for role, kept in given.items() if tuple(kept) != STABLE[role]):
        if crashing is None:
            wrong.append(Objection(("stable", role), "no node crashes: there is no 'faults'", key=True))
        elif role not in crashing:
            message = f"no {role} crashes: 'faults' leaves {role}s out of its 'nodes'"
            wrong.append(Objection(("stable", role), message, key=True))
    fields = given.get("leader", ())
    for i, name in enumerate(fields):
        if name == "active" and "ballot" not in fields:
            message = "'active' needs 'ballot': a leader is active in the ballot that it had"
            wrong.append(Objection(("stable", "leader", i), message))
        elif name in ("scout", "commanders") and "active" not in fields:
            message = f"'{name}' needs 'active': without it a leader restarts passive, in another phase 1"
            wrong.append(Objection(("stable", "leader", i), message))


def crashable(role: Role, stable: Stable, *, restarts: bool = True) -> Role:
    """The role with crashes, and with restarts unless nodes stay down.

    A rule for Crash or a wake `restart` of its own is kept.
    """
    rules = {kind: _only_up(rule) for kind, rule in role.rules.items() if kind is not Crash}
    recover = role.wakes.get("restart") or _restart(recovery(role, stable))
    wakes = {name: _only_up_wake(wake) for name, wake in role.wakes.items() if name != "restart"}
    return replace(
        role,
        rules=MappingProxyType({**rules, Crash: _only_up(role.rules.get(Crash, stable.on_crash))}),
        wakes=MappingProxyType({**wakes, "restart": recover} if restarts else wakes),
        cut=role.cut and _only_up_cut(role.cut),
        settle=None,
        immediate=role.immediate | {Crash},
    )


def _restart(recover: Callable[[Context, Any], Step]) -> Wake:
    def restart(context: Context, state: Any) -> tuple[Step, ...]:
        """Come up with what stable storage holds."""
        if not isinstance(state, Down):
            return ()
        begun = recover(context, state.saved)
        return (Step(begun.state, (*begun.sends, (ENVIRONMENT, Restarted(context.me)))),)

    return restart


def _only_up(rule: Rule) -> Rule:
    def guarded(context: Context, state: Any, message: Any) -> Any:
        return () if isinstance(state, Down) else rule(context, state, message)

    return guarded


def _only_up_wake(wake: Wake) -> Wake:
    def guarded(context: Context, state: Any) -> Any:
        return () if isinstance(state, Down) else wake(context, state)

    return guarded


def _only_up_cut(cut: Callable[[Any, Any], str | None]) -> Callable[[Any, Any], str | None]:
    def guarded(context: Context, state: Any) -> str | None:
        return None if isinstance(state, Down) else cut(context, state)

    return guarded


def stable_fields(local: type) -> tuple[str, ...]:
    """What of a local state may be declared stable."""
    return tuple(field.name for field in fields(local))
