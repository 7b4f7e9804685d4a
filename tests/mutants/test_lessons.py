"""docs/lessons.md says what the catalogue and the model files say."""

import os
import re

from checker.cli.models import shipped
from spec.mutants.lessons import GROUPS, PAGE, rendered
from spec.protocol import PMMC


def test_page_is_generated_from_the_catalogue() -> None:
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("PMMC_UPDATE_GOLDEN"):
        PAGE.write_text(rendered(page), encoding="utf-8")
    assert rendered(page) == page, "PMMC_UPDATE_GOLDEN=1 or `python -m spec.mutants.lessons` writes it anew"


def test_every_mutant_is_in_a_group() -> None:
    assert [m for _, group in GROUPS for m in group] == list(PMMC.mutants)


def test_commands_name_what_there_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    known = {m.id for m in PMMC.mutants}
    named = re.findall(r"`pmmc mutate ([A-Z]-\d+[a-z]?)`", page)
    assert set(named) == known
    models = re.findall(r"`pmmc check ([a-z-]+)`", page)
    assert models
    assert set(models) <= {model.name for model in shipped({"pmmc": PMMC})}
