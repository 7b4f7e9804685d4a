"""Where the seconds of a search go: in which kernel, in Python, in waiting; and how much is looked up."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

from checker.engines.native.kernel import machine
from checker.engines.native.search.search import Search
from checker.engines.native.states.store import Store

#: The kernels that are told by name; the seconds of all others go together.
TOLD = ("expand", "expand_in_order", "insert", "agree", "look")


class Profile:
    """Seconds by kernel, added up over all threads, from `begin` on."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.looked_up = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Measure every call of a kernel from now on, and count the states that stores look up."""
        for name, kernel in machine.kernels().items():
            machine.kernels()[name] = self._measured(name if name in TOLD else "others", kernel)
        absorb = Store.absorb

        def counted(store: Store, w0: Any, w1: Any, count: int, asleep: Any = None) -> Any:
            with self._lock:
                self.looked_up += count
            return absorb(store, w0, w1, count, asleep)

        Store.absorb = counted  # type: ignore[method-assign]
        Search._each = self._measured("together", Search._each)  # type: ignore[method-assign] # noqa: SLF001

    def _measured(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                spent = time.perf_counter() - begun
                with self._lock:
                    self.seconds[name] += spent

        return call

    def account(self) -> dict[str, float]:
        """Seconds by kernel, of all threads; seconds of the rounds in which they work together."""
        return {f"in_{name}": self.seconds[name] for name in (*TOLD, "others", "together")} | {
            "looked_up": self.looked_up
        }
