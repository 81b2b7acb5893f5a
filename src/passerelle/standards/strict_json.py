"""Reading JSON from outside: bounded, no key twice, no number that is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.problems import Issue
from passerelle.standards.problems import FormatError

if TYPE_CHECKING:
    from passerelle.kernel.canonical import Json

__all__ = ["read_json"]

_MAX_BYTES: Final = 1024 * 1024
_MAX_DEPTH: Final = 32


class _RefusedJsonError(ValueError):
    """Say what of the document is refused."""


def read_json(content: bytes, *, name: str, n_bytes: int = _MAX_BYTES) -> dict[str, Json]:
    """Read one JSON object.

    Parameters
    ----------
    content
        The document, UTF-8.
    name
        Name of the document in error messages.
    n_bytes
        Longest document.

    Raises
    ------
    FormatError
        When it is too long or deep, no JSON object, or names a key twice.
    """
    if len(content) > n_bytes:
        raise _refused(name, f"at most {n_bytes} bytes", str(len(content)))
    try:
        # Any JSON value; the check below narrows it.
        value: Any = json.loads(
            content.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_constant
        )
    except (ValueError, RecursionError) as error:
        raise _refused(name, "JSON without repeated keys", str(error)) from None
    if not isinstance(value, dict) or _depth(value) > _MAX_DEPTH:
        raise _refused(name, f"a JSON object at most {_MAX_DEPTH} deep", type(value).__name__)
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RefusedJsonError("a key occurs twice")
    return found


def _constant(text: str) -> Any:
    raise _RefusedJsonError(f"{text} is no number")


def _depth(value: Any) -> int:
    deepest, todo = 0, [(value, 1)]
    while todo:
        part, depth = todo.pop()
        deepest = max(deepest, depth)
        if depth <= _MAX_DEPTH and isinstance(part, dict | list):
            inside = part.values() if isinstance(part, dict) else part
            todo += [(child, depth + 1) for child in inside]
    return deepest


def _refused(name: str, expected: str, found: str) -> FormatError:
    return FormatError([Issue(name, 0, "", "json.not-readable", expected, found[:80])])
