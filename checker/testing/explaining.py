"""A counterexample explained, for use in tests and notebooks: what `pmmc why` says, as a value.

print(why("models/duel.pmmc.yaml", "R1"))
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from checker.checking.question import Options
from checker.explanation.ownrules import own_of
from checker.explanation.why import Why
from checker.explanation.why import why as explain
from checker.model.system import System
from checker.modelfiles.loading import LoadedModel
from checker.testing.asserts import AS_THE_FILE_SAYS, Model, read, verify
from checker.text.why import Called, explained
from checker.traces.retrace import readable


@dataclass(slots=True)
class Explained(Why):
    """An explanation whose text is what `pmmc why` prints."""

    def __str__(self) -> str:
        return "\n".join(explained(self, Called(self.trace.system.name)))

    @classmethod
    def of(cls, found: Why) -> Self:
        """The same explanation, to be printed."""
        return cls(**{field.name: getattr(found, field.name) for field in fields(found)})


def why(model: Model, property_id: str, options: Options = AS_THE_FILE_SAYS) -> Why:
    """Why a property of a model is violated, or how a goal is reached: the counterexample, explained.

    The model is checked first. Raises ValueError if nothing shows the property, and as `verify`.
    """
    loaded = model if isinstance(model, LoadedModel | System) else read(model)
    result = verify(loaded, options)
    trace = result.traces.get(property_id)
    if trace is None:
        raise ValueError(f"{property_id}: there is nothing to explain\n\n{result}")
    own = None if isinstance(loaded, System) else own_of(loaded)
    return Explained.of(explain(readable(trace), options.means, options.limits, own=own))
