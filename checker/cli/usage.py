"""What is wrong with a command line beyond its grammar: a name, a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from checker.model.plaintext import printable


class UsageFault(Exception):  # noqa: N818 - as the faults of a model file
    """The command cannot be carried out as it was given; exit code 2. The message is all that is said."""

    def __init__(self, fault: str) -> None:
        super().__init__(printable(f"pmmc: {fault}"))

    @classmethod
    def joined(cls, faults: Iterable[object]) -> Self:
        """Several faults, each worded already, as one."""
        fault = cls("")
        fault.args = ("\n".join(printable(str(one)) for one in faults),)
        return fault
