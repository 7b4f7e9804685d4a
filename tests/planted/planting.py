"""How a fault is planted: a function of the checker is replaced by a wrong one, and put back later."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np

from checker.engines.native.kernel import machine


@dataclass(frozen=True, slots=True)
class Fault:
    """A mutant of the checker: the room it is in, what is wrong, and what could come of it unnoticed.

    `kind` is the module that enters it or a group of detectors: what may notice it is tried first.
    """

    id: str
    room: str
    what: str
    breaks: str
    plant: Callable[[], AbstractContextManager[Any]]
    kind: str = "kernel"


#: Where the compiled functions are written.
KERNEL = "checker.engines.native.kernel.kernel"
#: The modules of kernels whose texts are run together, each after those that it imports; and those of
#: remainders, which have names of their own.
MODULES = ("normal", "keys", "kernel", "passing", "ordered", "commuting", "sleeping", "choosing", "walking")
REMAINDERS = ("normal", "remainders")
#: What a kernel imports from the modules of others.
_IMPORTED = re.compile(
    rf"from \S+\.kernel\.(?:{'|'.join((*MODULES, 'vectors'))}) import (?:\([^)]*\)|.*)\n"
)
#: All faults, in the order in which they are entered.
CATALOGUE: list[Fault] = []


def instead(
    owner: Any, name: str, breaks: str, *, kind: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter the fault that the decorated function is: it stands for `name` of a module or class.

    It is given the right function, and then what that is given. Its name is the fault's id, its docstring
    says what is wrong. By `kind` another group of detectors is tried first than its module's.
    """

    def enter(wrong: Callable[..., Any]) -> Callable[..., Any]:
        def plant() -> AbstractContextManager[Any]:
            right = getattr(owner, name)
            return patch.object(owner, name, wraps(wrong)(lambda *a, **k: wrong(right, *a, **k)))

        module = owner.__name__ if isinstance(owner, ModuleType) else owner.__module__
        if owner is machine:
            module = KERNEL
        identity = wrong.__name__.replace("_", "-")
        what, own = (wrong.__doc__ or "").strip(), wrong.__module__.rpartition(".")[2]
        CATALOGUE.append(Fault(identity, _room(module), what, breaks, plant, kind or own))
        return wrong

    return enter


def skipped(owner: Any, name: str, identity: str, what: str, breaks: str) -> None:
    """Enter the fault that a function is not called at all."""

    def wrong(right: Callable[..., Any], *arguments: Any) -> None:
        del right, arguments

    wrong.__name__, wrong.__doc__ = identity, what
    instead(owner, name, breaks)(wrong)


def in_kernel(
    kernel: str, identity: str, what: str, breaks: str, *, old: str, new: str, kind: str = "kernel"
) -> None:
    """Enter a fault in the text of a kernel, which is then run as plain Python."""

    def plant() -> AbstractContextManager[Any]:
        here = Path(machine.__file__)
        modules = REMAINDERS if kernel.endswith("_remainders") else MODULES
        texts = [here.with_name(f"{name}.py").read_text(encoding="utf-8") for name in modules]
        assert sum(text.count(old) for text in texts) == 1, f"{identity}: no kernel says this once"
        plain = "def njit(**_):\n    return lambda function: function\n"
        from checker.engines.native.kernel.vectors import _alike, _lowest  # noqa: PLC0415 - numba

        names: dict[str, Any] = {"alike": _alike, "lowest": _lowest}
        for text in texts:  # each takes what it imports from those before as these were planted
            told = _IMPORTED.sub("", text.replace(old, new))
            exec(told.replace("from numba import njit\n", plain), names)
        # a product of hashing is meant to wrap around
        return patch.object(machine, kernel, np.errstate(over="ignore")(names[kernel]))

    CATALOGUE.append(Fault(identity, _room(KERNEL), what, breaks, plant, kind))


def _room(module: str) -> str:
    return ("native." if ".native." in module else "") + module.rpartition(".")[2]
