"""Options of the test suite."""

import os
import signal
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings

# Where a value changes its form both forms are compared, on all values (native/states/pairing.py). This is
# set before anything of ours is imported, and holds for the programs that tests start too.
os.environ.setdefault("PMMC_ASSERTIONS", "all")

# What is printed is as wide as COLUMNS says, and xdist says 80 to its workers.
os.environ["COLUMNS"] = "120"

# How long an example takes says how busy the machine is, and nothing about the law it is an example of.
settings.register_profile(
    "pmmc", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("pmmc")


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a suite started in the background ignores Ctrl-C, and so would every program that it starts
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the slow tests too")


def pytest_sessionstart() -> None:
    # compiled before the first test, so that no test's course depends on whether they were
    from checker.engines.native.kernel import machine  # noqa: PLC0415 - after the options are known

    machine.kernels()


@pytest.fixture
def shared_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several workers share a search as soon as it has a few states, and send little at once."""
    from checker.engines.native import tuning  # noqa: PLC0415 - of ours, see above

    early = replace(tuning.USUAL, few=4, alone=0, piece=32, outbox=64)
    monkeypatch.setattr(tuning, "USUAL", early)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: takes minutes; run with --slow"))
