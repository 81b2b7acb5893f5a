"""Corridors: who may speak about persons with whom, since when, and the brake that stops everything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, can, clock, page
from passerelle.kernel.problems import Problem, RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.accounts.rules import may, not_permitted
from passerelle.node.dossiers import corridors as brakes
from passerelle.node.dossiers import profiles
from passerelle.node.dossiers.models import Corridor
from passerelle.procedures.presets import presets

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.kernel.canonical import Json
    from passerelle.node.accounts.models import User
    from passerelle.node.dossiers.models import ProfileVersion, Suspension
    from passerelle.procedures.profile import Profile

__all__ = ["corridor_list", "move"]

_SEE = (Action.VIEW_CASES, Action.SIGN_ACT, Action.VIEW_AUDIT)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """Show one version of a profile, and what is missing before it can come into force."""

    version: ProfileVersion
    profile: Profile
    missing: tuple[str, ...]
    is_own: bool


@dataclass(frozen=True, slots=True)
class CorridorLine:
    """Show one corridor: its brake and its versions, the newest first."""

    row: Corridor
    brake: Suspension | None
    brakes: tuple[Suspension, ...]
    versions: tuple[VersionLine, ...]
    is_active: bool


@require_GET
@page(None)
def corridor_list(request: HttpRequest) -> HttpResponse:
    """Show every corridor with its brake and the versions of its profile."""
    if not any(may(cast("User", request.user), action) for action in _SEE):  # our users only
        raise not_permitted(Action.VIEW_CASES)
    rows = Corridor.objects.prefetch_related("suspensions", "profiles")
    lines = [_line(row, actor_of(request).label) for row in rows]
    values = {
        "lines": lines,
        "n_braked": sum(line.brake is not None for line in lines),
        "can_sign": can(request, Action.SIGN_ACT),
        "presets": sorted(presets().values(), key=lambda one: one.title),
    }
    return show(request, "corridors.html", values, place="corridors")


@require_POST
@page(Action.SIGN_ACT)
def move(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """Pull or release the brake; take a preset in, complete, activate or end a version."""
    actor, why = actor_of(request), request.POST.get("why", "").strip()
    if verb in {"pull", "release", "end"} and not why:
        raise RefusedError("A reason in words is needed.", code="corridor.reason")
    number = int(request.POST.get("number", "0") or 0)
    try:
        if verb == "pull":
            brakes.pull_brake(code, why=why, actor=actor, clock=clock())
        elif verb == "release":
            brakes.release_brake(code, why=why, actor=actor, clock=clock())
        elif verb == "preset":
            preset = request.POST.get("preset", "")
            profiles.import_preset(code, preset, actor=actor, clock=clock())
        elif verb == "complete":
            changes = _changes(request.POST.get("changes", ""))
            profiles.complete_profile(code, number, changes, actor=actor, clock=clock())
        elif verb == "activate":
            profiles.activate_profile(code, number, actor=actor, clock=clock())
        elif verb == "end":
            profiles.end_profile(code, number, why=why, actor=actor, clock=clock())
        else:
            raise RefusedError("There is no step {verb}.", code="corridor.unknown-step", verb=verb)
    except Problem as problem:
        words = _(problem.message).format_map(dict(problem.params))
        messages.error(request, f"{words} [{problem.code}]", extra_tags="wrong")
        return redirect("desk:corridors")
    messages.success(request, _("Done, and written into the audit record."))
    return redirect("desk:corridors")


def _line(row: Corridor, visitor: str) -> CorridorLine:
    found = tuple(row.suspensions.all())
    versions = tuple(
        VersionLine(
            one,
            profiles.profile_of(one),
            profiles.missing_of(one) if one.active_from is None else (),
            one.proposed_by == visitor,
        )
        for one in sorted(row.profiles.all(), key=lambda one: -one.number)
    )
    is_active = any(
        one.version.active_from is not None and one.version.active_to is None for one in versions
    )
    brake = next((one for one in found if one.ended_at is None), None)
    return CorridorLine(row, brake, found, versions, is_active)


def _changes(text: str) -> dict[str, Json]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise RefusedError(
            "Expected the fields as JSON: {reason}", code="corridor.fields", reason=error
        ) from None
    if not isinstance(found, dict):
        raise RefusedError("Expected the fields as JSON: an object", code="corridor.fields")
    return found
