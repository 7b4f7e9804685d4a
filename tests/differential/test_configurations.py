"""Engine against engine on models with several configurations, with rules that are right and others."""

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
LEAST_WHOLE, LEAST_STATES = 10, 1_300
family = drawn(share(20))
RULES = (
    {},
    {"replica": "any-request"},
    {"reconfiguration": "applied-again"},
    {"replica": "window-off-by-one"},
    {"replica": "changed-when-performed"},
    {"replica": "old-leaders-too"},
    {"commander": "majority-of-all", "acceptor": "adopt-higher"},
    {"acceptor": "keep-highest"},
    {"no-ops": "replica"},
    {"no-ops": "replica", "collection": "f-plus-one"},
)
#: What an operator may do.
SHUTDOWNS = ("", "faults: {shutdown: known}\n", "faults: {shutdown: decided}\n")


@st.composite
def models(draw: Any) -> System:
    """A small system, read from a model file as users write them."""
    count = draw(st.sampled_from((2, 2, 2, 3)))
    one = st.tuples(st.sampled_from((1, 1, 1, 2)), st.sampled_from((1, 1, 1, 2)))
    listed = [
        f"{{leaders: {leaders}, acceptors: {acceptors}}}"
        for leaders, acceptors in draw(st.lists(one, min_size=count, max_size=count))
    ]
    puts = draw(st.integers(0, 1))
    commands = [*(f"put k{i} v" for i in range(puts)), *(f"reconfigure {i}" for i in range(1, count))]
    rules = ", ".join(f"{part}: {name}" for part, name in draw(st.sampled_from(RULES)).items())
    network = draw(st.sampled_from(("at-most-once", "lossy-duplicating", "reliable", "fifo")))
    text = f"""\
name: drawn
nodes: {{replicas: {draw(st.sampled_from((1, 1, 2)))}}}
configurations: [{", ".join(listed)}]
commands: [{", ".join(draw(st.permutations(commands)))}]
bounds: {{slots: {draw(st.sampled_from((2, 2, 3)))}, rounds: 1, window: {draw(st.integers(1, 2))}}}
network: {network}
rules: {{{rules}}}
{draw(st.sampled_from(SHUTDOWNS))}sometimes: [new-configuration-decides, all-performed]
"""
    note(text)
    event(f"rules {rules or 'as they are'}")
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
