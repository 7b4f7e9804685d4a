"""The wire form of PMMC: its messages and local states as JSON."""

from spec.wire.form import PmmcWire, wire_of

__all__ = ["PmmcWire", "wire_of"]
