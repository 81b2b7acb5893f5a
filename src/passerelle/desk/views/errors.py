"""Pages for what Django itself refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from passerelle.desk.frame import show

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["failed", "forbidden", "not_found", "stale"]


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    del exception
    words = {
        "title": _("There is no page at this address"),
        "detail": _("It may have moved, or a sign is missing."),
        "advice": _("Start from the first page, or press Ctrl+K and type a name."),
        "status": 404,
    }
    return show(request, "error.html", words, status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what nobody may do this way."""
    del exception
    words = {
        "title": _("This is not allowed"),
        "detail": _("The node refused the request."),
        "advice": _("Go back and try again from the page itself."),
        "status": 403,
    }
    return show(request, "error.html", words, status=403)


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose proof of origin is missing or too old."""
    del reason
    words = {
        "title": _("This form is too old"),
        "detail": _("The page was open for a long time, or cookies are switched off."),
        "advice": _("Go back, load the page anew and send it again."),
        "status": 403,
    }
    return show(request, "error.html", words, status=403)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer when the fault is ours."""
    words = {
        "title": _("Something broke on our side"),
        "detail": _("The fault was written to the log of the node."),
        "advice": _("Try again; if it comes back, tell the node operator the time."),
        "status": 500,
    }
    return show(request, "error.html", words, status=500)
