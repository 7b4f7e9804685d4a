"""From what the command line names to models: files, folders, stdin, shipped models; all their faults."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from checker.cli.usage import UsageFault
from checker.host.reading import Unreadable, read_stream
from checker.model.plaintext import objection, printable
from checker.modelfiles.complaints import Faults, unknown

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel
    from checker.modelfiles.protocol import Installed, Protocol

#: The protocol that is meant when none is named.
OURS = "pmmc"
STDIN = "-"
#: How faults name what came from stdin.
STDIN_NAME = "<stdin>"


def installed() -> Installed:
    """The installed protocols; a warning for each that is broken. Raises UsageFault if there is none."""
    from checker.modelfiles.protocol import protocols  # noqa: PLC0415 - imports a protocol when it is asked for

    found = protocols(lambda why: print(f"pmmc: warning: {why}", file=sys.stderr))
    if not found:
        raise UsageFault("no protocol is installed: `pip install .` in a checkout of pmmc-checker")
    return found


def shipped(protocols: Mapping[str, Protocol]) -> dict[str, Path]:
    """The shipped model files by name: the file's own, without the endings; in order of the names.

    A path inside the current folder is relative to it, as a user would write it. A name that another
    protocol has too is led by the protocol's, as in `acme/duel`, but for our own.
    """
    files: dict[str, Path] = {}
    for protocol in sorted(protocols.values(), key=lambda p: (p.name != OURS, p.name)):
        for path in sorted(protocol.models.rglob("*.yaml")):
            name = path.stem.removesuffix(".pmmc")
            files[f"{protocol.name}/{name}" if name in files else name] = _relative(path)
    return dict(sorted(files.items()))


def _relative(path: Path) -> Path:
    try:
        here = Path.cwd()
    except OSError:  # the current folder is gone
        return path
    return path.relative_to(here) if path.is_relative_to(here) else path


def shipped_models(protocols: Mapping[str, Protocol]) -> list[LoadedModel]:
    """All shipped models, those with fewer states first, slow ones last. Raises UsageFault."""
    return sorted(load_all(list(shipped(protocols)), protocols), key=_size)


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


def _load(source: Path | None, protocols: Mapping[str, Protocol]) -> LoadedModel:
    """The model of a file or, without a path, of stdin."""
    from checker.modelfiles.loading import MOST_BYTES, decoded, load, load_text  # noqa: PLC0415 - imports pydantic

    if source is not None:
        return load(source, protocols=protocols)
    if sys.stdin is None:
        raise Unreadable("it is closed")
    text = decoded(read_stream(sys.stdin.buffer, MOST_BYTES), STDIN_NAME)
    return load_text(text, STDIN_NAME, protocols=protocols)


def _sources(name: str, known: Mapping[str, Path], wrong: list[object]) -> Iterator[Path | None]:
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
    elif name in known and not stat.S_ISREG(mode):
        yield known[name]
    elif mode or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        yield path  # reading it says what is wrong with it
    else:
        wrong.append(f"pmmc: {unknown('model', name, list(known))}")


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
