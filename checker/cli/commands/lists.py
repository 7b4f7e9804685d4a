"""The commands that only tell: models, properties, schema, init."""

from __future__ import annotations

import json
import shlex
import sys
import textwrap
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checker import ci as ci_outputs
from checker.cli.models import find_protocol, installed, load_one, protocols_asked, shipped_models
from checker.cli.output import STDOUT, write_json
from checker.cli.starting import ENDING, write_anew, write_kit, write_protocol
from checker.cli.usage import UsageFault
from checker.data.lists import models_json, properties_json
from checker.model.values import show
from checker.model.verdict import ExitCode
from checker.modelfiles.onefile import words_for
from checker.text.style import style_for

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel
    from checker.modelfiles.protocol import Protocol


def models(args: Namespace) -> ExitCode:
    """List the shipped models: name, protocol, what is expected, sizes, and what each is about."""
    found = shipped_models(protocols_asked(installed(), args))
    if args.json:
        write_json(models_json(found), STDOUT)
        return ExitCode.OK
    width = max((len(loaded.model.name) for loaded in found), default=0)
    beside = max((len(loaded.protocol.name) for loaded in found), default=0)
    for loaded in found:
        model = loaded.model
        slow = "   (slow: left out unless --slow or named)" if model.slow else ""
        slow = "   (large: for pmmc simulate)" if model.large else slow
        print(f"{model.name.ljust(width)}  {loaded.protocol.name.ljust(beside)}  {_expected(loaded)}{slow}")
        _print_indented(_sizes(loaded), 2)
        _print_indented(model.about or "", 2)
        print()
    return ExitCode.OK


def _print_indented(text: str, margin: int) -> None:
    room = style_for(sys.stdout, "never").width
    pad = " " * margin
    print(textwrap.fill(text, room, initial_indent=pad, subsequent_indent=pad))


def _expected(loaded: LoadedModel) -> str:
    expect = loaded.model.expect
    if expect is None:
        return "–"
    states = f", {expect.states:,} states" if expect.states is not None else ""
    return f"{expect.verdict.value}{f' {expect.property}' if expect.property else ''}{states}"


def _sizes(loaded: LoadedModel) -> str:
    sizes = ", ".join(f"{name} {show(value)}" for name, value in loaded.system.bounds.items())
    return f"{sizes}; {loaded.system.network.name}"


def properties(args: Namespace) -> ExitCode:
    """List all properties: id, protocol, kind, meaning, source."""
    asked = protocols_asked(installed(), args)
    known = [(name, p) for name, protocol in asked.items() for p in protocol.properties.values()]
    if args.json:
        write_json(properties_json(known), STDOUT)
        return ExitCode.OK
    width = max((len(p.id) for _, p in known), default=0)
    beside = max(map(len, asked), default=0)
    for name, p in known:
        print(f"{p.id.ljust(width)}  {name.ljust(beside)}  {p.kind.value}")
        _print_indented(p.meaning, width + 2)
        _print_indented(f"({p.source})", width + 2)
    return ExitCode.OK


def schema(args: Namespace) -> ExitCode:
    """Print the JSON schema of model files or, of a model, of what implementations read and write."""
    from checker.modelfiles.loading import schema as schema_of  # noqa: PLC0415 - imports pydantic

    if args.model is not None and not args.wire:
        raise UsageFault(
            f"{args.model}: model files have one schema; with --wire that of a model is printed"
        )
    protocol = find_protocol(installed(), args.protocol)
    print(json.dumps(_wire_schema(args.model, protocol) if args.wire else schema_of(protocol), indent=2))
    return ExitCode.OK


def _wire_schema(model: str | None, protocol: Protocol) -> dict[str, Any]:
    """The schema of the lines of implementations of a model, or of the template. Raises UsageFault."""
    from checker.implementations.schema import schema_of_lines  # noqa: PLC0415 - few ask for it
    from checker.modelfiles.loading import load_text  # noqa: PLC0415 - imports pydantic

    if model is not None:
        loaded = load_one(model)
    elif protocol.template:
        loaded = load_text(protocol.template, "template", protocols={protocol.name: protocol})
    else:
        raise UsageFault(f"protocol {protocol.name} gives no template: name a model")
    if loaded.protocol.wire is None:
        raise UsageFault(
            f"protocol {loaded.protocol.name} has no wire form: its `Protocol` gives no `wire`"
        )
    return schema_of_lines(loaded.protocol.wire(loaded.model, loaded.system).schema())


def init(args: Namespace) -> ExitCode:
    """Print the commented model file, or write it, or a protocol or a kit, where nothing is yet."""
    if args.kit is not None:
        folder = Path(args.file or args.kit)
        names = write_kit(find_protocol(installed(), args.protocol), args.kit, folder)
        print(f"wrote the {args.kit} kit to {folder}:")
        _print_indented(", ".join(names), 2)
        return ExitCode.OK
    protocol = next((name for name in (args.file, args.protocol) if (name or "").endswith(ENDING)), None)
    if protocol is not None:
        print(f"wrote a protocol and a model; `{write_protocol(protocol)}` checks it")
        return ExitCode.OK
    found = find_protocol(installed(), args.protocol)
    if not found.template:
        raise UsageFault(
            f"protocol {found.name} has no model file to begin with: its `Protocol` gives no `template`"
        )
    if args.file is None:
        print(found.template, end="")
        return ExitCode.OK
    write_anew(Path(args.file), found.template)
    command = shlex.join(["pmmc", "check", *words_for(found.name), args.file])
    print(f"wrote {args.file}; `{command}` checks it")
    return ExitCode.OK


def ci(args: Namespace) -> ExitCode:
    """Print the GitHub Actions workflow, for the models in a folder."""
    workflow = (Path(ci_outputs.__file__).parent / "workflow.yml").read_text(encoding="utf-8")
    print(workflow.replace("pmmc check models ", f"pmmc check {shlex.quote(args.models)} "), end="")
    return ExitCode.OK
