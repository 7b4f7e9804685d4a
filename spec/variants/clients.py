"""Clients, and how replicas serve them, chosen in a model file by `client`, `calls` and `replica`.

    rules: {client: asks-in-turn, calls: given-up}
    rules: {client: session, replica: sessions}

Without any of these a client asks all replicas and waits for the answer before it goes on.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from checker.modelfiles.protocol import Variant
from pmmc import asking, kv, replies, sessions
from pmmc.asking import Turning
from pmmc.client import Client
from pmmc.messages import Decision, Request, Response
from pmmc.replica import Replica
from pmmc.replies import Answer, ReplyCache, instead, last_number
from pmmc.sessions import Session, SessionReplica, under_way
from pmmc.values import Context, Proposal, with_more
from spec.claims.settling import settle_client
from spec.variants.replicas import learning


@dataclass(frozen=True, slots=True)
class RecordedCache(ReplyCache):
    """`learned` are all decisions that it ever got."""

    learned: frozenset[Proposal] = frozenset()


def turning(state: Client) -> Turning:
    """The same client; it will ask one replica."""
    return with_more(Turning, state)


def session(state: Client) -> Session:
    """The same client; it will not wait for an answer before it goes on."""
    return with_more(Session, state)


def in_sessions(state: Replica) -> SessionReplica:
    """The same replica; it will perform commands in the order of their numbers."""
    return with_more(SessionReplica, state)


def caching(state: Replica) -> RecordedCache:
    """The same replica, with the last result of each client of whom it has performed something."""
    store, replies = kv.EMPTY, frozenset[Answer]()
    for command in state.performed:
        store, result = kv.apply(store, command.op)
        replies = instead(replies, command, result)
    return with_more(RecordedCache, state, replies=replies, learned=state.decisions)


def settle_impatient(context: Context, client: Client, message: Hashable) -> Hashable | None:
    """A client needs an answer to what it waits for, or has yet to send."""
    match message:
        case Response(cid):
            wanted = (*under_way(client), *client.todo)
            return message if any(command.cid == cid for command in wanted) else None
    return message


def settle_reply_cache(context: Context, replica: Any, message: Hashable) -> Hashable | None:
    """Nobody is answered but on the last command; of decisions a replica ignores what is in its history."""
    match message:
        case Request(command) if command.cid < last_number(replica, command.client):
            return None
        case Decision(slot, command) if Proposal(slot, command) in replica.learned:
            return None
    return message


CLIENT_VARIANTS = (
    Variant(
        part="client",
        name="asks-in-turn",
        role="client",
        about="A client asks one replica; while it waits for the answer it may ask the next one, in a "
        "circle.",
        source="microsoft/Ironclad, RSLClient.cs: a client of IronFleet turns to the next server",
        wakes=asking.IN_TURN,
        begin=turning,
        settle=settle_client,
    ),
    Variant(
        part="client",
        name="session",
        role="client",
        about="A client has several calls under way, and takes the answer to each.",
        source="atomix/copycat: sessions; the paper, section 2.1, has one call at a time",
        rules=sessions.CLIENT_RULES,
        wakes=sessions.CLIENT_WAKES,
        begin=session,
        settle=settle_client,
    ),
    Variant(
        part="client",
        name="pipelining",
        role="client",
        about="A client sends all its commands without waiting for answers; it takes the answer to the one "
        "that it sent last.",
        source="a common optimization; the paper leaves it to clients",
        wakes=asking.WITHOUT_WAITING,
    ),
    Variant(
        part="calls",
        name="given-up",
        role="client",
        about="A client may give up a call at any time, and go on; it ignores an answer that comes later.",
        source="Herlihy and Wing, Linearizability, TOPLAS 1990: invocations without a response; "
        "jepsen-io/knossos: operations that time out",
        wakes=asking.GIVING_UP,
        settle=settle_impatient,
    ),
    Variant(
        part="replica",
        name="answers-again",
        role="replica",
        about="A replica answers a command that it has performed already with the result it had.",
        source="Hawblitzel et al., IronFleet, SOSP 2015: the reply cache",
        rules=replies.AGAIN,
    ),
    Variant(
        part="replica",
        name="reply-cache",
        role="replica",
        about="A replica keeps the last result of each client, answers with that, and knows duplicates by "
        "its number; it forgets the decisions of slots that are performed. For clients with one call at a "
        "time.",
        source="Hawblitzel et al., IronFleet, SOSP 2015: the reply cache; DSLabs, lab 1: at most once",
        rules={**replies.RULES, Decision: learning(replies.on_decision)},
        begin=caching,
        history=("learned",),
        stable=("replies",),
        settle=settle_reply_cache,
    ),
    Variant(
        part="replica",
        name="in-number-order",
        role="replica",
        about="A replica takes the commands of a client in the order of their numbers, and waits for those "
        "that are missing.",
        source="atomix/copycat: sessions that sequence commands",
        rules=sessions.TAKING_IN_ORDER,
    ),
    Variant(
        part="replica",
        name="sessions",
        role="replica",
        about="A replica performs the commands of a client in the order of their numbers: one that is "
        "decided before those of lower numbers is held back until they are performed.",
        source="atomix/copycat: sessions that sequence commands; Ongaro, Consensus: Bridging Theory and "
        "Practice, 2014, section 6.3",
        rules=sessions.REPLICA_RULES,
        begin=in_sessions,
        stable=("early",),
        gives_up=("R3", "response-integrity"),
        claims=("GC-7", "session-order"),
    ),
)
