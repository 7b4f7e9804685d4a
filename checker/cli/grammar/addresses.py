"""Addresses on a command line: read, or refused with what was expected."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError

#: A name or number of a machine, or an IPv6 number in brackets, and a port.
_ADDRESS = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})")


def cluster_address(text: str) -> str:
    """The address of a Ray cluster, for argparse: HOST:PORT, or auto for that of this machine.

    Empty is that of none, for a cluster that is started here.
    """
    found = _ADDRESS.fullmatch(text)
    if text in {"", "auto"} or (found is not None and 0 < int(found[1]) < 1 << 16):
        return text
    if text.startswith("ray://"):
        raise ArgumentTypeError(
            f"{text!r} is for a client outside of the cluster: run pmmc on a machine of it, with "
            "--cluster auto"
        )
    raise ArgumentTypeError(
        f"expected auto or HOST:PORT, not {text!r}; a MODEL comes before --cluster, which may stand alone"
    )
