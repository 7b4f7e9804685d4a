"""The pytest plugin from outside: what is collected, what is shown, how it goes with pytest's options."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

import spec.protocol  # noqa: F401 - now: tests that run in this process would import parts of it twice
from checker.engines.native.kernel import keeping

pytest_plugins = "pytester"

GOOD = """\
name: good
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
network: at-most-once
properties: [A1, R1]
sometimes: [slot-decided]
expect: {verdict: verified, states: 142, depth: 13}
"""
BROKEN = """\
name: broken
nodes: {acceptors: 1, leaders: 1, replicas: 1}
commands: [put k1 v1, put k2 v2]
bounds: {slots: 2, rounds: 1}
network: at-most-once
properties: [A1, slot-in-within-window]
sometimes: [slot-decided]
"""
#: Where compiled kernels are kept.
KERNELS = str(keeping.folder())
CLAIM = "slot-in-within-window"
KNOWN = BROKEN + "expect: {verdict: violated, property: slot-in-within-window, length: 2}\n"


@pytest.fixture
def project(pytester, monkeypatch):
    """An empty project; `write(good=GOOD)` adds good.pmmc.yaml."""
    monkeypatch.setenv("PYTHONUTF8", "1")
    # pytester gives each test a home of its own, where all kernels would have to be compiled again
    monkeypatch.setenv("PMMC_CACHE_DIR", KERNELS)

    def write(**models):
        for name, text in models.items():
            (pytester.path / f"{name}.pmmc.yaml").write_text(text, encoding="utf-8")
        return pytester

    return write


def ids(result, word="PASSED"):
    return [line.split(" ")[0] for line in result.outlines if f" {word}" in line and "::" in line]


def run(pytester, *arguments):
    return pytester.runpytest_inprocess("--pmmc-engine", "reference", "-v", *arguments)


def test_one_test_for_each_property_and_one_for_what_is_expected(project):
    result = run(project(good=GOOD))
    names = [f"good.pmmc.yaml::{name}" for name in ("A1", "R1", "slot-decided", "expect")]
    assert ids(result) == names
    result.assert_outcomes(passed=4)


def test_a_failure_shows_the_counterexample_and_no_python(project):
    result = run(project(broken=BROKEN))
    result.assert_outcomes(failed=1, errors=3)
    result.stdout.fnmatch_lines(
        [
            f"VIOLATED  {CLAIM}   (node invariant, 2 steps, shortest)   broken.pmmc.yaml",
            "  replica 0 has slot_in 3, slot_out 1 and WINDOW 2",
            "     2     0  replica 0  request(put k2 v2)*",
            "  replay      pmmc replay broken.pmmc.yaml --path */*",
            "  reproduce   pmmc check broken.pmmc.yaml --engine reference *",
            f"FAILED broken.pmmc.yaml::{CLAIM} - {CLAIM} violat*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*.py:*")


@pytest.mark.parametrize("ci", ["", "true"])
def test_what_a_violation_leaves_open_is_told_in_a_line_each(project, monkeypatch, ci):
    monkeypatch.delenv("BUILD_NUMBER", raising=False)
    monkeypatch.setenv("CI", ci)  # with it pytest's short summary repeats each message whole
    result = run(project(broken=BROKEN))
    told = result.outlines[
        : next(n for n, line in enumerate(result.outlines) if "short test summary" in line)
    ]
    assert sum("reproduce" in line for line in told) == 1, "by the test that failed"
    assert sum(line == f"see {CLAIM}, of the same model" for line in told) == 3


def test_what_is_not_known_is_an_error_and_never_a_skip(project):
    result = run(project(good=GOOD), "--pmmc-max-states", "20")
    outcomes = result.parseoutcomes()
    assert "skipped" not in outcomes
    assert outcomes["errors"] >= 3
    result.stdout.fnmatch_lines(["R1 is undecided: the limit of 20 states was reached"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_check_that_fails_is_an_error_of_its_own_tests_alone(project):
    unlike = GOOD.replace("acceptors: 1", "acceptors: 3").partition("expect")[0]
    unlike += "initial: {acceptor 0: {ballot: 0.0}}\nsymmetry: [acceptors]\n"
    result = project(good=GOOD, unlike=unlike).runpytest_inprocess("--pmmc-engine", "native", "-v")
    result.assert_outcomes(passed=4, errors=4)
    result.stdout.fnmatch_lines(["R1 is undecided: the declared symmetry (acceptors) is none: *"])


def test_a_timeout_is_an_error(project):
    big = (
        GOOD.replace("leaders: 2", "leaders: 3")
        .replace("acceptors: 1", "acceptors: 5")
        .partition("expect")[0]
    )
    result = run(project(big=big), "--pmmc-timeout", "0.1", "-k", "R1")
    result.assert_outcomes(errors=1, deselected=3)
    result.stdout.fnmatch_lines(["R1 is undecided: the limit of 0.1 seconds was reached"])


@pytest.mark.parametrize("value", ["0", "many"])
def test_options_are_checked(project, value):
    result = project(good=GOOD).runpytest_subprocess("--pmmc-max-states", value)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--pmmc-max-states: expected a whole number from 1, not '{value}'*"])


def test_a_violation_that_is_expected_passes(project):
    result = run(project(known=KNOWN))
    assert ids(result) == [f"known.pmmc.yaml::{CLAIM}", "known.pmmc.yaml::expect"]


def test_other_figures_than_expected_fail_the_expectation_alone(project):
    result = run(project(good=GOOD.replace("142", "141")))
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        ["  unmet       states: expected 141, got 142", "FAILED *::expect - states: expected*"]
    )


def test_a_model_that_raises_fails(project):
    pytester = project()
    pytester.makepyfile(
        """
        from dataclasses import replace
        from checker import assert_verified, load_text, protocols

        def test_it(pmmc_check):
            model = load_text(MODEL, "x", protocols=protocols())
            leader = next(m for m in model.system.members if m.role.name == "leader")
            def raises(context, state, message):
                raise RuntimeError("oops")
            role = leader.role.with_rules({kind: raises for kind in leader.role.rules})
            members = tuple(replace(m, role=role) if m is leader else m for m in model.system.members)
            pmmc_check(replace(model.system, members=members))

        MODEL = """
        + repr(GOOD)
    )
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*RAISED*", "*RuntimeError: oops*"])


def test_faults_are_collection_errors_with_their_places(project):
    faulty = GOOD.replace("leaders: 2", "leaders: none").replace("[A1, R1]", "[A1, R11]")
    result = run(project(faulty=faulty, good=GOOD))
    result.stdout.fnmatch_lines(
        [
            "faulty.pmmc.yaml:2:32: expected a whole number from 1 to 1,000, not 'none'",
            "faulty.pmmc.yaml:6:18: unknown property 'R11'; did you mean 'R1'*",
            "ERROR faulty.pmmc.yaml",
        ]
    )
    result.assert_outcomes(errors=1)
    result.stdout.no_fnmatch_line("*Traceback*")


def test_k_selects(project):
    result = run(project(good=GOOD, known=KNOWN), "-k", "R1 or window")
    assert ids(result) == ["good.pmmc.yaml::R1", f"known.pmmc.yaml::{CLAIM}"]


def test_an_id_selects(project):
    result = run(project(good=GOOD), "good.pmmc.yaml::slot-decided")
    assert ids(result) == ["good.pmmc.yaml::slot-decided"]


def test_x_stops_at_the_first(project):
    result = run(project(broken=BROKEN, good=GOOD), "-x")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*stopping after 1 failures*"])


def test_lf_runs_what_failed(project):
    pytester = project(broken=BROKEN, good=GOOD)
    run(pytester).assert_outcomes(passed=4, failed=1, errors=3)
    run(pytester, "--lf").assert_outcomes(failed=1, errors=3)
    (pytester.path / "broken.pmmc.yaml").write_text(KNOWN, encoding="utf-8")
    run(pytester, "--lf").assert_outcomes(passed=1)


def test_junitxml(project):
    pytester = project(broken=BROKEN, good=GOOD)
    run(pytester, "--junitxml", "out.xml")
    suite = ET.parse(pytester.path / "out.xml").getroot()[0]
    assert {k: suite.attrib[k] for k in ("tests", "failures", "errors", "skipped")} == {
        "tests": "8",
        "failures": "1",
        "errors": "3",
        "skipped": "0",
    }
    failure = next(suite.iter("failure"))
    assert failure.attrib["message"].startswith(f"{CLAIM} violated after 2 steps")
    assert "2     0  replica 0" in failure.text


@pytest.mark.parametrize("how", ["load", "loadfile", "loadgroup"])
def test_xdist(project, how):
    result = project(broken=BROKEN, good=GOOD, known=KNOWN).runpytest_subprocess(
        "-n2", "--dist", how, "--pmmc-engine", "reference"
    )
    result.assert_outcomes(passed=6, failed=1, errors=3)
    result.stdout.fnmatch_lines([f"VIOLATED  {CLAIM} *", "     2     0  replica 0 *"])


def test_the_tests_of_a_file_share_one_search(project):
    pytester = project(good=GOOD)
    pytester.makeconftest(
        """
        import checker.testing.pytest_items as items
        searches, check = [], items.check
        items.check = lambda *args: searches.append(args) or check(*args)
        def pytest_terminal_summary(terminalreporter):
            terminalreporter.write_line(f"searches: {len(searches)}")
        def pytest_collection_modifyitems(items):
            groups = {mark.args[0] for item in items for mark in item.iter_markers("xdist_group")}
            assert groups == {"good.pmmc.yaml"}, "so that xdist keeps them together"
        """
    )
    result = pytester.runpytest_subprocess("--pmmc-engine", "reference", "-p", "no:randomly")
    result.stdout.fnmatch_lines(["searches: 1"])


def test_slow_models_carry_a_mark(project):
    pytester = project(good=GOOD, late=GOOD.replace("name: good", "name: late\nslow: true"))
    result = run(pytester, "-m", "not pmmc_slow", "--strict-markers")
    result.assert_outcomes(passed=4, deselected=4)


@pytest.mark.slow
def test_shipped_models_by_option(project):
    result = project().runpytest_subprocess("--pmmc-shipped", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["/*/duel.yaml::R1", "/*/duel.yaml::expect"])
    assert "/three-leaders.yaml" not in result.stdout.str(), "it is slow"
    slow = project().runpytest_subprocess("--pmmc-shipped", "--pmmc-slow", "--collect-only", "-q")
    assert "/three-leaders.yaml::R1" in slow.stdout.str()
    assert project().runpytest_inprocess("--collect-only").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_shipped_models_pass(project):
    result = project().runpytest_subprocess(
        "--pmmc-shipped", "-k", "duel.yaml and not reconfiguration", "-n0"
    )
    result.assert_outcomes(passed=22, deselected=result.parseoutcomes()["deselected"])


def test_the_fixture_asserts_and_returns_the_result(project):
    pytester = project(good=GOOD, broken=BROKEN)
    pytester.makepyfile(
        """
        from pathlib import Path
        import pytest
        from checker import assert_verified, assert_violated, load, protocols

        def test_path(pmmc_check):
            assert pmmc_check("good.pmmc.yaml").found.states == 142
            assert pmmc_check(Path("good.pmmc.yaml")).found.engine == "reference"

        def test_text_loaded_and_system(pmmc_check):
            pmmc_check(Path("good.pmmc.yaml").read_text())
            loaded = load("good.pmmc.yaml", protocols=protocols())
            pmmc_check(loaded)
            assert_verified(loaded.system)

        def test_violated():
            assert_violated("broken.pmmc.yaml", "slot-in-within-window")
            with pytest.raises(AssertionError, match="R1 is not found violated"):
                assert_violated("good.pmmc.yaml", "R1")

        def test_fails(pmmc_check):
            pmmc_check("broken.pmmc.yaml")
        """
    )
    result = run(pytester, "test_the_fixture_asserts_and_returns_the_result.py")
    result.assert_outcomes(passed=3, failed=1)
    shown = [f"E*VIOLATED  {CLAIM}*", "E*2     0  replica 0*", "E*replay*pmmc replay broken.pmmc.yaml*"]
    result.stdout.fnmatch_lines(shown)
    result.stdout.no_fnmatch_line("*def assert_as_expected*")


def test_nothing_of_ours_is_imported_in_a_run_without_models(pytester):
    pytester.makepyfile(
        """
        import sys
        def test_it():
            ours = {name for name in sys.modules if name.split(".")[0] in {"checker", "spec", "pmmc"}}
            assert ours == {"checker", "checker.testing", "checker.testing.pytest_plugin"}
            assert not {"yaml", "pydantic", "numpy", "numba"} & set(sys.modules)
        """
    )
    pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:xdist").assert_outcomes(passed=1)


def test_importing_the_public_names_imports_nothing_else():
    code = "import sys, checker; sys.exit(any(m.startswith('checker.') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_public_name_exists():
    import checker  # noqa: PLC0415

    assert len(set(checker.__all__)) == len(checker.__all__)
    assert set(checker.__all__) == set(checker._HOMES)
    assert all(getattr(checker, name) is not None for name in checker.__all__)
    with pytest.raises(AttributeError, match="no public name 'nothing'"):
        checker.nothing  # noqa: B018


# A protocol in one file ---------------------------------------------------------------------------------


def begin(pytester):
    """What `pmmc init mine.py` writes, and a model whose seller forgets."""
    begun = pytester.run(sys.executable, "-m", "checker.cli", "init", "mine.py")
    assert begun.ret == 0
    model = (pytester.path / "mine.pmmc.yaml").read_text(encoding="utf-8")
    bad = model.replace("expect: {verdict: verified}", "rules: {seller: forgetful}")
    (pytester.path / "bad.pmmc.yaml").write_text(bad, encoding="utf-8")


def by_ini(pytester):
    pytester.makeini("[pytest]\npmmc_load = mine.py\n")
    return ()


@pytest.mark.parametrize("asked", [lambda _: ("--pmmc-load", "mine.py"), by_ini], ids=["option", "ini"])
def test_a_protocol_in_one_file_is_known(project, asked):
    pytester = project()
    begin(pytester)
    pytester.makepyfile(
        test_mine="""
        from checker import assert_violated
        from mine import PROTOCOL

        def test_seat(pmmc_check):
            assert pmmc_check("mine.pmmc.yaml").found.complete
            assert "--load" in assert_violated("bad.pmmc.yaml", "sold-once").options
        """
    )
    result = pytester.runpytest_subprocess("-v", "-n", "0", *asked(pytester))
    passed = ["mine.pmmc.yaml::sold-once", "mine.pmmc.yaml::sold", "mine.pmmc.yaml::expect"]
    assert set(ids(result)) >= {*passed, "test_mine.py::test_seat"}
    assert ids(result, "FAILED") == ["bad.pmmc.yaml::sold-once"]
    result.stdout.re_match_lines(["  replay +pmmc replay bad.pmmc.yaml --load mine.py --path .*"])
    result.stdout.re_match_lines(["  reproduce +pmmc check bad.pmmc.yaml --load mine.py .*"])
    assert "Traceback" not in result.stdout.str()


def test_a_file_that_holds_no_protocol_ends_the_run(project):
    pytester = project(good=GOOD)
    (pytester.path / "wrong.py").write_text("x = 1 +\n", encoding="utf-8")
    result = pytester.runpytest_subprocess("--pmmc-load", "wrong.py", "-n", "0")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --pmmc-load wrong.py: SyntaxError: invalid syntax (wrong.py:1)"])
    assert "Traceback" not in result.stderr.str()
