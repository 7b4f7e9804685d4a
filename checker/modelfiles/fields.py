"""The kinds of values that model files are made of, with messages of our own.

Each is put into an `Annotated` type. It reads a plain value strictly, refuses everything else with
what was expected, and knows its own JSON schema. Pydantic puts them together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from checker.model.plaintext import objection
from checker.modelfiles.complaints import Unknown, shown


def refuse(message: str | Unknown) -> PydanticCustomError:
    """The error a field raises: this message as it stands, which `schemafaults` takes out again."""
    # in a tuple, because pydantic makes text of what it is handed, whether or not anybody reads it
    return PydanticCustomError("refused", "refused", {"message": (message,)})


def refusal(error: PydanticCustomError) -> str | Unknown:
    """The message of an error that `refuse` made."""
    message: str | Unknown = (error.context or {})["message"][0]
    return message


class _Leaf:
    """A value read by `read` and described by `json`."""

    __slots__ = ()

    def read(self, value: Any) -> Any:
        """The value, or an error made by `refuse`."""
        raise NotImplementedError

    def json(self) -> dict[str, Any]:
        """The JSON schema of what may be written."""
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return self.json()


@dataclass(frozen=True, slots=True)
class Whole(_Leaf):
    """A whole number from `low` to `high`; no truth value, no text. `what` says so in messages."""

    low: int
    high: int
    what: str = "a whole number"

    def read(self, value: Any) -> int:
        """Return a valid value unchanged; object to any other."""
        if isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high:
            return value
        raise refuse(f"expected {self.what} from {self.low:,} to {self.high:,}, not {shown(value)}")

    def json(self) -> dict[str, Any]:
        """The JSON schema of it."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Seconds(_Leaf):
    """A number of seconds, above 0 and up to `most`."""

    most: int

    def read(self, value: Any) -> float:
        """Return a valid value as a float; object to any other."""
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= self.most:
            return float(value)
        raise refuse(f"expected seconds, above 0 and up to {self.most:,}, not {shown(value)}")

    def json(self) -> dict[str, Any]:
        """The JSON schema of it."""
        return {"type": "number", "exclusiveMinimum": 0, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class WholeOr(_Leaf):
    """A whole number from `low` to `high`, or a word instead."""

    low: int
    high: int
    word: str

    def read(self, value: Any) -> int | str:
        """Return a valid value unchanged; object to any other."""
        return self.word if value == self.word else self._number().read(value)

    def json(self) -> dict[str, Any]:
        """The JSON schema of it."""
        return {"anyOf": [self._number().json(), {"type": "string", "enum": [self.word]}]}

    def _number(self) -> Whole:
        return Whole(self.low, self.high, f"'{self.word}' or a whole number")


@dataclass(frozen=True, slots=True)
class Text(_Leaf):
    """Text with something in it, which can be shown as it stands; with `lines`, on several lines."""

    lines: bool = False

    def read(self, value: Any) -> str:
        """Return a valid value unchanged; object to any other."""
        if isinstance(value, str) and value.strip():
            wrong = objection(value, lines=self.lines)
            if wrong is not None:
                raise refuse(f"expected plain text, not one with {wrong}")
            return value
        if isinstance(value, str):
            raise refuse("expected text, not an empty one")
        hint = f"; write '{value}' in quotes" if isinstance(value, int) else ""
        raise refuse(f"expected text, not {shown(value)}{hint}")

    def json(self) -> dict[str, Any]:
        """The JSON schema of it."""
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Flag(_Leaf):
    """true or false."""

    def read(self, value: Any) -> bool:
        """Return a valid value unchanged; object to any other."""
        if isinstance(value, bool):
            return value
        raise refuse(f"expected true or false, not {shown(value)}")

    def json(self) -> dict[str, Any]:
        """The JSON schema of it."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class OneOf(_Leaf):
    """One of a few names. `what` is what they are names of."""

    what: str
    names: tuple[str, ...]

    def read(self, value: Any) -> str:
        """Return a valid value unchanged; object to any other."""
        if isinstance(value, str) and value in self.names:
            return value
        raise refuse(Unknown.of(self.what, value, self.names))

    def json(self) -> dict[str, Any]:
        """The JSON schema of it."""
        return {"type": "string", "enum": list(self.names)}


@dataclass(frozen=True, slots=True)
class Of(_Leaf):
    """A member of an enumeration, written by its value. `what` is what its members are."""

    members: type[Enum]
    what: str

    def read(self, value: Any) -> Any:
        """The member; it may stand for itself."""
        if isinstance(value, self.members):
            return value
        return self.members(self._names().read(value))

    def json(self) -> dict[str, Any]:
        """The JSON schema of it."""
        return self._names().json()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(lambda member: member.value)
        return core_schema.no_info_plain_validator_function(self.read, serialization=written)

    def _names(self) -> OneOf:
        return OneOf(self.what, tuple(member.value for member in self.members))


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a protocol has to offer; handed to validation as its context."""

    claims: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known(_Leaf):
    """A value that is judged by the names of the protocol at hand; without them any value is taken."""

    judge: Callable[[Names, Any], Any]

    def read_in_context(self, value: Any, info: core_schema.ValidationInfo) -> Any:
        """Return a valid value unchanged; object to any other."""
        return self.judge(info.context, value) if isinstance(info.context, Names) else value

    def json(self) -> dict[str, Any]:
        """The JSON schema of it."""
        return {}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read_in_context)
