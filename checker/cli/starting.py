"""`pmmc init FILE` for a FILE in Python: a small protocol of one's own, with a model, to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path

from checker.cli.usage import UsageFault
from checker.host.files import write_new
from checker.modelfiles.complaints import unknown
from checker.modelfiles.protocol import Protocol

#: What the name of a protocol's file ends in; any other name is a model file's.
ENDING = ".py"
#: What the names of a kit's files end in.
KIT_FILES = (".py", ".js", ".java", ".yaml")
_TEXTS = Path(__file__).parent / "starter"


def write_protocol(file: str) -> str:
    """Write a protocol, and a model file beside it, where nothing is yet; the command that checks it.

    Both are written or none. Raises UsageFault.
    """
    protocol, name = Path(file), Path(file).name.removesuffix(ENDING)
    if not name.isidentifier():
        raise UsageFault(f"{file}: the file is imported, so its name must be letters, digits and _")
    model = protocol.with_name(f"{name}.pmmc.yaml")
    for written in (protocol, model):
        if written.exists():
            raise UsageFault(f"{written} exists; it is not overwritten")
    write_anew(protocol, _text("protocol.txt", name))
    try:
        write_anew(model, _text("model.txt", name))
    except BaseException:
        protocol.unlink()
        raise
    return shlex.join(["pmmc", "check", "--load", file, str(model)])


def write_kit(protocol: Protocol, language: str, folder: Path) -> list[str]:
    """Write the kit for nodes in another language, with what comes with it, into a folder; names of files.

    All are written or, where one of them exists already, none. Raises UsageFault.
    """
    kits = {} if protocol.kits is None else {path.name: path for path in _folders(protocol.kits)}
    if language not in kits:
        raise UsageFault(unknown("kit", language, sorted(kits)))
    from_ = kits[language]
    texts = {p.relative_to(from_): p for p in sorted(from_.rglob("*")) if p.suffix in KIT_FILES}
    for name in texts:
        if (folder / name).exists():
            raise UsageFault(f"{folder / name} exists; it is not overwritten")
    for name, text in texts.items():
        try:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageFault(f"cannot write {folder / name}: {error.strerror}") from error
        write_anew(folder / name, text.read_text(encoding="utf-8"))
    return [name.as_posix() for name in texts]


def _folders(path: Path) -> list[Path]:
    return [below for below in path.iterdir() if below.is_dir()] if path.is_dir() else []


def write_anew(path: Path, text: str) -> None:
    """Write a file where nothing is yet. Raises UsageFault."""
    try:
        write_new(path, text)
    except FileExistsError:
        raise UsageFault(f"{path} exists; it is not overwritten") from None
    except OSError as error:
        raise UsageFault(f"cannot write {path}: {error.strerror}") from error


def _text(starter: str, name: str) -> str:
    return (_TEXTS / starter).read_text(encoding="utf-8").replace("NAME", name)
