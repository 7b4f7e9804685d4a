"""Options of the test suite."""

import gc
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Where a value changes its form both forms are compared, on all values (native/states/pairing.py). This is
# set before anything of ours is imported, and holds for the programs that tests start too.
os.environ.setdefault("PMMC_ASSERTIONS", "all")

# What is printed is as wide as COLUMNS says, and xdist says 80 to its workers.
os.environ["COLUMNS"] = "120"

# How long an example takes says how busy the machine is, and nothing about the law it is an example of.
settings.register_profile(
    "whole", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("half", settings.get_profile("whole"), max_examples=50)


# what helpers of tests assert is told in full, as it is in the tests themselves
pytest.register_assert_rewrite(
    "tests.unit.model.askers", "tests.unit.model.catching", "tests.unit.modelfiles.goodfile"
)

ROOT = Path(__file__).parents[1]
COMPILE = "import sys; from checker.engines.native.kernel import machine; machine.ready(*sys.argv[1:])"

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a suite started in the background ignores Ctrl-C, and so would every program that it starts
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the slow tests too")


def pytest_configure(config: pytest.Config) -> None:
    # modules of tests ask for it when they are read (unit/support/shares.py)
    if config.getoption("--slow"):
        os.environ["PMMC_ALL_TESTS"] = "1"
    settings.load_profile("whole" if config.getoption("--slow") else "half")
    # tests make much and drop little of it: what is kept need not be looked through every 700 objects
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    # tens of thousands of tests, which stay
    gc.freeze()


def pytest_sessionstart() -> None:
    # compiled before the first test, so that no test's course depends on whether they were
    from checker.engines.native.kernel import machine  # noqa: PLC0415 - after the options are known

    # on a fresh machine each part by a process of its own
    places = {part: machine.place_of(part) for part in machine.PARTS}
    missing = [part for part, place in places.items() if place is not None and not place.exists()]
    compiling = [
        subprocess.Popen([sys.executable, "-c", COMPILE, part], cwd=ROOT, stderr=subprocess.DEVNULL)
        for part in missing[1:]
    ]
    try:
        machine.ready(*missing[:1])
    finally:
        for process in compiling:
            process.wait()
    machine.kernels()


@pytest.fixture
def shared_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several workers share a search as soon as it has a few states, and send little at once.

    Owners are chosen anew, and all states moved, at every level that is larger than the last such one.
    """
    from checker.engines.native import tuning  # noqa: PLC0415 - of ours, see above

    small = {"few": 4, "alone": 0, "piece": 32, "outbox": 64, "grown": 1, "gain": -9.0}
    early = replace(tuning.USUAL, **small, ordered=0, steps=0, spared=0)
    monkeypatch.setattr(tuning, "USUAL", early)


#: Tests that have many parameters and cost much → without --slow only one in so many is run.
SAMPLED = {
    "test_clients.py::test_the_engines_agree_and_nobody_is_answered_wrongly": 3,
    "test_engines.py::test_native_and_reference_agree_in_every_number": 2,
    "test_engines.py::test_reductions_lose_no_verdict_and_no_view": 2,
    "test_planted.py::test_a_planted_fault_is_noticed": 4,
    "test_planted.py::test_without_a_fault_nothing_is_noticed": 2,
    "test_clocks.py::test_engines_agree_on_clocks": 2,
    "test_clocks.py::test_engines_agree_on_leases": 3,
    "test_machines.py::test_engines_agree_on_processes_on_machines": 2,
    "test_can_still.py::test_random_protocols": 3,  # of even and of odd seeds
    "test_packing.py::test_views_are_laid_out_anew_when_they_outgrow_their_places": 3,
    "test_large_groups.py::test_violations_among_many_alike_are_told": 5,
    "test_quorums.py::test_three_ways_to_say_the_same_find_the_same": 2,
    "test_counts.py::test_reference_engine_finds_what_is_expected": 2,
    "test_implementations.py::test_processes_that_do_what_our_rules_do_have_their_states": 2,
    "test_models.py::test_a_model_finds_what_it_expects": 2,  # docs/check-your-own-server.md checks most
    "test_pytest_plugin.py::test_xdist": 3,
    "test_cost.py::test_line_is_what_is_worked_out": 2,
    "test_counts.py::test_native_engine_finds_the_same_states": 3,
    # README's first command, a test too, checks all of them so
    "test_counts.py::test_reduced_search_counts_what_is_expected": 8,
    "test_hunt.py::test_engines_agree_on_what_the_hunt_chose": 12,  # one in four is not slow
    "test_catalogue.py::test_is_as_its_entry_says_without_reductions": 2,
    "test_catalogue.py::test_the_same_model_is_verified_without_the_mistake": 2,
    "test_histories_of_models.py::test_every_history_is_judged_right": 2,
    "test_trace_commands.py::test_a_trace_as_a_graph": 3,
    "test_environments.py::test_both_engines_count_the_same": 2,
    "test_packing.py::test_states_of_two_words_are_the_same_states": 2,
    "test_store.py::test_any_number_of_workers_finds_the_same": 3,
    "test_symmetry.py::test_no_variant_makes_a_check_end_for_a_symmetry_that_was_assumed": 5,
    "test_servers_explored.py::test_all_ways_to_explore_servers_agree": 2,
    "test_causality.py::test_slices_of_mutants_hold_the_violation_and_nothing_unneeded": 3,
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    seen: Counter[str] = Counter()
    for item in items:
        test = item.nodeid.partition("[")[0].rpartition("/")[2]
        is_left = seen[test] % SAMPLED.get(test, 1) > 0
        seen[test] += 1
        if is_left or item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: takes minutes; run with --slow"))
