"""The frame around every page: where one is, what there is, how it should look.

The rail lists the parts of the desk in a fixed order and shows those whose address exists: a part
that lands later appears by itself. Preferences of looks (theme, density, keys) are cookies of this
device, not facts about a person, so they need no account and no table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from passerelle.node.accounts.enums import Action
from passerelle.node.accounts.rules import may

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse
    from django_stubs_ext import StrPromise

__all__ = ["PREFERENCES", "Place", "RailEntry", "looks", "show"]


@dataclass(frozen=True, slots=True)
class Place:
    """Name one part of the desk: its key, its words, its address and its letter after ``g``."""

    key: str
    words: StrPromise
    url_name: str
    letter: str
    second: bool = False


_PLACES: Final = (
    Place("plan", _("Plan"), "desk:overview", "p"),
    Place("coverage", _("Coverage"), "desk:coverage", "c"),
    Place("roster", _("Roster"), "desk:roster", "r"),
    Place("map", pgettext_lazy("drawing of places", "Map"), "desk:map", "m"),
    Place("requests", _("Requests"), "desk:requests", "q"),
    Place("reinforcement", _("Reinforcement"), "desk:reinforcement", "e"),
    Place("offers", _("Offers"), "desk:offers", "o"),
    Place("rolls", _("Rolls"), "desk:rolls", "l"),
    Place("cases", _("Cases"), "desk:cases", "a"),
    Place("commitments", _("Commitments"), "desk:commitments", "k"),
    Place("rights", pgettext_lazy("desk of data protection", "Rights"), "desk:rights", "y"),
    Place("judicial", _("Judicial"), "desk:judicial", "u"),
    Place("information", _("Information"), "desk:information", "i"),
    Place("indicators", _("Indicators"), "desk:indicators", "d"),
    Place("proof", _("Proof"), "desk:proof", "v"),
    Place("corridors", _("Corridors"), "desk:corridors", "x", second=True),
    Place("audit", _("Audit"), "desk:audit", "z", second=True),
    Place("need", _("Need"), "desk:need", "n", second=True),
    Place("programme", _("Programme"), "desk:sessions", "s", second=True),
    Place("sites", _("Sites"), "desk:sites", "t", second=True),
    Place("forces", _("Forces"), "desk:forces", "f", second=True),
    Place("jobs", _("Jobs"), "desk:jobs", "j", second=True),
)

_NEEDS: Final[Mapping[str, Action]] = {
    "requests": Action.VIEW_DOSSIERS,
    "cases": Action.VIEW_CASES,
    "rights": Action.VIEW_RIGHTS,
    "audit": Action.VIEW_AUDIT,
    "judicial": Action.VIEW_JUDICIAL,
    "commitments": Action.VIEW_REGISTER,
    "information": Action.VIEW_INFORMATION,
    "indicators": Action.VIEW_REGISTER,
}
"""What one must be allowed to do to see a part; parts not named show who may not what they are."""

PREFERENCES: Final[Mapping[str, tuple[str, ...]]] = {
    "theme": ("auto", "light", "dark"),
    "density": ("dense", "wide"),
    "keys": ("on", "off"),
}
"""What a device may prefer, by name of the cookie ``desk_…``; the first value is the default."""


@dataclass(frozen=True, slots=True)
class RailEntry:
    """Point to one part of the desk within an event."""

    place: Place
    url: str
    current: bool


def _rail(
    request: HttpRequest, event_code: str | None, current: str, version: str
) -> list[RailEntry]:
    """List the parts that exist and the visitor may see, in the order of the desk."""
    entries = []
    for place in _PLACES:
        need = _NEEDS.get(place.key)
        if need is not None and not may(request.user, need):
            continue
        url = _address(place.url_name, event_code)
        if not url:
            continue
        if version and "/e/" in url and not place.url_name.endswith("jobs"):
            url = f"{url}?version={version}"
        entries.append(RailEntry(place, url, current=place.key == current))
    return entries


def _address(name: str, event_code: str | None) -> str:
    """Return the address of a part within the event, else that of the node; empty without either."""
    for arguments in ([event_code], []):
        if arguments != [None]:
            try:
                return reverse(name, args=arguments)
            except NoReverseMatch:
                continue
    return ""


def looks(request: HttpRequest) -> dict[str, str]:
    """Return what this device prefers; the first value of each where it has not chosen."""
    found = {}
    for name, values in PREFERENCES.items():
        value = request.COOKIES.get(f"desk_{name}", "")
        found[name] = value if value in values else values[0]
    return found


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],  # Any: Django's own contract for a template context
    *,
    place: str = "",
    status: int = 200,
) -> HttpResponse:
    """Answer with a page, or with the one part of it that htmx asked for.

    A page extends the template named ``frame``. For a whole page that is ``base.html``; for a
    request of htmx with a target it is a frame that holds only the block of that name, so fragment
    and page come out of the same lines.

    Parameters
    ----------
    request
        The request; ``HX-Target`` names the part.
    template
        Name below ``desk/``.
    context
        Values for the template; ``event`` puts the page inside an event.
    place
        Key of the part of the desk that the rail marks as current.
    status
        HTTP status.

    Returns
    -------
    HttpResponse
        The page or the fragment, with ``Vary: HX-Target``.
    """
    target = request.headers.get("HX-Target", "")
    part = (
        target if request.headers.get("HX-Request") and target in {"main", "panel", "live"} else ""
    )
    event = context.get("event")
    values = {
        "frame": f"desk/part_{part}.html" if part else "desk/base.html",
        "rail": _rail(request, getattr(event, "code", None), place, request.GET.get("version", "")),
        **context,
    }
    response = render(request, f"desk/{template}", values, status=status)
    response["Vary"] = "HX-Request, HX-Target, Cookie"
    return response
