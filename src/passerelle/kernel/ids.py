"""Identifiers: how they look and how new ones are made.

Codes chosen by people (venues, groups, capabilities) are checked against one pattern each.
Identifiers made by us are 128 random bits in hexadecimal and carry no meaning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CODE", "SLUG", "is_code", "is_slug", "new_id"]

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
"""A code given by people, for example ``STE`` or ``P-FBL01``."""

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
"""A lower-case name in addresses and file names, for example ``paris-2024``; 64 characters at most."""


def is_code(text: str) -> bool:
    """Tell whether ``text`` may be a code."""
    return CODE.fullmatch(text) is not None


def is_slug(text: str) -> bool:
    """Tell whether ``text`` may be a slug of at most 64 characters."""
    return len(text) <= 64 and SLUG.fullmatch(text) is not None


def new_id(random_bytes: Callable[[int], bytes]) -> str:
    """Make an identifier of 32 hexadecimal digits.

    Parameters
    ----------
    random_bytes
        Source of randomness: ``secrets.token_bytes`` in the node, a seeded one in tests.
    """
    return random_bytes(16).hex()
