"""What every view shares: who may see it, in which time zone, and what happens when it cannot be shown."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.utils import timezone
from django.utils.translation import gettext as _

from passerelle.desk.facts import Facts, load_facts
from passerelle.desk.frame import show
from passerelle.kernel.problems import Problem, RefusedError, UnavailableError
from passerelle.node.accounts.actor import Actor
from passerelle.node.accounts.rules import may, require
from passerelle.node.exercise.clock import node_clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.enums import Action
    from passerelle.node.accounts.models import User

__all__ = ["actor_of", "can", "clock", "event_page", "page", "problem_page", "whole"]


P = ParamSpec("P")


def clock() -> Clock:
    """Return the clock of the edge; verbs take it as an argument."""
    return node_clock()


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts in this request."""
    return Actor.of(cast("User", request.user))  # the middleware lets only our users in


def can(request: HttpRequest, action: Action) -> bool:
    """Tell whether the visitor may do the action; for showing a button or not."""
    return may(cast("User", request.user), action)  # as above


def whole(request: HttpRequest, name: str, default: int, most: int = 100_000) -> int:
    """Read a whole number from the address; the default when it is none."""
    text = request.GET.get(name, "")
    return min(int(text), most) if text.isdecimal() and len(text) < 9 else default


def page(
    action: Action | None,
) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Let a view be seen by those who may do ``action``, and turn problems into a page."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[..., HttpResponse]:
        def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                if action is not None:
                    require(cast("User", request.user), action)  # as above
                return view(request, *args, **kwargs)
            except Problem as problem:
                return problem_page(request, problem)

        return update_wrapper(wrapped, view)

    return decorate


def event_page(
    action: Action,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Facts, P], HttpResponse]], Callable[..., HttpResponse]
]:
    """Do the same for a page of one event: its facts are found, its time zone holds."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, Facts, P], HttpResponse],
    ) -> Callable[..., HttpResponse]:
        def found(
            request: HttpRequest, /, code: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            facts = load_facts(code, request.GET.get("version", ""))
            with timezone.override(facts.zone):
                return view(request, facts, *args, **kwargs)

        return page(action)(update_wrapper(found, view))

    return decorate


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Say what happened, what was kept and what to do next."""
    if isinstance(problem, UnavailableError):
        status, title = 503, _("This is not there just now")
        advice = _("Try again in a moment; if it lasts, tell the node operator.")
    elif isinstance(problem, RefusedError) and "unknown" in problem.code:
        status, title = 404, _("There is no such thing here")
        advice = _("The address may be old; start from the first page.")
    elif problem.code == "accounts.not-permitted":
        status, title = 403, _("Your roles do not allow this")
        advice = _("Ask somebody who holds one of the roles named.")
    else:
        status, title = 409, _("This was refused")
        advice = _("Go back, look at the newest state and try again.")
    words = {
        "title": title,
        "detail": _(problem.message).format_map(dict(problem.params)),
        "advice": advice,
        "code": problem.code,
        "status": status,
    }
    return show(request, "error.html", words, status=status)
