"""What goes wrong between replicas and clients: answers too early, too late, or never."""

from dataclasses import dataclass

from checker.modelfiles.protocol import Variant
from pmmc import client as proper
from pmmc import kv
from pmmc import replica as proper_replica
from pmmc.client import Client
from pmmc.messages import Decision, Request, Response
from pmmc.replica import Replica
from pmmc.values import Context, Step, to_all
from spec.mutants.configurations import by_rule, by_setting, natural
from spec.mutants.replicas import only_newest, performing

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

CLIENT_MUTANTS = (
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
)
