"""Errors as ``application/problem+json`` (RFC 9457), with our stable codes.

====================  ======
error                 status
====================  ======
InputError            422
unknown thing         404
not permitted         403
RefusedError          409
UnavailableError      503
====================  ======
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError

from passerelle.kernel.problems import InputError, Problem, RefusedError, UnavailableError

if TYPE_CHECKING:
    from django.http import HttpRequest
    from ninja import NinjaAPI

__all__ = ["add_handlers", "problem_response"]


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    pointer: str = "",
    issues: list[dict[str, object]] | None = None,
) -> HttpResponse:
    """Return an answer that says what was wrong, for people and for programs."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "pointer": pointer,
    }
    if issues is not None:
        body["issues"] = issues
    text = json.dumps(body, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type="application/problem+json")


def add_handlers(api: NinjaAPI) -> None:
    """Answer every error of the API as a problem."""
    api.add_exception_handler(Problem, _problem)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _unknown_caller)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(Http404, _absent)


def _problem(request: HttpRequest, error: Problem | type[Problem]) -> HttpResponse:
    del request
    assert isinstance(error, Problem)
    if isinstance(error, InputError):
        issues: list[dict[str, object]] = [
            {
                "pointer": f"/{issue.file}/{issue.line}/{issue.column}".rstrip("/"),
                "code": issue.code,
                "expected": issue.expected,
                "found": issue.found,
            }
            for issue in error.issues[:1000]
        ]
        return problem_response(422, error.code, str(error), issues=issues)
    return problem_response(_status(error), error.code, str(error))


def _status(error: Problem) -> int:
    if error.code == "accounts.not-permitted":
        return 403
    if ".unknown" in error.code or error.code == "plan.none":
        return 404
    if isinstance(error, RefusedError):
        return 409
    return 503 if isinstance(error, UnavailableError) else 500


def _invalid(request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    del request
    assert isinstance(error, ValidationError)
    issues: list[dict[str, object]] = [
        {
            "pointer": "/" + "/".join(str(part) for part in one["loc"]),
            "code": f"api.{one['type'].replace('_', '-')}",
            "expected": one["msg"],
        }
        for one in error.errors
    ]
    pointer = str(issues[0]["pointer"]) if issues else ""
    detail = "The request does not fit what is described."
    return problem_response(422, "api.invalid", detail, pointer=pointer, issues=issues)


def _unknown_caller(
    request: HttpRequest, error: AuthenticationError | type[AuthenticationError]
) -> HttpResponse:
    del request, error
    detail = "Sign in, or send a token: Authorization: Bearer TOKEN."
    answer = problem_response(401, "api.unauthenticated", detail)
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def _http(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    del request
    assert isinstance(error, HttpError)
    return problem_response(error.status_code, "api.refused", str(error))


def _absent(request: HttpRequest, error: Http404 | type[Http404]) -> HttpResponse:
    del request, error
    return problem_response(404, "api.absent", "There is nothing at this address.")
