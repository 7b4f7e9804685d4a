"""Faults in what states and steps mean: tables, views, judging, confirming, and what is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import checker.checking.check
from checker.checking import judgement
from checker.engines import reference
from checker.engines.contract import Discovery
from checker.engines.native.ended import Ended
from checker.engines.native.engine import Run
from checker.engines.native.findings import Findings
from checker.engines.native.kernel import machine
from checker.engines.native.numbering import Numbering
from checker.engines.native.posts import Posts
from checker.engines.native.rows import Rows
from checker.engines.native.search.combinations import Combinations
from checker.engines.native.search.search import Search
from checker.engines.native.steps import Steps
from checker.engines.native.tables import Tables
from checker.engines.native.viewing import Viewing
from checker.engines.walk import Reached
from checker.model.behaviour import Trace, replay
from checker.model.system import System
from checker.model.verdict import ExitCode

from .planting import instead

# Posts and rows -------------------------------------------------------------------------------------------


@instead(Posts, "_stored", "messages arrive where they were not sent, or not at all")
def entry_of_another_cell(right: Any, posts: Posts, bundle: int, cells: Any) -> list[int]:
    """of the cells that a bundle may come to, the last gets the entry of the first"""
    found = right(posts, bundle, cells)
    return [*found[:-1], found[0]]


@instead(Numbering, "bundle", "one message arrives in place of another")
def bundles_of_one_number(right: Any, numbering: Numbering, to: int, sender: int, numbers: Any) -> int:
    """bundles that differ in what their messages say, and not in their types, have one number"""
    kinds = to, sender, tuple(type(numbering.messages[m]) for m in numbers)
    merged = numbering.__dict__.setdefault("merged", {})
    return right(numbering, to, sender, merged.setdefault(kinds, numbers))


@instead(Rows, "_enter", "steps are never taken, and what follows from them is not seen")
def last_move_left_out(right: Any, rows: Rows, node: int, moves: Any) -> Any:
    """of the moves out of a cell the last one is left out, if there are several"""
    return right(rows, node, [*moves][:-1] if len(moves) > 1 else moves)


@instead(Rows, "fill", "a rule that raises is taken for one that does nothing")
def raising_swallowed(right: Any, rows: Rows, *place: Any) -> None:
    """that a rule raised is forgotten"""
    right(rows, *place)
    rows.raised.clear()


# Steps ----------------------------------------------------------------------------------------------------


@instead(Numbering, "_bundled", "what is handled at once is handled in another order, or not as often")
def immediate_messages_merged(right: Any, numbering: Numbering, to: int, numbers: Any) -> tuple[int, ...]:
    """of messages that are handled at once the order of sending is lost, and equal ones are one"""
    return tuple(sorted(set(numbers))) if numbering.network.unordered else numbers


@instead(Steps, "at_once", "a violation is made up, in a state that no system is in")
def judged_between_immediate_messages(right: Any, steps: Steps, node: int, local: int, number: int) -> int:
    """what a property finds between two messages that are handled at once is held against the node"""
    after = right(steps, node, local, number)
    watchers = (watcher.__self__ for watcher in steps.numbering.of_locals)
    found = next(watcher.at for watcher in watchers if isinstance(watcher, Findings))
    if (node, local) in found:
        found.setdefault((node, after), found[node, local])
    return after


@instead(Findings, "of_step", "a violation by a step is missed, or made up")
def step_judged_backwards(right: Any, findings: Findings, node: int, before: int, after: int) -> Any:
    """a claim about a step gets the local state after it for the one before it"""
    return right(findings, node, after, before)


# Views ----------------------------------------------------------------------------------------------------


@instead(Combinations, "take", "a violation by several nodes together is missed")
def combination_dropped(right: Any, combinations: Combinations) -> Any:
    """of the combinations of views that came up the last one is not judged"""
    return right(combinations)[:-1]


@instead(Viewing, "share", "two states that look different are judged as one")
def view_not_in_its_place(right: Any, viewing: Viewing, group: int, node: int, number: int) -> int:
    """of what a group sees of a node the lowest bit is lost"""
    return right(viewing, group, node, number & ~1)


# Bounds and terminal states -------------------------------------------------------------------------------


@instead(Ended, "of", "what a bound brought about is told as a violation")
def ends_at_a_bound_judged(right: Any, tables: Tables, ends: Any) -> Ended:
    """properties of terminal states are judged where a bound stops a node, too"""
    tables.per_cell.flush()
    cut = tables.per_cell["cut"]
    kept = cut.copy()
    cut[:] = 0
    found: Ended = right(tables, ends)
    cut[:] = kept
    return found


@instead(Run, "_judge_ends", "a pass though no terminal state was judged")
def all_ends_counted_as_judged(right: Any, run: Run, search: Search, *level: Any) -> None:
    """terminal states in which a bound stops a node count as judged"""
    right(run, search, *level)
    run.result.terminal_judged = run.result.terminal


@instead(machine, "look", "nobody is told how much a bound has kept from happening")
def cuts_not_counted(right: Any, *arguments: Any) -> int:
    """states in which a bound stops a node are not counted"""
    return right(*arguments[:6], np.zeros_like(arguments[6]), *arguments[7:])


# Telling --------------------------------------------------------------------------------------------------


@instead(checker.checking.check, "confirm", "a finding that nothing shows is told as a violation")
def finding_not_confirmed(right: Any, system: System, discovery: Discovery) -> Trace:
    """the path of a finding is replayed, and the property not judged anew at its end"""
    claim = next(p for p in system.properties if p.id == discovery.property)
    return replace(replay(system, discovery.path or ()), claim=claim, reason=discovery.reason)


@instead(judgement, "_exit_code", "a search that was cut short passes")
def inconclusive_is_a_pass(right: Any, *arguments: Any) -> ExitCode:
    """a check that a limit left open ends with the exit code of a pass"""
    code = right(*arguments)
    return ExitCode.OK if code is ExitCode.INCONCLUSIVE else code


@instead(judgement, "_nothing_to_judge", "a pass though nothing was judged")
def nothing_judged_is_a_pass(right: Any, *arguments: Any) -> None:
    """a property that there was nothing to judge on is verified"""


@instead(judgement, "_nothing_of_runs", "a pass though no run comes to what was asked for")
def no_run_judged_is_a_pass(right: Any, *arguments: Any) -> None:
    """what every fair run must come to is verified where a bound stops them all"""


@instead(judgement, "_unreached", "a model in which nothing happens passes")
def unreached_goal_is_a_pass(right: Any, *arguments: Any) -> tuple[()]:
    """nobody asks whether goals were reached"""
    return ()


@instead(judgement, "_is_expected", "a violation passes")
def every_violation_is_expected(right: Any, *arguments: Any) -> bool:
    """any violation is the one that the model file expects"""
    return True


# The reference engine -------------------------------------------------------------------------------------


@instead(reference, "successors", "the engine that the other is compared with misses behaviour")
def reference_leaves_out_a_step(right: Any, *arguments: Any) -> Any:
    """of a state's steps the reference engine does not take the last one, if there are several"""
    steps = list(right(*arguments))
    return steps[:-1] if len(steps) > 1 else steps


@instead(Reached, "path_to", "its counterexamples are none")
def reference_path_too_short(right: Any, walk: Reached, state: int) -> tuple[int, ...]:
    """the reference engine leaves out the last step of a path"""
    return right(walk, state)[:-1]
