"""Public commitments as an activity file in the shape of IATI 2.03.

Mapping: commitment → ``iati-activity``; the dossier → ``iati-identifier``; wording → ``description`` in
each language; the two states → participating organisations that are accountable, the leads ones that
implement; state of the procedure → activity status 1 to 6; deadline → planned end; indicator sheet →
``result`` / ``indicator`` / ``baseline``, ``period`` with target and actual; evidence → the comment of
the actual. Two sides that say different things stay two: each status is a narrative of its own.

Only commitments agreed as *public* are written. No person occurs: leads are offices. Money is not
tracked, so there is no transaction. What the standard cannot say (disputes, verification scales) is in
our JSON export.

References
----------
.. [1] IATI Standard 2.03, activity file; code lists ActivityStatus, OrganisationRole, ActivityDateType,
   ResultType, IndicatorMeasure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from passerelle.kernel.times import format_instant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from passerelle.procedures.standing.commitments import Commitment, IndicatorSheet

__all__ = ["Reporter", "write_activities"]

_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_STATUS: Final = {
    "agreed": "1",
    "in-progress": "2",
    "delayed": "2",
    "blocked": "2",
    "contested": "2",
    "delivered-claimed": "3",
    "verified": "4",
    "closed": "4",
    "dropped": "5",
    "suspended": "6",
}
"""Life cycle: 1 pipeline, 2 implementation, 3 finalisation, 4 closed, 5 cancelled, 6 suspended."""
_ACCOUNTABLE, _IMPLEMENTING, _EXTENDING = "2", "4", "3"
_GOVERNMENT: Final = "10"
_MULTINATIONAL: Final = "3"


@dataclass(frozen=True, slots=True)
class Reporter:
    """Say who reports.

    Parameters
    ----------
    ref
        Identifier of the organisation, for example ``FR-PASSERELLE-fr``.
    name
        Its name.
    """

    ref: str
    name: str


def write_activities(
    commitments: Iterable[Commitment], *, reporter: Reporter, now: datetime
) -> bytes:
    """Write the public, agreed commitments as an activity file.

    Parameters
    ----------
    commitments
        The register; what is not public or not agreed is left out.
    reporter
        Who reports.
    now
        When it is made.

    Returns
    -------
    bytes
        XML in UTF-8.
    """
    root = Element(
        "iati-activities", {"version": "2.03", "generated-datetime": format_instant(now)}
    )
    for one in commitments:
        if one.publicity == "public" and one.state in _STATUS:
            _activity(root, one, reporter)
    indent(root)
    found: bytes = tostring(root, "utf-8", xml_declaration=True)
    return found


def _activity(root: Element, one: Commitment, reporter: Reporter) -> None:
    found = SubElement(
        root,
        "iati-activity",
        {
            _LANG: "en",
            "last-updated-datetime": format_instant(one.touched_at.replace(microsecond=0)),
        },
    )
    SubElement(found, "iati-identifier").text = f"{reporter.ref}-{one.case}"
    by = SubElement(
        found,
        "reporting-org",
        {"ref": reporter.ref, "type": _GOVERNMENT, "secondary-reporter": "0"},
    )
    _narrate(by, reporter.name)
    _narrate(SubElement(found, "title"), f"{one.pillar}: {one.objective}")
    described = SubElement(found, "description", {"type": "1"})
    for language, text in (("en", one.action.en), ("fr", one.action.fr), ("ar", one.action.ar)):
        _narrate(described, text, language)
    promised = SubElement(found, "description", {"type": "4"})
    place = f", {one.paragraph}" if one.paragraph else ""
    _narrate(promised, f"{one.instrument} ({one.instrument_on.isoformat()}{place})")
    for side in one.sides:
        said = SubElement(found, "description", {"type": "4"})
        _narrate(said, f"Status according to {side.state}: {side.status or 'none given'}")
    _organisations(found, one)
    SubElement(found, "activity-status", {"code": _STATUS[one.state]})
    _dates(found, one)
    SubElement(found, "activity-scope", {"code": _MULTINATIONAL})
    if one.indicator is not None:
        _result(found, one, one.indicator)


def _organisations(found: Element, one: Commitment) -> None:
    for side in one.sides:
        state = SubElement(
            found,
            "participating-org",
            {"ref": side.state, "role": _ACCOUNTABLE, "type": _GOVERNMENT},
        )
        _narrate(state, side.state)
        lead = SubElement(found, "participating-org", {"role": _IMPLEMENTING, "type": _GOVERNMENT})
        _narrate(lead, f"{side.lead} ({side.state})")
    for name in one.contributors:
        helper = SubElement(found, "participating-org", {"role": _EXTENDING, "type": _GOVERNMENT})
        _narrate(helper, name)


def _dates(found: Element, one: Commitment) -> None:
    begun = one.agreed_at
    if begun is not None:
        SubElement(found, "activity-date", {"type": "2", "iso-date": begun.date().isoformat()})
    if one.due_on is not None:
        SubElement(found, "activity-date", {"type": "3", "iso-date": one.due_on.isoformat()})
    if one.ended_at is not None:
        SubElement(
            found, "activity-date", {"type": "4", "iso-date": one.ended_at.date().isoformat()}
        )


def _result(found: Element, one: Commitment, sheet: IndicatorSheet) -> None:
    result = SubElement(found, "result", {"type": "1", "aggregation-status": "0"})
    _narrate(SubElement(result, "title"), one.objective)
    measure = "2" if sheet.unit.strip() == "%" else "1"
    indicator = SubElement(result, "indicator", {"measure": measure, "ascending": "1"})
    _narrate(SubElement(indicator, "title"), f"{sheet.name} ({sheet.unit})")
    _narrate(SubElement(indicator, "description"), f"Source: {sheet.source}")
    start = one.instrument_on.isoformat()
    SubElement(
        indicator,
        "baseline",
        {"year": str(one.instrument_on.year), "iso-date": start, "value": str(sheet.baseline)},
    )
    period = SubElement(indicator, "period")
    SubElement(period, "period-start", {"iso-date": start})
    SubElement(period, "period-end", {"iso-date": (one.due_on or one.instrument_on).isoformat()})
    SubElement(period, "target", {"value": str(sheet.target)})
    if sheet.actual is not None:
        actual = SubElement(period, "actual", {"value": str(sheet.actual)})
        evidence = "; ".join(
            f"{side.state}: {side.evidence}" for side in one.sides if side.evidence
        )
        if evidence:
            _narrate(SubElement(actual, "comment"), evidence)


def _narrate(parent: Element, text: str, language: str = "") -> None:
    narrative = SubElement(parent, "narrative", {_LANG: language} if language else {})
    narrative.text = text
