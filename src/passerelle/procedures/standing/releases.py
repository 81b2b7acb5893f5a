"""A statistics release: which cohort, what each side computed, what was published.

Two columns, never one: when the digests agree, both computed the same bytes; when they do not, the
figures beside each other show where, and the reconciliation says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from passerelle.procedures.counting.cohorts import Cohort
from passerelle.procedures.counting.publication import PublicFigure
from passerelle.procedures.counting.statement import Figure
from passerelle.procedures.counting.visa_code import Declared
from passerelle.procedures.reinforcement.terms import rows_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.procedures.dossier import Dossier
    from passerelle.procedures.values import Act

__all__ = ["Release", "SideFigures", "declared_record", "read_release"]


@dataclass(frozen=True, slots=True)
class SideFigures:
    """Hold what one side computed.

    Parameters
    ----------
    state
        ISO code of the side's state.
    digest
        SHA-256 of its statement; empty before it gave one.
    figures
        Its figures by indicator.
    """

    state: str
    digest: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Release:
    """Hold one statistics release as both sides read it.

    Parameters
    ----------
    case, state
        Dossier and state of the procedure.
    cohort
        What was counted.
    version
        Version of the counting contract.
    sides
        What each side computed, in the order of the procedure.
    declared
        Counts that no dossier holds; ``None`` when none were declared.
    differences
        How both explain the differences; empty before they are reconciled.
    published
        What is public, or would be.
    digest
        Digest of what both approve; empty before disclosure was checked.
    published_on
        Day of publication; ``None`` before.
    note
        Why it is revised; empty otherwise.
    """

    case: str
    state: str
    cohort: Cohort
    version: int
    sides: tuple[SideFigures, SideFigures]
    declared: Declared | None
    differences: str
    published: tuple[PublicFigure, ...]
    digest: str
    published_on: date | None
    note: str

    @property
    def is_agreed(self) -> bool:
        """Whether both sides computed the same bytes."""
        first, second = self.sides
        return bool(first.digest) and first.digest == second.digest

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator that a side gave, in the order of the first side."""
        names = [name for side in self.sides for name in side.figures]
        return tuple(dict.fromkeys(names))


def read_release(dossier: Dossier) -> Release:
    """Read a statistics release from its dossier."""
    computed = dossier.last("compute") or dossier.opened
    confirmed = dossier.last("confirm-figures")
    if confirmed is not None and computed.id not in confirmed.re:
        confirmed = None  # it answered figures that were computed anew since
    checked, published = dossier.last("check-disclosure"), dossier.last("publish")
    reconciled, revised = dossier.last("reconcile"), dossier.last("revise")
    given = {act.side: act for act in (confirmed, computed) if act is not None}
    first, second = (
        _side(dossier.procedure.parties[side], given.get(side)) for side in dossier.definition.sides
    )
    record: Any = computed.payload.get("declared")  # checked by the schema: a record
    cohort: Any = computed.payload["cohort"]  # as above
    return Release(
        case=dossier.case,
        state=dossier.state,
        cohort=Cohort(
            cohort["corridor"],
            *(date.fromisoformat(cohort[name]) for name in ("sent_from", "sent_to", "cut_off")),
        ),
        version=int(text_of(computed.payload, "contract_version")),
        sides=(first, second),
        declared=None if record is None else Declared.of(record),
        differences="" if reconciled is None else text_of(reconciled.payload, "differences"),
        published=()
        if checked is None
        else tuple(
            PublicFigure(row["indicator"], row.get("numerator"), row.get("denominator"))
            for row in rows_of(checked.payload, "published_figures")
        ),
        digest="" if checked is None else text_of(checked.payload, "release_hash"),
        published_on=None
        if published is None
        else date.fromisoformat(text_of(published.payload, "on")),
        note="" if revised is None else text_of(revised.payload, "note"),
    )


def declared_record(declared: Declared) -> dict[str, Json]:
    """Return declared counts as the record of an act."""
    found: dict[str, Json] = {
        "decisions": declared.decisions,
        "forced_returns": declared.forced_returns,
        "declared_source": declared.source,
    }
    if declared.facts:
        found["stage_facts"] = [
            {"stage_fact": fact.value, "holds": holds} for fact, holds in declared.facts.items()
        ]
    return found


def _side(state: str, act: Act | None) -> SideFigures:
    if act is None:
        return SideFigures(state, "", {})
    figures = [
        Figure(row["indicator"], row["numerator"], row["denominator"], row["unit_of_figure"])
        for row in rows_of(act.payload, "figures")
    ]
    return SideFigures(
        state, text_of(act.payload, "results_hash"), {one.indicator: one for one in figures}
    )
