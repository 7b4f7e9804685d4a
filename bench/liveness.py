"""Rows j and k: what every fair run comes to, against TLC and against the judging of states alone."""

from __future__ import annotations

from functools import partial

from bench.claims import FIFO, Claim
from bench.measure import Figures, RunError, Task, in_turn
from bench.plan import MIB, OWN_MODELS, ROOT, Account, Plan, Table, explore, pmmc, times
from bench.raw import cost_of
from bench.sizes import Size
from bench.tla import Tlc

SMALL, LARGE = OWN_MODELS / "runs-two-replicas.yaml", OWN_MODELS / "runs-two-leaders.yaml"
#: The small model, as TLC gets it, and the least that it can be asked.
ASKED, LEAST = (Claim(Size(*sizes, FIFO)) for sizes in ((3, 1, 2, 2, 1, 2), (1, 1, 1, 1, 1, 1)))
STATES, MANY = 103_467, 13_253_767


def _explored(states: int, model: str, *words: str) -> dict[str, float]:
    """One exploration of ours without reductions, all claims being verified."""
    cost, found = explore(OWN_MODELS / model, "--unreduced", "--workers", "1", *words)
    if found["states"] != states or found["violated"] or not found["answered"]:
        raise RunError(f"{model}: not verified on {states:,} states")
    own = {"search": found["seconds"], "busy": found["processor"], "states": states}
    return cost_of(cost) | own


def _checked() -> dict[str, float]:
    return cost_of(pmmc("check", "--quiet", str(SMALL)))


def _asked(tlc: Tlc, claim: Claim, states: int) -> dict[str, float]:
    judged, answer = tlc.judge(claim, workers=2)
    if judged.states != states or judged.verdict != "holds":
        raise RunError(f"TLC says {judged.verdict} on {judged.states:,} states")
    return cost_of(answer.cost)


OURS, WHOLE = "pmmc, search alone, 1 worker", "pmmc check"
TLC, TLC_START = "TLC, 2 workers, liveness at the end", "TLC, start-up (12 states)"


def against_tlc(plan: Plan) -> Account:
    """Row j: the same temporal property on the same states, of ours and of the twin."""
    tasks = [
        Task(OURS, partial(_explored, STATES, SMALL.name), plan.runs),
        Task(WHOLE, _checked, plan.runs),
    ]
    if plan.tlc is not None:
        tasks.append(Task(TLC_START, partial(_asked, plan.tlc, LEAST, 12), plan.peer_runs))
        large = (LEAST, 12) if plan.quick else (ASKED, STATES)
        tasks.append(Task(TLC, partial(_asked, plan.tlc, *large), plan.peer_runs))
    figures = in_turn(tasks, plan.say)
    account = Account(f"{ASKED.text}, deliveries weakly fair, {STATES:,} states, against TLC")
    account.tables.append(_table(figures))
    account.commands = [f"pmmc check {SMALL.relative_to(ROOT)}"]
    account.figures = {name: dict(found.runs) for name, found in figures.items()}
    question = f"{ASKED.text} under weak fairness, {STATES:,} states, seconds against TLC"
    if TLC not in figures or WHOLE not in figures or OURS not in figures:
        account.short.append((question, "TLC not run", "a ratio"))
        account.notes.append("TLC: not run (give its command by --tlc or PMMC_TLC).")
        return account
    whole = times(figures[TLC]["wall"] / figures[WHOLE]["wall"])
    search = times((figures[TLC]["wall"] - figures[TLC_START]["wall"]) / figures[OURS]["search"])
    busy = times((figures[TLC]["cpu"] - figures[TLC_START]["cpu"]) / figures[OURS]["busy"])
    account.notes.append(
        f"TLC takes {whole} the time of `pmmc check`, process start to exit; without the start-up of both "
        f"{search}, by processor time {busy}. TLC was told to judge runs once, when all states are known; "
        "both judge invariants besides, and count the same states."
    )
    account.short.append((question, f"{whole} process start to exit, {search} the search", "a ratio"))
    return account


ALONE, WITH_RUNS = "safety", "safety and fair runs"


def against_safety(plan: Plan) -> Account:
    """Row k: what judging fair runs adds to the search of the same unreduced model."""
    states, model = (STATES, SMALL) if plan.quick else (MANY, LARGE)
    once = partial(_explored, states, model.name)
    tasks = [Task(ALONE, partial(once, "--without-runs"), plan.runs), Task(WITH_RUNS, once, plan.runs)]
    figures = in_turn(tasks, plan.say)
    account = Account(f"What fair runs cost: {states:,} states, no reductions, one worker")
    account.tables.append(_table(figures))
    account.commands = [
        f"python -m bench.explore {model.relative_to(ROOT)} --unreduced{words}"
        for words in (" --without-runs", "")
    ]
    account.figures = {name: dict(found.runs) for name, found in figures.items()}
    if figures.keys() >= {ALONE, WITH_RUNS}:
        wall, busy, more = (_added(figures, name) for name in ("search", "busy", "peak"))
        bytes_each = (figures[WITH_RUNS]["peak"] - figures[ALONE]["peak"]) / states
        account.notes.append(
            f"Fair runs judged besides: {times(wall)} the seconds of the search alone, {times(busy)} its "
            f"processor time, and {bytes_each:.1f} bytes a state more at the peak ({times(more)})."
        )
        question = f"fair runs against safety, the same {states:,} states without reductions"
        found = f"{times(wall)} the time, {bytes_each:.1f} bytes a state more"
        account.short.append((question, found, "3×, 12 bytes"))
    return account


def _added(figures: dict[str, Figures], figure: str) -> float:
    return figures[WITH_RUNS][figure] / figures[ALONE][figure]


def _table(figures: dict[str, Figures]) -> Table:
    lines = [
        [
            name,
            f"{found['wall']:.2f} ({found.spread('wall')})",
            f"{found['cpu']:.2f}",
            f"{found['peak'] / MIB:,.0f}",
            *(f"{found[own]:.2f}" if own in found.runs else "" for own in ("search", "busy")),
        ]
        for name, found in figures.items()
    ]
    return Table(("", "wall s (range)", "CPU s", "peak MiB", "search s", "search CPU s"), lines)
