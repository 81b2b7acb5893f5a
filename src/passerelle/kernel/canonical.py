"""Canonical JSON (RFC 8785) and digests of it.

Two programs that hold the same value get the same bytes, hence the same digest. Reading strictly is
the business of :mod:`passerelle.exchange`; this module only writes.

Most values hold neither fractions nor names beyond the basic plane. For these the encoder of the standard
library writes the same bytes several times faster; all others go to the reference implementation,
against which a property test holds the first.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import rfc8785

__all__ = ["Json", "canonical_bytes", "digest"]

Json: TypeAlias = str | int | float | bool | Sequence["Json"] | Mapping[str, "Json"] | None
"""What can be written: text, numbers, booleans, null, lists and objects of these."""


def canonical_bytes(value: Json) -> bytes:
    """Write ``value`` in the form of RFC 8785.

    Raises
    ------
    ValueError
        When a number is not finite or beyond 2**53 - 1, or a text holds a lone surrogate.
    """
    if _is_plain(value):
        text = _ENCODER.encode(value)
        if not _ORDERED_OTHERWISE.search(text):
            return text.encode()
    return rfc8785.dumps(value)


def digest(value: Json) -> str:
    """Return the SHA-256 of the canonical form, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
_ORDERED_OTHERWISE: Final = re.compile("[\ud800-\U0010ffff]")
"""From here on, the order of code points and that of UTF-16 differ; lone surrogates lie here as well."""
_MOST: Final = 2**53 - 1


def _is_plain(value: Json) -> bool:
    """Tell whether the encoder of the standard library writes the canonical form of a value."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return -_MOST <= value <= _MOST  # type: ignore[operator]  # an integer
    if kind is dict:
        return all(
            type(name) is str and (type(one) is str or _is_plain(one))
            for name, one in value.items()  # type: ignore[union-attr]  # a dict
        )
    if kind is list or kind is tuple:
        return all(type(one) is str or _is_plain(one) for one in value)  # type: ignore[union-attr]
    return False
