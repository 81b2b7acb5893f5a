"""What the comparison of mixes shows: needs as rows, mixes and offers side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import pgettext

from passerelle.desk.boards.dossiers import urgency
from passerelle.desk.words import capability_name
from passerelle.node.reinforcement.mixing import code_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django_stubs_ext import StrPromise

    from passerelle.node.reinforcement.models import OfferRow

__all__ = ["MixColumn", "OfferValue", "SkillRow", "mix_columns", "offer_values", "skill_rows"]

_SIGNS: Final = {"helps": "met", "costs": "critical", "unproven": "idle"}
_SKILLS: Final = 40


@dataclass(frozen=True, slots=True)
class MixColumn:
    """Show one mix: what it covers, costs and uses of the host."""

    name: str
    words: str
    n_offers: int
    n_crews: int
    cover: float
    cost_eur: int
    points: float
    gap: float
    escort_peak: float
    escort_hours: float
    bed_peak: float
    bed_nights: float


@dataclass(frozen=True, slots=True)
class OfferValue:
    """Show one offer: what it is worth beside the rest, whether it still stands, what each mix takes."""

    code: str
    offer: str
    case: str
    state: str
    capability: str
    people: int
    crews: int
    worth: float | None
    sign: str
    look: str
    is_model_only: bool
    saved: str
    expiry: str
    expiry_look: str
    is_standing: bool
    taken: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SkillRow:
    """Show one need: crew-hours asked, and the part that each mix covers."""

    words: str
    asked: float
    covers: tuple[float, ...]


def mix_words(name: str) -> str:
    """Return what a mix is, in words."""
    known: Mapping[str, str | StrPromise] = {
        "best": pgettext("mix of offers", "best"),
        "all": pgettext("mix of offers", "everything"),
        "none": pgettext("mix of offers", "nothing"),
        "cheaper": pgettext("mix of offers", "cheaper"),
        "fewer-partners": pgettext("mix of offers", "fewer partners"),
        "second": pgettext("mix of offers", "second best"),
    }
    return str(known.get(name, name))


def mix_columns(report: Mapping[str, Any]) -> list[MixColumn]:  # Any: a report as JSON
    """Show the mixes, the best first."""
    return [
        MixColumn(
            name=mix["name"],
            words=mix_words(mix["name"]),
            n_offers=sum(1 for crews in mix["crews"].values() if crews),
            n_crews=sum(mix["crews"].values()),
            cover=mix["cover"],
            cost_eur=mix["cost_eur"],
            points=mix["points"],
            gap=max(0.0, mix["score"] - mix["bound"]) / max(abs(mix["score"]), 1e-9),
            escort_peak=mix["escort_peak"],
            escort_hours=mix["escort_hours"],
            bed_peak=mix["bed_peak"],
            bed_nights=mix["bed_nights"],
        )
        for mix in report["mixes"]
    ]


def offer_values(
    report: Mapping[str, Any],  # Any: a report as JSON
    rows: Iterable[OfferRow],
    now: datetime,
) -> list[OfferValue]:
    """Show every offer compared, the most valuable first."""
    known = {code_of(row): row for row in rows}
    worths = {one["offer"]: one for one in report["worths"]}
    found = []
    for one in report["offers"]:
        row, worth = known.get(one["offer"]), worths.get(one["offer"])
        look, expiry = urgency(row.valid_until, now) if row else ("critical", "")
        hours = worth["saved_hours"] if worth else {}
        sign = worth["sign"] if worth else "unproven"
        found.append(
            OfferValue(
                code=one["offer"],
                offer=row.code if row else one["offer"],
                case=row.dossier_id if row else "",
                state=one["state"],
                capability=capability_name(row.capability) if row else "",
                people=one["people"],
                crews=one["crews"],
                worth=worth["worth"] if worth else None,
                sign=_sign(sign),
                look=_SIGNS[sign],
                is_model_only=bool(worth and worth["is_model_only"]),
                saved=", ".join(
                    f"{_skill(skill)} {value:+.0f} h" for skill, value in sorted(hours.items())[:4]
                ),
                expiry=expiry,
                expiry_look=look,
                is_standing=row is not None and row.status == "standing" and row.valid_until >= now,
                taken=tuple(mix["crews"].get(one["offer"], 0) for mix in report["mixes"]),
            )
        )
    return sorted(found, key=lambda value: -(value.worth or 0.0))


def skill_rows(report: Mapping[str, Any]) -> list[SkillRow]:  # Any: a report as JSON
    """Show the needs that some mix changes, those with the largest difference first."""
    mixes = report["mixes"]
    found = []
    for skill, (asked, _) in mixes[0]["filled"].items():
        covers = tuple(mix["filled"].get(skill, [0, 0])[1] for mix in mixes)
        found.append(SkillRow(_skill(skill), asked, covers))
    changed = [row for row in found if max(row.covers) - min(row.covers) > 1e-6]
    return sorted(changed, key=lambda row: min(row.covers) - max(row.covers))[:_SKILLS]


def _skill(skill: str) -> str:
    kind, colon, key = skill.partition(":")
    if not colon:
        return capability_name(skill)
    words = {
        "lang": pgettext("quality of a crew", "speaks"),
        "cert": pgettext("quality of a crew", "certificate"),
        "nation": pgettext("quality of a crew", "knows supporters of"),
    }
    return f"{words.get(kind, kind)} {key}"


def _sign(sign: str) -> str:
    return {
        "helps": pgettext("worth of an offer", "helps"),
        "costs": pgettext("worth of an offer", "costs more than it gives"),
        "unproven": pgettext("worth of an offer", "not proven"),
    }[sign]
