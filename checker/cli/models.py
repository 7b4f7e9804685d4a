"""From what the command line names to models: files, folders, stdin, shipped models; all their faults."""

from __future__ import annotations

import os
import stat
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from checker.checking.question import STDIN
from checker.cli.usage import UsageFault
from checker.host.reading import Unreadable, read_stream
from checker.model.plaintext import objection, printable
from checker.modelfiles.complaints import Faults, unknown
from checker.modelfiles.onefile import words_for

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel
    from checker.modelfiles.protocol import Installed, Protocol

#: The protocol that is meant when none is named.
OURS = "pmmc"
#: How faults name what came from stdin.
STDIN_NAME = "<stdin>"


def installed() -> Installed:
    """The installed protocols; a warning for each that is broken. Raises UsageFault if there is none."""
    from checker.modelfiles.protocol import protocols  # noqa: PLC0415 - imports a protocol when it is asked for

    found = protocols(lambda why: print(f"pmmc: warning: {why}", file=sys.stderr))
    if not found:
        raise UsageFault("no protocol is installed: `pip install .` in a checkout of pmmc-checker")
    return found


def find_protocol(found: Installed, name: str | None) -> Protocol:
    """The protocol of that name; without a name our own, or the first there is. Raises UsageFault."""
    if name is None:
        name = OURS if OURS in found else min(found, default=OURS)
    if name not in found:
        raise UsageFault(f"--protocol: {found.why_not(name)}")
    return found[name]


def protocols_asked(found: Installed, args: Namespace) -> dict[str, Protocol]:
    """Those that a command is about, ours first: `--protocol`, else those of `--load`, else all.

    Raises UsageFault.
    """
    if args.protocol is not None:
        return {args.protocol: find_protocol(found, args.protocol)}
    chosen = [p for p in found.values() if words_for(p.name)] if args.load else list(found.values())
    return {p.name: p for p in sorted(chosen, key=lambda p: (p.name != OURS, p.name))}


class Shipped(NamedTuple):
    """A shipped model file. `name` is no other's; `stem` is the file's own name, without the endings."""

    name: str
    protocol: str
    stem: str
    path: Path


def shipped(protocols: Mapping[str, Protocol]) -> list[Shipped]:
    """The shipped model files in order of their names.

    A path inside the current folder is relative to it, as a user would write it. A stem that another
    protocol has too is led by the protocol's name, as in `acme/duel`, but for our own.
    """
    files = [
        (protocol.name, path.stem.removesuffix(".pmmc"), _relative(path))
        for protocol in protocols.values()
        for path in protocol.model_files()
    ]
    times = Counter(stem for _, stem, _ in files)
    found = (
        Shipped(stem if owner == OURS or times[stem] == 1 else f"{owner}/{stem}", owner, stem, path)
        for owner, stem, path in files
    )
    return sorted(found, key=lambda model: model.name)


def names_of_shipped(protocols: Mapping[str, Protocol]) -> dict[str, str]:
    """The names of the shipped models by the paths of their files, by which they are told."""
    return {str(model.path): model.name for model in shipped(protocols)}


def name_of(loaded: LoadedModel, shipped: Mapping[str, str]) -> str:
    """The name by which a command line can name a model; `shipped` are `names_of_shipped`."""
    return shipped.get(loaded.path, STDIN if loaded.path == STDIN_NAME else loaded.path)


def meant(name: str, known: Sequence[Shipped]) -> list[Shipped]:
    """The shipped models that a name may mean: that of a file, or else the `name` that is in it.

    Either may be led by the protocol's. Ours are meant before those of others.
    """
    found = [m for m in known if name in (m.name, m.stem, f"{m.protocol}/{m.stem}")]
    if not found:
        led, _, title = name.rpartition("/")
        found = [m for m in known if led in ("", m.protocol) and _title(m.path, title) == title]
    return [m for m in found if m.protocol == OURS] or found


def _title(path: Path, wanted: str = "") -> object:
    """The name that a model file gives to its model; None if it is faulty or does not hold `wanted`."""
    from checker.modelfiles import document as yamlmarks  # noqa: PLC0415 - imports yaml

    try:
        text = path.read_text(encoding="utf-8")
        data = yamlmarks.read(text, str(path)).data if wanted in text else None
    except (Faults, OSError, UnicodeDecodeError):
        return None
    return data.get("name") if isinstance(data, dict) else None


def _relative(path: Path) -> Path:
    try:
        here = Path.cwd()
    except OSError:  # the current folder is gone
        return path
    return path.relative_to(here) if path.is_relative_to(here) else path


def shipped_models(protocols: Mapping[str, Protocol]) -> list[LoadedModel]:
    """All shipped models, those with fewer states first, slow ones last. Raises UsageFault."""
    return sorted(load_all([str(m.path) for m in shipped(protocols)], protocols), key=_size)


def _size(loaded: LoadedModel) -> tuple[bool, int, str]:
    expect = loaded.model.expect
    states = expect.states if expect is not None else None
    return loaded.model.slow, states or 0, loaded.model.name


def load_all(names: Sequence[str], protocols: Mapping[str, Protocol]) -> list[LoadedModel]:
    """The models that the command line names, in that order, those of a folder in order of their paths.

    Raises UsageFault, but only after everything was looked at, with all that is wrong anywhere.
    """
    known = shipped(protocols)
    loaded: list[LoadedModel] = []
    wrong: list[object] = []
    for name in names:
        for source in _sources(name, known, wrong):
            try:
                loaded.append(_load(source, protocols))
            except Faults as error:
                wrong += error.faults
            except Unreadable as error:
                wrong.append(f"{STDIN_NAME}: cannot be read: {error}")
    if wrong:
        raise UsageFault.joined(wrong)
    return loaded


def load_one(name: str) -> LoadedModel:
    """The model of that name, which must be one. Raises UsageFault."""
    found = load_all([name], installed())
    if len(found) != 1:
        raise UsageFault(f"{name}: {len(found)} models; name one")
    return found[0]


def _load(source: Path | None, protocols: Mapping[str, Protocol]) -> LoadedModel:
    """The model of a file or, without a path, of stdin."""
    from checker.modelfiles.loading import MOST_BYTES, decoded, load, load_text  # noqa: PLC0415 - imports pydantic

    if source is not None:
        return load(source, protocols=protocols)
    if sys.stdin is None:
        raise Unreadable("it is closed")
    text = decoded(read_stream(sys.stdin.buffer, MOST_BYTES), STDIN_NAME)
    return load_text(text, STDIN_NAME, protocols=protocols)


def _sources(name: str, known: Sequence[Shipped], wrong: list[object]) -> Iterator[Path | None]:
    """What one MODEL stands for: paths of files, None for stdin."""
    path = Path(name)
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116 - Path('') would be the current folder
    except OSError:
        mode = 0
    if name == STDIN:
        yield None
    elif stat.S_ISDIR(mode):
        yield from _models_in(path, wrong)
    elif not stat.S_ISREG(mode) and (found := meant(name, known)):
        if len(found) > 1:
            named = ", ".join(model.name for model in found)
            wrong.append(f"pmmc: '{printable(name)}' may be several models: {named}; name one of these")
        yield found[0].path
    elif mode or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        yield path  # reading it says what is wrong with it
    else:
        titles = (_title(model.path) for model in known)
        names = dict.fromkeys(
            [*(model.name for model in known), *(t for t in titles if isinstance(t, str))]
        )
        wrong.append(f"pmmc: {unknown('model', name, list(names))}")


def _models_in(folder: Path, wrong: list[object]) -> Iterator[Path]:
    """The model files in a folder and all that it holds; what cannot be looked into is wrong."""
    unread: list[OSError] = []
    found = [
        Path(place, file)
        for place, _, files in os.walk(folder, onerror=unread.append)
        for file in files
        if file.endswith(".yaml")
    ]
    wrong += (f"pmmc: {error.filename}: cannot be read: {error.strerror}" for error in unread)
    if not found and not unread:
        wrong.append(f"{folder}: there is no *.yaml in this folder")
    for path in sorted(found):
        odd = objection(str(path))
        if odd is None:
            yield path
        else:
            wrong.append(f"pmmc: '{printable(str(path))}': a name with {odd}, is not read; rename it")
