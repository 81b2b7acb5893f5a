"""Keep the position of a dossier: tallies and offers as rows, computed whenever the dossier is folded.

Validity of offers is the only thing that changes without an act; a position whose next expiry has
passed is computed anew when somebody looks (:func:`catch_up`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.db import transaction

from passerelle.kernel.times import parse_instant
from passerelle.node.reinforcement.folds import forget
from passerelle.node.reinforcement.models import OfferRow, Position, TallyRow
from passerelle.procedures.reinforcement.commitments import arrangement_signed_on, items
from passerelle.procedures.reinforcement.duties import unacknowledged
from passerelle.procedures.reinforcement.offers import (
    OfferStatus,
    declined_lines,
    lines,
    offers,
)
from passerelle.procedures.reinforcement.tallies import announcements, tallies

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.node.dossiers.models import Dossier
    from passerelle.procedures.dossier import Dossier as DossierValue
    from passerelle.procedures.reinforcement.offers import Offer

__all__ = ["PROCEDURE", "forget_position", "keep_position", "stale"]

PROCEDURE: Final = "reinforcement"


@transaction.atomic
def keep_position(row: Dossier, found: DossierValue, now: datetime) -> None:
    """Write the position of a dossier that was just folded; nothing for other procedures."""
    if row.procedure != PROCEDURE:
        return
    drawn: dict[str, int] = {}
    for item in items(found).values():
        drawn[item.offer] = drawn.get(item.offer, 0) + item.people_left
    made = offers(found)
    TallyRow.objects.filter(dossier=row).delete()
    TallyRow.objects.bulk_create(
        TallyRow(
            dossier=row,
            capability=one.capability,
            stage=one.stage,
            people=one.people,
            person_days=one.person_days,
            first_day=one.first_day,
            posts=np.array(one.posts, dtype="<i4").tobytes(),
            present=np.array(one.present, dtype="<i4").tobytes(),
        )
        for one in tallies(found, now)
    )
    OfferRow.objects.filter(dossier=row).delete()
    OfferRow.objects.bulk_create(
        _offer_row(row, offer, drawn.get(offer.code, 0)) for offer in made.values()
    )
    standing = [o for o in made.values() if o.status_at(now) is OfferStatus.STANDING]
    Position.objects.update_or_create(
        dossier=row, defaults=_position(found, now) | {
            "n_standing": len(standing),
            "next_expiry": min((offer.valid_until for offer in standing), default=None),
        },
    )  # fmt: skip


def forget_position(case: str) -> None:
    """Delete the position of a dossier that can no longer be opened."""
    forget(case)
    for model in (TallyRow, OfferRow, Position):
        model.objects.filter(dossier_id=case).delete()


def stale(now: datetime, limit: int = 200) -> list[str]:
    """Return the dossiers of which an offer has expired since their position was computed."""
    rows = Position.objects.filter(next_expiry__lt=now).order_by("next_expiry")
    return list(rows.values_list("dossier_id", flat=True)[:limit])


def _position(found: DossierValue, now: datetime) -> dict[str, Any]:  # Any: values of columns
    asked = found.last("request")
    later = next(
        (a for a in reversed(tuple(found.effective("amend"))) if "answer_by" in a.payload), asked
    )
    said = announcements(found)
    quoted = next((one for one in reversed(said) if one.figure is not None), None)
    return {
        "answer_by": None if later is None else parse_instant(str(later.payload["answer_by"])),
        "n_lines": len(lines(found)),
        "n_declined": len(declined_lines(found)),
        "is_announced": bool(said),
        "announced_figure": None if quoted is None else quoted.figure,
        "announced_unit": "" if quoted is None else quoted.unit,
        "announced_on": said[-1].on if said else "",
        "is_bound": arrangement_signed_on(found) is not None,
        "n_unacknowledged": len(unacknowledged(found)),
        "computed_at": now,
    }


def _offer_row(row: Dossier, offer: Offer, committed: int) -> OfferRow:
    more = offer.details
    conditions = sorted({one["subject"] for one in more.get("conditions", ())})
    return OfferRow(
        dossier=row,
        code=offer.code,
        line=offer.line,
        answer=offer.answer,
        status=offer.status.value,
        valid_until=offer.valid_until,
        capability=offer.terms.capability,
        posts=offer.terms.posts,
        present=offer.terms.present,
        people=offer.terms.people,
        animals=offer.terms.animals,
        places=list(offer.terms.places),
        starts_at=offer.terms.during.start,
        ends_at=offer.terms.during.end,
        languages=list(more.get("languages", ())),
        certificates=[one[:64] for one in more.get("certificates", ())],
        conditions=conditions,
        weapons=more.get("weapons", ""),
        command=more["command"],
        cost_eur=more.get("cost_eur"),
        payer=more.get("payer", ""),
        committed=committed,
    )
