"""The roles of PMMC as the checker knows them: the rules of `pmmc`, and where a bound stops a node."""

from dataclasses import replace
from typing import Any

from checker.model.vocabulary import Role
from pmmc import leader
from pmmc import roles as table
from pmmc.values import Context
from spec.claims.settling import settle_client, settle_leader, settle_replica


def leader_cut(context: Context, state: leader.Leader) -> str | None:
    """A leader that has retired would have gone on with a ballot of the next round."""
    return "rounds" if not state.active and state.scout is None and not state.watches else None


def put_aside(role: Role, begun: leader.Leader) -> Role:
    """The role of a leader that a model file has begin passive and without a scout.

    No bound stopped it, so it is not cut as long as it has done nothing of its own.
    """
    cut = role.cut
    if begun.active or begun.scout is not None or cut is None:
        return role

    def cut_later(context: Context, state: leader.Leader) -> str | None:
        idle = (state.ballot, state.commanders) == (begun.ballot, begun.commanders)
        return None if idle else cut(context, state)

    return replace(role, cut=cut_later)


def replica_cut(context: Context, state: Any) -> str | None:
    """A replica whose window is open but whose log has ended would have proposed for the next slot.

    One that needs a lease, and has asked as often as it may, would have asked again.
    """
    deployment = context.deployment
    open_window = state.slot_in < state.slot_out + deployment.window
    log_ended = deployment.slots is not None and state.slot_in > deployment.slots
    if state.requests and open_window and log_ended:
        return "slots"
    return "asks" if deployment.leases is not None and state.needs(deployment.leases) else None


def _role(ours: table.Role, **claims: Any) -> Role:
    return Role(ours.name, ours.rules, ours.wakes, **claims)


ACCEPTOR = _role(table.ACCEPTOR)
LEADER = _role(table.LEADER, cut=leader_cut, settle=settle_leader)
REPLICA = _role(table.REPLICA, cut=replica_cut, settle=settle_replica)
CLIENT = _role(table.CLIENT, settle=settle_client)

#: All roles, in the order in which a system lists its nodes.
ALL = (ACCEPTOR, LEADER, REPLICA, CLIENT)
