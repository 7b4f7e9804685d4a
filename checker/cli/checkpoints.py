"""`pmmc check --checkpoint` and `--resume`: one folder for a whole command, in it one for each model.

The folder's own document says which models were asked, and what of them; so going on needs no other word.
What is said again is compared with what was said then, and a difference is refused: all of them at once.
"""

from __future__ import annotations

import os
import shlex
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checker.checking.question import STDIN, Question
from checker.cli.models import STDIN_NAME
from checker.cli.tracedir import require_folder, require_folders
from checker.cli.usage import UsageFault
from checker.engines.checkpoint import (
    CheckpointError,
    Keeping,
    about_search,
    differing,
    is_there,
    read_json,
    write_json,
)
from checker.engines.contract import Reductions
from checker.model.modelcode import CodeError
from checker.modelfiles.onefile import files, taken

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel

#: The document that says what a command has asked.
ASKED = "check.json"
#: Options that a resumed check has from then, unless they are given again.
_OPTIONS = ("network", "property", "continue", *(f"no_{f.name}" for f in fields(Reductions)))
#: Keys of a model file that say nothing of the model.
_ASIDE = ("expect", "about", "name")


@contextmanager
def as_then(args: Namespace) -> Iterator[Namespace]:
    """The arguments with what `--resume` has from then, its protocols known. Raises UsageFault."""
    asked = _asked(args.resume)
    then = Namespace(**vars(args))
    then.models = list(args.models) or [model["named"] for model in asked["models"]]
    for name in _OPTIONS:
        if not getattr(args, name, None):
            setattr(then, name, asked["options"].get(name))
    try:
        with taken([] if args.load else asked["loaded"]):
            yield then
    except CodeError as error:
        raise UsageFault(f"--resume {args.resume}: {error.in_full()}") from None


def kept(
    args: Namespace, asked: Sequence[tuple[LoadedModel, Question]], shipped: Mapping[str, str]
) -> list[Question]:
    """The questions, each with its own folder for checkpoints. Raises UsageFault."""
    option = "--checkpoint" if args.resume is None else "--resume"
    if args.update:
        raise UsageFault(f"{option} does not go with --update, which checks each model several times")
    if args.engine == "reference":
        raise UsageFault(f"{option}: the reference engine keeps no checkpoints; leave --engine away")
    if args.cluster is not None:
        raise UsageFault(
            f"{option} does not go with --cluster: checkpoints are kept on one machine; on a cluster "
            "another owner keeps a copy of what an owner has"
        )
    paths = [loaded.path for loaded, _ in asked]
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        raise UsageFault(f"{option}: {twice} is named twice")
    about = [_about(loaded, question) for loaded, question in asked]
    folders = _begin(args, asked, about, shipped) if args.resume is None else _go_on(args.resume, about)
    command = shlex.join(("pmmc", "check", "--resume", str(args.resume or args.checkpoint)))
    keeping = (
        Keeping(folder, is_there(folder), said, args.checkpoint_every, command)
        for folder, said in zip(folders, about, strict=True)
    )
    return [
        replace(question, means=replace(question.means, checkpoints=one))
        for (_, question), one in zip(asked, keeping, strict=True)
    ]


def _begin(
    args: Namespace,
    asked: Sequence[tuple[LoadedModel, Question]],
    about: Sequence[Mapping[str, str]],
    shipped: Mapping[str, str],
) -> list[Path]:
    """Say in a folder what is asked, before any of it is done."""
    within = Path(args.checkpoint)
    require_folder(args.checkpoint)
    if (within / ASKED).exists():
        raise UsageFault(
            f"--checkpoint: {within} holds checkpoints: go on with --resume {within}, or take it away"
        )
    by_path = require_folders(args.checkpoint, [loaded for loaded, _ in asked])
    folders = [by_path[loaded.path] for loaded, _ in asked]
    models = [
        {"named": _named(loaded, shipped), "folder": folder.name, "about": dict(said)}
        for (loaded, _), folder, said in zip(asked, folders, about, strict=True)
    ]
    options = {name: getattr(args, name, None) for name in _OPTIONS}
    try:
        write_json(within / ASKED, {"models": models, "options": options, "loaded": _absolute(files())})
    except OSError as error:
        raise UsageFault(f"--checkpoint: cannot write to {within}: {error.strerror}") from None
    return folders


def _go_on(folder: str, about: Sequence[Mapping[str, str]]) -> list[Path]:
    """The folders of the models, which must be those of then."""
    models = _asked(folder)["models"]
    if len(models) != len(about):
        raise UsageFault(f"--resume {folder}: it is of {len(models)} models, and {len(about)} are named")
    wrong = []
    for model, now in zip(models, about, strict=True):
        found = differing(model["about"], now)
        if found:
            wrong.append(f"pmmc: --resume {folder}: {model['named']} is another check than it was then:")
            wrong += (f"  {line}" for line in found)
    if wrong:
        raise UsageFault.joined(wrong)
    return [Path(folder) / model["folder"] for model in models]


def _asked(folder: str) -> dict[str, Any]:
    """What the document of a folder says. Raises UsageFault."""
    path = Path(folder) / ASKED
    try:
        said = read_json(path)
        models = [{key: model[key] for key in ("named", "folder", "about")} for model in said["models"]]
        return {"options": dict(said["options"]), "loaded": list(said["loaded"]), "models": models}
    except CheckpointError as error:
        raise UsageFault(f"--resume: {error}") from None
    except (KeyError, TypeError, ValueError):
        raise UsageFault(f"--resume: {path}: damaged: it lacks what it should say") from None


def _named(loaded: LoadedModel, shipped: Mapping[str, str]) -> str:
    """How a command line names a model, from wherever it is given."""
    if loaded.path == STDIN_NAME:
        return STDIN
    return shipped.get(loaded.path) or os.path.abspath(loaded.path)  # noqa: PTH100 - links stay as they are


def _absolute(names: Sequence[str]) -> list[str]:
    return [os.path.abspath(name) for name in names]  # noqa: PTH100


def _about(loaded: LoadedModel, question: Question) -> dict[str, str]:
    """What is asked of a model, as texts by label: all that a checkpoint is of, but for the rules."""
    said = {"model": loaded.model.name, "protocol": loaded.protocol.name}
    for key, value in loaded.document.data.items():
        if str(key) not in (*_ASIDE, "protocol"):
            said.update(_flat(str(key), value))
    return said | about_search(question.of_model(loaded), question.means.reductions, question.limits)


def _flat(label: str, value: Any) -> Iterator[tuple[str, str]]:
    """Plain data as texts, by the keys that lead there."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(f"{label}.{key}", inner)
    else:
        yield f"'{label}' of the file", str(value)
