"""The statement of a cohort: every indicator that both sides compute, as the same bytes on both.

It is made of shared facts only: what a hold, a bar or a review was about never enters. The safeguard
rates G1 to G6 need the full files and are computed by the requesting side alone; they stand beside the
statement, not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median_low
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.canonical import canonical_bytes
from passerelle.procedures.counting.cases import known_at, read_case
from passerelle.procedures.counting.cohorts import balance, select
from passerelle.procedures.counting.groups import (
    adoption_days,
    contested,
    dormancy,
    follow_up,
    judicial_days,
    refusals_by_ground,
)
from passerelle.procedures.counting.indicators import results_of, waits
from passerelle.procedures.counting.survival import survival
from passerelle.procedures.counting.visa_code import visa_code_counts
from passerelle.procedures.standing.groups import read_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.counting.cases import Case
    from passerelle.procedures.counting.cohorts import Cohort
    from passerelle.procedures.counting.visa_code import Declared
    from passerelle.procedures.dossier import Dossier

__all__ = ["Figure", "Holdings", "figures_of", "statement", "statement_bytes"]

_JUDICIAL_ACTS: Final = ("acknowledge", "admit", "complete")


@dataclass(frozen=True, slots=True)
class Holdings:
    """Hold the dossiers of one corridor by procedure, as one side has them.

    Parameters
    ----------
    identification, documents, meetings, commitments, judicial
        Dossiers; others of the same procedures may be among them, the corridor sorts them out.
    """

    identification: tuple[Dossier, ...] = ()
    documents: tuple[Dossier, ...] = ()
    meetings: tuple[Dossier, ...] = ()
    commitments: tuple[Dossier, ...] = ()
    judicial: tuple[Dossier, ...] = ()

    @classmethod
    def of(cls, dossiers: Iterable[Dossier], corridor: str) -> Holdings:
        """Sort dossiers by procedure, those of one corridor only."""
        found: dict[str, list[Dossier]] = {}
        for one in dossiers:
            if one.procedure.corridor.id == corridor:
                found.setdefault(one.definition.id, []).append(one)
        return cls(
            *(
                tuple(found.get(name, ()))
                for name in (
                    "identification",
                    "travel-document",
                    "meeting",
                    "commitment",
                    "judicial",
                )
            )
        )

    def at(self, cut_off: datetime) -> Holdings:
        """Return the same as known at a cut-off."""
        return Holdings(
            *(
                tuple(known for one in part if (known := known_at(one, cut_off)) is not None)
                for part in (
                    self.identification,
                    self.documents,
                    self.meetings,
                    self.commitments,
                    self.judicial,
                )
            )
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """Put one figure of a statement into one line, as it travels in a statistics release.

    Parameters
    ----------
    indicator
        Number of the indicator with its part: ``I5-on-time``.
    numerator, denominator
        Whole numbers; for a time, the days and how many it was taken over.
    unit
        ``share`` or ``days``.
    """

    indicator: str
    numerator: int
    denominator: int
    unit: str = "share"

    @property
    def percent(self) -> float | None:
        """The percentage, for the eye; ``None`` for times and without a base."""
        if self.unit == "days" or not self.denominator:
            return None
        return 100 * self.numerator / self.denominator

    def to_json(self) -> dict[str, Json]:
        """Return the figure as the record of an act."""
        return {
            "indicator": self.indicator,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "unit_of_figure": self.unit,
        }


def statement(
    cohort: Cohort, holdings: Holdings, cut_off: datetime, declared: Declared | None = None
) -> Mapping[str, Json]:
    """Compute every shared indicator of a cohort.

    Parameters
    ----------
    cohort
        Corridor, period and cut-off.
    holdings
        Dossiers of the corridor.
    cut_off
        Last instant that counts; of the day ``cohort.cut_off``.
    declared
        Counts that no dossier holds, for I10 and I11.
    """
    known = holdings.at(cut_off)
    cases = select(cohort, _cases(known, cut_off))
    results: Any = results_of(cohort, cases, None if declared is None else declared.decisions)
    found: dict[str, Json] = {
        **results,
        "survival": [
            [day, share.numerator, share.denominator]
            for day, share in survival(waits(cohort, cases))
        ],
        "visa_code": visa_code_counts(balance(cohort, cases), declared),
        "groups": [
            {
                "group": group.charter.name,
                "dormancy": rate.to_json(),
                "adoption_days": sorted(
                    adoption_days(_of_group(known.meetings, group.charter.name))
                ),
            }
            for group in read_groups(known.meetings, cohort.cut_off)
            if (rate := dormancy(_of_group(known.meetings, group.charter.name), cohort.cut_off))
        ],
        "follow_up": follow_up(known.commitments, cut_off).to_json(),
        "contested": contested(known.commitments).to_json(),
        "judicial": {
            "requests": sum(one.last("send") is not None for one in known.judicial),
            "median_days": {
                act: judicial_days(known.judicial, act, cut_off) for act in _JUDICIAL_ACTS
            },
            "refusals": dict(sorted(refusals_by_ground(known.judicial).items())),
        },
    }
    return found


def statement_bytes(
    cohort: Cohort, holdings: Holdings, cut_off: datetime, declared: Declared | None = None
) -> bytes:
    """Write the statement as canonical JSON: the same bytes on both sides."""
    return canonical_bytes(statement(cohort, holdings, cut_off, declared))


def figures_of(found: Mapping[str, Any]) -> tuple[Figure, ...]:
    """Put a statement into lines, each category and each indicator once, in a fixed order."""
    total = found["requests"]
    lines = [Figure(name, count, total) for name, count in found["categories"].items()]
    rates = [*found["rates"], *found["visa_code"]["rates"], found["follow_up"], found["contested"]]
    lines += [Figure(one["id"], one["numerator"], one["denominator"]) for one in rates]
    reply = found["reply_days"]
    for name in ("median", "p90"):
        if reply[name] is not None:
            lines.append(Figure(f"I6-{name}", reply[name], total, "days"))
    for number, group in enumerate(found["groups"], 1):
        sleeping = group["dormancy"]
        lines.append(Figure(f"I12-{number}", sleeping["numerator"], sleeping["denominator"]))
        days = group["adoption_days"]
        if days:
            lines.append(Figure(f"I13-{number}", median_low(days), len(days), "days"))
    judicial = found["judicial"]
    for act, days in judicial["median_days"].items():
        if days is not None:
            lines.append(Figure(f"I16-{act}", days, judicial["requests"], "days"))
    return tuple(lines)


def _cases(known: Holdings, cut_off: datetime) -> list[Case]:
    found = (read_case(one, cut_off, known.documents) for one in known.identification)
    return [case for case in found if case is not None]


def _of_group(meetings: tuple[Dossier, ...], name: str) -> list[Dossier]:
    found = []
    for one in meetings:
        charter: Any = (one.last("call") or one.opened).payload["charter"]  # checked: a record
        if charter["group_name"] == name:
            found.append(one)
    return found
