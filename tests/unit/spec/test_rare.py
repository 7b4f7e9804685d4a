"""What few models have is not imported for all others, and is the same where its name stands in for it."""

import subprocess
import sys
from dataclasses import fields

from checker.model.environment import clocks, shutdowns
from checker.model.values import field_names
from checker.model.vocabulary import action_name
from pmmc import collection, leases, noops, reads
from spec.clocks import CLOCK, TICK
from spec.inboxes import FIELDS
from spec.mutants import MUTANTS
from spec.shutdowns import OPERATOR
from spec.system import FILLING
from spec.travels import ALWAYS, TRAVELS, messages
from spec.variants.rules import VARIANTS

RARE = (
    *("pmmc.collection", "pmmc.forgetting", "pmmc.noops", "pmmc.reads", "pmmc.server", "pmmc.transfer"),
    *("pmmc.leases", "spec.variants.leases", "checker.model.environment.clocks"),
    "pmmc.readindex",
    *("spec.journals", "spec.readings", "spec.variants.collection"),
    *("checker.model.environment.machines", "checker.model.environment.shutdowns"),
)
#: All variants, with those of other roles that they bring.
ALL = [one for variant in (*VARIANTS, *MUTANTS) for one in (variant, *variant.also)]


def test_a_model_without_it_does_not_import_it() -> None:
    code = (
        "import sys; from checker.modelfiles.loading import load_text; from spec.protocol import PMMC\n"
        "load_text(PMMC.template, 'x', protocols={'pmmc': PMMC}); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(RARE).isdisjoint(done.stdout.split())


def test_names_stand_for_what_they_are_of() -> None:
    assert OPERATOR.role == shutdowns.ROLE
    assert CLOCK.role == clocks.ROLE
    assert action_name(leases.Tick) == TICK
    assert set(FILLING) == {*noops.FILLING, *reads.FILLING_FOR_READS}


def test_every_message_of_a_rule_has_a_name_that_is_known() -> None:
    known = messages(ALL)
    assert set(known) == set(TRAVELS)
    handled = {kind for variant in ALL for kind in variant.rules if action_name(kind) in TRAVELS}
    assert handled <= {*ALWAYS, *known.values()}
    assert known["p1b"] is collection.P1b
    assert messages(()) == {action_name(kind): kind for kind in ALWAYS}


def test_what_is_written_of_a_message_are_its_fields_in_their_order() -> None:
    for name, kind in messages(ALL).items():
        if name in FIELDS:
            there = [field.name for field in fields(kind)]
            assert [field for field in FIELDS[name] if field in there] == there == [*field_names(kind)[0]]
