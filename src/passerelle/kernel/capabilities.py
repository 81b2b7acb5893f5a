"""The catalogue of capabilities: kind, smallest unit, typing levels, labels (domain, section 2).

The catalogue is data, ``capabilities.toml`` beside this module. A capability is named by its code
everywhere: need, force, request, offer, roster.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from passerelle.kernel.labels import Labels
from passerelle.kernel.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Capability", "capability", "catalogue"]


@dataclass(frozen=True, slots=True)
class Capability:
    """Describe one kind of help and the smallest unit in which it comes.

    Parameters
    ----------
    code
        Lower-case name with underscores, for example ``eod``.
    labels
        Name in the three languages.
    unit_labels
        Name of the smallest unit in the three languages.
    unit_people
        People in the smallest unit, ``>= 1``.
    unit_animals
        Animals in the smallest unit.
    level_people
        Least people for each typing level, level 1 (strongest) first; empty when not typed.
    is_field
        Whether it works in the field, where a foreign officer needs a host escort by default.
    is_remote
        Whether it may work from another place than the site.
    is_host_only
        Whether only the host provides it.
    """

    code: str
    labels: Labels
    unit_labels: Labels
    unit_people: int
    unit_animals: int
    level_people: tuple[int, ...]
    is_field: bool
    is_remote: bool
    is_host_only: bool

    def __post_init__(self) -> None:
        if self.unit_people < 1:
            raise ValueError(f"Expected unit_people >= 1, got {self.unit_people}.")
        if self.unit_animals < 0:
            raise ValueError(f"Expected unit_animals >= 0, got {self.unit_animals}.")


@cache
def catalogue() -> Mapping[str, Capability]:
    """Return all capabilities by code, in the order of the catalogue file."""
    text = files("passerelle.kernel").joinpath("capabilities.toml").read_text("utf-8")
    return {
        code: Capability(
            code=code,
            labels=Labels.from_mapping(row["labels"]),
            unit_labels=Labels.from_mapping(row["unit"]),
            unit_people=row["people"],
            unit_animals=row.get("animals", 0),
            level_people=tuple(row.get("levels", ())),
            is_field=row.get("field", True),
            is_remote=row.get("remote", False),
            is_host_only=row.get("host_only", False),
        )
        for code, row in tomllib.loads(text).items()
    }


def capability(code: str) -> Capability:
    """Return one capability.

    Raises
    ------
    RefusedError
        With code ``capability.unknown`` when the catalogue has no such code.
    """
    try:
        return catalogue()[code]
    except KeyError:
        raise RefusedError(
            "Unknown capability {found}; expected one of {expected}.",
            code="capability.unknown",
            found=code,
            expected=", ".join(catalogue()),
        ) from None
