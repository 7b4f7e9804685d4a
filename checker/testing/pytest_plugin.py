"""The pytest plugin: model files `*.pmmc.yaml` are tests, one for each property.

pytest loads this module in every run of an environment in which we are installed. So it imports nothing
of ours before a model file is collected or the fixture is used; `pytest_items` does the work.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from checker.testing import SLOW

if TYPE_CHECKING:
    from checker.checking.question import Options
    from checker.checking.result import CheckResult
    from checker.conformance.conforming import Outcome
    from checker.testing.asserts import Model

SUFFIX = ".pmmc.yaml"

#: The shipped model files, if they were asked for.
SHIPPED = pytest.StashKey[frozenset[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options, in a group of their own."""
    group = parser.getgroup("pmmc", "model checking")
    group.addoption(
        "--pmmc-shipped",
        action="store_true",
        help="also test the models that the installed protocols ship, but for slow ones",
    )
    group.addoption(
        "--pmmc-load",
        action="append",
        default=[],
        metavar="FILE",
        help="take the protocols in this Python file as installed; may be repeated",
    )
    parser.addini("pmmc_load", "Python files whose protocols are taken as installed", type="paths")
    group.addoption("--pmmc-slow", action="store_true", help="with --pmmc-shipped: slow ones too")
    group.addoption(
        "--pmmc-engine", choices=("auto", "reference", "native"), default="auto", help="default: auto"
    )
    group.addoption("--pmmc-max-states", type=_count, metavar="N", help="give up on a model after N states")
    group.addoption("--pmmc-timeout", type=_seconds, metavar="S", help="give up on a model after S seconds")


def _count(text: str) -> int:
    from checker.cli.grammar.numbers import whole_number  # noqa: PLC0415 - see the head of this module

    return whole_number(text)


def _seconds(text: str) -> float:
    from checker.cli.grammar.numbers import seconds  # noqa: PLC0415 - see the head of this module

    return seconds(text)


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark and the protocols in files known, and add the shipped model files to what is tested."""
    config.addinivalue_line("markers", f"{SLOW}: a model that says `slow: true`")
    if files := [*config.getini("pmmc_load"), *config.getoption("--pmmc-load")]:
        from checker.testing.pytest_items import take_protocols  # noqa: PLC0415 - see the head of this module

        take_protocols(config, files)
    if config.getoption("--pmmc-shipped"):
        from checker.testing.pytest_items import shipped_files  # noqa: PLC0415 - see the head of this module

        files = shipped_files(slow=config.getoption("--pmmc-slow"))
        config.stash[SHIPPED] = frozenset(files)
        if not hasattr(config, "workerinput"):
            config.args += [str(path) for path in files]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A model file is a collection of tests."""
    if not file_path.name.endswith(SUFFIX) and file_path not in parent.config.stash.get(SHIPPED, ()):
        return None
    from checker.testing.pytest_items import ModelFileTests  # noqa: PLC0415 - see the head of this module

    inside = file_path.is_relative_to(parent.config.rootpath)
    nodeid = None if inside else file_path.as_posix()  # what pytest makes of it would not name the file
    return ModelFileTests.from_parent(parent, path=file_path, nodeid=nodeid)


@pytest.fixture(scope="session")
def pmmc_check(request: pytest.FixtureRequest) -> Callable[..., CheckResult]:
    """`pmmc_check(model)`: assert that a check finds what the model expects, and return its result.

    A model is a path, the text of a model file, a loaded model or a system. The options `--pmmc-engine`,
    `--pmmc-max-states` and `--pmmc-timeout` apply. The message of the AssertionError is the report with
    the whole counterexample.
    """
    from checker.testing.asserts import assert_as_expected  # noqa: PLC0415
    from checker.testing.pytest_items import options_of  # noqa: PLC0415 - see the head of this module

    options = options_of(request.config)

    def check(model: Model, options: Options = options) -> Any:
        __tracebackhide__ = True
        return assert_as_expected(model, options)

    return check


@pytest.fixture(scope="session")
def pmmc_conform() -> Callable[..., Outcome]:
    """`pmmc_conform(command, vectors, roles=…)`: assert that an implementation answers as the rules do.

    `command` is a list of words, or a function from a request to its answer; `vectors` a folder that
    `pmmc vectors` wrote, which is read once, or a model. The message of the AssertionError is the report.
    """
    from checker.testing.conformance import assert_conforms, suite_of  # noqa: PLC0415

    known: dict[object, Any] = {}

    def conform(implementation: Any, vectors: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        key = str(vectors) if isinstance(vectors, str | Path) else id(vectors)
        if key not in known:
            known[key] = suite_of(vectors), vectors
        return assert_conforms(implementation, known[key][0], **options)

    return conform
