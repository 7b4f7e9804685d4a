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
from checker.cli.models import OURS, installed, shipped_models
from checker.cli.output import STDOUT, write_json
from checker.cli.usage import UsageFault
from checker.host.files import write_new
from checker.model.values import show
from checker.model.verdict import ExitCode
from checker.text.style import style_for

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel
    from checker.modelfiles.protocol import Protocol


def models(args: Namespace) -> ExitCode:
    """List the shipped models: name, what is expected, sizes, and what each is about."""
    found = shipped_models(installed())
    if args.json:
        write_json({"models": [_model_json(loaded) for loaded in found]}, STDOUT)
        return ExitCode.OK
    width = max((len(loaded.model.name) for loaded in found), default=0)
    for loaded in found:
        model = loaded.model
        slow = "   (slow: left out unless --slow or named)" if model.slow else ""
        print(f"{model.name.ljust(width)}  {_expected(loaded)}{slow}")
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
    return f"{expect.verdict}{f' {expect.property}' if expect.property else ''}{states}"


def _sizes(loaded: LoadedModel) -> str:
    sizes = ", ".join(f"{name} {show(value)}" for name, value in loaded.system.bounds.items())
    return f"{sizes}; {loaded.system.network.name}"


def _model_json(loaded: LoadedModel) -> dict[str, Any]:
    model = loaded.model
    return {
        "name": model.name,
        "about": model.about,
        "file": loaded.path,
        "slow": model.slow,
        "network": loaded.system.network.name,
        "bounds": dict(loaded.system.bounds),
        "properties": [p.id for p in loaded.system.properties],
        "expect": None if model.expect is None else model.expect.model_dump(exclude_none=True),
    }


def properties(args: Namespace) -> ExitCode:
    """List all properties: id, kind, meaning, source."""
    known = [p for protocol in installed().values() for p in protocol.properties.values()]
    if args.json:
        rows = [
            {"id": p.id, "kind": p.kind.value, "meaning": p.meaning, "source": p.source, "note": p.note}
            for p in known
        ]
        write_json({"properties": rows}, STDOUT)
        return ExitCode.OK
    width = max((len(p.id) for p in known), default=0)
    for p in known:
        print(f"{p.id.ljust(width)}  {p.kind.value}")
        _print_indented(p.meaning, width + 2)
        _print_indented(f"({p.source})", width + 2)
    return ExitCode.OK


def schema(args: Namespace) -> ExitCode:
    """Print the JSON schema of model files."""
    from checker.modelfiles.loading import schema as schema_of  # noqa: PLC0415 - imports pydantic

    print(json.dumps(schema_of(_protocol(args.protocol)), indent=2))
    return ExitCode.OK


def init(args: Namespace) -> ExitCode:
    """Print the commented model file, or write it where nothing is yet."""
    template = _protocol(args.protocol).template
    if args.file is None:
        print(template, end="")
        return ExitCode.OK
    try:
        write_new(Path(args.file), template)
    except FileExistsError:
        raise UsageFault(f"{args.file} exists; it is not overwritten") from None
    except OSError as error:
        raise UsageFault(f"cannot write {args.file}: {error.strerror}") from error
    print(f"wrote {args.file}; `pmmc check {args.file}` checks it")
    return ExitCode.OK


def ci(args: Namespace) -> ExitCode:
    """Print the GitHub Actions workflow, for the models in a folder."""
    workflow = (Path(ci_outputs.__file__).parent / "workflow.yml").read_text(encoding="utf-8")
    print(workflow.replace("pmmc check models ", f"pmmc check {shlex.quote(args.models)} "), end="")
    return ExitCode.OK


def _protocol(name: str | None) -> Protocol:
    """The installed protocol of that name; without a name our own or, if it is not there, the first."""
    found = installed()
    if name is None:
        name = OURS if OURS in found else min(found, default=OURS)
    if name not in found:
        raise UsageFault(f"--protocol: {found.why_not(name)}")
    return found[name]
