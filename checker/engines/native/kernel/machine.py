"""The kernels, ready to be called: as machine code that is kept on disk and loaded without numba.

Importing numba and reviving its own cache takes longer than most checks. So the kernels are compiled
by numba once, as C functions; their object code is kept in the user's cache folder (keeping.py), under
a name that is a hash of everything it depends on, and from then on linked by llvmlite alone. Nothing
kept can be stale: with another source, version or processor the name is another one. A file is written
under another name first and then moved, so several processes may do this at once.

Most checks need few of them: those of the ordering and of random walks take two thirds of the time to
compile, so each such part has a file of its own, and is compiled when one of its kernels is first wanted.

With NUMBA_DISABLE_JIT or NUMBA_BOUNDSCHECK set, or if the object code cannot be linked, the kernels
are called as numba (or plain Python) has them; they mean the same.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from importlib import import_module, metadata
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import llvmlite.binding as llvm
import numpy as np

from checker.engines.native.kernel import keeping

#: Argument forms: `i` an integer, else an array by element type and, if not 1, number of dimensions; a
#: tuple of forms for a named tuple.
Form = Any
_STATES: Form = ("u8", "u8", "i")
_FIELDS: Form = ("i8", "u1", "u8", "u8")
_GRAPH: Form = ("i4", "i4", "i4", "i4", "i4", "i4", "i4", "u8", "i")
_ORBITS: Form = ("i4 2", "i8 2", "i", "u8", "i8")
_COMMUTING: Form = ("u8", "u8", "u8 2", "u8", "u8", "i", "i", "i")
_SHIFTS: Form = ("i4", "i4 2")
_OWNING: Form = ("i", "i", "i")
_OUTBOX: Form = ("u8 2", "u8 2", "i8", "i8")
_MET: Form = ("i8", "i8", "i8", "i8")
_LOOKS: Form = ("i1", "i4", "u8 2")
_SHOWN: Form = ("u8", "i8", "i8", "i8", "u8 2", "i8")
_WALKS: Form = ("i4 2", "i8 2", "u8", "u8 2", "i4 3", "i4 2", "u8 3")
_TAKES: Form = ("u8", "i4", "i4", "u8", "i4", "i4", "i4", "u1", "i")
_TRAITS: Form = ("u8", "i4", "i4", "u1", "u8", "u8", "u8")
_PLAN: Form = ("i", "i", "i", "i", "i")
_KEPT: Form = ("u8", "i8", "i8", "u1", "u8")
_REMAINDERS: Form = ("u4", "i", "i", "i", "u8")
#: Module → its kernels, with the forms of their arguments: what annotations say, without importing numba.
_WRITTEN: dict[str, dict[str, tuple[Form, ...]]] = {
    "kernel": {
        "put_posts": ("u8", "i", "i", "u8"),
        "expand": (
            *(_STATES, "i", "i", _FIELDS, _GRAPH, _ORBITS, _SHIFTS, _OWNING, _OUTBOX, _MET),
            *("i8", "u8 2", "i8 2"),
        ),
        "look": (_STATES, "i8", "i", "i", _FIELDS, _LOOKS, "i8", "u8 2", _SHOWN, "i8"),
        "repack": (_STATES, "i", _FIELDS, _STATES, _FIELDS),
        "owners_of": (_STATES, "i", _OWNING, "i8"),
        "enter": ("u8", "u8"),
    },
    "keys": {
        "insert": ("u8", "i", "u8", "i8", "i8", "u8"),
        "reinsert": ("u8", "i", "u8"),
        "spread": ("u8", "i", "u8"),
        "intern_halves": ("u8", "i", "u4", "u8", "i", "u4", "i8", "u8"),
        "join": ("u4", "u4", "i", "u8"),
        "split": ("u8", "i", "i", "u8", "u8", "u8", "u8"),
    },
    "remainders": {
        "insert_remainders": ("u8", "i", _REMAINDERS, "i8", "i8", "u8"),
        "find_remainders": ("u8", "i", _REMAINDERS, "i8", "u8"),
        "place_hashes": ("u8", "i", _REMAINDERS),
        "spread_remainders": (_REMAINDERS, "i", "i", "u8"),
    },
    "backwards": {
        "find": ("u8", "i", "u8", "i8", "u8"),
        "gather": ("i8", "i", "i8", "u1", "u1"),
        "mark": ("i8", "i", "u1", "u1"),
    },
    "ordered": {
        "expand_in_order": (
            *(_STATES, "u8", "i", "i", _FIELDS, _FIELDS, _FIELDS, _GRAPH, _ORBITS, _COMMUTING, _OWNING),
            *(_OUTBOX, "u8 2", _MET, "i8", "i8 2"),
        ),
    },
    "commuting": {
        "fill_own": ("i8 2", "i", "i8", "i4", _GRAPH, "u8", "i8", "i8"),
        "fill_carried": ("i8 2", "i", "i8", "i4", _GRAPH, "u8", "i8", "i8"),
        "fill_renamed": ("i8 2", "i", "i8", "i4", _GRAPH, "i4 2", "i4 2", "u8 2", "i8", "i8"),
        "keep_carried": ("u8", "u8", "u8", "u8"),
    },
    "sleeping": {
        "agree": ("u8", "u8", "i8", "i", "u4", "u8", "u8", "i8", "u4", "u8"),
        "join_level": ("u8", "u8", "i8", "i", "u4", "u8", "u8", "i", "i8", "u4"),
        "number_level": ("u8", "i", "u4", "i8", "u4"),
    },
    "choosing": {"put_takes": ("u8", "i4", "i4", "u8", "i4", "i4")},
    "walking": {
        "walk": (
            *(_WALKS, "i", "i", "i", "i8", _GRAPH, _TAKES, "u8 2", _TRAITS, _PLAN, _MET, _SHOWN, _KEPT),
            "i8 2",
        ),
        "merge": ("u8", "i", "u8", "i8", "u8"),
    },
}
#: Part → its modules. Most checks need the first alone.
_PARTS = {
    "search": ("kernel", "keys", "remainders", "backwards"),
    "ordering": ("ordered", "commuting", "sleeping"),
    "walks": ("choosing", "walking"),
}
SEARCH, ORDERING, WALKS = _PARTS
#: Part → the names of its kernels.
PARTS = {
    part: {name for module in modules for name in _WRITTEN[module]} for part, modules in _PARTS.items()
}
#: Kernel → the forms of its arguments, and the module that it is in.
FORMS = {name: forms for kernels in _WRITTEN.values() for name, forms in kernels.items()}
MODULES = {
    name: f"checker.engines.native.kernel.{module}"
    for module, kernels in _WRITTEN.items()
    for name in kernels
}
#: All that their code depends on.
_SOURCES = tuple(f"{name}.py" for name in ("layout", "normal", "vectors", "passing", *_WRITTEN, "machine"))
#: What was made ready so far, by name.
_READY: dict[str, Callable[..., int]] = {}
#: Two threads may want the first kernel of a part at once.
_MAKING = RLock()
#: What LLVM may make of a loop.
LOOPS_BECOME = ("memset", "memcpy", "memmove")
#: What numba refers to where something is raised, or given back; and what is called instead.
NEVER_CALLED = dict.fromkeys(
    (
        *("NRT_Free", "NRT_MemInfo_call_dtor", "numba_do_raise", "numba_gil_ensure", "numba_gil_release"),
        *("numba_runtime_build_excinfo_struct", "numba_unpickle"),
    ),
    "abort",
)
#: Engines own the code that they linked; they must live as long as the process.
_LINKED: list[Any] = []


class StaleForm(Exception):  # noqa: N818 - a bug of ours
    """A kernel was called with an array of another type than its form says."""


# Calling --------------------------------------------------------------------------------------------


class Kernel:
    """A compiled kernel: called as the function it was, arrays C-contiguous and of the right type."""

    def __init__(self, name: str, address: int) -> None:
        self.name = name
        forms = list(flat(FORMS[name]))
        kinds = [kind for form in forms for kind in _c_types(form)]
        self._function = ctypes.CFUNCTYPE(ctypes.c_int64, *kinds)(address)
        #: for each argument the type of an array's elements, None for an integer
        self._elements = [None if form == "i" else np.dtype(form[:2]) for form in forms]

    def __call__(self, *arguments: Any) -> int:
        """Call it; kernels that return nothing return 0."""
        words: list[int] = []
        for elements, value in zip(self._elements, _flat_values(arguments), strict=True):
            if elements is None:
                words.append(int(value))
                continue
            if value.dtype != elements or not value.flags.c_contiguous:
                expected = elements.str[1:]
                raise StaleForm(f"{self.name}: expected {expected}, got {value.dtype} {value.shape}")
            words.append(value.__array_interface__["data"][0])
            words.extend(value.shape)
        return int(self._function(*words))


def flat(form: Form) -> Iterator[str]:
    """The forms of a nested tuple, in order."""
    if isinstance(form, tuple):
        for part in form:
            yield from flat(part)
    else:
        yield form


def _flat_values(values: tuple[Any, ...]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, tuple):
            yield from _flat_values(value)
        else:
            yield value


def _dimensions(form: str) -> int:
    return int(form[3:] or 1)


def _c_types(form: str) -> list[Any]:
    if form == "i":
        return [ctypes.c_int64]
    return [ctypes.c_void_p, *[ctypes.c_int64] * _dimensions(form)]


# Building, with numba -------------------------------------------------------------------------------


def build(names: Collection[str], *, again: bool = False) -> dict[str, tuple[str, bytes]]:
    """Kernel → (symbol, object code) for these, compiled by numba, which takes a while and is told.

    `again` says that it cannot be kept.
    """
    often = "for this run" if again else "once for this installation"
    print(f"compiling the kernels, {often}:", end="", file=sys.stderr, flush=True)
    built = {}
    try:
        for name in (name for name in FORMS if name in names):
            print(f" {name}", end="", file=sys.stderr, flush=True)
            built[name] = _built(name)
    finally:
        print(file=sys.stderr, flush=True)
    return built


def _built(name: str) -> tuple[str, bytes]:
    import numba  # noqa: PLC0415 - slow to import, and needed only here

    kinds = [
        numba.types.int64 if kind is ctypes.c_int64 else numba.types.voidptr
        for kind in _all_kinds(FORMS[name])
    ]
    kernel = written(name)
    compiled: Any = numba.cfunc(numba.types.int64(*kinds))(_entry(FORMS[name], kernel, numba))
    library = compiled._library  # noqa: SLF001 - numba has no public way to the object code
    return compiled._wrapper_name, bytes(library._get_compiled_object())  # noqa: SLF001


def _all_kinds(forms: tuple[Form, ...]) -> list[Any]:
    return [kind for form in flat(forms) for kind in _c_types(form)]


def _entry(forms: tuple[Form, ...], kernel: Callable[..., Any], numba: Any) -> Callable[..., Any]:
    """A function of plain addresses and integers that calls the kernel with arrays made of them."""
    parameters: list[str] = []

    def argument(form: Form) -> str:
        if isinstance(form, tuple):
            return "(" + ", ".join(map(argument, form)) + ",)"
        at = len(parameters)
        if form == "i":
            parameters.append(f"x{at}")
            return f"x{at}"
        sizes = [f"x{at + 1 + k}" for k in range(_dimensions(form))]
        parameters.extend([f"x{at}", *sizes])
        return f"carray(x{at}, ({', '.join(sizes)},), {form[:2]})"

    call = f"kernel({', '.join(map(argument, forms))})"
    returns = getattr(kernel, "py_func", kernel).__annotations__["return"] != "None"
    body = f"    return {call}" if returns else f"    {call}\n    return 0"
    types = {form: np.dtype(form).type for form in ("u1", "u4", "u8", "i1", "i4", "i8")}
    namespace: dict[str, Any] = {"kernel": kernel, "carray": numba.carray, **types}
    exec(f"def entry({', '.join(parameters)}):\n{body}\n", namespace)  # noqa: S102 - our own text
    entry: Callable[..., Any] = namespace["entry"]
    return entry


# Linking --------------------------------------------------------------------------------------------


def fingerprint() -> str:
    """A hash of all that the object code depends on."""
    here = Path(__file__).parent
    parts = [(here / name).read_bytes() for name in _SOURCES]
    versions = [metadata.version(name) for name in ("numba", "llvmlite", "numpy")]
    machine = (platform.system(), platform.machine(), llvm.get_host_cpu_name())
    features = llvm.get_host_cpu_features().flatten()
    parts += [repr((sys.version, versions, machine, features)).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def _link(built: dict[str, tuple[str, bytes]]) -> dict[str, Callable[..., int]]:
    """The kernels as callables. Raises RuntimeError if the code cannot be linked."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    _offer_what_they_refer_to()
    target = llvm.Target.from_default_triple()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target.create_target_machine(jit=True))
    for _, code in built.values():
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _LINKED.append(engine)
    kernels: dict[str, Callable[..., int]] = {}
    for name, (symbol, _) in built.items():
        address = engine.get_function_address(symbol)
        if not address:
            raise RuntimeError(f"{name} has no address")
        kernels[name] = Kernel(name, address)
    return kernels


def _offer_what_they_refer_to() -> None:
    """Tell the linker where the functions are that object code refers to.

    It resolves all names or, without a word, none: then a call of what LLVM made of a loop is one of
    address 0. Of numba's own, which are there only where it is imported, none is ever called: kernels raise
    nothing.
    """
    with suppress(OSError, TypeError, AttributeError):
        library = ctypes.CDLL(None)
        for name, stands_for in {**{name: name for name in LOOPS_BECOME}, **NEVER_CALLED}.items():
            address = ctypes.cast(getattr(library, stands_for), ctypes.c_void_p).value
            if address is not None and not llvm.address_of_symbol(name):
                llvm.add_symbol(name, address)


def _as_written(names: Collection[str]) -> dict[str, Callable[..., int]]:
    """The kernels as numba compiles them when called, or as plain Python where it is told not to."""
    wrapping = np.errstate(over="ignore")  # a product of hashing is meant to wrap around
    return {name: wrapping(written(name)) for name in names}


def written(name: str) -> Callable[..., Any]:
    """A kernel as it is written, or as numba has it."""
    found: Callable[..., Any] = getattr(import_module(MODULES[name]), name)
    return found


def place_of(part: str) -> Path | None:
    """Where the object code of a part is kept; None where none can be."""
    return keeping.place(f"kernels-{fingerprint()}-{part}.json")


def _made(part: str) -> dict[str, Callable[..., int]]:
    """The kernels of a part, as callables."""
    names = PARTS[part]
    if any(os.environ.get(name, "0") != "0" for name in ("NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK")):
        return _as_written(names)
    path = place_of(part)
    built = None if path is None else keeping.load(path, names)
    if built is None:
        built = build(names, again=path is None)
        if path is not None:
            keeping.save(path, built)
    try:
        return _link(built)
    except RuntimeError:
        return _as_written(names)


def ready(*parts: str) -> None:
    """Make the kernels of these parts ready to be called, which may mean that they are compiled now."""
    with _MAKING:
        for part in parts:
            if not PARTS[part] <= _READY.keys():
                _READY.update(_made(part))


def kernels() -> dict[str, Callable[..., int]]:
    """Every kernel by name, ready to be called."""
    ready(*PARTS)
    return _READY


if TYPE_CHECKING:  # a call of a kernel is checked against the kernel itself
    from checker.engines.native.kernel.backwards import find, gather, mark
    from checker.engines.native.kernel.choosing import put_takes
    from checker.engines.native.kernel.commuting import fill_carried, fill_own, fill_renamed, keep_carried
    from checker.engines.native.kernel.kernel import (
        enter,
        expand,
        look,
        owners_of,
        put_posts,
        repack,
    )
    from checker.engines.native.kernel.keys import (
        insert,
        intern_halves,
        join,
        reinsert,
        split,
        spread,
    )
    from checker.engines.native.kernel.ordered import expand_in_order
    from checker.engines.native.kernel.remainders import (
        find_remainders,
        insert_remainders,
        place_hashes,
        spread_remainders,
    )
    from checker.engines.native.kernel.sleeping import agree, join_level, number_level
    from checker.engines.native.kernel.walking import merge, walk

    __all__ = [
        "agree",
        "enter",
        "expand",
        "expand_in_order",
        "fill_carried",
        "fill_own",
        "fill_renamed",
        "find",
        "find_remainders",
        "gather",
        "insert",
        "insert_remainders",
        "intern_halves",
        "join",
        "join_level",
        "keep_carried",
        "look",
        "mark",
        "merge",
        "number_level",
        "owners_of",
        "place_hashes",
        "put_posts",
        "put_takes",
        "reinsert",
        "repack",
        "split",
        "spread",
        "spread_remainders",
        "walk",
    ]
else:

    def __getattr__(name: str) -> Callable[..., int]:
        """The kernel of that name, as an attribute of this module."""
        known = _READY.get(name)
        if known is None:
            if name not in FORMS:
                raise AttributeError(name)
            ready(*(part for part, names in PARTS.items() if name in names))
            known = _READY[name]
        return known
