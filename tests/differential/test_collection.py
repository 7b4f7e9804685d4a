"""Engine against engine on models that collect garbage, with rules that are right and others."""

from typing import Any

from drawn import demand_reached, drawn
from hunt.comparing import REDUCTIONS, Effort, Outcome, compare
from hypothesis import event, given, note
from hypothesis import strategies as st

from checker.engines.contract import Reductions
from checker.model.system import System
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC

#: Models of more states than this are compared only as far as the reference engine gets with as many.
MOST_STATES = 3_000
#: Of those drawn so many are compared as a whole, the largest of at least so many states.
LEAST_WHOLE, LEAST_STATES = 6, 2_500
family = drawn(12)
RULES = (
    "collection: f-plus-one",
    "collection: all",
    "collection: f-plus-one, p1a: sent-again",
    "replica: forgetful",
    "replica: forgetful-of-reconfigurations",
    "collection: promise-without-watermark",
    "collection: collected-slot-proposed",
    "collection: collected-below-accepted",
    "collection: transfer-without-memory",
    "collection: memory-collected",
)
FAULTS = (
    "",
    "faults: {crashes: 1, nodes: acceptors}\nstable: {acceptor: [ballot, accepted]}\n",
    "faults: {crashes: 1, nodes: replicas, restarts: false}\n",
    "faults: {crashes: 1, nodes: [acceptors, leaders, replicas]}\n",
)
#: What is judged: what reads inboxes and terminal states too, or all that is claimed.
CLAIMS = ("", "properties: [R1, GC-3, GC-5, GC-9]\n")


@st.composite
def models(draw: Any) -> System:
    """A small system, read from a model file as users write them."""
    nodes = f"{{acceptors: {draw(st.sampled_from((1, 1, 3)))}, leaders: {draw(st.integers(1, 2))}"
    count = draw(st.integers(1, 2))
    rules = draw(st.sampled_from(RULES))
    network = draw(st.sampled_from(("at-most-once", "lossy-duplicating", "reliable", "fifo")))
    text = f"""\
name: drawn
nodes: {nodes}, replicas: {draw(st.integers(1, 2))}}}
commands: [{", ".join(f"put k{i} v{i}" for i in range(count))}]
bounds: {{slots: {draw(st.integers(1, 2))}, rounds: 1, window: {draw(st.integers(1, 2))}}}
network: {"lossy-duplicating" if "sent-again" in rules else network}
rules: {{{rules}}}
{draw(st.sampled_from(FAULTS if "collection" in rules else FAULTS[:1]))}\
{draw(st.sampled_from(CLAIMS))}sometimes: [slot-collected, state-transferred, all-performed]
"""
    note(text)
    event(f"rules {rules}")
    return load_text(text, "drawn.yaml", protocols={"pmmc": PMMC}).system


def test_engines_agree_with_and_without_reductions() -> None:
    reached: list[Outcome] = []

    @family
    @given(models(), st.lists(st.sampled_from(REDUCTIONS), min_size=1, max_size=2, unique=True))
    def each(system: System, chosen: list[Reductions]) -> None:
        reached.append(compare(system, Effort((1, 2), (*chosen, Reductions()), MOST_STATES)))
        event(reached[-1].how)

    each()
    demand_reached(reached, LEAST_WHOLE, LEAST_STATES)
