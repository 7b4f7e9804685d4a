"""From what the command line names to models: files, folders, stdin, shipped models; all faults at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from checker.cli.usage import UsageFault
from checker.faults import Faults, unknown

if TYPE_CHECKING:
    from checker.modelfile import LoadedModel
    from checker.protocol import Protocol

#: The protocol that is meant when none is named.
OURS = "pmmc"
STDIN = "-"
#: How faults name what came from stdin.
STDIN_NAME = "<stdin>"


def installed() -> dict[str, Protocol]:
    """The installed protocols. Raises UsageFault if there is none."""
    from checker.protocol import protocols  # noqa: PLC0415 - imports every protocol

    found = protocols()
    if not found:
        raise UsageFault("no protocol is installed: install this project, e.g. by `pip install -e .`")
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
    here = Path.cwd()
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
    if wrong:
        raise UsageFault.joined(wrong)
    return loaded


def _load(source: str | Path, protocols: Mapping[str, Protocol]) -> LoadedModel:
    from checker.modelfile import load, load_text  # noqa: PLC0415 - imports pydantic

    if isinstance(source, str):
        return load_text(source, STDIN_NAME, protocols=protocols)
    return load(source, protocols=protocols)


def _sources(name: str, known: Mapping[str, Path], wrong: list[object]) -> Iterator[str | Path]:
    """What one MODEL stands for: paths of files, or the text that stdin holds."""
    path = Path(name)
    if name == STDIN:
        try:
            yield sys.stdin.buffer.read().decode("utf-8")
        except UnicodeDecodeError as error:
            wrong.append(f"{STDIN_NAME}: not UTF-8, at byte {error.start}")
        except AttributeError:  # Python has none in its place
            wrong.append(f"{STDIN_NAME}: it is closed")
        except OSError as error:
            wrong.append(f"{STDIN_NAME}: {error.strerror}")
    elif path.is_dir():
        found = sorted(path.rglob("*.yaml"))
        if not found:
            wrong.append(f"{name}: there is no *.yaml in this folder")
        yield from found
    elif name in known and not path.is_file():
        yield known[name]
    elif path.is_file() or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        yield path
    else:
        wrong.append(f"pmmc: {unknown('model', name, list(known))}")
