"""A command's part played in this process: what is asked over lines, asked of a function instead."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from checker.implementations.answers import Steps
from checker.implementations.command import Command
from checker.implementations.implementation import Call, Implementation
from checker.implementations.pool import Fault
from checker.model.modelcode import OutsideError
from checker.model.vocabulary import Local, NodeName
from checker.model.wire import Wire

#: A request of the line protocol, without its id, and the config → the answer, without that too.
Answering = Callable[[Any, dict[str, Any]], dict[str, Any]]


class Within(Implementation):
    """What a function answers in the place of some nodes: the line protocol without lines and processes."""

    def __init__(
        self, name: str, answer: Answering, wire: Callable[[], Wire], like: dict[NodeName, Local]
    ) -> None:
        super().__init__(Command((name,)), wire, like, opaque=True)
        self._answer = answer
        self._config: Any = None

    def steps(self, call: Call) -> Steps:
        """What the node does. Raises OutsideError for what is no answer."""
        found = self._known.get(call)
        if found is None:
            if self._config is None:
                self._config = self.wire.config()
            request = json.loads(f"{{{self._request(call)}}}")
            found = self._known[call] = self._read(call, self._answer(self._config, request))
        if isinstance(found, Fault):
            raise OutsideError(found.text)
        return found
