"""How values of other people's logs become ours: templates, as mapping files write them.

A template is text, a list or an object. Text is a path into what it is made of, such as `command.op` ("."
is all of it, `$node` the node that logs the event, `$from` and `$to` whom its message is from and for); a
list makes an array, an object an object, of what its templates make. Objects with these keys do more:

| | |
|---|---|
| `as: FORM, of: PATH` | what a form of the file makes of the value there; `missing: VALUE` if none |
| `each: PATH, as: FORM` | an array of what a form makes of each item |
| `pairs: PATH, as: FORM` | as `each`, of an object: its items are `{key: …, value: …}` |
| `match: PATTERN, of: PATH, give: TEMPLATE` | of text with `{names}` in it what they stand for |
| `node: PATH` | our name of a node |
| `configuration: PATH` | the number of the configuration that an object or text tells, from 0 |
| `text: "put {k} {v}", of: TEMPLATE` | text with fields of an object in it |
| `value: VALUE` | this value |
| `has: KEY, then: TEMPLATE, else: TEMPLATE` | one of two, as there is such a key or not |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from checker.model.wire import Json, Misfit, WireFault, WirePath
from checker.modelfiles.complaints import Objection, Path, shown, unknown


class Around(NamedTuple):
    """What a template may know beside the value that it is made of.

    `names` makes our name of a node of theirs, and `configuration` the number of one that is told somehow;
    it is None if none is told so.
    """

    outside: Mapping[str, Json]
    names: Callable[[str], str]
    configuration: Callable[[Json], int | None]


#: (value, what else is known, where the value stands) → what is made of it. Raises WireFault.
Template = Callable[[Json, Around, WirePath], Json]
#: Stands for a value that is not there.
_NOTHING = object()


def fault(path: WirePath, expected: str, found: Json) -> WireFault:
    """A value is not what a template needs."""
    return WireFault([Misfit(path, expected, found)])


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text with `{names}` in it, each of which stands for text without the character that follows it."""

    written: str
    compiled: re.Pattern[str]

    @classmethod
    def of(cls, written: str) -> Pattern:
        """The pattern that is written so. Raises ValueError."""
        pieces = re.split(r"\{([a-z_]*)\}", written)
        texts, names = pieces[::2], pieces[1::2]
        given = [name for name in names if name != "_"]
        if "" in names or len(given) != len(set(given)) or re.search(r"[{}]", "".join(texts)):
            raise ValueError("expected text with {names} in it, each once; {_} is any text")
        made = re.escape(texts[0])
        for name, text in zip(names, texts[1:], strict=True):
            some = f"[^{re.escape(text[0])}]+" if text else ".+"
            made += (f"(?:{some})" if name == "_" else f"(?P<{name}>{some})") + re.escape(text)
        return cls(written, re.compile(made, re.DOTALL))

    @property
    def names(self) -> list[str]:
        """The names that are in it."""
        return [*self.compiled.groupindex]

    def match(self, text: Json) -> dict[str, Json] | None:
        """What the names stand for; None if the text is another one."""
        found = self.compiled.fullmatch(text) if isinstance(text, str) else None
        return None if found is None else {name: numbered(part) for name, part in found.groupdict().items()}


def numbered(text: str) -> int | str:
    """A number, if the text is one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else text


def fill(text: str, parts: Mapping[str, Json]) -> str:
    """Text with what its `{names}` stand for."""
    return re.sub(r"\{([a-z_]+)\}", lambda found: str(parts[found[1]]), text)


class Compiler:
    """Makes templates of what a mapping file says, `forms` being those that it names.

    What is wrong is added to `wrong`.
    """

    def __init__(self, forms: Mapping[str, Json], wrong: list[Objection]) -> None:
        self._written, self._wrong = forms, wrong
        self._made: dict[str, Template] = {}

    def template(self, path: Path, written: Json) -> Template:
        """The template that is written there."""
        if isinstance(written, str):
            return self._path(path, written)
        if isinstance(written, list):
            return partial(_array, [self.template((*path, i), item) for i, item in enumerate(written)])
        if isinstance(written, dict):
            known = next((key for key in _OPERATORS if key in written), None)
            if known is not None:
                return self._operator(path, known, written)
            inner = {str(key): self.template((*path, key), value) for key, value in written.items()}
            return partial(_object, inner)
        return self._object(path, "expected a path, a list or an object of templates", written)

    def _object(self, path: Path, expected: str, written: Json) -> Template:
        self._wrong.append(Objection(path, f"{expected}, not {shown(written)}"))
        return partial(_value, None)

    def _path(self, path: Path, written: str) -> Template:
        if written.startswith("$"):
            if written[1:] not in OUTSIDE:
                self._wrong.append(Objection(path, unknown("name", written, [f"${n}" for n in OUTSIDE])))
            return partial(_outside, written[1:])
        keys = () if written == "." else tuple(written.split("."))
        if not all(keys):
            return self._object(path, "expected a path such as 'command.op'", written)
        return partial(_at, keys)

    def _operator(self, path: Path, known: str, written: dict[Any, Json]) -> Template:
        needed, optional = _OPERATORS[known]
        for key in written:
            if key not in (*needed, *optional):
                message = unknown(f"key beside '{known}'", key, [*needed, *optional])
                self._wrong.append(Objection((*path, key), message, key=True))
        missing = [key for key in needed if key not in written]
        if missing:
            return self._object(
                path, f"expected {' and '.join(map(repr, missing))} beside '{known}'", written
            )
        return self._made_of(path, known, written)

    def _made_of(self, path: Path, known: str, written: dict[Any, Json]) -> Template:
        def inner(key: str) -> Template:
            return self.template((*path, key), written[key])

        made: Template
        match known:
            case "value":
                made = partial(_value, written["value"])
            case "each" | "pairs":
                items = _entries if known == "pairs" else _listed
                made = partial(_items, inner(known), self._form((*path, "as"), written["as"]), items)
            case "as":
                form = self._form((*path, "as"), written["as"])
                made = partial(_formed, inner("of"), form, written.get("missing", _NOTHING))
            case "match":
                give = self.template((*path, "give"), written.get("give", "."))
                pattern = self._pattern((*path, "match"), written["match"])
                made = partial(_matched, pattern, inner("of"), give)
            case "text":
                text = self._text((*path, "text"), written["text"])
                made = partial(_text, text, inner("of"))
            case "has":
                made = partial(_either, str(written["has"]), inner("then"), inner("else"))
            case "node":
                made = partial(_node, inner("node"))
            case _:
                made = partial(_configuration, inner("configuration"))
        return made

    def _pattern(self, path: Path, written: Json) -> Pattern:
        try:
            return Pattern.of(str(written))
        except ValueError as error:
            self._wrong.append(Objection(path, str(error)))
            return Pattern.of("")

    def _text(self, path: Path, written: Json) -> str:
        if not isinstance(written, str):
            self._object(path, "expected text", written)
        return str(written)

    def _form(self, path: Path, name: Json) -> Template:
        if not isinstance(name, str) or name not in self._written:
            self._wrong.append(Objection(path, unknown("form", name, [*map(str, self._written)])))
            return partial(_value, None)

        def later(value: Json, around: Around, at: WirePath) -> Json:
            return self._made[name](value, around, at)

        return later

    def compile_forms(self) -> None:
        """Make the forms of the file, which may name each other."""
        for name, written in self._written.items():
            self._made[name] = self.template(("forms", name), written)


#: What paths with a dollar may name.
OUTSIDE = ("node", "from", "to")
#: Key of an operator → the keys that it must have, and those that it may.
_OPERATORS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "each": (("each", "as"), ()),
    "pairs": (("pairs", "as"), ()),
    "match": (("match", "of"), ("give",)),
    "text": (("text", "of"), ()),
    "has": (("has", "then", "else"), ()),
    "node": (("node",), ()),
    "configuration": (("configuration",), ()),
    "value": (("value",), ()),
    "as": (("as", "of"), ("missing",)),
}


def _value(constant: Json, value: Json, around: Around, at: WirePath) -> Json:
    return constant


def _array(inner: Sequence[Template], value: Json, around: Around, at: WirePath) -> Json:
    return [one(value, around, at) for one in inner]


def _object(inner: Mapping[str, Template], value: Json, around: Around, at: WirePath) -> Json:
    return {key: one(value, around, at) for key, one in inner.items()}


def _outside(name: str, value: Json, around: Around, at: WirePath) -> Json:
    if name not in around.outside:
        raise fault(at, f"expected an event with '{name}'", value)
    return around.outside[name]


def _at(keys: Sequence[str], value: Json, around: Around, at: WirePath) -> Json:
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            raise fault(at, f"expected an object with '{key}'", value)
        value, at = value[key], (*at, key)
    return value


def _formed(of: Template, form: Template, missing: Json, value: Json, around: Around, at: WirePath) -> Json:
    if missing is _NOTHING:
        return form(of(value, around, at), around, at)
    try:
        inner = of(value, around, at)
    except WireFault:
        inner = None
    return missing if inner is None else form(inner, around, at)


def _listed(value: Json, at: WirePath) -> list[Json]:
    if not isinstance(value, list):
        raise fault(at, "expected an array", value)
    return value


def _entries(value: Json, at: WirePath) -> list[Json]:
    if not isinstance(value, dict):
        raise fault(at, "expected an object", value)
    return [{"key": numbered(key), "value": item} for key, item in value.items()]


def _items(
    of: Template,
    form: Template,
    items: Callable[[Json, WirePath], list[Json]],
    value: Json,
    around: Around,
    at: WirePath,
) -> Json:
    return [form(item, around, (*at, i)) for i, item in enumerate(items(of(value, around, at), at))]


def _matched(
    pattern: Pattern, of: Template, give: Template, value: Json, around: Around, at: WirePath
) -> Json:
    text = of(value, around, at)
    found = pattern.match(text)
    if found is None:
        raise fault(at, f"expected text such as '{pattern.written}'", text)
    return give(found, around, at)


def _text(text: str, of: Template, value: Json, around: Around, at: WirePath) -> Json:
    parts = of(value, around, at)
    try:
        return fill(text, parts)
    except (KeyError, TypeError):
        raise fault(at, f"expected an object with what is in '{text}'", parts) from None


def _either(
    key: str, then: Template, otherwise: Template, value: Json, around: Around, at: WirePath
) -> Json:
    return (then if isinstance(value, dict) and key in value else otherwise)(value, around, at)


def _node(of: Template, value: Json, around: Around, at: WirePath) -> Json:
    name = of(value, around, at)
    if not isinstance(name, str):
        raise fault(at, "expected the name of a node", name)
    return around.names(name)


def _configuration(of: Template, value: Json, around: Around, at: WirePath) -> Json:
    told = of(value, around, at)
    number = around.configuration(told)
    if number is None:
        raise fault(at, "expected a configuration that a start event has told", told)
    return number
