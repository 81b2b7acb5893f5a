"""Canonical JSON (RFC 8785) and digests of it.

Two programs that hold the same value get the same bytes, hence the same digest. Reading strictly is
the business of :mod:`passerelle.exchange`; this module only writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeAlias

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
    return rfc8785.dumps(value)


def digest(value: Json) -> str:
    """Return the SHA-256 of the canonical form, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()
