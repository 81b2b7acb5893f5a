"""How far the arrangement is: thirteen items, each followed from day one.

One known text took twenty months, so nobody should learn on the eve that an item was never spoken of.
Before there is a text, what the request and the offers already say on an item is shown as *known*;
a text makes it *proposed*, both signatures under the text *agreed*, then *signed*.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from passerelle.procedures.reinforcement.offers import lines, offers
from passerelle.procedures.reinforcement.terms import rows_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.procedures.dossier import Dossier

__all__ = ["FIELDS", "Readiness", "ReadyItem", "Step", "readiness"]

FIELDS: Final = (
    ("item_01_authorities",),
    ("item_02_purpose",),
    ("item_03_host_state",),
    ("item_04_area",),
    ("item_05_from", "item_05_to"),
    ("item_06_assistance",),
    ("item_07_participants",),
    ("item_08_officer_in_charge",),
    ("item_09_powers",),
    ("item_10_weapons_equipment",),
    ("item_11_logistics",),
    ("item_12_costs",),
    ("item_13_other",),
)
"""Fields of the arrangement's text, item by item."""


class Readiness(StrEnum):
    """How far one item is; in this order."""

    MISSING = "missing"
    KNOWN = "known"
    PROPOSED = "proposed"
    AGREED = "agreed"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class ReadyItem:
    """State how far one item is.

    Parameters
    ----------
    number
        1 to 13.
    fields
        Fields of the arrangement that hold it.
    readiness
        How far.
    known
        What is said on it so far.
    """

    number: int
    fields: tuple[str, ...]
    readiness: Readiness
    known: str


@dataclass(frozen=True, slots=True)
class Step:
    """State one step towards signature as one side reported it last."""

    side: str
    step: str
    state: str
    expected_on: str


def readiness(
    dossier: Dossier, arrangement: Dossier | None
) -> tuple[tuple[ReadyItem, ...], tuple[Step, ...]]:
    """Return the thirteen items and the steps reported.

    Parameters
    ----------
    dossier
        The reinforcement that needs the arrangement.
    arrangement
        The dossier of the arrangement; ``None`` while there is none.
    """
    text = None if arrangement is None else arrangement.last("propose")
    stage = _stage(arrangement)
    known = _known(dossier)
    found = []
    for number, fields in enumerate(FIELDS, start=1):
        if text is not None:
            said = " – ".join(_short(text.payload.get(name)) for name in fields)
            found.append(ReadyItem(number, fields, stage, said))
        else:
            said = known.get(number, "")
            state = Readiness.KNOWN if said else Readiness.MISSING
            found.append(ReadyItem(number, fields, state, said))
    return tuple(found), _steps(arrangement)


def _stage(arrangement: Dossier | None) -> Readiness:
    if arrangement is None:
        return Readiness.MISSING
    if arrangement.last("sign") is not None:
        return Readiness.SIGNED
    return Readiness.AGREED if arrangement.state == "agreed" else Readiness.PROPOSED


def _steps(arrangement: Dossier | None) -> tuple[Step, ...]:
    found: dict[tuple[str, str], Step] = {}
    for act in () if arrangement is None else arrangement.effective("readiness"):
        step = text_of(act.payload, "step")
        found[act.side, step] = Step(
            act.side, step, text_of(act.payload, "step_state"), text_of(act.payload, "expected_on")
        )
    return tuple(found[key] for key in sorted(found))


def _known(dossier: Dossier) -> dict[int, str]:
    request = dossier.last("request")
    head: Mapping[str, Any] = {} if request is None else request.payload
    last = dossier.last("request", "amend")
    asked = rows_of(last.payload, "lines") if last is not None else ()
    made = [offer.details for offer in offers(dossier).values()]
    support: Mapping[str, Any] = {}
    for act in dossier.effective("request", "amend"):
        given: Any = act.payload.get("support")  # checked by the schema: a record
        support = given or support
    terms = [line.terms for line in lines(dossier).values()]
    period = ""
    if terms:
        first, last_day = min(t.during.start for t in terms), max(t.during.end for t in terms)
        period = f"{first:%Y-%m-%d} – {last_day:%Y-%m-%d}"
    authorities = (head.get("issuing_authority"), head.get("addressee"))
    return {
        1: _join(authorities),
        2: _join((head.get("legal_basis"),)),
        3: dossier.procedure.parties.get("host", ""),
        4: _join(sorted({place for t in terms for place in t.places})),
        5: period,
        6: _join(sorted({t.capability for t in terms})),
        7: _join(sorted({offer["unit"] for offer in made})),
        8: _join(sorted({offer["head"] for offer in made if offer.get("head")})),
        9: _join(sorted({power for row in asked for power in row.get("powers", ())})),
        10: _join(sorted({row["weapons_allowed"] for row in asked if row.get("weapons_allowed")})),
        11: _join([str(support[name]) for name in ("lodging", "meals", "transport")
                   if support.get(name)]),
        12: _join([support.get("cost_split"), *sorted({o["payer"] for o in made if o.get("payer")})]),
    }  # fmt: skip


def _join(parts: Iterable[object]) -> str:
    return ", ".join(str(part) for part in parts if part)


def _short(value: object) -> str:
    if isinstance(value, dict):
        return _join(value.values())
    if isinstance(value, list | tuple):
        return _join(value)
    return "" if value is None else str(value)
