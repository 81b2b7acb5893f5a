"""Events: the first page, the list, the import with its report, and the search of the palette."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from passerelle.desk.boards.places import site_lines
from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, can, clock, event_page, page
from passerelle.desk.words import KINDS
from passerelle.kernel.problems import InputError, Problem
from passerelle.node.accounts.enums import Action
from passerelle.node.events.domain import compute_need, import_packed
from passerelle.node.events.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.facts import Facts

__all__ = ["events", "find", "home", "import_folder"]

_ISSUES_SHOWN = 200
_FOUND = 12


@require_GET
@page(None)
def home(request: HttpRequest) -> HttpResponse:
    """Go to the newest event; to the list when there is none."""
    if not can(request, Action.VIEW_PLANNING):
        return redirect("desk:account")
    newest = Event.objects.first()
    return redirect("desk:overview", newest.code) if newest else redirect("desk:events")


@require_GET
@page(Action.VIEW_PLANNING)
def events(request: HttpRequest) -> HttpResponse:
    """List the events of the node."""
    values = {"events": Event.objects.all(), "can_import": can(request, Action.IMPORT_EVENT)}
    return show(request, "events.html", values)


@require_http_methods(["GET", "POST"])
@page(Action.IMPORT_EVENT)
def import_folder(request: HttpRequest) -> HttpResponse:
    """Take an event folder in, or list everything that is wrong with it."""
    if request.method != "POST":
        return show(request, "import.html", {})
    files = request.FILES.getlist("files")
    if not files:
        return show(request, "import.html", {"refusal": _("Choose files first.")}, status=422)
    actor = actor_of(request)
    try:
        revision = import_packed(
            _packed(files), files[0].name or "upload", actor=actor, clock=clock()
        )
        compute_need(revision, actor=actor, clock=clock())
    except InputError as error:
        values = {"issues": error.issues[:_ISSUES_SHOWN], "n_issues": len(error.issues)}
        return show(request, "import.html", values, status=422)
    except Problem as problem:
        values = {
            "refusal": _(problem.message).format_map(dict(problem.params)),
            "refusal_code": problem.code,
        }
        return show(request, "import.html", values, status=422)
    messages.success(
        request,
        _("Revision {number} of {event} was taken in and its need computed.").format(
            number=revision.number, event=revision.event.name
        ),
    )
    return redirect("desk:overview", revision.event.code)


@require_GET
@event_page(Action.VIEW_PLANNING)
def find(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Find sites, sessions and groups by a part of their name or code."""
    text = request.GET.get("q", "").strip().casefold()
    found: list[dict[str, str]] = []
    if len(text) > 1:
        for name, kind, url in _places(facts):
            if text in name.casefold():
                found.append({"words": name, "kind": kind, "url": url})
                if len(found) == _FOUND:
                    break
    return JsonResponse({"found": found})


def _places(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Yield name, kind and address of everything that can be found."""
    code = facts.event.code
    site_url, group_url, session_url = (
        reverse(name, args=[code, "CODE"]) for name in ("desk:site", "desk:group", "desk:session")
    )
    for line in site_lines(facts.programme, get_language() or "en", KINDS):
        yield f"{line.code} · {line.name}", _("site"), site_url.replace("CODE", line.code)
    for group in facts.force.groups:
        yield f"{group.id} · {group.name}", _("group"), group_url.replace("CODE", group.id)
    for session in facts.programme.sessions:
        name = f"{session.id} · {session.title}"
        yield name, _("session"), session_url.replace("CODE", session.id)


def _packed(files: Sequence[UploadedFile[bytes]]) -> bytes:
    """Return the upload as one ZIP: as it came, or made from the files of a folder."""
    if len(files) == 1 and (files[0].name or "").lower().endswith(".zip"):
        return bytes(files[0].read())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            name = PurePosixPath((file.name or "file").replace("\\", "/")).name
            archive.writestr(name, file.read())
    return target.getvalue()
