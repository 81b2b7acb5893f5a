"""Which fields an act has: a short notation in the files, closed JSON Schema in the engine.

A field is written as ``name = "type"``; a name that ends in ``?`` may be left out. Types are the
scalars of :data:`SCALARS`, ``code:a|b|c`` (one of these words), a record of ``fields.toml``, and any
of them followed by ``[]`` (a list with at least one element). Every object is closed: a field that is not
named cannot be sent.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.times import parse_instant
from passerelle.procedures.fitting import fit_of
from passerelle.procedures.values import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema import FormatChecker
    from jsonschema.protocols import Validator

    from passerelle.kernel.canonical import Json

__all__ = ["SCALARS", "FieldError", "Schema", "closed_object"]

SCALARS: Final[Mapping[str, Mapping[str, Json]]] = {
    "text": {"type": "string", "minLength": 1, "maxLength": 4000},
    "line": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^\r\n]*$"},
    "name": {
        "type": "string",
        "minLength": 1,
        "maxLength": 80,
        "pattern": r"^[^\d_<>{}\[\]|\\/@#$%^*+=~\x00-\x1f]+$",
    },
    "flag": {"type": "boolean"},
    "yes": {"const": True},
    "count": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
    "quantity": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
    "amount": {"type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991},
    "date": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "instant"},
    "ref": {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$"},
    "code": {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
    "office": {"type": "string", "pattern": r"^[a-z0-9-]{1,40}$"},
    "country": {"type": "string", "pattern": r"^[A-Z]{2}$"},
    "language": {"type": "string", "pattern": r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$"},
    "hash": {"type": "string", "pattern": r"^[0-9a-f]{64}$"},
    "capability": {"type": "string", "format": "capability"},
    "local-time": {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"},
}
"""The scalar types and what each admits."""


class FieldError(ValueError):
    """Say that a type of the notation is not known."""


def closed_object(
    fields: Mapping[str, str], records: Mapping[str, Mapping[str, str]]
) -> dict[str, Json]:
    """Turn fields in the short notation into a closed JSON Schema.

    Parameters
    ----------
    fields
        Type by field name.
    records
        Fields of the records that a type may name.

    Raises
    ------
    FieldError
        When a type is not known.
    """
    properties: dict[str, Json] = {}
    required: list[Json] = []
    for key, notation in fields.items():
        name = key.removesuffix("?")
        properties[name] = _type(notation, records)
        if name == key:
            required.append(name)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _type(notation: str, records: Mapping[str, Mapping[str, str]]) -> dict[str, Json]:
    if notation.endswith("[]"):
        element = _type(notation.removesuffix("[]"), records)
        return {"type": "array", "items": element, "minItems": 1, "maxItems": 2000}
    kind, colon, rest = notation.partition(":")
    if colon and kind == "code":
        return {"type": "string", "enum": rest.split("|")}
    if notation in SCALARS:
        return dict(SCALARS[notation])
    if notation in records:
        return closed_object(records[notation], records)
    raise FieldError(notation)


class Schema:
    """Check payloads against one closed JSON Schema, compiled when first used.

    Parameters
    ----------
    document
        JSON Schema, draft 2020-12.
    """

    def __init__(self, document: Mapping[str, Json]) -> None:
        self.document = document

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self.document == other.document

    def __hash__(self) -> int:
        return hash(tuple(self.fields))

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields, in the order of the file."""
        return tuple(self._properties)

    @property
    def required(self) -> frozenset[str]:
        """Names of the fields that must be there."""
        names: Any = self.document["required"]  # built by closed_object: a list of names
        return frozenset(names)

    @property
    def _properties(self) -> Mapping[str, Any]:
        properties: Any = self.document["properties"]  # built by closed_object: an object
        found: Mapping[str, Any] = properties
        return found

    @cached_property
    def _validator(self) -> Validator:
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow import

        return Draft202012Validator(dict(self.document), format_checker=_formats())

    @cached_property
    def _fits(self) -> Callable[[object], bool]:
        return fit_of(self.document, _READERS)

    def without(self, names: tuple[str, ...]) -> Schema:
        """Return the schema less some fields."""
        if not names:
            return self
        kept = {name: rule for name, rule in self._properties.items() if name not in names}
        required: list[Json] = [name for name in kept if name in self.required]
        return Schema({**self.document, "properties": kept, "required": required})

    def check(self, payload: Mapping[str, Json]) -> Refusal | None:
        """Return what is wrong with ``payload``, the first by place; ``None`` when it fits."""
        if self._fits(payload):
            return None
        errors = sorted(self._validator.iter_errors(dict(payload)), key=lambda e: e.json_path)
        if not errors:
            return None
        first = errors[0]
        return Refusal(
            "act.fields",
            {
                "place": first.json_path.removeprefix("$.") or "$",
                "found": _shorten(first.message),
                "n": str(len(errors)),
            },
        )


def _shorten(message: str) -> str:
    return message if len(message) <= 160 else message[:159] + "…"


def _formats() -> FormatChecker:
    from jsonschema import FormatChecker  # noqa: PLC0415 - slow import

    checker = FormatChecker(formats=())
    for name, read in _READERS.items():
        checker.checks(name, raises=ValueError)(_reads(read))
    return checker


def _reads(read: Callable[[str], object]) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if isinstance(value, str):
            read(value)
        return True

    return check


def _read_capability(code: str) -> None:
    if code not in catalogue():
        raise ValueError(code)


def _read_instant(text: str) -> None:
    if not text.endswith("Z") or len(text) != 20:
        raise ValueError(text)
    parse_instant(text)


def _read_date(text: str) -> None:
    if len(text) != 10:
        raise ValueError(text)
    date.fromisoformat(text)


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "date": _read_date,
    "instant": _read_instant,
    "capability": _read_capability,
}
