"""Models by their sizes that change their configuration, or collect garbage: what both checkers count."""

from __future__ import annotations

from dataclasses import replace

from bench.claims import DUPLICATING, FIFO, LOSSY, ONCE
from bench.sizes import Size

#: (leaders, acceptors) of each configuration.
Configurations = tuple[tuple[int, int], ...]

_SMALL: Configurations = ((1, 1), (1, 1))
_GROWS: Configurations = ((1, 1), (1, 3))
_SHRINKS: Configurations = ((1, 3), (1, 1))
_MAJORITIES: Configurations = ((1, 3), (1, 3))
_RIVALS: Configurations = ((2, 1), (1, 1))
_NEW_RIVALS: Configurations = ((1, 1), (2, 1))
_TWICE: Configurations = ((1, 1), (1, 1), (1, 1))


def _changing(
    configurations: Configurations,
    network: str,
    *,
    replicas: int = 1,
    slots: int = 3,
    rounds: int = 1,
    commands: int = 1,
    window: int = 1,
    rule: str = "",
) -> Size:
    """A model in which somebody wants every configuration but the first."""
    return Size(
        acceptors=sum(acceptors for _, acceptors in configurations),
        leaders=sum(leaders for leaders, _ in configurations),
        replicas=replicas,
        slots=slots,
        rounds=rounds,
        commands=commands,
        network=network,
        window=window,
        configurations=configurations,
        reconfigurations=tuple(range(1, len(configurations))),
        rule=rule,
    )


#: In the order of the table; the large ones last.
RECONFIGURATIONS = (
    _changing(_SMALL, ONCE),
    _changing(_SMALL, DUPLICATING, commands=2),
    _changing(_SMALL, LOSSY, commands=2),
    _changing(_SMALL, ONCE, commands=2, window=2),
    _changing(_SMALL, ONCE, replicas=2),
    _changing(_SMALL, DUPLICATING, replicas=2, slots=2),
    _changing(_SMALL, FIFO, replicas=2),
    _changing(_SMALL, ONCE, replicas=2, slots=4, window=2),
    _changing(_GROWS, ONCE),
    _changing(_SHRINKS, FIFO),
    _changing(_RIVALS, ONCE),
    replace(_changing(_RIVALS, ONCE), rounds=0, spread=1),
    _changing(_NEW_RIVALS, ONCE, rounds=2),
    _changing(_NEW_RIVALS, DUPLICATING, slots=2),
    _changing(_TWICE, ONCE, slots=5, window=2),
    _changing(_TWICE, ONCE, replicas=2, slots=4, commands=0),
    _changing(_TWICE, ONCE, replicas=2, slots=4, commands=0, window=2),
    _changing(_MAJORITIES, FIFO, slots=2),
    _changing(_MAJORITIES, ONCE, slots=2),
    _changing(_SMALL, ONCE, replicas=2, commands=2),
    _changing(_SMALL, FIFO, replicas=2, commands=2),
    _changing(_TWICE, ONCE, replicas=2, slots=4),
)
_FEW, _ALL, _FORGETFUL = "collection: f-plus-one", "collection: all", "replica: forgetful"
COLLECTIONS = (
    Size(1, 1, 2, 3, 1, 2, ONCE, rule=_FORGETFUL),
    Size(1, 1, 2, 2, 1, 2, FIFO, rule=_FORGETFUL),
    Size(1, 1, 2, 1, 1, 1, ONCE, window=1, rule=_FEW),
    Size(1, 1, 2, 1, 1, 1, ONCE, window=1, rule=_ALL),
    Size(1, 1, 2, 1, 1, 1, DUPLICATING, window=1, rule=_FEW),
    Size(1, 1, 2, 1, 1, 1, FIFO, window=1, rule=_FEW),
    Size(1, 1, 1, 2, 1, 2, DUPLICATING, window=1, rule=_ALL),
    Size(1, 1, 2, 1, 1, 2, DUPLICATING, window=1, rule=_FEW),
    Size(1, 1, 3, 1, 1, 1, DUPLICATING, window=1, rule=_FEW),
    Size(1, 2, 1, 1, 2, 1, ONCE, window=1, rule=_FEW),
    Size(1, 2, 1, 1, 1, 2, ONCE, rule=_FEW),
    Size(1, 2, 1, 1, 1, 1, DUPLICATING, rule=_FEW),
    Size(1, 2, 1, 2, 1, 2, FIFO, window=1, rule=_FEW),
    Size(3, 1, 1, 1, 1, 1, ONCE, rule=_FEW),
    _changing(_SMALL, ONCE, rule=_FEW),
    _changing(_SMALL, ONCE, replicas=2, slots=2, rule=_FORGETFUL),
    _changing(_SMALL, ONCE, replicas=2, slots=2, commands=0, rule=_FEW),
    _changing(_SMALL, FIFO, replicas=2, slots=2, commands=0, rule=_ALL),
    Size(3, 1, 2, 1, 1, 1, ONCE, rule=_FEW),
    Size(3, 1, 2, 1, 1, 1, FIFO, rule=_ALL),
    Size(1, 2, 2, 1, 1, 1, ONCE, rule=_FEW),
    Size(1, 1, 2, 2, 1, 2, FIFO, window=1, rule=_FEW),
    Size(1, 1, 2, 2, 1, 2, ONCE, window=1, rule=_ALL),
    _changing(_SMALL, ONCE, commands=2, rule=_FEW),
    Size(1, 1, 2, 2, 1, 2, ONCE, window=1, rule=_FEW),
    Size(1, 1, 2, 2, 1, 2, ONCE, rule=_FEW),
)
