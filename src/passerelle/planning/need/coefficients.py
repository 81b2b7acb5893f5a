"""The coefficients of the demand model: value, range, mark and source of each, with a version.

They are data, ``coefficients.toml`` beside this module. The version joins the edition and the
digest of all values, so that two figures with the same version were made by the same numbers.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from passerelle.kernel.canonical import digest
from passerelle.kernel.problems import InputError, Issue
from passerelle.planning.need.values import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MARKS", "Coefficient", "Coefficients", "read_coefficients", "standard_coefficients"]

MARKS: Final = {
    "S": "sourced",
    "P": "published practice",
    "D": "derived from sourced figures",
    "A": "assumption",
}
"""How well a coefficient is founded, by its letter."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """Hold one number of the model and its foundation.

    Parameters
    ----------
    id
        Dotted name, for example ``q.4``.
    formula
        Formula that uses it, ``F1`` to ``F13``, or ``phases``, ``defaults``, ``weights``.
    unit
        What the number counts, in words.
    low, value, high
        The number for a low, central and high need.
    mark
        ``S`` sourced, ``P`` published practice, ``D`` derived, ``A`` assumption.
    source
        Where it comes from, in words.
    """

    id: str
    formula: str
    unit: str
    low: float
    value: float
    high: float
    mark: str
    source: str

    def __post_init__(self) -> None:
        if self.mark not in MARKS:
            raise ValueError(f"Expected mark among {', '.join(MARKS)}, got {self.mark!r}.")
        if not self.source.strip() or not self.unit.strip():
            raise ValueError(f"Expected a source and a unit for {self.id!r}.")

    def at(self, level: Level) -> float:
        """Return the number for a need of ``level``."""
        return {Level.LOW: self.low, Level.CENTRAL: self.value, Level.HIGH: self.high}[level]


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Hold all coefficients of one edition.

    Parameters
    ----------
    edition
        Name of the edition, for people.
    by_id
        The coefficients by id, in file order.
    version
        Edition and the first twelve digits of the digest of all values.
    """

    edition: str
    by_id: Mapping[str, Coefficient]
    version: str

    def __getitem__(self, name: str) -> float:
        """Return the central value of ``name``."""
        return self.by_id[name].value

    def at(self, name: str, level: Level) -> float:
        """Return the value of ``name`` for a need of ``level``."""
        return self.by_id[name].at(level)

    def weight(self, capability: str) -> float:
        """Return the weight of a missing unit of ``capability``; 1 when the file names none."""
        found = self.by_id.get(f"weight.{capability}")
        return found.value if found else 1.0


def read_coefficients(text: str, file: str = "coefficients.toml") -> Coefficients:
    """Read a coefficient file.

    Raises
    ------
    InputError
        With every wrong coefficient: a missing key, a wrong mark, a number that is none.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        issue = Issue(file, 0, "", "coefficients.not-toml", "a TOML file", str(error))
        raise InputError([issue]) from None
    issues: list[Issue] = []
    found: dict[str, Coefficient] = {}
    for name, row in data.get("coefficients", {}).items():
        try:
            found[name] = _coefficient(name, row)
        except (KeyError, TypeError, ValueError) as error:
            issues.append(
                Issue(file, 0, name, "coefficients.invalid", str(error).removeprefix("Expected "))
            )
    if not found and not issues:
        issues.append(
            Issue(file, 0, "coefficients", "coefficients.empty", "tables of coefficients")
        )
    if issues:
        raise InputError(issues)
    values = {name: [c.low, c.value, c.high] for name, c in found.items()}
    edition = str(data.get("edition", "unnamed"))
    return Coefficients(edition, found, f"{edition}-{digest(values)[:12]}")


def _coefficient(name: str, row: Mapping[str, object]) -> Coefficient:
    missing = {"formula", "unit", "value", "mark", "source"} - set(row)
    unknown = set(row) - {"formula", "unit", "low", "value", "high", "mark", "source"}
    if missing or unknown:
        raise ValueError(f"formula, unit, value, mark, source; see {sorted(missing | unknown)}")
    value = _number(row["value"])
    return Coefficient(
        id=name,
        formula=str(row["formula"]),
        unit=str(row["unit"]),
        low=_number(row.get("low", value)),
        value=value,
        high=_number(row.get("high", value)),
        mark=str(row["mark"]),
        source=str(row["source"]),
    )


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"a number >= 0, got {value!r}")
    return float(value)


@cache
def standard_coefficients() -> Coefficients:
    """Return the coefficients that come with the product."""
    text = files("passerelle.planning.need").joinpath("coefficients.toml").read_text("utf-8")
    return read_coefficients(text)
