"""Every property of leaders, and of messages under way, can fail: a state made by hand breaks it.

The good states beside them break nothing, so it is that one difference which the property sees.
"""

from pmmc.ballots import Ballot
from pmmc.messages import P1b, P2a, P2b
from pmmc.values import Node, PValue
from tests.unit.spec.broken import Case, Step, each, found
from tests.unit.spec.byhand import (
    AGAIN,
    HIGH,
    IN_SECOND,
    JUDGED,
    LOW,
    ONE,
    OVER,
    SECOND,
    SECOND_LATER,
    SYSTEM,
    TWO,
    A,
    commanding,
    state,
    votes,
)


def promise(ballot: Ballot, *accepted: PValue) -> P1b:
    """Acceptor 0 has adopted a ballot, and has accepted this."""
    return P1b(Node("acceptor", 0), ballot, ballot, frozenset(accepted))


def order(pvalue: PValue) -> P2a:
    return P2a(Node("leader", 0), pvalue)


CASES: dict[str, list[Case | Step]] = {
    "C1": [
        Case(
            state(leader_0=commanding(ONE), leader_1=commanding(TWO)),
            "leader 1 commands ⟨0.0, 1, append k b⟩ and leader 0 commands ⟨0.0, 1, put k a⟩: "
            "one ballot and slot, two commands",
            state(leader_0=commanding(ONE), leader_1=commanding(OVER)),
        )
    ],
    "C2": [
        Case(
            state(acceptor_0=votes(LOW, ONE), acceptor_2=votes(LOW, ONE), leader_1=commanding(OVER)),
            "a quorum [acceptor 0, acceptor 2] has accepted ⟨0.0, 1, put k a⟩, "
            "yet leader 1 commands ⟨1.1, 1, append k b⟩",
            state(acceptor_0=votes(LOW, ONE), leader_1=commanding(OVER)),
        ),
        Case(
            state(acceptor_3=votes(SECOND, IN_SECOND), leader_2=commanding(PValue(SECOND_LATER, 1, A))),
            "a quorum [acceptor 3] has accepted ⟨0.2, 1, append k b⟩, "
            "yet leader 2 commands ⟨1.2, 1, put k a⟩",
            state(acceptor_3=votes(SECOND, IN_SECOND), leader_1=commanding(AGAIN)),
        ),
    ],
    "unique-ballots": [
        Case(
            state(leader_0={"ballot": HIGH}, leader_1={"ballot": HIGH}),
            "leader 0 and leader 1 both have ballot 1.1",
            state(leader_0={"ballot": Ballot(1, 0)}, leader_1={"ballot": HIGH}),
        )
    ],
    "told-is-kept": [
        Case(
            state(to_leader_0={promise(LOW)}, acceptor_1=votes(LOW)),
            "acceptor 0 tells leader 0 that its ballot is 0.0, and now its ballot is ⊥",
            state(to_leader_0={promise(LOW)}, acceptor_0=votes(HIGH)),
        ),
        Case(
            state(to_leader_1={P2b(Node("acceptor", 2), HIGH, 1, HIGH)}, acceptor_2=votes(HIGH, ONE)),
            "acceptor 2 tells leader 1 that it has accepted in slot 1, in ballot 1.1, and now it holds "
            "{⟨0.0, 1, put k a⟩}",
            state(to_leader_1={P2b(Node("acceptor", 2), LOW, 1, HIGH)}, acceptor_2=votes(HIGH)),
        ),
        Case(
            state(to_leader_1={P2b(Node("acceptor", 2), LOW, 2, LOW)}, acceptor_2=votes(HIGH, ONE)),
            "acceptor 2 tells leader 1 that it has accepted in slot 2, in ballot 0.0, and now it holds {}",
            state(to_leader_1={P2b(Node("acceptor", 2), LOW, 1, LOW)}, acceptor_2=votes(HIGH, OVER)),
        ),
    ],
    "promise-tells-all": [
        Case(
            state(to_leader_0={promise(LOW, ONE)}),
            "acceptor 0 tells leader 0 for ballot 0.0 of {⟨0.0, 1, put k a⟩}, which it has not accepted",
            state(to_leader_0={promise(LOW, ONE)}, acceptor_0=votes(HIGH, ONE, OVER)),
        ),
        Case(
            state(to_leader_0={promise(HIGH)}, acceptor_0=votes(HIGH, ONE)),
            "acceptor 0 tells leader 0 for ballot 1.1 of {}, and not of ⟨0.0, 1, put k a⟩, which it has "
            "accepted",
            state(to_leader_0={promise(HIGH)}, acceptor_0=votes(HIGH, OVER), acceptor_1=votes(HIGH, ONE)),
        ),
    ],
    "one-order": [
        Case(
            state(to_acceptor_0={order(ONE)}, to_acceptor_2={order(TWO)}),
            "acceptor 2 has accepted or is to accept ⟨0.0, 1, append k b⟩ and acceptor 0 has accepted or "
            "is to accept ⟨0.0, 1, put k a⟩: one ballot and slot, two commands",
            state(to_acceptor_0={order(ONE)}, to_acceptor_2={order(OVER), order(ONE)}),
        ),
        Case(
            state(to_acceptor_0={order(ONE)}, acceptor_1=votes(LOW, TWO)),
            "acceptor 1 has accepted or is to accept ⟨0.0, 1, append k b⟩ and acceptor 0 has accepted or "
            "is to accept ⟨0.0, 1, put k a⟩: one ballot and slot, two commands",
            state(to_acceptor_0={order(ONE)}, acceptor_1=votes(LOW, ONE)),
        ),
    ],
    "order-is-safe": [
        Case(
            state(to_acceptor_2={order(OVER)}, acceptor_0=votes(LOW, ONE), acceptor_1=votes(LOW, ONE)),
            "a quorum [acceptor 0, acceptor 1] has accepted ⟨0.0, 1, put k a⟩, yet acceptor 2 is to accept "
            "⟨1.1, 1, append k b⟩",
            state(to_acceptor_2={order(AGAIN)}, acceptor_0=votes(LOW, ONE), acceptor_1=votes(LOW, ONE)),
        ),
    ],
}
EACH = each(CASES)


@EACH
def test_says_what_is_there(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case) == [case.says]


@EACH
def test_is_silent_where_nothing_is(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case, good=True) == []
