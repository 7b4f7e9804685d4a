"""A model checker for protocols written as pure functions; these are its public names.

What a protocol is described with: `Role`, `Step`, `View`, `Member`, `Symmetry`, `System`; what is claimed
of it: `Property`, `Kind`; what its model files hold: `ModelFile`, `Part`, the kinds of values `Whole`,
`OneOf`, `Text`, `Flag`, `Many`, `Maybe`, and `Objections` for what a schema cannot say; how it offers
itself: `Variant`, `Mutant`, `Protocol`, `system_of`; how a test asks: `verify`, `assert_verified`,
`assert_violated`, `assert_as_expected`, with `Options(Means(…), Limits(…))`. docs/writing.md builds a
protocol from them.

Names that are not listed here may change without notice. Nothing is imported before it is asked for:
the command line and pytest's start must not wait for libraries that a run does not use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checker.assembly import system_of
    from checker.check import Options
    from checker.engines import Means
    from checker.exploration import Limits, Reductions
    from checker.faults import Faults, Objection, Objections, UnsoundClaim
    from checker.fields import Flag, OneOf, Text, Whole
    from checker.modelfile import LoadedModel, Many, Maybe, ModelFile, Part, load, load_text
    from checker.network import AtMostOnce, Fifo, LossyDuplicating
    from checker.properties import Kind, Property
    from checker.protocol import Mutant, Protocol, Variant, protocols
    from checker.result import CheckResult
    from checker.testing import assert_as_expected, assert_verified, assert_violated, verify
    from checker.values import show
    from checker.verdict import ExitCode, Verdict
    from checker.vocabulary import Member, Role, Step, Symmetry, System, View

#: Public name → the module that defines it.
_HOMES = {
    name: module
    for module, names in {
        "checker.assembly": ("system_of",),
        "checker.check": ("Options",),
        "checker.engines": ("Means",),
        "checker.exploration": ("Limits", "Reductions"),
        "checker.faults": ("Faults", "Objection", "Objections", "UnsoundClaim"),
        "checker.fields": ("Flag", "OneOf", "Text", "Whole"),
        "checker.modelfile": ("LoadedModel", "Many", "Maybe", "ModelFile", "Part", "load", "load_text"),
        "checker.network": ("AtMostOnce", "Fifo", "LossyDuplicating"),
        "checker.properties": ("Kind", "Property"),
        "checker.protocol": ("Mutant", "Protocol", "Variant", "protocols"),
        "checker.result": ("CheckResult",),
        "checker.testing": ("assert_as_expected", "assert_verified", "assert_violated", "verify"),
        "checker.values": ("show",),
        "checker.verdict": ("ExitCode", "Verdict"),
        "checker.vocabulary": ("Member", "Role", "Step", "Symmetry", "System", "View"),
    }.items()
    for name in names
}

__all__ = [
    "AtMostOnce",
    "CheckResult",
    "ExitCode",
    "Faults",
    "Fifo",
    "Flag",
    "Kind",
    "Limits",
    "LoadedModel",
    "LossyDuplicating",
    "Many",
    "Maybe",
    "Means",
    "Member",
    "ModelFile",
    "Mutant",
    "Objection",
    "Objections",
    "OneOf",
    "Options",
    "Part",
    "Property",
    "Protocol",
    "Reductions",
    "Role",
    "Step",
    "Symmetry",
    "System",
    "Text",
    "UnsoundClaim",
    "Variant",
    "Verdict",
    "View",
    "Whole",
    "assert_as_expected",
    "assert_verified",
    "assert_violated",
    "load",
    "load_text",
    "protocols",
    "show",
    "system_of",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'checker' has no public name '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
