"""Model files: the way from a text to a system.

Everything wrong with a file is said at once, each fault with its line and column: broken structure by
`document`, keys and values by the schema, and what no schema can say by the protocol's
`build`, which is reached also when only a part of the file that others do not rest on is faulty.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from checker.host.reading import Unreadable, read_file
from checker.model.modelcode import CodeError, call, written_at
from checker.model.properties import ABOUT_GOALS
from checker.model.system import System
from checker.modelfiles import document as yamlmarks
from checker.modelfiles.complaints import Fault, Faults, Objection, Objections, nearest, shown, unknown
from checker.modelfiles.fields import Names
from checker.modelfiles.protocol import Installed, Protocol
from checker.modelfiles.runs import ASSUMED
from checker.modelfiles.schema import LeadsTo, ModelFile
from checker.modelfiles.schemafaults import without_consequences, worded

#: The most bytes of a model file: UTF-8 has at most four for a character.
MOST_BYTES = 4 * yamlmarks.MAX_CHARACTERS


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A valid model file: where it came from, the hash of its text, what it says, its system.

    `content` is a short hash of what the file says, `expect` and comments left aside.
    """

    path: str
    sha256: str
    model: ModelFile
    protocol: Protocol
    system: System
    content: str
    document: yamlmarks.Document = field(compare=False, repr=False)
    text: str = field(default="", repr=False)


def load(path: str | Path, *, protocols: Mapping[str, Protocol]) -> LoadedModel:
    """Read a model file. Raises Faults, also when the file cannot be read."""
    try:
        data = read_file(path, MOST_BYTES)
    except Unreadable as error:
        raise Faults([Fault(str(path), 1, 1, f"cannot be read: {error}")]) from None
    return load_text(decoded(data, str(path)), str(path), protocols=protocols)


def decoded(data: bytes, filename: str) -> str:
    """The text of a model file. Raises Faults with the place of what is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].split(b"\n")
        place = (len(before), len(before[-1].decode("utf-8")) + 1)
        raise Faults([Fault(filename, *place, f"not UTF-8: byte 0x{data[error.start]:02X}")]) from None


def load_text(text: str, filename: str, *, protocols: Mapping[str, Protocol]) -> LoadedModel:
    """Read a model from its text; `filename` is what faults name. Raises Faults."""
    document = yamlmarks.read(text, filename)
    if not isinstance(document.data, dict):
        message = f"expected keys such as 'name:' and 'nodes:' at the top, not {shown(document.data)}"
        raise Faults([*document.faults, document.fault((), message)])
    protocol, found = _protocol_of(document, protocols)
    model = system = None
    if protocol is not None:
        try:
            folder = Path(filename).parent
            model, system, wrong = understand(document.data, protocol, folder)
        except CodeError as error:
            wrong = [Objection(("protocol",), error.in_full())]
        found += [document.fault(o.path, o.message, key=o.key) for o in wrong]
    if document.faults or found or protocol is None or model is None or system is None:
        raise Faults([*document.faults, *found])
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return LoadedModel(
        filename, digest, model, protocol, system, content_hash(document.data), document, text
    )


def content_hash(data: Mapping[str | int, Any]) -> str:
    """A short text that changes when the file says something else, but for `expect`.

    Comments, layout and the order of keys do not count.
    """
    said = _with_text_keys({key: value for key, value in data.items() if key != "expect"})
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return f"sha256-{hashlib.sha256(text.encode('utf-8')).hexdigest()[:12]}"


def _with_text_keys(value: Any) -> Any:
    """Plain data whose keys can be sorted: 1 becomes '1'."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(inner) for key, inner in value.items()}
    return [_with_text_keys(inner) for inner in value] if isinstance(value, list) else value


def _protocol_of(
    document: yamlmarks.Document, protocols: Mapping[str, Protocol]
) -> tuple[Protocol | None, list[Fault]]:
    """The protocol a file names, or the one that it seems to mean, and a fault."""
    name = document.data.get("protocol", ModelFile.model_fields["protocol"].default)
    if isinstance(name, str) and name in protocols:
        return protocols[name], []
    if isinstance(protocols, Installed):
        message = protocols.why_not(name)
    else:
        message = unknown("protocol", name, sorted(protocols))
    # a file is held to the keys of the protocol that it means, and to those of no other
    broken = isinstance(protocols, Installed) and str(name) in protocols.broken
    meant = None if broken else nearest(str(name), list(protocols))
    return protocols[meant] if meant else None, [document.fault(("protocol",), message)]


def understand(
    data: dict[str | int, Any], protocol: Protocol, folder: Path = Path()
) -> tuple[ModelFile | None, System | None, list[Objection]]:
    """The model that the data of a file in that folder are, and its system, or what is wrong.

    With the schema violated, the keys concerned are left out, and the rest is built for the sake of
    what else may be wrong. Raises CodeError if the protocol's own code goes wrong.
    """
    names = _names(protocol)
    wrong: list[Objection] = []
    rested_on: set[tuple[str | int, ...]] = set()
    validate = partial(protocol.schema.model_validate, context=names)
    try:
        model = call(
            lambda: f"schema of protocol {protocol.name}", validate, data, passing=(ValidationError,)
        )
    except ValidationError as error:
        errors = without_consequences(error.errors(include_url=False))
        wrong = [worded(e, data, protocol.schema) for e in errors]
        faulty = {str(e["loc"][0]) for e in errors if e["loc"]}
        if faulty & protocol.schema.foundations:
            return None, None, wrong
        rest = {"name": "unnamed"} | {k: v for k, v in data.items() if str(k) not in faulty}
        if faulty & {"properties", "sometimes", *ABOUT_GOALS}:  # which these rest on
            rest = {k: v for k, v in rest.items() if k != "expect"}
            rested_on = {(key,) for key in ASSUMED}
        try:
            model = validate(rest)
        except ValidationError:
            return None, None, wrong
    model = model.placed(folder)
    try:
        return model, _built(model, protocol), wrong
    except Objections as objections:
        # that nothing rests on an assumption may come of what is left out
        more = (o for o in objections.objections if o.path not in rested_on)
        return model, None, [*wrong, *more]
    except CodeError:
        if not wrong:
            raise
        return model, None, wrong  # it may come of what is left out


def _built(model: ModelFile, protocol: Protocol) -> System:
    """The system of a valid model. Raises Objections, and CodeError."""
    who = f"build of protocol {protocol.name}"
    system = call(lambda: who, protocol.build, model, passing=(Objections,))
    if not isinstance(system, System):
        raise CodeError(
            f"{who} returned {shown(system)}, which is no System ({written_at(protocol.build)})"
        )
    return system


def _names(protocol: Protocol) -> Names:
    goals = tuple(i for i, p in protocol.properties.items() if p.kind.goal)
    return Names(tuple(i for i in protocol.properties if i not in goals), goals)


def schema(protocol: Protocol) -> dict[str, Any]:
    """The JSON schema of the protocol's model files, for editors and other tools."""
    names = _names(protocol)
    made = protocol.schema.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = f"{protocol.name} model file"
    made["description"] = protocol.about
    fields = made["properties"]
    fields["protocol"]["enum"] = [protocol.name]
    goal: dict[str, Any] = {"anyOf": [{"type": "string", "enum": list(names.goals)}, {"type": "object"}]}
    for listed in _arrays(fields["properties"]):
        listed["items"] = {"type": "string", "enum": list(names.claims)}
    for key in ("sometimes", "can-still", "eventually", "always-eventually"):
        for listed in _arrays(fields[key]):
            listed["items"] = {**goal, **listed["items"]}
    for described in made["$defs"][LeadsTo.__name__]["properties"].values():
        described.update(goal)
    parts: dict[str, Any] = {}
    for variant in protocol.variants:
        parts.setdefault(variant.part, {"enum": []})["enum"].append(variant.name)
    fields["rules"] |= {"properties": parts, "additionalProperties": False}
    return made


def _arrays(described: dict[str, Any]) -> list[dict[str, Any]]:
    """The array schemas among the alternatives of a field."""
    return [s for s in (described, *described.get("anyOf", ())) if s.get("type") == "array"]
