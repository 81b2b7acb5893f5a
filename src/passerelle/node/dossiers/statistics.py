"""Verbs on statistics: compute figures, give one's own, check disclosure.

Each side computes from its own record; what travels are the digest of the whole statement and its
figures. Equal digests prove that both computed the same bytes. Disclosure is checked by the node: the
figures that the act carries are those that :func:`~passerelle.procedures.counting.publication.prepare`
gives, with the suppressed ones left out, and both sides approve their digest.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from passerelle.kernel.canonical import digest
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.domain import open_case, say
from passerelle.node.dossiers.models import Corridor
from passerelle.node.dossiers.queries import folded, open_dossier_value
from passerelle.node.dossiers.register import holdings, releases
from passerelle.procedures.counting.cohorts import CONTRACT_VERSION
from passerelle.procedures.counting.groups import safeguard_rates
from passerelle.procedures.counting.publication import Publication, PublicFigure, prepare
from passerelle.procedures.counting.release import refuse_overlap
from passerelle.procedures.counting.statement import figures_of, statement
from passerelle.procedures.standing.releases import declared_record, read_release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.exchange.acts import Release as Released
    from passerelle.procedures.counting.cohorts import Cohort
    from passerelle.procedures.counting.indicators import Rate
    from passerelle.procedures.counting.visa_code import Declared
    from passerelle.procedures.standing.releases import Release
    from passerelle.procedures.values import Refusal

__all__ = [
    "check_disclosure",
    "compute_figures",
    "compute_payload",
    "confirm_figures",
    "confirm_payload",
    "cut_off_instant",
    "disclosure_payload",
    "own_statement",
    "safeguards",
]

_ROLE: Final = "statistician"
_ROUND: Final = 5
_LEAST: Final = 10


def cut_off_instant(cohort: Cohort) -> datetime:
    """Return the last second of the day of the cut-off."""
    return datetime.combine(cohort.cut_off, time(23, 59, 59), UTC)


def own_statement(cohort: Cohort, declared: Declared | None = None) -> Mapping[str, Json]:
    """Compute the statement of a cohort from the record of this node."""
    return statement(cohort, holdings(cohort.corridor), cut_off_instant(cohort), declared)


def safeguards(now: datetime) -> tuple[Rate, ...]:
    """Compute G1 to G6 from the full files of this node."""
    files, interviews, rights = (
        [value for _, value in folded(name)]
        for name in ("identification", "joint-interview", "rights-request")
    )
    return safeguard_rates(files, interviews, rights, now)


def compute_payload(cohort: Cohort, declared: Declared | None, clock: Clock) -> dict[str, Json]:
    """Return the fields with which a statistics release is opened.

    Raises
    ------
    RefusedError
        When there is no such corridor, or the cut-off lies ahead.
    """
    if not Corridor.objects.filter(code=cohort.corridor).exists():
        raise RefusedError(
            "There is no corridor {corridor}.",
            code="statistics.no-corridor",
            corridor=cohort.corridor,
        )
    if cohort.cut_off > clock.now().date():
        raise RefusedError(
            "Expected a cut-off that is not after today, got {day}.",
            code="statistics.cut-off",
            day=cohort.cut_off.isoformat(),
        )
    payload: dict[str, Json] = {
        "cohort": cohort.to_json(),
        "contract_version": CONTRACT_VERSION,
        **_given(cohort, declared),
    }
    if declared is not None:
        payload["declared"] = declared_record(declared)
    return payload


def confirm_payload(found: Release) -> dict[str, Json]:
    """Return our own figures of the cohort that the other side computed."""
    return _given(found.cohort, found.declared)


def disclosure_payload(found: Release) -> dict[str, Json]:
    """Return which figures may be public, suppressed and rounded, and the digest to approve.

    Raises
    ------
    RefusedError
        When the cohort overlaps a published one in part.
    """
    published = [one.cohort for one in releases() if one.published_on is not None]
    refusal = refuse_overlap(found.cohort, published)
    if refusal is not None:
        raise RefusedError("{reason}", code=refusal.code, reason=refusal.reason)
    row = Corridor.objects.get(code=found.cohort.corridor)
    shown = prepare(own_statement(found.cohort, found.declared))
    own = _public_safeguards(safeguards(cut_off_instant(found.cohort)), row.own_state)
    shown = Publication((*shown.figures, *own))
    return {
        "release_hash": shown.digest,
        "suppressed_cells": shown.n_suppressed,
        "published_figures": [one.to_json() for one in shown.figures],
    }


def compute_figures(
    cohort: Cohort, *, declared: Declared | None, actor: Actor, clock: Clock, case: str = ""
) -> str | Refusal:
    """Open a statistics release with our figures; return its dossier, or the refusal.

    Raises
    ------
    RefusedError
        When the actor may not; and as :func:`compute_payload` and :func:`~.domain.open_case`.
    """
    actor.require(Action.WRITE_REGISTER)
    payload = compute_payload(cohort, declared, clock)
    peer = Corridor.objects.values_list("peer", flat=True).get(code=cohort.corridor)
    return open_case(
        peer, "statistics-release", "compute", payload, _ROLE, actor=actor, clock=clock, case=case
    )


def confirm_figures(case: str, *, actor: Actor, clock: Clock) -> Released | Refusal:
    """Give our own figures of the cohort that the other side computed."""
    actor.require(Action.WRITE_REGISTER)
    payload = confirm_payload(read_release(open_dossier_value(case)[2]))
    return say(case, "confirm-figures", payload, _ROLE, actor=actor, clock=clock)


def check_disclosure(case: str, *, actor: Actor, clock: Clock) -> Released | Refusal:
    """Say which figures may be public; the digest is what both approve."""
    actor.require(Action.WRITE_REGISTER)
    payload = disclosure_payload(read_release(open_dossier_value(case)[2]))
    return say(case, "check-disclosure", payload, _ROLE, actor=actor, clock=clock)


def _given(cohort: Cohort, declared: Declared | None) -> dict[str, Json]:
    found = own_statement(cohort, declared)
    return {
        "results_hash": digest(found),
        "figures": [one.to_json() for one in figures_of(found)],
    }


def _public_safeguards(rates: tuple[Rate, ...], state: str) -> list[PublicFigure]:
    """Round what counts persons; messages under hold are shown as they are (S50)."""
    found = []
    for rate in rates:
        name = f"{rate.id}-{state}"
        if rate.id == "G2":
            found.append(PublicFigure(name, rate.numerator))
        elif rate.denominator < _LEAST:
            found.append(PublicFigure(name, None))
        else:
            base = _round(rate.denominator)
            found.append(PublicFigure(name, min(_round(rate.numerator), base), base))
    return found


def _round(value: int) -> int:
    return (value + _ROUND // 2) // _ROUND * _ROUND
