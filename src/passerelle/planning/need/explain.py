"""Every figure explained: the plain version of the formulas, one moment at a time, in words.

This module computes a row again without arrays and without the code of
:mod:`~passerelle.planning.need.columns`; a test holds the two equal over whole events. So it is
both the explanation that people read and the slow reference of the table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.planning.need.frame import frame
from passerelle.planning.need.parts import Moment, Part
from passerelle.planning.need.reasons import COMBINED
from passerelle.planning.need.standing import standing_needs
from passerelle.planning.need.values import Explanation, Level, NeedFigure

if TYPE_CHECKING:
    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.need.frame import Frame
    from passerelle.planning.need.standing import Standing
    from passerelle.planning.need.values import Need
    from passerelle.planning.programme import Event

__all__ = ["Explainer", "explain_row"]


@dataclass(frozen=True, slots=True, eq=False)
class Explainer:
    """Explain many rows of one need; make it by :meth:`of`.

    Parameters
    ----------
    laid, standing
        The event in columns and its standing needs, in the order of the table.
    """

    laid: Frame
    standing: tuple[Standing, ...]

    @classmethod
    def of(cls, event: Event, coefficients: Coefficients) -> Explainer:
        """Prepare the explanation of an event's need."""
        return cls(frame(event, coefficients), standing_needs(event, coefficients))

    def figure(self, need: Need, row: int) -> NeedFigure:
        """Return one row with its explanation.

        Raises
        ------
        ValueError
            When the need was made with other coefficients or of another event.
        """
        if need.coefficient_version != self.laid.coefficients.version:
            raise ValueError(
                f"Expected coefficients {self.laid.coefficients.version}, "
                f"got {need.coefficient_version}."
            )
        moment = int(need.moment[row])
        if moment < 0:
            return self._standing(self.standing[-1 - moment])
        code = need.capabilities[int(need.capability[row])]
        return self._computed(moment, code)

    def _standing(self, found: Standing) -> NeedFigure:
        low, central, high = found.units
        return NeedFigure(
            site_id=found.site_id,
            capability=found.capability,
            interval=found.interval,
            low=low,
            central=central,
            high=high,
            minimum=found.minimum,
            weight=found.weight,
            explanation=Explanation(
                formula=found.formula,
                inputs=found.inputs,
                coefficients=found.coefficients,
                coefficient_version=self.laid.coefficients.version,
                session_ids=(found.origin,) if found.origin else (),
                trace=found.trace,
                assumed=found.assumed,
            ),
        )

    def _computed(self, moment: int, code: str) -> NeedFigure:
        laid, c = self.laid, self.laid.coefficients
        parts = {level: self._parts(moment, code, level) for level in Level}
        units = {level: COMBINED[code].join(parts[level]) for level in Level}
        central = units[Level.CENTRAL]
        here = Moment.at(laid, moment, Level.CENTRAL)
        told = [part for part in parts[Level.CENTRAL] if part.units]
        told = told or [part for part in parts[Level.HIGH] if part.units]
        used = dict.fromkeys(name for part in told for name in part.coefficients)
        assumed = dict.fromkeys(
            [*(field for session in here.sessions for field in sorted(session.assumed))]
            + [name for name in used if c.by_id[name].mark == "A"]
        )
        return NeedFigure(
            site_id=here.venue.id,
            capability=code,
            interval=laid.moments.interval(moment),
            low=units[Level.LOW],
            central=central,
            high=units[Level.HIGH],
            minimum=math.ceil(round(central * c["default.minimum-share"], 9)),
            weight=c.weight(code),
            explanation=Explanation(
                formula=" + ".join(dict.fromkeys(part.formula for part in told)),
                inputs=tuple(dict.fromkeys(item for part in told for item in part.inputs)),
                coefficients=tuple(used),
                coefficient_version=c.version,
                session_ids=tuple(session.id for session in here.sessions),
                trace=(
                    here.describe(),
                    *(line for part in told for line in part.trace),
                    *COMBINED[code].tell(told, central),
                ),
                assumed=tuple(assumed),
            ),
        )

    def _parts(self, moment: int, code: str, level: Level) -> tuple[Part, ...]:
        here = Moment.at(self.laid, moment, level)
        return tuple(give(here) for give in COMBINED[code].gives)


def explain_row(event: Event, coefficients: Coefficients, need: Need, row: int) -> NeedFigure:
    """Return one row of a need with its explanation; for many rows keep an :class:`Explainer`."""
    return Explainer.of(event, coefficients).figure(need, row)
