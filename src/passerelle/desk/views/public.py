"""Public pages of joint groups: when it last met, what it decided, what became of it, which figures.

Only what both sides agreed to be public: meetings are public by their procedure, commitments by their
publicity class, figures when both approved the release. Nothing here is computed from files of persons;
published figures are those of the signed act. The pages are off until the operator turns them on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET

from passerelle.desk.boards.standing import commitment_line
from passerelle.desk.speaking import language
from passerelle.desk.views.page import clock
from passerelle.kernel.labels import LANGUAGES
from passerelle.node.configuration import configuration
from passerelle.node.dossiers import register

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest, HttpResponse

__all__ = ["group", "groups"]


@login_not_required
@require_GET
def groups(request: HttpRequest) -> HttpResponse:
    """List the joint groups of this node."""
    return _answer(request, "")


@login_not_required
@require_GET
def group(request: HttpRequest, key: str) -> HttpResponse:
    """Show one joint group."""
    return _answer(request, key)


def _answer(request: HttpRequest, key: str) -> HttpResponse:
    asked = request.GET.get("language", "")
    with translation.override(asked if asked in LANGUAGES else language()):
        if not configuration().public_pages:
            return render(request, "desk/public.html", {"is_off": True}, status=404)
        found = register.groups(clock().now())
        one = next((group for group in found if group.key == key), None)
        if key and one is None:
            return render(request, "desk/public.html", {"is_unknown": True}, status=404)
        values: dict[str, Any] = {"groups": found, "group": one}
        if one is not None:
            values |= _shown(one.corridor)
        return render(request, "desk/public.html", values)


def _shown(corridor: str) -> dict[str, Any]:
    today = clock().now().date()
    found = [one for one in register.commitments() if one.corridor == corridor]
    public = [one for one in found if one.publicity == "public"]
    return {
        "promised": {one.case: commitment_line(one, language(), today) for one in public},
        "lines": [commitment_line(one, language(), today) for one in public],
        "n_closed": len(found) - len(public),
        "releases": [
            one
            for one in register.releases()
            if one.cohort.corridor == corridor and one.published_on is not None
        ],
    }
