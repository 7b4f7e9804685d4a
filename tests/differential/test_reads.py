"""Engine against engine on models whose reads do not go through the log, with right rules and others."""

from typing import Any

from drawn import demand_reached, drawn
from hunt.comparing import REDUCTIONS, Effort, Outcome, compare
from hypothesis import event, given, note
from hypothesis import strategies as st

from checker.engines.contract import Reductions
from checker.model.system import System
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC
from tests.unit.support.shares import share

#: Models of more states than this are compared only as far as the reference engine gets with as many.
MOST_STATES = 4_000
#: Of those drawn so many are compared as a whole, the largest of at least so many states.
LEAST_WHOLE, LEAST_STATES = 8, 2_000
family = drawn(share(20))
RULES = (
    "reads: quorum",
    "reads: quorum, collection: f-plus-one",
    "reads: as-printed, collection: f-plus-one",
    "reads: asked-once",
    "reads: by-leader",
    "reads: by-leader, collection: f-plus-one",
    "reads: local-replica",
    "reads: one-is-a-quorum",
    "reads: evaluated-one-slot-early",
    "reads: in-flight-accept-read",
    "reads: decided-in-own-ballot",
    "reads: nothing-is-filled",
)
#: Who serves: one configuration, two of them, or machines.
SERVING = (
    "nodes: {{acceptors: {acceptors}, leaders: {leaders}, replicas: {replicas}, clients: {clients}}}\n",
    "nodes: {{acceptors: {acceptors}, leaders: {leaders}, replicas: {replicas}, clients: {clients}}}\n",
    (
        "nodes: {{replicas: {replicas}, clients: {clients}}}\n"
        "configurations: [{{leaders: 1, acceptors: 1}}, {{leaders: 1, acceptors: {acceptors}}}]\n"
    ),
    "nodes: {{servers: {replicas}, clients: {clients}}}\n",
)
COMMANDS = (
    ["put k A", "get k"],
    ["get k", "get k"],
    ["put k A", "get k", "get k"],
    ["get k", "append k B"],
)
#: What is judged: all that is claimed, or what is said of the answers, and of the end.
CLAIMS = ("", "properties: [R1, linearizable, sequentially-consistent, every-command-answered]\n")


@st.composite
def models(draw: Any) -> System:
    """A small system, read from a model file as users write them."""
    serving = draw(st.sampled_from(SERVING))
    commands = [*draw(st.sampled_from(COMMANDS)), *["reconfigure 1"] * ("configurations" in serving)]
    rules = draw(st.sampled_from(RULES))
    who = serving.format(
        acceptors=draw(st.sampled_from((1, 1, 3))),
        leaders=draw(st.sampled_from((1, 2))),
        replicas=draw(st.sampled_from((1, 1, 2))),
        clients=draw(st.sampled_from((2, 3, 1))),
    )
    text = f"""\
name: drawn
{who}commands: [{", ".join(draw(st.permutations(commands)))}]
bounds: {{slots: {draw(st.sampled_from((1, 1, 2)))}, rounds: 1, window: {draw(st.integers(1, 2))}}}
network: {draw(st.sampled_from(("at-most-once", "lossy-duplicating", "reliable", "fifo", "lossy")))}
rules: {{{rules}}}
{draw(st.sampled_from(CLAIMS))}sometimes: [all-answered]
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
    demand_reached(reached, share(LEAST_WHOLE), LEAST_STATES)
