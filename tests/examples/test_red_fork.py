"""A fork that breaks one rule turns CI red, and the summary of the job draws the counterexample."""

import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
MODELS = "acme_paxos/models"
#: The slip: the ballot of a p2a is taken as adopted without being compared.
SLIP = ("if pvalue.ballot >= acceptor.ballot:", "if pvalue.ballot:")


@pytest.fixture
def fork(tmp_path, install) -> Path:
    """A checkout of Acme's project whose acceptor forgets its promise, installed under `site`."""
    shutil.copytree(EXAMPLES / "acme_paxos", tmp_path, dirs_exist_ok=True)
    rule = tmp_path / "acme_paxos" / "acceptor.py"
    good = rule.read_text(encoding="utf-8")
    assert SLIP[0] in good
    rule.write_text(good.replace(*SLIP), encoding="utf-8")
    install(tmp_path, tmp_path / "site")  # the checkout itself comes first on the path, as if editable
    return tmp_path


def test_pytest_fails_with_the_counterexample(fork, run):
    options = ("-n0", "-p", "no:cacheprovider", "--junitxml", "out.xml")
    tested = run(fork / "site", "pytest", MODELS, *options)
    assert tested.returncode == 1
    assert re.search(
        r"^FAILED acme_paxos/models/majorities.pmmc.yaml::A1 - A1 violated after \d+ steps",
        tested.stdout,
        re.MULTILINE,
    )
    assert "VIOLATED  A1   (action property," in tested.stdout
    assert "goes back from ballot 0.1 to 0.0" in tested.stdout
    assert "Traceback" not in tested.stdout
    messages = [f.attrib["message"] for f in ET.parse(fork / "out.xml").getroot().iter("failure")]
    assert any(m.startswith("A1 violated") for m in messages)


def test_the_command_annotates_and_draws(fork, run):
    summary = fork / "summary.md"
    arguments = ("check", MODELS, "--format", "github", "--sarif", "out.sarif")
    checked = run(fork / "site", "checker.cli", *arguments, GITHUB_STEP_SUMMARY=str(summary))
    assert checked.returncode == 12
    assert (
        "::error title=pmmc%3A acme-majorities%2C A1,file=acme_paxos/models/majorities.pmmc.yaml,line="
        in checked.stdout
    )
    text = summary.read_text(encoding="utf-8")
    assert "| ❌ | acme-majorities | violated |" in text
    diagrams = re.findall(r"```mermaid\n(sequenceDiagram\n.*?)```", text, re.DOTALL)
    assert diagrams
    assert any("goes back from ballot 0.1 to 0.0" in diagram for diagram in diagrams)
    assert '"uri": "acme_paxos/acceptor.py"' in (fork / "out.sarif").read_text(encoding="utf-8")


def test_the_rule_as_it_was_is_green(run, site, tmp_path):
    shutil.copytree(EXAMPLES / "acme_paxos", tmp_path, dirs_exist_ok=True)
    assert run(site, "checker.cli", "check", MODELS, "-q").returncode == 0
