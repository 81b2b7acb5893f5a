"""The catalogue of refusals: every code with its sentence in three languages.

The catalogue is data, ``refusals.toml`` beside this module. A code that is not in it cannot be used.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from passerelle.kernel.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["refusal_catalogue", "refusal_labels"]


@cache
def refusal_catalogue() -> Mapping[str, Labels]:
    """Return all refusal sentences by code."""
    text = files("passerelle.procedures").joinpath("refusals.toml").read_text("utf-8")
    return {
        f"{area}.{name}": Labels.from_mapping(row)
        for area, names in tomllib.loads(text).items()
        for name, row in names.items()
    }


def refusal_labels(code: str) -> Labels:
    """Return the sentence of one code.

    Raises
    ------
    ValueError
        When the catalogue has no such code.
    """
    try:
        return refusal_catalogue()[code]
    except KeyError:
        raise ValueError(f"Expected a code of refusals.toml, got {code!r}.") from None
