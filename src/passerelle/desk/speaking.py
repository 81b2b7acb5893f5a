"""Who may see and say what on the pages of dossiers: parts, openings, roles of the visitor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.accounts.rules import may, require
from passerelle.node.dossiers.kinds import PARTS, holders
from passerelle.node.dossiers.models import Corridor, Dossier
from passerelle.procedures.loading import definition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from passerelle.node.accounts.models import User
    from passerelle.procedures.definition import Definition

__all__ = [
    "OPENS",
    "PLACES",
    "Opening",
    "language",
    "list_url",
    "may_speak",
    "openings",
    "own_roles",
    "require_part",
    "user_of",
]

PLACES: Final[Mapping[Action, str]] = {
    Action.VIEW_DOSSIERS: "requests",
    Action.VIEW_INFORMATION: "information",
    Action.VIEW_REGISTER: "commitments",
    Action.VIEW_JUDICIAL: "judicial",
    Action.VIEW_CASES: "cases",
    Action.VIEW_RIGHTS: "rights",
}
"""Part of the desk in which the dossiers of a part are shown; also the name of its list."""

OPENS: Final[Mapping[Action, Action]] = {
    Action.VIEW_DOSSIERS: Action.DRAFT_REQUEST,
    Action.VIEW_INFORMATION: Action.WRITE_INFORMATION,
    Action.VIEW_REGISTER: Action.WRITE_REGISTER,
}
"""What one must be allowed to do to open a dossier of a part; to see it where nothing is named."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Offer one way to open a dossier: the words, and where its form is."""

    words: str
    url: str


def language() -> str:
    """Return the language of the visitor."""
    return get_language() or "en"


def list_url(place: str) -> str:
    """Return the address of the list of a part; the first page where there is none yet."""
    try:
        return reverse(f"desk:{place}")
    except NoReverseMatch:
        return reverse("desk:home")


def user_of(request: HttpRequest) -> User:
    """Return who visits."""
    return cast("User", request.user)  # the middleware lets only our users in


def may_speak(request: HttpRequest, procedure: str, role: str) -> bool:
    """Tell whether the visitor may speak in a role of a procedure."""
    return not user_of(request).roles.isdisjoint(holders(procedure, role))


def own_roles(request: HttpRequest, shape: Definition, side: str) -> list[str]:
    """List the roles of a procedure that the visitor holds on a side."""
    return [
        name
        for name in shape.roles
        if shape.has_role(name, side) and may_speak(request, shape.id, name)
    ]


def require_part(request: HttpRequest, case: str) -> str:
    """Refuse who may not see the part a dossier belongs to; return where it is shown."""
    procedure = Dossier.objects.filter(case=case).values_list("procedure", flat=True).first()
    if procedure is None:
        raise RefusedError("There is no dossier {case}.", code="dossiers.unknown", case=case[:32])
    action = PARTS.get(procedure, Action.VIEW_DOSSIERS)
    require(user_of(request), action)
    return "indicators" if procedure == "statistics-release" else PLACES[action]


def openings(request: HttpRequest, *procedures: str, query: str = "") -> list[Opening]:
    """List what the visitor may open with every partner, by the words of the act."""
    corridors = list(Corridor.objects.all())
    found = []
    for name in procedures:
        part = PARTS[name]
        shape = definition(name)
        if not may(user_of(request), OPENS.get(part, part)):
            continue
        for rule in shape.opening_acts.values():
            if not any(may_speak(request, name, role) for role in rule.who):
                continue
            words = f"{shape.labels.get(language())}: {rule.labels.get(language())}"
            for one in corridors:
                url = reverse("desk:start", args=[one.peer, name, rule.name])
                found.append(Opening(f"{one.peer_state} · {words}", url + query))
    return found
