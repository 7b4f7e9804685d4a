"""Trace files: a behaviour that outlives the process that found it, in ITF, with all it takes to replay it.

The path is what is replayed. The model's text travels along, so a file needs no other one; what each
step did and what each node knew after it are there for other tools, and to say where a protocol that
has changed since departs from what it did.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import TYPE_CHECKING, Any

from checker.checking.question import Question
from checker.host.version import own_version
from checker.model.behaviour import Trace, TraceStep
from checker.model.plaintext import printable
from checker.model.semantics import State
from checker.model.system import System
from checker.model.values import show
from checker.model.wording import action_of, step_differences
from checker.modelfiles.complaints import shown
from checker.traces import itf

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel

#: What the name of a trace file ends in. Any that ends in `READ` is read; any other name is a model's.
SUFFIX, READ = ".itf.json", ".json"
#: The version of what stands under `pmmc` in a trace file.
FORMAT = 2
#: The formats that are read. In the first one names of nodes were written as any other value, and what was
#: chosen in a step as an option.
READABLE = (1, 2)
#: Steps of a path at most: what memory and a reader can take.
MOST_STEPS = 10_000
#: The highest index of a step; no state has that many.
LARGEST_INDEX = 999_999
#: Bytes of a trace file at most.
MOST_BYTES = 32_000_000
DESCRIPTION = "https://apalache-mc.org/docs/adr/015adr-trace.html"

#: The variables that say what was done, as tools for model-based testing know them.
TAKEN, PICKS = "mbt::actionTaken", "mbt::nondetPicks"
#: The variable that holds what the network holds.
NETWORK = "network"
_HALF = re.compile(r"[\ud800-\udfff]")


class TraceFault(Exception):  # noqa: N818 - a fault of a file, not of the program
    """A file is no trace that can be replayed; the message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a trace comes from: the model's file, text and protocol, and what a run asked instead of it.

    `network` is the name of another network than the model's, `properties` are asked for in place of
    the model's; None: as the model has it.
    """

    file: str
    text: str
    protocol: str
    network: str | None = None
    properties: tuple[str, ...] | None = None

    @classmethod
    def of(cls, loaded: LoadedModel, question: Question = Question()) -> Source:
        """The source of traces of a model that is asked this."""
        network, claims = question.network, question.properties
        return cls(
            loaded.path,
            loaded.text,
            loaded.protocol.name,
            None if network is None else network.name,
            None if claims is None else tuple(claim.id for claim in claims),
        )

    @property
    def sha256(self) -> str:
        """The hash of the model's text."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class TraceFile:
    """What a trace file says: the path, what it shows, where it comes from, and every state as it was.

    `form` is the format that it is written in.
    """

    source: Source
    path: tuple[int, ...]
    property: str | None
    reason: str
    version: str
    document: itf.Document
    loop: int | None = None
    form: int = FORMAT


def write(trace: Trace, source: Source) -> str:
    """The text of a trace file; the same bytes for the same trace in every process."""
    steps: list[TraceStep | None] = [None, *trace.steps]
    names = variables(trace.system)
    document = itf.Document(
        meta=_meta(trace, source),
        variables=(*names, NETWORK, TAKEN, PICKS),
        states=tuple(
            {
                **shown_state(trace.system, state),
                TAKEN: _taken(trace.system, step),
                PICKS: _picks(trace.system, step),
            }
            for state, step in zip(trace.states, steps, strict=True)
        ),
        notes=tuple({"index": number, **_note(trace.system, step)} for number, step in enumerate(steps)),
        # there the last state is the one before the loop's first, and not that one once more
        loop=None if trace.loop is None else trace.loop + 1,
    )
    return itf.dump(document)


def _meta(trace: Trace, source: Source) -> dict[str, Any]:
    claim = trace.claim
    ours = {
        "format": FORMAT,
        "version": own_version(),
        "protocol": source.protocol,
        "model": trace.system.name,
        "model_file": source.file,
        "model_sha256": source.sha256,
        "model_text": source.text,
        "network": source.network,
        "properties": None if source.properties is None else list(source.properties),
        "path": list(trace.path),
        "loop": trace.loop,
        "larger": trace.levels_more,
        "property": None if claim is None else claim.id,
        "kind": None if claim is None else claim.kind.value,
        "reason": trace.reason,
    }
    return {
        "format": "ITF",
        "format-description": DESCRIPTION,
        "source": source.file,
        "status": "violation" if trace.reason and not trace.good else "ok",
        "description": f"{trace.system.name}: {trace.reason}" if trace.reason else trace.system.name,
        "pmmc": ours,
    }


def variables(system: System) -> list[str]:
    """A variable for each node, named like it: `acceptor_0`."""
    names: list[str] = []
    for position, member in enumerate(system.members):
        name = re.sub(r"\W+", "_", show(member.name))
        names.append(name if name not in {*names, NETWORK} else f"{name}_{position}")
    return names


def shown_state(system: System, state: State, form: int = FORMAT) -> dict[str, Any]:
    """The values of all variables that describe a state, as trace files of a format have them."""
    names = _names(system, form)
    pairs = zip(variables(system), state, strict=True)
    nodes = {name: _local(cell.local, names) for name, cell in pairs}
    held = [
        [itf.encode(member.name, names) if form > 1 else show(member.name), itf.encode(cell.inbox, names)]
        for member, cell in zip(system.members, state, strict=True)
    ]
    return {**nodes, NETWORK: {"#map": held}}


def _names(system: System, form: int) -> itf.Names:
    """The classes of names of nodes, if they are told by their texts and can be told apart by these."""
    names = [member.name for member in system.members] if form > 1 else []
    kinds = dict.fromkeys(type(name) for name in names if is_dataclass(name))
    return tuple(kinds) if len(set(map(show, names))) == len(names) else ()


def _local(local: Any, names: itf.Names) -> Any:
    """A local state: a record, so that tools show its fields."""
    encoded: Any = itf.encode(local, names)
    return encoded["value"] if isinstance(encoded, dict) and {"tag", "value"} == set(encoded) else encoded


def _taken(system: System, step: TraceStep | None) -> str:
    if step is None:
        return "init"
    action = f"{system.members[step.transition.node].role.name}.{step.transition.action}"
    return f"lost {action}" if step.transition.lost else action


def _picks(system: System, step: TraceStep | None) -> Any:
    """What was chosen: which step, and the message that it takes; nothing is there for what was not chosen.

    Neither is there an option type: not all readers of ITF know its variant for what is not there.
    """
    if step is None:
        return {}
    picks = {"index": step.index, "message": step.transition.message}
    names = _names(system, FORMAT)
    return {name: itf.encode(pick, names) for name, pick in picks.items() if pick is not None}


def _note(system: System, step: TraceStep | None) -> dict[str, Any]:
    if step is None:
        return {}
    return {
        "process": show(system.members[step.transition.node].name),
        "action": action_of(step.transition),
        "sends": [f"{show(message)} → {show(to)}" for to, message in step.transition.sends],
        "changed": list(step_differences(system, step)),
    }


def read(text: str) -> TraceFile:
    """Read a trace file. Raises TraceFault."""
    try:
        document = itf.load(text)
    except itf.ItfError as error:
        raise TraceFault(str(error)) from None
    ours = document.meta.get("pmmc")
    if not isinstance(ours, dict):
        raise TraceFault("an ITF trace, but not one that pmmc wrote: there is no `pmmc` under `#meta`")
    if ours.get("format") not in READABLE:
        formats = " and ".join(map(str, READABLE))
        raise TraceFault(
            f"format {shown(ours.get('format'))} of trace files; this version reads formats {formats}"
        )
    fields = _Fields(ours)
    source = Source(
        printable(fields.text("model_file")),
        fields.text("model_text"),
        fields.text("protocol"),
        None if ours.get("network") is None else fields.text("network"),
        None if ours.get("properties") is None else tuple(fields.texts("properties")),
    )
    if source.sha256 != fields.text("model_sha256"):
        raise TraceFault("the model's text inside is not the one that the file says it is (sha256 differs)")
    path = fields.path()
    if len(document.states) != len(path) + 1:
        count = len(document.states)
        raise TraceFault(
            f"the path has {len(path)} steps, but there are {count} states: the file is not whole"
        )
    claim = None if ours.get("property") is None else fields.text("property")
    reason, version = printable(fields.text("reason")), printable(fields.text("version"))
    return TraceFile(source, path, claim, reason, version, document, fields.loop(len(path)), ours["format"])


class _Fields:
    """What must stand under `pmmc`, of the right type."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def text(self, name: str) -> str:
        value = self._given.get(name)
        if not isinstance(value, str):
            raise TraceFault(f"`{name}` under `#meta`/`pmmc` must be text")
        if _HALF.search(value):
            raise TraceFault(f"`{name}` under `#meta`/`pmmc` has a lone half of a character")
        return value

    def texts(self, name: str) -> list[str]:
        value = self._given.get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise TraceFault(f"`{name}` under `#meta`/`pmmc` must be a list of texts")
        return value

    def loop(self, steps: int) -> int | None:
        value = self._given.get("loop")
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < steps):
            return value
        raise TraceFault(f"`loop` under `#meta`/`pmmc` must be a whole number below the {steps} of steps")

    def path(self) -> tuple[int, ...]:
        value = self._given.get("path")
        if not isinstance(value, list) or not all(
            isinstance(i, int) and not isinstance(i, bool) and 0 <= i <= LARGEST_INDEX for i in value
        ):
            span = f"from 0 to {LARGEST_INDEX:,}"
            raise TraceFault(f"`path` under `#meta`/`pmmc` must be a list of whole numbers {span}")
        if len(value) > MOST_STEPS:
            raise TraceFault(f"a path of {len(value):,} steps; {MOST_STEPS:,} at most are replayed")
        return tuple(value)


def departure(file: TraceFile, trace: Trace) -> tuple[int, str] | None:
    """The first step where a replayed trace is not what the file recorded, and how; None if it is."""
    steps: Sequence[TraceStep | None] = [None, *trace.steps]
    for number, (step, state) in enumerate(zip(steps, trace.states, strict=True)):
        if number >= len(file.document.states):
            break
        if step is not None and not _as_recorded(trace.system, step, file, number):
            note = file.document.notes[number]
            now = f"{show(trace.system.members[step.transition.node].name)}  {action_of(step.transition)}"
            said = (note.get("process"), note.get("action"))
            then = printable("  ".join(text if isinstance(text, str) else "–" for text in said))
            return number, f"the step of that index is now\n  {now}\nand was\n  {then}"
        for text in _differing(trace.system, state, file.document.states[number], file.form):
            return number, text
    return None


def _as_recorded(system: System, step: TraceStep, file: TraceFile, number: int) -> bool:
    """Whether a step is the one recorded: in the same words, or in others of the same action and message.

    How a message is worded is up to the version that wrote the file; what it holds stands beside it.
    """
    note, recorded = file.document.notes[number], file.document.states[number]
    now = _note(system, step)
    if note.get("process") != now["process"]:
        return False
    picks, message = recorded.get(PICKS), step.transition.message
    if note.get("action") == now["action"] or message is None or not isinstance(picks, dict):
        return bool(note.get("action") == now["action"])
    encoded = itf.encode(message, _names(system, file.form))
    as_recorded = encoded if file.form > 1 else {"tag": "Some", "value": encoded}
    return picks.get("message") == as_recorded and recorded.get(TAKEN) == _taken(system, step)


def _differing(system: System, state: State, recorded: Mapping[str, Any], form: int) -> Iterator[str]:
    for name, value in shown_state(system, state, form).items():
        if name not in recorded:
            yield f"{name} is not in the file: the model has other nodes"
        elif recorded[name] != value:
            now, then = itf.dumped(value), itf.dumped(recorded[name])
            now, then = printable(now), printable(then)
            begin = _common(now, then)
            yield f"{name} is now\n  {_around(now, begin)}\nand was\n  {_around(then, begin)}"


def _common(a: str, b: str) -> int:
    """How many characters two texts begin with alike."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _around(text: str, place: int) -> str:
    """The part of a long text around a place."""
    begin = max(0, place - 40)
    return ("…" if begin else "") + text[begin : place + 60] + ("…" if len(text) > place + 60 else "")
