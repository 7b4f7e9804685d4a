"""What goes wrong between replicas and clients: answers too early, too late, or never."""

from dataclasses import dataclass
from typing import Any

from checker.modelfiles.protocol import Mutant, Variant
from pmmc import asking, kv
from pmmc import client as proper
from pmmc import leader as proper_leader
from pmmc import replica as proper_replica
from pmmc.client import Client
from pmmc.leader import Leader
from pmmc.messages import Decision, P2b, Request, Response
from pmmc.replica import Replica
from pmmc.values import Context, Step, to_all
from spec.mutants.configurations import Model, by_rule, by_setting, natural
from spec.mutants.replicas import only_newest, performing
from spec.variants.clients import turning

Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Unlucky(Client):
    """A client that has missed one answer, and has sent its command again."""


def on_response_missed(context: Context, client: Client, message: Response) -> Steps:
    """Take the answer; or, once in a run, miss it and send the command again."""
    taken = proper.on_response(context, client, message)
    if not taken or client.waiting is None or isinstance(client, Unlucky):
        return taken
    again = to_all(context.deployment.replicas, Request(client.waiting))
    return (*taken, Step(Unlucky(client.todo, client.waiting, client.answers), again))


def on_request_at_once(context: Context, replica: Replica, message: Request) -> Steps:
    """Answer a request when it is proposed, from the store as it is."""
    _, result = kv.apply(replica.store, message.command.op)
    answer = proper_replica.respond(context, message.command, result)
    return tuple(
        Step(state, answer + sends) for state, sends in proper_replica.on_request(context, replica, message)
    )


def on_p2b_answers_first(context: Context, leader: Leader, message: P2b) -> Steps:
    """Answer who writes as soon as the first acceptor has accepted; the rest as usual."""
    commander = proper_leader.find_commander(leader, message.ballot, message.slot)
    steps = proper_leader.on_p2b(context, leader, message)
    if commander is None or commander.heard or message.current != message.ballot:
        return steps
    command = commander.pvalue.command
    if not isinstance(command.op, kv.Put):
        return steps
    _, result = kv.apply(kv.EMPTY, command.op)
    answer = proper_replica.respond(context, command, result)
    return tuple(Step(state, answer + sends) for state, sends in steps)


#: What befalls a client in configurations below; nothing is wrong about it.
WAYS = (
    Variant(
        part="client",
        name="misses-an-answer",
        role="client",
        about="A client may miss one answer, and sends its command again.",
        source="paper, section 3: clients send again until they are answered",
        rules={Response: on_response_missed},
    ),
)

PUT = "put k v"


def writes_and_reads(**others: Any) -> Model:
    """A client writes, and when it is answered it reads."""
    return {**natural(clients=1, **others), "commands": [PUT, "get k"]}


#: One of the replicas may crash for good.
ONE_CRASHES = {"crashes": 1, "nodes": ["replicas"], "restarts": False}

#: The put is under way: replica 0 has proposed it for slot 1, and leader 0 is active and asks acceptors 0
#: and 1, which have adopted its ballot, to accept it. Leader 1 and replica 1 have heard of nothing.
ONE_AHEAD = writes_and_reads(
    acceptors=3,
    leaders=2,
    replicas=2,
    initial={
        "leader 0": {"active": True, "proposals": {1: PUT}, "commanders": [["0.0", 1, PUT]]},
        "acceptor 0": {"ballot": "0.0"},
        "acceptor 1": {"ballot": "0.0"},
        "replica 0": {"slot_in": 2, "proposals": {1: PUT}},
    },
)

#: A client that does not wait for answers, and replicas that perform its commands in their order.
IN_SESSIONS = {"client": "session", "replica": "sessions"}

CLIENT_MUTANTS = (
    by_rule(
        "D-01a",
        "appends-twice",
        "replica",
        {Decision: performing(proper_replica.execute)},
        about="As D-01, seen by a client: what it has appended once it reads twice.",
        source="against the paper, section 2.1, perform; ahelwer/PaxosCluster#3; xline-kv/Xline#88",
        model={**natural(replicas=2, clients=1, slots=3), "commands": ["append k v", "get k"]},
        property="linearizable",
        length=22,
        account="exactly-once is violated after 16 steps, when a replica performs the command again",
        lesson="A client notices when it reads, and only if twice is not the same as once.",
    ),
    by_rule(
        "D-02",
        "only-newest-performed",
        "replica",
        {Decision: performing(only_newest)},
        about="A command counts as a duplicate if its client has had one of a higher number; its client "
        "does not wait for answers.",
        source="at-most-once as in many labs, where clients wait",
        model=natural(clients=1, commands=2, slots=2, rules={"client": "pipelining"}),
        property="no-lost-command",
        length=15,
        account="the order 2, 1 in an explorer of replicas alone",
        lesson="'cid ≤ newest' is right for clients that wait, and loses commands of those that do not.",
    ),
    by_setting(
        "D-02b",
        "last-result-of-a-session",
        {"rules": {**IN_SESSIONS, "replica": "reply-cache"}},
        about="A replica keeps the last result of each client, and takes what comes with a lower number "
        "for a duplicate; its client has several calls under way.",
        source="Hawblitzel et al., IronFleet, SOSP 2015, whose clients wait; atomix/copycat, whose do not",
        model=natural(clients=1, commands=2, slots=2, rules=IN_SESSIONS),
        property="no-lost-command",
        length=10,
        lesson="One number a client is a memory of all before it only if none is overtaken.",
    ),
    by_setting(
        "D-02c",
        "given-up-and-overtaken",
        {"rules": {"calls": "given-up", "replica": "reply-cache"}},
        about="As D-02b, with a client that waits but may give up: a command that it has given up, "
        "overtaken by the next one, is never performed.",
        source="DSLabs, lab 1: at most once",
        model=natural(clients=1, commands=2, slots=2, rules={"calls": "given-up"}),
        property="no-lost-command",
        length=11,
        lesson="That is at most once, not exactly once; and linearizable it is (D-02d).",
    ),
    by_setting(
        "D-59",
        "session-overtaken",
        {"rules": {"client": "session"}},
        about="A client reads before its write is answered, and replicas perform its commands as they are "
        "decided.",
        source="the paper, section 2.1, of clients that do not wait",
        model={**natural(replicas=2, clients=1, slots=2, rules=IN_SESSIONS), "commands": [PUT, "get k"]},
        property="sequentially-consistent",
        length=16,
        account="session-order is violated after 14 steps; linearizable never: nobody had answered the "
        "write",
        lesson="Linearizability says nothing of the order of calls that are under way together.",
    ),
    by_setting(
        "D-60",
        "taken-in-order",
        {"rules": {**IN_SESSIONS, "replica": "in-number-order"}},
        about="A replica takes the commands of a session in the order of their numbers, and performs them "
        "as they are decided: one may be proposed for a slot below that of the one before it.",
        source="ours; compare D-02a",
        model={
            **natural(replicas=2, clients=2, slots=3, rules=IN_SESSIONS),
            "commands": ["put k a", "append k b", "get k"],
        },
        property="session-order",
        length=16,
        lesson="An order at the door is none in the log.",
    ),
    by_setting(
        "D-06",
        "never-answers-again",
        {"rules": {"client": "misses-an-answer"}},
        about="The paper's perform: a command that was performed already is not answered. A client that "
        "has missed its answer waits for ever.",
        source="paper, section 2.1, perform (P4 among its loose ends); the cure is IronFleet's reply cache",
        model=natural(clients=1, rules={"client": "misses-an-answer", "replica": "answers-again"}),
        property="every-command-answered",
        length=9,
        lesson="To perform once and to answer once are two things.",
    ),
    by_rule(
        "D-07",
        "answers-when-proposing",
        "replica",
        {Request: on_request_at_once},
        about="A replica answers when it proposes a command, not when it performs it.",
        source="against the paper, section 2.1: perform sends the response",
        model=natural(clients=1),
        property="response-integrity",
        length=3,
        lesson="An answer promises that the command has its place in the log.",
    ),
    by_rule(
        "D-07a",
        "answers-when-one-accepts",
        "commander",
        {P2b: on_p2b_answers_first},
        about="A leader answers who writes when the first of three acceptors has accepted.",
        source="against the paper, section 2.1: perform sends the response",
        model=natural(acceptors=3, clients=1),
        property="response-integrity",
        length=10,
        account="traced by hand elsewhere; linearizable is violated with two replicas only, D-07b",
        lesson="What one acceptor has accepted, a majority may never hear of.",
    ),
    by_rule(
        "D-07b",
        "answered-and-overtaken",
        "commander",
        {P2b: on_p2b_answers_first},
        about="As D-07a; another leader does not hear of what one acceptor has accepted, and has the "
        "client's next command decided for the slot: a read.",
        source="against the paper, section 2.1: perform sends the response",
        model=ONE_AHEAD,
        property="linearizable",
        length=17,
        account="response-integrity is violated after 4; with one replica, which proposes for a slot once, "
        "both leaders have the same command decided",
        lesson="Who is answered too early may not read what it wrote.",
    ),
    Mutant(
        "D-13a",
        "asks-one-replica",
        about="A client asks one replica, and no other one when that does not answer.",
        source="against microsoft/Ironclad, RSLClient.cs",
        model={
            **natural(replicas=2, clients=1, rules={"client": "asks-in-turn"}, faults=ONE_CRASHES),
            "fair": ["deliveries", "wakes"],
        },
        variants=(
            Variant(
                "client",
                "asks-one",
                "client",
                "A client asks one replica, and waits for it.",
                "against microsoft/Ironclad, RSLClient.cs",
                wakes={"invoke": asking.invoke},
                begin=turning,
            ),
        ),
        property="every-request-answered",
        length=4,
        lesson="Replicas are there so that one of them may be gone.",
    ),
)

CLIENT_CONTROLS = (
    by_setting(
        "D-02a",
        "numbers-in-order",
        {},
        about="A command counts as a duplicate if its client has had one of a higher number, and clients "
        "do not wait; but a command is performed only after those of lower numbers.",
        source="atomix/copycat: sessions that sequence commands",
        model=natural(
            clients=1,
            commands=2,
            slots=2,
            rules=IN_SESSIONS,
            properties=["no-lost-command", "exactly-once", "session-order", "linearizable"],
        ),
        lesson="The cure of D-02: the number is enough where none is overtaken.",
    ),
    by_setting(
        "D-02d",
        "given-up-and-linearizable",
        {},
        about="Clients may give up; replicas keep last results only, and pass over what was given up and "
        "is overtaken.",
        source="DSLabs, lab 1: at most once; Herlihy and Wing, Linearizability, TOPLAS 1990",
        model={
            **natural(
                replicas=2, clients=2, slots=3, rules={"calls": "given-up", "replica": "reply-cache"}
            ),
            "commands": ["put k a", "get k", "append k b"],
            "properties": ["exactly-once", "prefix-agreement", "linearizable"],
        },
        lesson="Of a call without an answer nothing was promised.",
    ),
    by_setting(
        "D-06b",
        "answers-from-a-cache",
        {},
        about="A client may miss an answer, and sends its command again; a replica keeps one result a "
        "client.",
        source="Hawblitzel et al., IronFleet, SOSP 2015: the reply cache",
        model=natural(
            clients=1,
            commands=2,
            slots=2,
            rules={"client": "misses-an-answer", "replica": "reply-cache"},
            properties=["every-command-answered", "no-lost-command", "exactly-once", "linearizable"],
        ),
        lesson="The cure of D-06: the last result is enough for a client that waits.",
    ),
)
