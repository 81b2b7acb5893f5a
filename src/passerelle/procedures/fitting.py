"""Tell quickly that a payload fits a closed schema; whatever does not is left to the validator.

The validator of *jsonschema* names what is wrong, and takes a hundred times as long to say that nothing
is: a campaign of two thousand lines asks it hundreds of thousands of questions. The schemas of the
procedures use a dozen keywords (:func:`~.schema.closed_object`). They are turned once into nested tests
that answer yes or *not sure*; only a yes is believed. A property test compares both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Fit = Callable[[object], bool]
    Formats = Mapping[str, Callable[[str], object]]

__all__ = ["fit_of"]

_KNOWN: Final = frozenset(
    {
        "type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems",
        "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "enum", "const",
    }
)  # fmt: skip


def fit_of(schema: Mapping[str, Any], formats: Formats) -> Fit:
    """Turn a schema into a test that says yes, or that it is not sure.

    Parameters
    ----------
    schema
        A schema of the notation; one with another keyword is never sure.
    formats
        Readers by name of the format; a text they raise :class:`ValueError` for does not fit.
    """
    if not schema.keys() <= _KNOWN:
        return _never
    make = _MAKERS.get(str(schema.get("type", "")))
    if make is not None:
        return make(schema, formats)
    if "enum" in schema or "const" in schema:
        return _choice(schema, formats)
    return _never


def _never(value: object) -> bool:
    del value
    return False


def _object(schema: Mapping[str, Any], formats: Formats) -> Fit:
    if schema.get("additionalProperties") is not False:
        return _never
    parts = {name: fit_of(part, formats) for name, part in schema["properties"].items()}
    required = frozenset(schema.get("required", ()))

    def fits(value: object) -> bool:
        if type(value) is not dict or not required <= value.keys():
            return False
        for name, one in value.items():
            part = parts.get(name)
            if part is None or not part(one):
                return False
        return True

    return fits


def _array(schema: Mapping[str, Any], formats: Formats) -> Fit:
    part = fit_of(schema["items"], formats)
    least, most = schema.get("minItems", 0), schema.get("maxItems", float("inf"))

    def fits(value: object) -> bool:
        return type(value) is list and least <= len(value) <= most and all(map(part, value))

    return fits


def _string(schema: Mapping[str, Any], formats: Formats) -> Fit:
    least, most = schema.get("minLength", 0), schema.get("maxLength", float("inf"))
    search = re.compile(schema.get("pattern", "")).search
    choices = frozenset(schema["enum"]) if "enum" in schema else None
    reader = formats.get(schema.get("format", ""))
    if "format" in schema and reader is None:
        return _never

    def fits(value: object) -> bool:
        if type(value) is not str or not least <= len(value) <= most or not search(value):
            return False
        if choices is not None and value not in choices:
            return False
        if reader is None:
            return True
        try:
            reader(value)
        except ValueError:
            return False
        return True

    return fits


def _integer(schema: Mapping[str, Any], formats: Formats) -> Fit:
    del formats
    least, most = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    return lambda value: type(value) is int and least <= value <= most


def _boolean(schema: Mapping[str, Any], formats: Formats) -> Fit:
    del schema, formats
    return lambda value: value is True or value is False


def _choice(schema: Mapping[str, Any], formats: Formats) -> Fit:
    del formats
    choices = schema.get("enum", [schema.get("const")])
    return lambda value: any(type(value) is type(one) and value == one for one in choices)


_MAKERS: Final[Mapping[str, Callable[[Mapping[str, Any], Formats], Fit]]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
}
