"""Two-phase commit as the checker meets it: roles, views, properties, model files, the system."""

from itertools import pairwise
from pathlib import Path
from typing import Annotated

from checker import (
    Kind,
    Member,
    ModelFile,
    Property,
    Protocol,
    Role,
    Symmetry,
    System,
    Variant,
    View,
    Whole,
    system_of,
)
from two_phase_commit import rules
from two_phase_commit.rules import Abort, Commit, Context, Phase, Prepared


def settle_tm(context, tm, message):
    """After the decision nothing matters to the tm, nor does what it has noted already."""
    return None if tm.phase is not Phase.WORKING or message.rm in tm.prepared else message


TM = Role(
    "tm", {Prepared: rules.on_prepared}, {"commit": rules.commit, "abort": rules.abort}, settle=settle_tm
)
RM = Role(
    "rm",
    {Commit: rules.on_commit, Abort: rules.on_abort},
    {"prepare": rules.prepare, "abortAlone": rules.abort_alone},
)

PHASE = View("phase", "rm", lambda rm: rm.phase)


def _consistent(setting, phases):
    committed = [rm for rm, phase in phases.items() if phase is Phase.COMMITTED]
    aborted = [rm for rm, phase in phases.items() if phase is Phase.ABORTED]
    return f"{committed[0]} has committed and {aborted[0]} has aborted" if committed and aborted else None


def _all_prepared(setting, phases):
    committed = [rm for rm, phase in phases.items() if phase is Phase.COMMITTED]
    working = [rm for rm, phase in phases.items() if phase is Phase.WORKING]
    return f"{committed[0]} has committed before {working[0]} prepared" if committed and working else None


def _final(context, before, after):
    decided = before in {Phase.COMMITTED, Phase.ABORTED}
    return f"{context.me} goes from {before} to {after}" if decided and before is not after else None


def _not_blocked(setting, phases):
    waiting = [rm for rm, phase in phases.items() if phase is Phase.PREPARED]
    return f"{waiting[0]} has prepared and waits for ever" if waiting else None


def _all(wanted):
    return lambda setting, phases: f"all have {wanted}" if set(phases.values()) == {wanted} else None


SOURCE = "Gray and Lamport, Consensus on Transaction Commit (2006), section 2"

PROPERTIES = {
    p.id: p
    for p in (
        Property("consistent", Kind.STATE, "No two differ in outcome.", SOURCE, (PHASE,), _consistent),
        Property("all-prepared", Kind.STATE, "Commit needs all.", SOURCE, (PHASE,), _all_prepared),
        Property("final", Kind.ACTION, "An outcome is never revised.", SOURCE, (PHASE,), _final),
        Property("not-blocked", Kind.TERMINAL, "Nobody waits for ever.", SOURCE, (PHASE,), _not_blocked),
        Property("all-commit", Kind.SOMETIMES, "All commit.", SOURCE, (PHASE,), _all(Phase.COMMITTED)),
        Property("all-abort", Kind.SOMETIMES, "All abort.", SOURCE, (PHASE,), _all(Phase.ABORTED)),
    )
}

VARIANTS = (
    Variant(
        part="tm",
        name="may-crash",
        role="tm",
        about="The transaction manager may stop, and then nobody who has prepared can go on.",
        source=SOURCE,
        wakes={"crash": rules.crash},
    ),
    Variant(
        part="tm",
        name="impatient",
        role="tm",
        about="Wrong on purpose: commits when more than half have prepared.",
        source=f"against {SOURCE}",
        wakes={"commit": rules.commit_impatient},
    ),
)


class TwoPhaseModel(ModelFile):
    """A model of two-phase commit."""

    rms: Annotated[int, Whole(1, 50)]
    """How many resource managers there are; they are named `rm 0`, `rm 1`, …"""


def build(model: TwoPhaseModel) -> System:
    """The system that a model file describes."""
    names = tuple(f"rm {i}" for i in range(model.rms))
    tm = Member("tm", TM, Context("tm", names), rules.Tm())
    rms = (Member(name, RM, Context(name, names), rules.Rm()) for name in names)
    return system_of(
        model,
        (tm, *rms),
        PROPERTIES,
        variants=VARIANTS,
        default=("consistent", "all-prepared", "final"),
        bounds={"rms": model.rms},
        symmetries=[Symmetry("rms", tuple({a: b, b: a} for a, b in pairwise(names)))],
    )


TWO_PHASE_COMMIT = Protocol(
    name="two-phase-commit",
    about="Two-phase commit: all prepare, and then all commit or all abort.",
    schema=TwoPhaseModel,
    build=build,
    properties=PROPERTIES,
    variants=VARIANTS,
    models=Path(__file__).parent / "models",
    template="name: first\nprotocol: two-phase-commit\nrms: 2\n",
)
