"""Logs of the authors' own program: what is found in each, to the event, and whether lies are noticed."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from checker.validation.events import LogFaults
from checker.validation.mapping import LogMapping, load_mapping
from checker.validation.result import Validated
from checker.validation.session import Asked, held_against, look, validate
from spec.logs import LOGS

HERE = Path(__file__).parent / "authors"
ANY = {"commander": "any-other-reply", "scout": "any-other-reply"}
FIRST = {"scout": "first-reply", "acceptor": "any-ballot-keep-highest"}
Log = list[dict[str, Any]]


@cache
def paxosmmc() -> LogMapping:
    return load_mapping("paxosmmc", LOGS.mappings)


def validated(path: Path, rules: Mapping[str, str] = MappingProxyType({})) -> Validated:
    """What comes of a log."""
    asked = Asked((path,), paxosmmc(), rules)
    observed = look(asked, LOGS)
    return validate(asked, held_against(asked, LOGS, observed, None), observed)[0]


class Expected(NamedTuple):
    """What is to be found in a log, and the rules under which it is clean."""

    explained: Mapping[str, list[int]] = MappingProxyType({})
    violated: tuple[str, ...] = ()
    rules: Mapping[str, str] = MappingProxyType({})
    seen: tuple[str, ...] = ()


LOGGED = {
    "one-leader": Expected(
        seen=(
            "'put k1 v1' of client 1 is decided in slots 2 and 3; it is performed once, which is allowed",
        )
    ),
    "good-1": Expected(
        seen=(
            "leader 0 was preempted twice, by ballots 0.1 and 2.1",
            "leader 1 was preempted once, by ballot 1.0",
        )
    ),
    "good-2": Expected(
        {"scout: any-other-reply": [38, 392], "commander: any-other-reply": [319, 336]},
        rules=ANY,
        seen=("at the end replica 0 knows no decision for slot 1",),
    ),
    "good-3": Expected(
        {"scout: any-other-reply": [60, 323, 393], "commander: any-other-reply": [416]},
        rules=ANY,
        seen=("at the end replica 0 knows no decision for slot 2",),
    ),
    "backoff-1": Expected(seen=("nothing is decided",)),
    "reduced-1": Expected({"scout: first-reply": [17, 27, 32, 119, 185, 296]}, ("A2", "A3"), FIRST),
    "reconfig-1": Expected(
        seen=(
            "slot 3: 'reconfigure 1' (to configuration 1), decided in ballot 0.0",
            "slot 5: 'put k0 v2' of client 2, decided in ballot 0.1",
            "slot 6: 'put k1 v3' of client 3, decided in ballot 0.1",
            "replica 0 goes from configuration 0 to 1",
        )
    ),
    "bug-any": Expected(
        {"acceptor: accept-any-ballot (wrong on purpose)": [79, 82, 90, 138, 144, 155]}, ("A2",)
    ),
}


@pytest.mark.parametrize("name", LOGGED)
def test_what_is_found_is_what_its_description_says(name: str) -> None:
    expected, found = LOGGED[name], validated(HERE / f"{name}.jsonl")
    lines = {
        rule: sorted(int(place.rpartition(":")[2]) for other in others for place in other.places)
        for rule, others in found.explained.items()
    }
    if name == "reduced-1":
        assert len(lines.pop("acceptor: any-ballot-keep-highest")) == 32
    assert lines == dict(expected.explained)
    assert found.misfits == []
    assert tuple(finding.claim.id for finding in found.findings) == expected.violated
    assert set(expected.seen) <= set(found.account)
    assert found.verdict == ("violated" if expected.violated else "does not fit" if lines else "fits")
    assert {"R1", "A1", "A5", "exactly-once"} <= set(found.judged)
    assert found.ambiguous == 0


@pytest.mark.parametrize("name", [name for name in LOGGED if LOGGED[name].rules])
def test_under_the_rules_that_the_program_has_it_is_clean(name: str) -> None:
    found = validated(HERE / f"{name}.jsonl", LOGGED[name].rules)
    assert (found.verdict, found.explained, found.misfits) == ("fits", {}, [])


def test_the_first_event_that_no_rule_of_the_paper_makes() -> None:
    found = validated(HERE / "bug-any.jsonl")
    ((first, *_),) = found.explained.values()
    misfit = first.misfit
    assert (misfit.node, misfit.place.rpartition(":")[2], misfit.event) == ("acceptor 2", "79", "send")
    assert [to["current"] for _, to in misfit.outcomes[0].sends] == [[1, 0]]
    assert [to["current"] for _, to in misfit.sends] == [[0, 1]]


def test_a_scout_that_adopts_after_the_first_of_three_is_located() -> None:
    others = validated(HERE / "reduced-1.jsonl").explained["scout: first-reply"]
    misfit = others[0].misfit
    assert (misfit.node, misfit.place.rpartition(":")[2]) == ("scout 0.1", "17")
    assert misfit.outcomes[0].sends == ()
    assert [message["type"] for _, message in misfit.sends] == ["adopted"]


# ---------------------------------------------------------------------- what lies is noticed


def read(name: str) -> Log:
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text().splitlines()]


def renumbered(log: Log) -> Log:
    """The log with `seq` as if nothing had been taken out or put in."""
    counts: Counter[str] = Counter()
    for event in log:
        counts[event["node"]] += 1
        event["seq"] = counts[event["node"]]
    return log


def without_a_message(log: Log, chance: random.Random) -> Log:
    """A send or a receive is left out."""
    del log[chance.choice([i for i, event in enumerate(log) if "message" in event])]
    return log


def without_a_state(log: Log, chance: random.Random) -> Log:
    """What a node knew after a step is left out, which logs may do."""
    del log[chance.choice([i for i, event in enumerate(log) if "state" in event])]
    return log


def exchanged(log: Log, chance: random.Random) -> Log:
    """What a node takes, and what it sends after that, in each other's place."""
    return exchange(log, chance, ("receive", "send"))


def exchanged_within_a_step(log: Log, chance: random.Random) -> Log:
    """Two sends of a step in each other's place, of which the order says nothing."""
    return exchange(log, chance, ("send", "send"))


def exchange(log: Log, chance: random.Random, kinds: tuple[str, str]) -> Log:
    last: dict[str, int] = {}
    pairs = []
    for i, event in enumerate(log):
        before = last.get(event["node"])
        if before is not None and (log[before]["event"], event["event"]) == kinds:
            pairs.append((before, i))
        last[event["node"]] = i
    one, other = chance.choice(pairs)
    log[one], log[other] = log[other], log[one]
    return log


def with_another_message(log: Log, chance: random.Random) -> Log:
    return changed(log, chance, "message")


def with_another_state(log: Log, chance: random.Random) -> Log:
    return changed(log, chance, "state")


def changed(log: Log, chance: random.Random, part: str) -> Log:
    """One number, flag or operation in one message or state is another."""
    event = chance.choice([event for event in log if event.get(part)])
    holder, key = chance.choice([*leaves(event[part])])
    value = holder[key]
    if isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, int):
        holder[key] = value + 1
    else:
        holder[key] = f"{value}x"
    return log


def leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where numbers, flags and operations stand in a value."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        if isinstance(inner, int) or key == "op":
            yield value, key
        yield from leaves(inner)


#: A change → how much of it is noticed at least, and at most, in percent. Not noticed are: a message that a
#: node takes and that changes nothing, left out; and what logs need not tell.
CHANGES: dict[Callable[[Log, random.Random], Log], tuple[int, int]] = {
    without_a_message: (90, 100),
    without_a_state: (0, 0),
    exchanged: (100, 100),
    exchanged_within_a_step: (0, 10),
    with_another_message: (100, 100),
    with_another_state: (100, 100),
}


def noticed(log: Log, file: Path, rules: Mapping[str, str]) -> bool:
    file.write_text("".join(json.dumps(event) + "\n" for event in renumbered(log)))
    try:
        return validated(file, rules).verdict != "fits"
    except LogFaults:
        return True


def share(change: Callable[[Log, random.Random], Log], file: Path, times: int) -> float:
    """Which share of such changes is noticed, in percent."""
    names = ["one-leader", "good-1", "good-2", "good-3", "reconfig-1", "reduced-1"]
    found = 0
    for seed in range(times):
        name = names[seed % len(names)]
        log = change(read(name), random.Random(seed))
        found += noticed(log, file, LOGGED[name].rules)
    return 100 * found / times


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_log_that_was_changed_is_noticed(
    change: Callable[[Log, random.Random], Log], tmp_path: Path
) -> None:
    least, most = CHANGES[change]
    assert least <= share(change, tmp_path / "changed.jsonl", 12) <= most


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_logs_that_were_changed_are_noticed(
    change: Callable[[Log, random.Random], Log], tmp_path: Path
) -> None:
    least, most = CHANGES[change]
    assert least <= share(change, tmp_path / "changed.jsonl", 240) <= most
