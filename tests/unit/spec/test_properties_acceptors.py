"""Every property of acceptors can fail, with state reduction too: a state or step made by hand breaks it.

The good states beside them break nothing, so it is that one difference which the property sees.
"""

from pmmc.ballots import Ballot
from pmmc.values import PValue
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
    B,
    reduced,
    state,
    votes,
)

CASES: dict[str, list[Case | Step]] = {
    "A1": [
        Step(
            "acceptor 1",
            votes(HIGH),
            votes(LOW),
            "acceptor 1 goes back from ballot 1.1 to 0.0",
            votes(Ballot(2, 0)),
        )
    ],
    "A2": [
        Step(
            "acceptor 1",
            votes(HIGH),
            votes(HIGH, ONE),
            "acceptor 1 accepts ⟨0.0, 1, put k a⟩ while its ballot is 1.1",
            votes(HIGH, OVER),
        )
    ],
    "A3": [
        Step(
            "acceptor 1",
            votes(HIGH, ONE, OVER),
            votes(HIGH, OVER),
            "acceptor 1 no longer holds {⟨0.0, 1, put k a⟩}, which it had accepted",
            votes(HIGH, ONE, OVER),
        )
    ],
    "A4": [
        Case(
            state(acceptor_0=votes(LOW, ONE), acceptor_2=votes(LOW, TWO)),
            "acceptor 2 has accepted ⟨0.0, 1, append k b⟩ and acceptor 0 has accepted ⟨0.0, 1, put k a⟩: "
            "one ballot and slot, two commands",
            state(acceptor_0=votes(LOW, ONE), acceptor_2=votes(LOW, ONE)),
        ),
        Case(
            state(acceptor_0=votes(LOW, ONE, TWO)),
            "acceptor 0 has accepted ⟨0.0, 1, append k b⟩ and acceptor 0 has accepted ⟨0.0, 1, put k a⟩: "
            "one ballot and slot, two commands",
            state(acceptor_0=votes(LOW, ONE, PValue(LOW, 2, B)), acceptor_1=votes(HIGH, OVER)),
        ),
    ],
    "A5": [
        Case(
            state(acceptor_0=votes(LOW, ONE), acceptor_1=votes(LOW, ONE), acceptor_2=votes(HIGH, OVER)),
            "a quorum [acceptor 0, acceptor 1] has accepted ⟨0.0, 1, put k a⟩, "
            "yet acceptor 2 has accepted ⟨1.1, 1, append k b⟩",
            state(acceptor_0=votes(LOW, ONE), acceptor_2=votes(HIGH, OVER)),
        ),
        Case(  # ballots of different configurations are not compared
            state(
                acceptor_3=votes(SECOND, IN_SECOND), acceptor_4=votes(SECOND, PValue(SECOND_LATER, 1, A))
            ),
            "a quorum [acceptor 3] has accepted ⟨0.2, 1, append k b⟩, "
            "yet acceptor 4 has accepted ⟨1.2, 1, put k a⟩",
            state(acceptor_3=votes(SECOND, IN_SECOND), acceptor_0=votes(HIGH, AGAIN)),
        ),
    ],
    "kept-ballot-rises": [
        Step(
            "acceptor 1",
            votes(HIGH, OVER),
            votes(HIGH, ONE),
            "acceptor 1 goes back from ballot 1.1 to 0.0 in slot 1",
            votes(HIGH, OVER, PValue(LOW, 2, B)),
        ),
        Step(
            "acceptor 1",
            votes(HIGH, ONE),
            votes(HIGH, PValue(LOW, 2, B)),
            "acceptor 1 keeps no pvalue of slot 1 any more; it had one of ballot 0.0",
            votes(HIGH, OVER),
        ),
    ],
    "one-kept": [
        Case(
            state(acceptor_1=votes(HIGH, ONE, OVER)),
            "acceptor 1 keeps {⟨0.0, 1, put k a⟩, ⟨1.1, 1, append k b⟩}: 2 pvalues of slot 1",
            state(acceptor_1=votes(HIGH, OVER, PValue(LOW, 2, B))),
        )
    ],
    "kept-is-highest": [
        Case(
            state(acceptor_1=reduced(ONE, OVER)),
            "acceptor 1 keeps {⟨0.0, 1, put k a⟩}, and the highest that it accepted are {⟨1, append k b⟩}",
            state(acceptor_1=reduced(OVER, ONE)),
        )
    ],
    "chosen-command-kept": [
        Case(
            state(acceptor_0=reduced(ONE), acceptor_1=reduced(OVER, ONE), acceptor_2=reduced(OVER)),
            "[acceptor 0, acceptor 1] have accepted ⟨0.0, 1, put k a⟩, "
            "and only [acceptor 0] keep its command",
            state(acceptor_0=reduced(ONE), acceptor_1=reduced(AGAIN, ONE)),
        )
    ],
    "chosen-pvalue-kept": [
        Case(
            state(acceptor_0=reduced(ONE), acceptor_1=reduced(AGAIN, ONE)),
            "a quorum has accepted ⟨0.0, 1, put k a⟩, and what they keep now is: acceptor 0 "
            "{⟨0.0, 1, put k a⟩}, acceptor 1 {⟨1.1, 1, put k a⟩}",
            state(acceptor_0=votes(HIGH, ONE), acceptor_1=votes(HIGH, ONE, AGAIN)),
        )
    ],
}
EACH = each(CASES)


@EACH
def test_says_what_is_there(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case) == [case.says]


@EACH
def test_is_silent_where_nothing_is(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case, good=True) == []
