"""What a quorum is: of the acceptors that decide, more than half (paper, section 2.3).

Whoever asks whether enough acceptors have spoken asks here, rules and properties alike. The acceptors are
an argument: what decides may one day be another set of them for each slot.
"""

from collections.abc import Collection, Sequence

from pmmc.values import Node


def is_quorum(heard: Collection[Node], acceptors: Sequence[Node]) -> bool:
    """Whether those that were heard, all different and all of `acceptors`, are a quorum of them."""
    return is_majority(len(heard), len(acceptors))


def is_majority(count: int, total: int) -> bool:
    """Whether `count` processes are more than half of `total`."""
    return 2 * count > total
