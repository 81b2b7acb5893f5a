"""What becomes public of a statement: suppressed, rounded, and rates only from what is shown.

The categories of a cohort are a table of one row; :func:`~.release.publish` suppresses and rounds it and
audits the result. Rates of persons are computed anew from the figures that are shown, so a rate tells
nothing that the table does not; where a part of it is suppressed, so is the rate. Figures of groups and
commitments concern no person and are shown as they are. Refusals by ground are a table of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.canonical import digest
from passerelle.procedures.counting.cohorts import Category
from passerelle.procedures.counting.indicators import Rate
from passerelle.procedures.counting.release import publish

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.kernel.canonical import Json

__all__ = ["PublicFigure", "Publication", "prepare"]

_C = Category
_FROM_TABLE: Final[Mapping[str, tuple[tuple[Category, ...], tuple[Category, ...] | None]]] = {
    "I1": ((_C.ISSUED_USEFUL,), None),
    "I2": ((_C.ISSUED_USEFUL, _C.ISSUED_LATE), None),
    "I3": (
        (_C.ISSUED_USEFUL, _C.ISSUED_LATE),
        (_C.ISSUED_USEFUL, _C.ISSUED_LATE, _C.PENDING, _C.NOT_NATIONAL, _C.REFUSED),
    ),
    "I4": (
        (_C.ISSUED_USEFUL, _C.ISSUED_LATE, _C.PENDING),
        (_C.ISSUED_USEFUL, _C.ISSUED_LATE, _C.PENDING, _C.NOT_NATIONAL, _C.REFUSED),
    ),
    "I8": (
        (_C.NOT_NATIONAL,),
        (_C.ISSUED_USEFUL, _C.ISSUED_LATE, _C.PENDING, _C.NOT_NATIONAL, _C.REFUSED),
    ),
}
"""Categories above and below the line; ``None`` below stands for all requests."""


@dataclass(frozen=True, slots=True)
class PublicFigure:
    """Show one figure to the public, or that it is suppressed.

    Parameters
    ----------
    indicator
        Category or indicator.
    numerator, denominator
        Rounded to 5 where they count persons; ``None`` when suppressed. A count has no denominator.
    """

    indicator: str
    numerator: int | None
    denominator: int | None = None

    @property
    def is_suppressed(self) -> bool:
        """Whether nothing is shown."""
        return self.numerator is None

    @property
    def percent(self) -> str | None:
        """The percentage of what is shown; ``None`` without a base."""
        if self.numerator is None or not self.denominator:
            return None
        return Rate(self.indicator, self.numerator, self.denominator).percent

    def to_json(self) -> dict[str, Json]:
        """Return the figure as the record of an act; a suppressed one has no numbers."""
        found: dict[str, Json] = {"indicator": self.indicator}
        if self.numerator is not None:
            found["numerator"] = self.numerator
        if self.denominator is not None:
            found["denominator"] = self.denominator
        return found


@dataclass(frozen=True, slots=True)
class Publication:
    """Hold what is published of a statement.

    Parameters
    ----------
    figures
        In a fixed order.
    """

    figures: tuple[PublicFigure, ...]

    @property
    def n_suppressed(self) -> int:
        """How many figures are suppressed."""
        return sum(one.is_suppressed for one in self.figures)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form: what both sides approve."""
        return digest([one.to_json() for one in self.figures])

    def __getitem__(self, indicator: str) -> PublicFigure:
        return next(one for one in self.figures if one.indicator == indicator)


def prepare(found: Mapping[str, Any]) -> Publication:
    """Prepare a statement for publication.

    Parameters
    ----------
    found
        Statement as computed.
    """
    categories = [Category(name) for name in found["categories"]]
    table = publish([[found["categories"][one.value] for one in categories]])
    shown = {one: table.cell(0, place) for place, one in enumerate(categories)}
    total = table.figures[-1].shown
    figures = [PublicFigure("R", total)]
    figures += [PublicFigure(one.value, shown[one]) for one in categories]
    for name, (above, below) in _FROM_TABLE.items():
        figures.append(_rate(name, shown, above, below, total))
    for rate in (found["follow_up"], found["contested"]):
        figures.append(PublicFigure(rate["id"], rate["numerator"], rate["denominator"]))
    for number, group in enumerate(found["groups"], 1):
        one = group["dormancy"]
        figures.append(PublicFigure(f"I12-{number}", one["numerator"], one["denominator"]))
    figures += _refusals(found["judicial"]["refusals"])
    return Publication(tuple(figures))


def _rate(
    name: str,
    shown: Mapping[Category, int | None],
    above: Sequence[Category],
    below: Sequence[Category] | None,
    total: int | None,
) -> PublicFigure:
    numerator = _sum(shown[one] for one in above)
    denominator = total if below is None else _sum(shown[one] for one in below)
    if numerator is None or denominator is None:
        return PublicFigure(name, None)
    return PublicFigure(name, numerator, denominator)


def _refusals(refusals: Mapping[str, int]) -> list[PublicFigure]:
    if not refusals:
        return []
    grounds = sorted(refusals)
    table = publish([[refusals[ground] for ground in grounds]])
    return [
        PublicFigure(f"I16-{ground}", table.cell(0, place)) for place, ground in enumerate(grounds)
    ]


def _sum(values: Iterable[int | None]) -> int | None:
    found = list(values)
    return None if any(one is None for one in found) else sum(one or 0 for one in found)
