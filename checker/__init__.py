"""A model checker for protocols written as pure functions; these are its public names.

What a protocol is described with: `Rule`, `Wake`, `Role`, `Step`, `View`, `Member`, `Symmetry`, `Shift`,
`Network`, `System`, what it is shown by, `Colouring`, `Picture`, `Table`, `Row`, `Entry`, and what joins
its nodes, `Machines`, `Crashes`, `Clocks`, `Shutdowns`, `Detector`, `FaultyLinks`, `Partition`,
`observer`, or plays them, `Outside`, and `Histories` of calls to a `SequentialObject`, each an
`Invocation` and a `Response`; what is claimed of it: `Property`, `Kind`, `LINEARIZABLE`,
`SEQUENTIALLY_CONSISTENT`, of runs by `eventually`, `always_eventually`, `leads_to`, and what is assumed
of these: `Fairness`, `Assumption`; what its model files hold: `ModelFile`, `Part`, the kinds of values
`Whole`, `OneOf`, `Text`, `Flag`, `Many`, `Maybe`, and `Objections` for what a schema cannot say; how it
offers itself: `Variant`, `Mutant`, `Calls`, `Protocol`, `system_of`; how a test asks: `verify`,
`assert_verified`, `assert_violated`, `assert_as_expected`, `assert_conforms`, with `Options(Means(…),
Limits(…))`.
docs/writing.md builds a protocol from them, docs/reference.md names them.

Names that are not listed here may change without notice. Nothing is imported before it is asked for:
the command line and pytest's start must not wait for libraries that a run does not use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checker.checking.question import Options
    from checker.checking.result import CheckResult
    from checker.engines.checkpoint import Keeping
    from checker.engines.choose import Means
    from checker.engines.contract import Limits, Reductions
    from checker.model.calls import Calls
    from checker.model.claims import UnsoundClaim
    from checker.model.consistency import LINEARIZABLE, SEQUENTIALLY_CONSISTENT
    from checker.model.environment.clocks import Clocks
    from checker.model.environment.crashes import Crashes, Stable
    from checker.model.environment.detectors import Detector
    from checker.model.environment.histories import LINEARIZABILITY, Consistency, Histories
    from checker.model.environment.links import FaultyLinks, Link
    from checker.model.environment.machines import Machine, Machines
    from checker.model.environment.partitions import Partition
    from checker.model.environment.sequential_consistency import SEQUENTIAL_CONSISTENCY
    from checker.model.environment.shutdowns import Shutdowns
    from checker.model.fairness import Assumption, Fairness
    from checker.model.linearizability import Invocation, Response, SequentialObject
    from checker.model.network import AtMostOnce, Fifo, Lossy, LossyDuplicating, Network, Reliable
    from checker.model.outside import Outside
    from checker.model.pictures import Entry, Picture, Row, Table
    from checker.model.properties import Kind, Property, always_eventually, eventually, leads_to
    from checker.model.shift import Shift
    from checker.model.system import System
    from checker.model.values import Hosted, show
    from checker.model.verdict import ExitCode, Verdict
    from checker.model.vocabulary import (
        Colouring,
        Envelope,
        Member,
        Role,
        Rule,
        Seen,
        Step,
        Symmetry,
        View,
        Wake,
        observer,
    )
    from checker.modelfiles.assembly import system_of
    from checker.modelfiles.complaints import Faults, Objection, Objections
    from checker.modelfiles.fields import Flag, OneOf, Text, Whole
    from checker.modelfiles.loading import LoadedModel, load, load_text
    from checker.modelfiles.protocol import Mutant, Protocol, Variant, protocols
    from checker.modelfiles.schema import Many, Maybe, ModelFile, Part
    from checker.testing.asserts import assert_as_expected, assert_verified, assert_violated, verify
    from checker.testing.conformance import assert_conforms
    from checker.testing.explaining import why

#: Public name → the module that defines it.
_HOMES = {
    name: module
    for module, names in {
        "checker.checking.question": ("Options",),
        "checker.checking.result": ("CheckResult",),
        "checker.engines.checkpoint": ("Keeping",),
        "checker.engines.choose": ("Means",),
        "checker.engines.contract": ("Limits", "Reductions"),
        "checker.model.calls": ("Calls",),
        "checker.model.claims": ("UnsoundClaim",),
        "checker.model.consistency": ("LINEARIZABLE", "SEQUENTIALLY_CONSISTENT"),
        "checker.model.environment.clocks": ("Clocks",),
        "checker.model.environment.crashes": ("Crashes", "Stable"),
        "checker.model.environment.detectors": ("Detector",),
        "checker.model.environment.histories": ("LINEARIZABILITY", "Consistency", "Histories"),
        "checker.model.environment.links": ("FaultyLinks", "Link"),
        "checker.model.environment.machines": ("Machine", "Machines"),
        "checker.model.environment.partitions": ("Partition",),
        "checker.model.environment.sequential_consistency": ("SEQUENTIAL_CONSISTENCY",),
        "checker.model.environment.shutdowns": ("Shutdowns",),
        "checker.model.fairness": ("Assumption", "Fairness"),
        "checker.model.linearizability": ("Invocation", "Response", "SequentialObject"),
        "checker.model.network": ("AtMostOnce", "Fifo", "Lossy", "LossyDuplicating", "Network", "Reliable"),
        "checker.model.outside": ("Outside",),
        "checker.model.pictures": ("Entry", "Picture", "Row", "Table"),
        "checker.model.properties": (
            *("Kind", "Property"),
            *("always_eventually", "eventually", "leads_to"),
        ),
        "checker.model.shift": ("Shift",),
        "checker.model.system": ("System",),
        "checker.model.values": ("Hosted", "show"),
        "checker.model.verdict": ("ExitCode", "Verdict"),
        "checker.model.vocabulary": (
            *(
                "Colouring",
                "Envelope",
                "Member",
                "Role",
                "Rule",
                "Seen",
                "Step",
                "Symmetry",
                "View",
                "Wake",
            ),
            "observer",
        ),
        "checker.modelfiles.assembly": ("system_of",),
        "checker.modelfiles.complaints": ("Faults", "Objection", "Objections"),
        "checker.modelfiles.fields": ("Flag", "OneOf", "Text", "Whole"),
        "checker.modelfiles.loading": ("LoadedModel", "load", "load_text"),
        "checker.modelfiles.protocol": ("Mutant", "Protocol", "Variant", "protocols"),
        "checker.modelfiles.schema": ("Many", "Maybe", "ModelFile", "Part"),
        "checker.testing.asserts": ("assert_as_expected", "assert_verified", "assert_violated", "verify"),
        "checker.testing.conformance": ("assert_conforms",),
        "checker.testing.explaining": ("why",),
    }.items()
    for name in names
}

__all__ = [
    "LINEARIZABILITY",
    "LINEARIZABLE",
    "SEQUENTIALLY_CONSISTENT",
    "SEQUENTIAL_CONSISTENCY",
    "Assumption",
    "AtMostOnce",
    "Calls",
    "CheckResult",
    "Clocks",
    "Colouring",
    "Consistency",
    "Crashes",
    "Detector",
    "Entry",
    "Envelope",
    "ExitCode",
    "Fairness",
    "Faults",
    "FaultyLinks",
    "Fifo",
    "Flag",
    "Histories",
    "Hosted",
    "Invocation",
    "Keeping",
    "Kind",
    "Limits",
    "Link",
    "LoadedModel",
    "Lossy",
    "LossyDuplicating",
    "Machine",
    "Machines",
    "Many",
    "Maybe",
    "Means",
    "Member",
    "ModelFile",
    "Mutant",
    "Network",
    "Objection",
    "Objections",
    "OneOf",
    "Options",
    "Outside",
    "Part",
    "Partition",
    "Picture",
    "Property",
    "Protocol",
    "Reductions",
    "Reliable",
    "Response",
    "Role",
    "Row",
    "Rule",
    "Seen",
    "SequentialObject",
    "Shift",
    "Shutdowns",
    "Stable",
    "Step",
    "Symmetry",
    "System",
    "Table",
    "Text",
    "UnsoundClaim",
    "Variant",
    "Verdict",
    "View",
    "Wake",
    "Whole",
    "always_eventually",
    "assert_as_expected",
    "assert_conforms",
    "assert_verified",
    "assert_violated",
    "eventually",
    "leads_to",
    "load",
    "load_text",
    "observer",
    "protocols",
    "show",
    "system_of",
    "verify",
    "why",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'checker' has no public name '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
