"""EDXL of a dossier: acts that can leave as messages with what is lost, and messages read into drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from passerelle.desk.boards.act_form import controls, fact_lines
from passerelle.desk.frame import show
from passerelle.desk.speaking import own_roles
from passerelle.desk.views.page import clock, page
from passerelle.kernel.problems import InputError
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.edxl import outgoing, read_drafts, write_out
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.procedures.engine import allowed
from passerelle.procedures.forms import form_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

    from passerelle.desk.boards.act_form import Control

__all__ = ["edxl", "edxl_file"]

_LARGEST: Final = 4 * 2**20
_SHOWN: Final = 200


@require_http_methods(["GET", "POST"])
@page(Action.VIEW_DOSSIERS)
def edxl(request: HttpRequest, case: str) -> HttpResponse:
    """List what can leave, and read what came."""
    row, heard, found = open_dossier_value(case)
    language = get_language() or "en"
    roles = {
        one.rule.name: role
        for role in own_roles(request, found.definition, heard.side)
        for one in allowed(found, role, heard.side, clock().now())
        if one.refusal is None
    }
    values: dict[str, Any] = {
        "row": row,
        "lines": [(one, _label(found, one.act, language)) for one in outgoing(case)],
        "issues": [],
        "n_issues": 0,
        "refusal": "",
        "drafts": [],
    }
    file = request.FILES.get("file")
    if request.method == "POST" and file is not None:
        if (file.size or 0) > _LARGEST:
            values["refusal"] = _("The file is larger than 4 MiB.")
        else:
            try:
                drafts = read_drafts(file.read(), str(file.name or "message.xml")[:80])
            except InputError as problem:
                values |= {"issues": problem.issues[:_SHOWN], "n_issues": len(problem.issues)}
            else:
                values["drafts"] = [
                    {
                        "one": one,
                        "label": _label(found, one.act, language),
                        "facts": _facts(found, one, language),
                        "role": roles.get(one.act, ""),
                        "fields": list(_fields(found, one, language)),
                    }
                    for one in drafts
                ]
    is_wrong = bool(values["issues"] or values["refusal"])
    return show(request, "edxl.html", values, place="requests", status=422 if is_wrong else 200)


@require_GET
@page(Action.VIEW_DOSSIERS)
def edxl_file(request: HttpRequest, case: str, entry: str) -> HttpResponse:
    """Write one act as EDXL-RM in EDXL-DE."""
    del request
    response = HttpResponse(write_out(case, entry), content_type="application/xml")
    response["Content-Disposition"] = f'attachment; filename="{entry[:16]}.xml"'
    return response


def _label(found: Any, act: str, language: str) -> str:
    rule = found.definition.acts.get(act)
    return rule.labels.get(language) if rule else ""


def _facts(found: Any, one: Any, language: str) -> object:
    rule = found.definition.acts.get(one.act)
    return fact_lines(form_of(rule), one.payload, language) if rule else ()


def _fields(found: Any, one: Any, language: str) -> Iterator[tuple[str, str]]:
    """Return what fills the form of the act in, as its inputs are named."""
    rule = found.definition.acts.get(one.act)
    if rule is not None:
        yield from _filled(controls(form_of(rule), one.payload, language))


def _filled(control: Control) -> Iterator[tuple[str, str]]:
    if control.parts:
        for part in control.parts:
            yield from _filled(part)
    elif control.value:
        yield control.name, control.value
