"""Patterns of published JSON schemas that can take exponential time, and equal ones that cannot.

A pattern such as ``([a-z][a-z0-9]*)+`` can be matched in exponentially many ways, so that thirty
characters of hostile input cost minutes. The published files are not edited: the loader replaces such
a pattern by one that accepts the same texts in linear time, and a test proves that both agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json

__all__ = ["LINEAR", "linear_schema"]

LINEAR: Final = {
    # STIX 2.1, core.json and cyber-observable-core.json: type names, extension names.
    r"^([a-z][a-z0-9]*)+(-[a-z0-9]+)*\-?$": r"^[a-z][a-z0-9]*(-[a-z0-9]+)*-?$",
    r"^([a-z][a-z0-9]*)+(-[a-z0-9]+)*\-ext$": r"^[a-z][a-z0-9]*(-[a-z0-9]+)*-ext$",
    # French health hub, caseId: four to ten chunks, each with a dot behind it or not. Chunks may be
    # cut anywhere inside a word, so this says: at most ten words, at least four signs.
    r"^([a-zA-Z0-9_-]+\.?){4,10}$": (
        r"^(?=(?:\.?[a-zA-Z0-9_-]){4})[a-zA-Z0-9_-]+(?:\.[a-zA-Z0-9_-]+){0,9}\.?$"
    ),
}
"""Published pattern → equal pattern without nested repetition."""


def linear_schema(schema: Json) -> Json:
    """Return a schema with every known exponential pattern replaced."""
    if isinstance(schema, dict):
        return {
            LINEAR.get(str(key), str(key)): LINEAR.get(value, value)
            if key == "pattern" and isinstance(value, str)
            else linear_schema(value)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [linear_schema(item) for item in schema]
    return schema
