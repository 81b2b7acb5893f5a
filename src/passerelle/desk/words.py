"""Words that several pages use, each said once, by code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from passerelle.desk.boards.coverage import Scale
from passerelle.desk.boards.cube import Step
from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.counts import Stage, Unit
from passerelle.planning.need.values import Level, OverlayKind
from passerelle.planning.programme.session import Phase, SearchLevel, Threat
from passerelle.planning.programme.venue import SiteKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django_stubs_ext import StrPromise

__all__ = [
    "FORMULAS",
    "GATE_NAMES",
    "INDICATOR_NAMES",
    "KINDS",
    "LEVELS",
    "OVERLAYS",
    "PHASES",
    "SCALES",
    "SEARCH_LEVELS",
    "STAGES",
    "STEPS",
    "TERMS",
    "THREATS",
    "UNITS",
    "capability_name",
    "indicator_name",
    "places_words",
    "term_name",
]

STEPS: Final[Mapping[Step, StrPromise]] = {
    Step.NONE: pgettext_lazy("coverage", "nothing needed"),
    Step.OVER: pgettext_lazy("coverage", "over"),
    Step.MET: pgettext_lazy("coverage", "met"),
    Step.SHORT: pgettext_lazy("coverage", "short"),
    Step.CRITICAL: pgettext_lazy("coverage", "critical"),
}

SCALES: Final[Mapping[Scale, StrPromise]] = {
    Scale.EVENT: _("Event by day"),
    Scale.WEEK: _("Week by shift"),
    Scale.DAYS: _("Three days"),
    Scale.DAY: _("Day by hour"),
}

KINDS: Final[Mapping[SiteKind, StrPromise]] = {
    SiteKind.STADIUM: _("Stadiums"),
    SiteKind.ARENA: _("Arenas"),
    SiteKind.TEMPORARY: _("Temporary venues"),
    SiteKind.OPEN: _("Open sites"),
    SiteKind.FAN_ZONE: _("Fan zones"),
    SiteKind.VILLAGE: _("Villages"),
    SiteKind.ROUTE: _("Routes"),
    SiteKind.DISTRICT: _("Districts"),
    SiteKind.STATION: _("Stations"),
    SiteKind.AIRPORT: _("Airports"),
    SiteKind.HOTEL: _("Hotels"),
    SiteKind.BORDER: _("Border points"),
    SiteKind.CENTRE: _("Cooperation centre"),
    SiteKind.CITY: _("Cities"),
}
"""Kinds of sites, in the order in which tables group them."""

PHASES: Final[Mapping[Phase, StrPromise]] = {
    Phase.NIGHT: _("Night"),
    Phase.SEARCH: _("Search-in"),
    Phase.LOCKDOWN: _("Lockdown"),
    Phase.INGRESS: _("Ingress"),
    Phase.EVENT: pgettext_lazy("phase of a session", "Session"),
    Phase.EGRESS: _("Egress"),
    Phase.DISPERSAL: _("Dispersal"),
}

THREATS: Final[Mapping[Threat, StrPromise]] = {
    Threat.STANDARD: pgettext_lazy("threat level", "standard"),
    Threat.HEIGHTENED: pgettext_lazy("threat level", "heightened"),
    Threat.MAXIMUM: pgettext_lazy("threat level", "maximum"),
}

SEARCH_LEVELS: Final[Mapping[SearchLevel, StrPromise]] = {
    SearchLevel.LIGHT: pgettext_lazy("search level", "light"),
    SearchLevel.STANDARD: pgettext_lazy("search level", "standard"),
    SearchLevel.FULL: pgettext_lazy("search level", "full"),
}

LEVELS: Final[Mapping[Level, StrPromise]] = {
    Level.LOW: pgettext_lazy("level of need", "low"),
    Level.CENTRAL: pgettext_lazy("level of need", "central"),
    Level.HIGH: pgettext_lazy("level of need", "high"),
}

OVERLAYS: Final[Mapping[OverlayKind, StrPromise]] = {
    OverlayKind.LANGUAGE: _("speaks"),
    OverlayKind.CERTIFICATE: _("holds the certificate"),
    OverlayKind.WEAPON: _("may carry a weapon"),
    OverlayKind.SUPPORTERS: _("knows the supporters of"),
}

STAGES: Final[Mapping[Stage, StrPromise]] = {
    Stage.ASKED: pgettext_lazy("stage", "asked"),
    Stage.OFFERED: pgettext_lazy("stage", "offered"),
    Stage.ACCEPTED: pgettext_lazy("stage", "accepted"),
    Stage.NAMED: pgettext_lazy("stage", "named"),
    Stage.CLEARED: pgettext_lazy("stage", "cleared"),
    Stage.ARRIVED: pgettext_lazy("stage", "arrived"),
    Stage.ON_DUTY: pgettext_lazy("stage", "on duty"),
}

UNITS: Final[Mapping[Unit, StrPromise]] = {
    Unit.PEOPLE: pgettext_lazy("unit of a count", "people"),
    Unit.PRESENT: pgettext_lazy("unit of a count", "people present at the same time"),
    Unit.POSTS: pgettext_lazy("unit of a count", "posts"),
    Unit.PERSON_DAYS: pgettext_lazy("unit of a count", "person-days"),
}
"""What is counted, as pages name it."""

FORMULAS: Final[Mapping[str, StrPromise]] = {
    "F1": _("Officers on the ground"),
    "F2": _("Joint patrols for visiting supporters"),
    "F3": _("Delegation of a visiting team"),
    "F4": _("Search before opening"),
    "F5": _("Bomb disposal on shift"),
    "F6": _("Dogs at the entrances"),
    "F7": _("Screening lanes"),
    "F8": _("Stewards"),
    "F9": _("Counter-drone teams"),
    "F10": _("Cooperation centre"),
    "F11": _("Protected visitors"),
    "F12": _("From posts to people"),
    "F13": _("Gap"),
    "manual": _("Post set by hand"),
}

TERMS: Final[Mapping[str, StrPromise]] = {
    "below-minimum": _("Missing below the minimum"),
    "below-target": _("Missing below the target"),
    "above-ceiling": _("Surplus"),
    "duty": _("Hours on duty"),
    "travel": _("Travel"),
    "offers": _("Accepted offers"),
    "change": _("Change against the published plan"),
    "wishes": _("Wishes"),
}
"""Terms of the cost of a plan, by the engine's names."""


INDICATOR_NAMES: Final[Mapping[str, StrPromise]] = {
    "R": _("Requests sent"),
    "Du": _("Document issued in useful time"),
    "Dl": _("Document issued late"),
    "P": _("Recognised, document pending or refused"),
    "N": _("Not a national"),
    "X": _("Refused otherwise or inconclusive"),
    "U": _("No reply after the limit"),
    "W": _("Paused or withdrawn"),
    "O": _("Still within the limit"),
    "I1": _("Issued in useful time, of all requests"),
    "I2": _("Issued, of all requests"),
    "I3": _("Issued, of those answered"),
    "I4": _("Recognised, of those answered"),
    "I5": _("Answered, of all requests"),
    "I5-on-time": _("Answered within the limit, of all requests"),
    "I6-median": _("Time to a reply: median, open requests counted as waiting"),
    "I6-p90": _("Time to a reply: 90th percentile, open requests counted as waiting"),
    "I7": _("Complete at first sending, of all requests"),
    "I8": _("Not nationals, of those answered"),
    "I9": _("Documents expired unused, of those issued"),
    "I10": _("Requests per enforceable decision (another base)"),
    "I11-returned": _("Forced returns, of enforceable decisions (Visa Code 25a)"),
    "I11-accepted": _("Accepted, of submitted (Visa Code 25a)"),
    "I12": _("Days since minutes were adopted, of the agreed period"),
    "I13": _("Days from meeting to adoption: median"),
    "I14": _("Actions done by their date, of those due"),
    "I15": _("Commitments on which the sides differ, of all"),
    "I16": _("Judicial requests refused, by ground"),
    "I16-acknowledge": _("Judicial requests: days to acknowledge, median"),
    "I16-admit": _("Judicial requests: days to decide, median"),
    "I16-complete": _("Judicial requests: days to execute, median"),
    "G1": _("Notice before sending; must be all"),
    "G2": _("Messages sent under hold; must be none"),
    "G3": _("Corrections acknowledged and deletions certified in time"),
    "G4": _("Outcomes with a named decider; must be all"),
    "G5": _("Interviews with the lawyer informed in time; must be all"),
    "G6": _("Rights requests answered in time"),
}
"""Indicators of the counting contract in words, by number."""


GATE_NAMES: Final[Mapping[str, StrPromise]] = {
    "S1": _("Protection not asked, examined or under appeal"),
    "S4": _("Enforceable, named, dated decision"),
    "S5": _("No suspensive appeal, no order of a court"),
    "S6": _("Adult, age not in doubt"),
    "S7": _("No protective status"),
    "S8": _("Non-refoulement checked"),
    "S9": _("Illness weighed"),
    "S10": _("Family life, best interests, ties weighed"),
}
"""Gates of the safeguard review, by number of the safeguard."""


def indicator_name(number: str) -> StrPromise | str:
    """Return an indicator in words; a number with an unknown part is read without that part."""
    for known in (number, number.split("-", maxsplit=1)[0]):
        if known in INDICATOR_NAMES:
            return INDICATOR_NAMES[known]
    return number


def capability_name(code: str) -> str:
    """Return the name of a capability in the reader's language; the code when it is unknown."""
    known = catalogue().get(code)
    name = known.labels.get(get_language() or "en") if known else code
    return name[:1].upper() + name[1:]


def term_name(code: str) -> str:
    """Return the name of a cost term in the reader's language; the code when it is new."""
    return str(TERMS.get(code, code.replace("_", " ")))


def places_words(codes: Sequence[str], most: int = 6) -> str:
    """List the first sites; the rest is counted."""
    shown = ", ".join(codes[:most])
    return f"{shown} +{len(codes) - most}" if len(codes) > most else shown
