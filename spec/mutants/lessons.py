"""The generated parts of docs/lessons.md: `python -m spec.mutants.lessons` writes them anew.

What a reader learns from each mutant is in the catalogue, and what must be in stable storage in the
model files that answer it. The page quotes both, so it cannot say anything else than they do.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import yaml

from checker.modelfiles.protocol import Mutant
from spec.mutants.acceptors import ACCEPTOR_MUTANTS
from spec.mutants.clients import CLIENT_CONTROLS, CLIENT_MUTANTS
from spec.mutants.collection import COLLECTION_CONTROLS, COLLECTION_MUTANTS
from spec.mutants.commanders import COMMANDER_MUTANTS
from spec.mutants.controls import CONTROLS
from spec.mutants.elections import ELECTION_MUTANTS
from spec.mutants.leaders import LEADER_MUTANTS
from spec.mutants.leases import LEASE_CONTROLS, LEASE_MUTANTS
from spec.mutants.losses import LOSS_MUTANTS
from spec.mutants.persistence import PERSISTENCE_MUTANTS
from spec.mutants.questions_acceptors import ACCEPTOR_QUESTIONS
from spec.mutants.questions_leaders import LEADER_QUESTIONS
from spec.mutants.reads import READ_CONTROLS, READ_MUTANTS
from spec.mutants.reconfigurations import RECONFIGURATION_CONTROLS, RECONFIGURATION_MUTANTS
from spec.mutants.replicas import REPLICA_MUTANTS
from spec.mutants.scouts import SCOUT_MUTANTS
from spec.mutants.servers import SERVER_CONTROLS, SERVER_MUTANTS
from spec.mutants.takeovers import TAKEOVER_MUTANTS

_SPEC = Path(__file__).parents[1]
PAGE = _SPEC.parent / "docs" / "lessons.md"

GROUPS: tuple[tuple[str, Sequence[Mutant]], ...] = (
    ("Acceptors", ACCEPTOR_MUTANTS),
    ("Crashes and stable storage", PERSISTENCE_MUTANTS),
    ("Scouts", SCOUT_MUTANTS),
    ("Commanders", COMMANDER_MUTANTS),
    ("Leaders", LEADER_MUTANTS),
    ("Replicas", REPLICA_MUTANTS),
    ("Replicas and clients", CLIENT_MUTANTS),
    ("Reconfigurations", RECONFIGURATION_MUTANTS),
    ("Servers and machines", SERVER_MUTANTS),
    ("Elections without end", ELECTION_MUTANTS),
    ("What is lost", LOSS_MUTANTS),
    ("Garbage collection", COLLECTION_MUTANTS),
    ("Reads without the log", READ_MUTANTS),
    ("Old and new configurations", TAKEOVER_MUTANTS),
    ("Leases", LEASE_MUTANTS),
    ("What people have asked of acceptors", ACCEPTOR_QUESTIONS),
    ("What people have asked of leaders and clients", LEADER_QUESTIONS),
    (
        "What looks wrong and is safe",
        (
            *CONTROLS,
            *CLIENT_CONTROLS,
            *RECONFIGURATION_CONTROLS,
            *SERVER_CONTROLS,
            *COLLECTION_CONTROLS,
            *READ_CONTROLS,
            *LEASE_CONTROLS,
        ),
    ),
)

#: What is in stable storage, in words, and the model that says what follows.
STABLE = (
    ("acceptor: ballot and accepted", "stable-all"),
    ("acceptor: accepted, not the ballot", "stable-without-ballot"),
    ("acceptor: ballot, not what it accepted", "stable-without-accepted"),
    ("acceptor: nothing", "stable-nothing"),
    ("leader: ballot, nothing else", "stable-leader-ballot"),
    ("leader: nothing, it begins with its first ballot again", "stable-leader-nothing"),
    ("leader: everything, it comes back as it was", "stable-leader-all"),
    ("leader: ballot, that it was active, and its proposals", "stable-leader-proposals"),
    ("leader: ballot and that it was active, not its proposals", "stable-leader-active"),
)

#: The mutant that shows how one is added.
EXAMPLE = "B-01"


def stable_storage() -> Iterator[str]:
    """The table that answers what must be in stable storage."""
    yield "| in stable storage | verdict | shortest counterexample | command |"
    yield "|---|---|---|---|"
    for words, name in STABLE:
        model = yaml.safe_load((_SPEC / "models" / f"{name}.yaml").read_text(encoding="utf-8"))
        expect = model["expect"]
        verdict, length = expect["verdict"], "–"
        if "property" in expect:
            verdict, length = f"violated: {expect['property']}", f"{expect['length']} steps"
        yield f"| {words} | {verdict} | {length} | `pmmc check {name}` |"
    late = next(m for m in PERSISTENCE_MUTANTS if m.id == "A-15")
    words = "acceptor: everything, but only after it has answered"
    yield f"| {words} | violated: {late.property} | {late.length} steps | `pmmc mutate {late.id}` |"


def example() -> Iterator[str]:
    """The function and the entry of the example, as they stand in the source."""
    mutant = next(m for _, group in GROUPS for m in group if m.id == EXAMPLE)
    (rule,) = mutant.variants[0].rules.values()
    module = inspect.getmodule(rule)
    assert module is not None
    source = inspect.getsource(module)
    entry = re.search(
        rf'^    by_rule\(\n        "{EXAMPLE}",.*?^    \),$', source, re.DOTALL | re.MULTILINE
    )
    assert entry is not None
    yield "```python"
    yield inspect.getsource(rule).rstrip()
    yield ""
    yield "SCOUT_MUTANTS = ("
    yield entry.group()
    yield "    …"
    yield ")"
    yield "```"


def catalogue() -> Iterator[str]:
    """What a reader learns from each mutant, by part."""
    for title, group in GROUPS:
        yield f"### {title}"
        yield ""
        for mutant in group:
            yield from _entry(mutant)


def _entry(mutant: Mutant) -> Iterator[str]:
    yield f"**{mutant.id} {mutant.name}.** {mutant.about}"
    yield ""
    if mutant.lesson:
        yield f"> {mutant.lesson}"
        yield ""
    if mutant.property is None:
        found = "Green"
    else:
        found = f"Violates {mutant.property} after {mutant.length} steps"
        found += f" ({mutant.account})" if mutant.account else ""
    yield f"{found}. Source: {mutant.source}. `pmmc mutate {mutant.id}`"
    yield ""


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "stable storage": stable_storage,
    "example": example,
    "catalogue": catalogue,
}


def rendered(page: str) -> str:
    """The page with its generated parts made anew."""

    def part(found: re.Match[str]) -> str:
        name = found["name"]
        body = "\n".join(PARTS[name]()).strip()
        return f"<!-- generated: {name} -->\n\n{body}\n\n<!-- end of {name} -->"

    pattern = r"<!-- generated: (?P<name>[a-z ]+) -->.*?<!-- end of (?P=name) -->"
    return re.sub(pattern, part, page, flags=re.DOTALL)


def main() -> None:
    """Write the page."""
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
