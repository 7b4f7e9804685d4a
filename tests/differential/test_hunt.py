"""Models that the hunt chose, in the suite: engine against engine, where tables outgrow their fields.

`family.txt` holds their recipes. More of them, and larger ones,
are compared by `python -m tests.differential.hunt`.
"""

import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hunt import recipes
from hunt.comparing import REDUCTIONS, Disagreement, Effort, account, compare, demand
from hunt.coverage import FEATURES, counting, shared_early
from hunt.hunting import smallest, tried
from hunt.recipes import GENERATORS, Recipe, parsed
from hunt.streams import Stream

from checker.engines import reference
from checker.engines.contract import Exploration, Reductions
from checker.engines.native.engine import Run

ROOT = Path(__file__).parents[2]
TEXT = Path(__file__).with_name("family.txt").read_text(encoding="utf-8")
#: Recipes in blocks; a test takes one of them, and it has to exercise every feature.
BLOCKS = [block.split() for block in TEXT.split("\n\n")[1:]]
FAMILY = [line for block in BLOCKS for line in block]


def effort(recipe: Recipe) -> Effort:
    """One number of workers; all reductions together, and some of them."""
    stream = Stream(recipe.seed, "effort")
    return Effort((stream.pick((1, 2, 3)),), (Reductions(), stream.pick(REDUCTIONS)), most=5_000)


#: All but every fourth block are for --slow: each exercises every feature.
EACH = [
    pytest.param(block, id=str(number), marks=[pytest.mark.slow] * (number % 4 > 0))
    for number, block in enumerate(BLOCKS)
]


@pytest.mark.parametrize("block", EACH)
def test_engines_agree_on_what_the_hunt_chose(block: list[str]) -> None:
    seen: Counter[str] = Counter()
    judged = violated = 0
    for line in block:
        recipe = parsed(line)
        try:
            with shared_early(4), counting(seen):
                outcome = compare(recipe.system(), effort(recipe))
        except Exception as error:
            error.add_note(f"python -m tests.differential.hunt --replay {line}")
            raise
        judged += outcome.ends
        violated += outcome.hit
    # a family that no longer gets to where tables outgrow their fields would find nothing there
    assert set(FEATURES) == seen.keys()
    assert judged > violated > 0


def test_the_family_has_models_of_every_generator() -> None:
    counts = Counter(line.split(":")[0] for line in FAMILY)
    assert len(set(FAMILY)) == len(FAMILY) >= 300
    assert counts.keys() == GENERATORS.keys()
    assert min(counts.values()) >= 20


# The hunt itself ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_recipe_says_all_that_a_system_is_made_from(generator: str) -> None:
    dials = GENERATORS[generator].Dials.drawn(Stream(7, "dials"))
    recipe = Recipe(generator, 7, dials)
    again = parsed(str(recipe))
    assert again == recipe
    one, other = (account(reference.explore(r.system(), LITTLE)) for r in (recipe, again))
    assert one == other


LITTLE = recipes.Limits(max_depth=3)


def test_draws_are_the_same_for_ever() -> None:
    stream = Stream(1, "somewhere")
    assert [stream.below(100) for _ in range(6)] == DRAWN
    assert stream.at("else").between(3, 900) == Stream(1, "somewhere", "else").between(3, 900)


DRAWN = [62, 88, 97, 77, 40, 40]


def test_what_fails_is_made_smaller_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that forgets a terminal state is caught, by a model that is as small as can be."""
    run = Run.run

    def forgetful(self: Run) -> Exploration:
        found = run(self)
        found.terminal = min(found.terminal, 1)
        return found

    recipe = recipes.chosen(3, 1_500, ("tables",))
    assert not tried(3, recipe, effort(recipe)).failure
    monkeypatch.setattr(Run, "run", forgetful)
    catch = tried(3, recipe, effort(recipe))
    assert re.search(r"ordering, \d workers, terminal", catch.failure)
    least = smallest(recipe, effort(recipe), catch.signature)
    assert tried(3, least, effort(least)).signature == catch.signature
    assert str(least) != str(recipe)
    assert recipes.measured(least.system(), 100) > 1


def test_a_disagreement_says_in_what() -> None:
    with pytest.raises(Disagreement, match=r"^one, terminal: \{'terminal': 3\}, wanted \{'terminal': 4\}$"):
        demand("one", {"states": 5, "terminal": 3}, {"states": 5, "terminal": 4})


@pytest.mark.parametrize("interrupted", [False, True])
def test_the_command_tells_what_was_hunted(tmp_path: Path, interrupted: bool) -> None:
    models = "5000" if interrupted else "2"
    command = [sys.executable, "-m", "tests.differential.hunt", "--models", models, "--largest", "1500"]
    command += ["--generator", "tables", "--report", str(tmp_path / "report.txt")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        if interrupted:
            assert process.stdout is not None
            assert "seeds from 0 on" in process.stdout.readline()
            process.send_signal(signal.SIGINT)
        said, _ = process.communicate()
    assert process.returncode == (130 if interrupted else 0)
    assert ("interrupted" in said) == interrupted
    assert re.search(r"^models +2 +2$", said, re.MULTILINE) or interrupted
    assert re.search(r"^with ends set aside( +\d+)+$", said, re.MULTILINE)
    assert not (tmp_path / "report.txt").exists()
