"""The story of the demonstration: its steps, and where each can be seen on either node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from passerelle.desk.frame import show
from passerelle.desk.views.page import page
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.kinds import procedures_of
from passerelle.node.events.models import Event
from passerelle.node.story.queries import has_story, other_node, scenes
from passerelle.procedures.loading import definition

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from passerelle.node.accounts.models import User
    from passerelle.node.story.queries import Scene

__all__ = ["story"]

_EVENT_PAGES: Final = frozenset({"need", "overview", "roster"})


@dataclass(frozen=True, slots=True)
class _Link:
    """Point to a place where a step can be seen, here and on the other node."""

    words: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class _Line:
    """Show one step in the language of the visitor."""

    number: str
    on: date
    words: str
    is_played: bool
    links: tuple[_Link, ...]


@require_GET
@page(Action.VIEW_DOSSIERS)
def story(request: HttpRequest) -> HttpResponse:
    """List the steps of the story with links to what shows them."""
    if not has_story():
        raise RefusedError("This node plays no story.", code="story.unknown")
    user = cast("User", request.user)  # the middleware lets only our users in
    name, address = other_node()
    event = Event.objects.order_by("pk").first()
    code = "" if event is None else event.code
    lines = [_line(scene, address, code) for scene in scenes(procedures_of(user.roles))]
    values = {
        "lines": lines,
        "n_played": sum(line.is_played for line in lines),
        "other": name.upper(),
        "other_address": address,
    }
    return show(request, "story.html", values, place="story")


def _line(scene: Scene, address: str, event: str) -> _Line:
    language = get_language() or "en"
    links = []
    for row in scene.dossiers:
        path = reverse("desk:dossier", args=[row.case])
        words = definition(row.procedure).labels.get(language)
        links.append(_Link(words, path, f"{address}{path}" if address else ""))
    if scene.is_played:
        links += [link for name in scene.step.pages if (link := _page(name, address, event))]
    step = scene.step
    return _Line(step.number, step.on, step.labels.get(language), scene.is_played, tuple(links))


def _page(name: str, address: str, event: str) -> _Link | None:
    words = {
        "need": _("Need"),
        "overview": _("Plan"),
        "requests": _("Requests"),
        "roster": _("Roster"),
        "proof": _("Proof"),
    }[name]
    if name in _EVENT_PAGES:
        return _Link(words, reverse(f"desk:{name}", args=[event]), "") if event else None
    path = reverse(f"desk:{name}")
    return _Link(words, path, f"{address}{path}" if address else "")
