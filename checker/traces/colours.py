"""Colours of what a protocol tells its messages apart by."""

from __future__ import annotations

from checker.traces.causality import Causality

#: Number of colours that keys (such as ballots) are given in turn.
COLOURS = 8


def colours_of(known: Causality) -> dict[object, str]:
    """Colour classes by key, dealt in the order in which messages with a key are first sent."""
    colouring = known.trace.system.colouring
    if colouring is None:
        return {}
    keys = dict.fromkeys(colouring.key(parcel.message) for parcel in known.parcels)
    return {key: f"k{i % COLOURS}" for i, key in enumerate(k for k in keys if k is not None)}
